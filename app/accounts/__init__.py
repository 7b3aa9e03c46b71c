"""Access to results: researchers, their one-time links, passwords and sessions."""
