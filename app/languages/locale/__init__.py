"""Translations of the user interface: per language, a .po file for translators and a .mo file for the service."""
