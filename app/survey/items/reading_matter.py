"""What a respondent reads of an item."""

from __future__ import annotations

from collections.abc import Iterator

from app.survey.items.base import Item
from app.survey.texts import Text


def texts(item: Item) -> Iterator[Text]:
    """All its texts. A scale is read once, however many statements are rated on it."""
    yield from (text for text in (item.ask, item.hint) if text is not None)
    columns = getattr(item, "columns", ())
    scales = [column.scale for column in columns] or [getattr(item, "scale", ())]
    yield from (option.label for options in (getattr(item, "options", ()), *scales) for option in options)
    yield from (column.label for column in columns)
    for statement in getattr(item, "statements", ()):
        yield statement.text
        if statement.right is not None:
            yield statement.right
