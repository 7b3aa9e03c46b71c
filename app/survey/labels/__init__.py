"""A survey's texts as labels of its results: questions without pipes, conditions in words, the poles of scales."""
