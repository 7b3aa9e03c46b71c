"""The key `weights` of a survey file: how it is written (`shape`), and what it means (`reading`)."""
