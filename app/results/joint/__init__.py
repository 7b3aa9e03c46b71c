"""Joint counts: how often the answers to two questions meet in the rows of a view, weighted where the view is."""
