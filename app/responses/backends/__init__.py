"""The two engines. `sqlite` and `postgresql` provide the same operations; `engines` selects one."""
