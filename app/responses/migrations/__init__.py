"""The history of the tables: one file per change, run in order by `migrate`."""
