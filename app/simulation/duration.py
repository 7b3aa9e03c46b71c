"""How long answering takes, roughly: for planning, never for judging a respondent."""

from __future__ import annotations

from collections.abc import Iterable

from app.survey.items.reading_matter import texts
from app.survey.model import Instrument

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
