"""What a survey can ask: one file per item type. Begin with `base.py`: an item, and an answer, which is one value that
an item asks for."""
