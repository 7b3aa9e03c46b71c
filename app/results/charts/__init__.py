"""Charts for researchers and for the public. `chart` describes what is drawn and from which figure; `draw` is where a
description becomes a `drawing`, by one module for each kind of chart.
"""
