"""The contents of charts as plain numbers and texts: `research` for researchers, `public` for everyone."""
