"""The user interface in each language (`catalogues`), the formats of numbers and dates (`formats`), and the questions
with which each language asks for a name (`naming`)."""
