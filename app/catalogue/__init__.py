"""Which surveys are served. `served` holds the last good version of each; `files` reads them from the disk."""
