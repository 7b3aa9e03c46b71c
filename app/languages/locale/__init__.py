"""The catalogues of the service's own words: a .po for translators and a .mo for the service, each language."""
