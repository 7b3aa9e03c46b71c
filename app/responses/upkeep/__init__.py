"""Maintenance of stored responses: `arrival` removes their order, `erasure` removes withdrawn answers."""
