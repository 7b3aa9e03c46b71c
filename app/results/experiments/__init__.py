"""The experiments of a survey in the answers of a view: sums over its rows for `results/statistics/experiments`, which
estimates from them. `vignettes` reads the ratings of vignettes and the levels that were shown.
"""
