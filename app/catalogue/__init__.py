"""The surveys being served. `served` has the last valid version of each; `files` reads them from disk."""
