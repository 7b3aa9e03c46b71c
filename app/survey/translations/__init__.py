"""A survey's texts in further languages: `translation` merges them, `files` writes and updates the files."""
