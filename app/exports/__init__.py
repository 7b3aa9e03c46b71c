"""What leaves. `columns` says what each column holds; `csv`, `codebook` and `vignettes` write them."""
