"""The one sentence about a chart's figures: `sentence.py` chooses its kind, `claims.py` decides what may be claimed."""
