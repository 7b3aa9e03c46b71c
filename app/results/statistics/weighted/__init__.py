"""Weighted tables: tests of independence, Cramér's V and residuals from counts with the sums of their weights. The weighted
forms of shares, means and differences are beside the others, in the room above."""
