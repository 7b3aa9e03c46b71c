"""How fast it is, as ratios against floors that are measured in the same run."""
