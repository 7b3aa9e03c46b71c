"""The service's own words in the languages it speaks (`catalogues`), and how languages write numbers and dates (`formats`)."""
