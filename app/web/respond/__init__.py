"""Answering a survey. `first_page` begins a response, `pages` shows and receives its sections, `submission` ends it;
`routes` lists every route."""
