"""Who may see the results: researchers, their one-time links, passwords and sessions."""
