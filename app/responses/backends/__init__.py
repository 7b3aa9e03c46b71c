"""The two engines. `sqlite` and `postgresql` do the same work, each in its own way; `engines` chooses."""
