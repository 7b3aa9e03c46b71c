"""The arrangement of an item's parts on its page: what templates need to know about options, statements and scales."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from app.survey.conditions.language import Condition
from app.survey.items.answer import OFFERED, Answer, Option, Statement
from app.survey.items.base import Item
from app.survey.model import Instrument, Section
from app.survey.texts import Text

Placed = tuple[int, Option]
"""An option with its number in its item, from 1."""

#: How wide letters are at most, in em, in the fonts that systems bring along; all others are as wide as an "n".
WIDTHS = {**dict.fromkeys("iljtfrI.,:;'’|", 0.4), **dict.fromkeys("mwMW@%—", 1.0)}
WIDTH, CAPITAL, IDEOGRAPH = 0.64, 0.76, 1.0
#: Tags and the marks of holes; and where a line may be broken: after a space or a hyphen, and around an ideograph.
MARKUP = re.compile(r"<[^>]*>|\x02[^\x03]*\x03")
BREAK = re.compile(r"[\s\u00ad\u200b]+|(?<=[-–—])|(?=[\u3000-\u9fff])|(?<=[\u3000-\u9fff])")
#: In rem, the width of the form where it begins to be laid out for wide screens, and on a phone of 320 pixels.
WIDE, NARROW = 38.8, 15.7


def mark(section: Section) -> str:
    """Which items say so in words: the "required" or the "optional" ones, whichever are fewer; "" for none."""
    required = [item.required for item in section.items if item.is_asked]
    if all(required) or not any(required):
        return ""
    return "required" if sum(required) * 2 <= len(required) else "optional"


def case(instrument: Instrument, section: Section) -> tuple[int, int] | None:
    """On the page of a vignette that is shown several times: its number, and how many there are."""
    ids = {item.id for item in section.items}
    for vignette in instrument.vignettes:
        for number in range(1, vignette.each_sees + 1):
            if vignette.each_sees > 1 and f"{vignette.id}_{vignette.ratings[0]}_{number}" in ids:
                return number, vignette.each_sees
    return None


def has_words(option: Option) -> bool:
    """False for a point of a scale that is only a number."""
    return option.label.source.strip() not in ("", str(option.code))


def ends(scale: Sequence[Option]) -> list[Option] | None:
    """The first, middle and last point of a scale of numbers, of which no other has words; otherwise None.

    A scale with words throughout reads best as a list, one with words at its ends as a row of numbers.
    """
    shown = [scale[0], scale[len(scale) // 2], scale[-1]] if len(scale) % 2 else [scale[0], scale[-1]]
    worded = [option for option in scale if has_words(option)]
    is_row = len(scale) > 2 and len(worded) < len(scale) and all(option in shown for option in worded)
    return shown if is_row else None


def width_of(word: str) -> float:
    """How many em a word takes at most on any system."""
    return sum(WIDTHS.get(letter, CAPITAL if letter.isupper() else IDEOGRAPH if "\u3000" <= letter <= "\u9fff" else WIDTH) for letter in word)


def fits(words: str, room: float, size: float) -> bool:
    """Whether no word has to be broken in lines of `room` rem with letters of `size` rem."""
    return all(width_of(word) * size <= room for word in BREAK.split(MARKUP.sub(" ", words)) if word)


def fits_columns(words: str, columns: int) -> bool:
    """Whether the points of a scale can be shown side by side on a wide screen; otherwise they are a list there too."""
    return fits(words, WIDE / columns - 0.95, 0.9375)


def fits_heads(words: str, columns: int) -> bool:
    """Whether they can be the heads of a matrix's columns."""
    return fits(words, WIDE * 0.64 / columns - 0.2, 0.8125 if columns < 6 else 0.75)


def ends_class(words: str, columns: int) -> str:
    """How the words at the ends of a scale are shown: below one another on a phone, or everywhere, if one does not fit."""
    for screen, shown in ((NARROW, ""), (WIDE, " lined")):
        if fits(words, (screen - 0.75 * (columns - 1)) / columns, 0.875):
            return shown
    return " lined always"


def poles_class(words: str) -> str:
    """The same of the poles of a semantic differential."""
    if not fits(words, (WIDE / 2 - 2) / 2, 1.05):
        return " lined always"
    return "" if fits(words, (NARROW - 1) / 2, 1.05) else " lined"


def sides_class(words: str) -> str:
    """The same of the two heads of a best and worst choice, which have a column of their own on a wide screen."""
    return "" if fits(words, 5, 0.875) else " lined"


def grouped(options: Sequence[Option]) -> list[tuple[Text | None, list[Placed]]]:
    """The options under their headings, as written."""
    placed = enumerate(options, start=1)
    return [(heading, list(ones)) for heading, ones in groupby(placed, key=lambda one: one[1].group)]


def parts_of(item: Item, ones: Iterable[Placed]) -> list[str]:
    return [item.part_key(option) for _, option in ones]


def all_conditional(ones: Iterable[Placed]) -> bool:
    return all(option.show_if is not None for _, option in ones)


def needs_a_part(item: Item) -> bool:
    """Whether an item is hidden where all of its options or statements are, which may happen."""
    return not item.is_fixed and all(part.show_if is not None for part in item.parts)


def reasons(item: Item) -> list[tuple[str, Text | None]]:
    """What the form sends for each reason for not answering that the item offers, with the researcher's words."""
    return [(sent, item.offers[reason]) for reason, sent in OFFERED.items() if reason in item.offers]


def by_statement(item: Item) -> Iterator[tuple[Statement | None, list[Answer]]]:
    """The answers about each statement: one, or one a column."""
    for statement, answers in groupby(item.answers(), key=lambda answer: answer.statement):
        yield statement, list(answers)


def conditions(item: Item) -> Iterator[Condition]:
    """Those of the item itself and of its options and statements."""
    for part in (item, *item.parts):
        if part.show_if is not None:
            yield part.show_if
