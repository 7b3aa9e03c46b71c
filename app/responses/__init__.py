"""Where answers are kept: the database edge."""
