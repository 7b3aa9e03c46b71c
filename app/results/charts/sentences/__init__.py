"""The one sentence that a chart's figures bear: `sentence.py` chooses its kind, `claims.py` decides what may be claimed."""
