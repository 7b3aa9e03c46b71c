"""The `opinion` command. Start with `main`: it defines the commands and calls the other modules."""
