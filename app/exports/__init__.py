"""Exports. `columns` describes the content of each column; `csv`, `codebook` and `vignettes` write the files."""
