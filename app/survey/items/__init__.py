"""What a survey can ask: one file per item type, listed in `registry.py`.

Begin with `answer.py`, one value that an item asks for, and `base.py`, what every item type provides; then read a type,
such as `rating.py`. The other modules are what types share: `shapes.py` (keys in a survey file), `options.py`,
`offering.py` and `scales.py` (reading them), `context.py` (what has been read so far), `fields.py` (reading a form), `simulated.py` (simulated respondents).
"""
