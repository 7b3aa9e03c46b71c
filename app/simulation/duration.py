"""How long answering takes, roughly: for planning, never for judging a respondent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.survey.items.base import Item
from app.survey.model import Instrument
from app.survey.texts import Text

#: Silent reading of English prose: 238 words a minute on average. M. Brysbaert (2019), "How many words do we read
#: per minute?", Journal of Memory and Language 109, 104047.
WORDS_A_SECOND = 238 / 60


class Durations:
    """What the items of an instrument take. Made once, since it reads every text."""

    def __init__(self, instrument: Instrument) -> None:
        self.items = {
            item.id: (item.seconds(), [(text.source, len(text.plain.split())) for text in texts(item)])
            for item in instrument.items()
        }

    def seconds(self, items: Iterable[str]) -> float:
        """Reading, deciding and answering, for items by their ids, in the order in which they are met.

        What was met before in the same words (a scale, a question about a further vignette) is known again and not
        read again.
        """
        known: dict[str, int] = {}
        total = 0.0
        for item in items:
            doing, read = self.items[item]
            known |= read
            total += doing
        return total + sum(known.values()) / WORDS_A_SECOND


def texts(item: Item) -> Iterator[Text]:
    """What a respondent reads. A scale is read once, however many statements are rated on it."""
    yield from (text for text in (item.ask, item.hint) if text is not None)
    columns = getattr(item, "columns", ())
    scales = [column.scale for column in columns] or [getattr(item, "scale", ())]
    yield from (option.label for options in (getattr(item, "options", ()), *scales) for option in options)
    yield from (column.label for column in columns)
    for statement in getattr(item, "statements", ()):
        yield statement.text
        if statement.right is not None:
            yield statement.right
