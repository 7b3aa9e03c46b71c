"""The user interface in each language (`catalogues`), and the formats of numbers and dates (`formats`)."""
