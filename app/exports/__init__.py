"""Exports. `table` has the typed columns and rows of a survey's data, `vignettes` those of its vignette experiments;
`csv` and `codebook` write the files. A further format is a writer that takes the same tables.
"""
