"""How long answering takes, roughly: for planning, never for judging a respondent."""

from __future__ import annotations

from app.instrument.model import Item, Matrix, MultipleChoice, Note, Number, Rating, SingleChoice, TextItem

#: Silent reading of English prose: 238 words a minute on average. M. Brysbaert (2019), "How many words do we read
#: per minute?", Journal of Memory and Language 109, 104047.
WORDS_A_SECOND = 238 / 60

#: Seconds to decide and to answer once everything is read; our own guesses.
CHOOSE, CHOOSE_ONE_MORE, RATE, TYPE_NUMBER, TYPE_LINE, TYPE_LINES = 2.5, 1.0, 2.0, 5.0, 10.0, 40.0


def seconds(item: Item) -> float:
    """What one item takes: reading it with its options, deciding and answering."""
    return words(item) / WORDS_A_SECOND + answering(item)


def answering(item: Item) -> float:
    match item:
        case SingleChoice() | Rating():
            return CHOOSE
        case MultipleChoice():
            return CHOOSE + CHOOSE_ONE_MORE
        case Matrix():
            return RATE * len(item.statements)
        case Number():
            return TYPE_NUMBER
        case TextItem():
            return TYPE_LINE if item.lines == 1 else TYPE_LINES
    return 0.0


def words(item: Item) -> int:
    """The words a respondent reads. A scale is read once, however many statements are rated on it."""
    texts = [item.ask, item.hint]
    if not isinstance(item, Note | Number | TextItem):
        texts += [option.label for option in (*getattr(item, "options", ()), *getattr(item, "scale", ()))]
        texts += [statement.text for statement in getattr(item, "statements", ())]
    return sum(len(text.plain.split()) for text in texts if text is not None)
