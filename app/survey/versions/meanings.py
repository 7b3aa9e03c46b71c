"""What the answers to each thing that a version asks, assigns or computes mean: two of equal meaning share a column.

Nothing is guessed: other words, labels, units or points of a scale are another meaning, in any language. White
space and the Unicode form of a text are none of its words. A condition, an order, a range of numbers or a further
option in a list changes who answers or how often, not what an answer means.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.survey.model import (
    BestWorst,
    Computed,
    ConstantSum,
    Date,
    Drawn,
    Instrument,
    Item,
    Matrix,
    Note,
    Number,
    Option,
    Ranking,
    Row,
    SemanticDifferential,
    Slider,
    Vignette,
)
from app.survey.texts import Text

#: Types whose answers are of one kind; a type that is not here has a kind of its own.
SHAPES = {"dropdown": "single_choice", "rating": "single_choice", "slider": "number"}
SHAPES |= {"semantic_differential": "matrix"}
#: Characters that nobody sees: zero-width space, word joiner, byte-order mark and soft hyphen.
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))

Words = str | None
Labels = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AnswerMeaning:
    """What the answers under one name mean in one language.

    `exact` and `scale` are equal where two mean the same; of `labels` (by option or reason) those that both have.
    """

    exact: Any
    scale: Any = ()
    labels: Mapping[str, Any] = field(default_factory=dict)

    def is_like(self, other: AnswerMeaning) -> bool:
        if (self.exact, self.scale) != (other.exact, other.scale):
            return False
        return all(other.labels.get(name, label) == label for name, label in self.labels.items())

    def joined(self, other: AnswerMeaning) -> AnswerMeaning:
        """With the labels of one that is like it."""
        return replace(self, labels={**other.labels, **self.labels})


@dataclass(frozen=True, slots=True)
class Named:
    """What the answers under one name mean, by language, and on what that rests: other names, which its texts pipe,
    it is computed from, or it is a part of."""

    by_language: Mapping[str, AnswerMeaning]
    language: str  # the one that the survey was written in
    rests_on: frozenset[str] = frozenset()

    def is_like(self, other: Named) -> bool:
        """In every language that both have; in the original where there is none."""
        common = self.by_language.keys() & other.by_language.keys()
        if not common:
            return self.by_language[self.language].is_like(other.by_language[other.language])
        return all(self.by_language[each].is_like(other.by_language[each]) for each in common)

    def joined(self, other: Named) -> Named:
        own = {
            language: meaning.joined(other.by_language[language]) if language in other.by_language else meaning
            for language, meaning in self.by_language.items()
        }
        return replace(self, by_language={**other.by_language, **own})

    def on_the_scale_of(self, other: Named) -> Named:
        """With the points of another version's scale instead of its own."""
        own = {
            language: replace(meaning, scale=other.by_language[language].scale)
            if language in other.by_language
            else meaning
            for language, meaning in self.by_language.items()
        }
        return replace(self, by_language=own)


def words_of(text: Text | None) -> Words:
    """The text by which two are compared: without what makes no difference to a reader."""
    if text is None:
        return None
    return " ".join(unicodedata.normalize("NFC", text.source).translate(INVISIBLE).split())


def reworded(old: Text | None, new: Text | None) -> bool:
    return words_of(old) != words_of(new)


def same_shape(old: Item, new: Item) -> bool:
    """Whether both are answered alike, though perhaps in another form: a dropdown's answer is a single choice."""
    return SHAPES.get(old.type, old.type) == SHAPES.get(new.type, new.type)


def meanings(instrument: Instrument) -> dict[str, Named]:
    """By the names of items, rows of a matrix, what is assigned and what is computed."""
    languages = {instrument.language: instrument, **instrument.translations}
    found = {language: dict(_in_one_language(each)) for language, each in languages.items()}
    rests = _rests(instrument)
    return {
        name: Named(
            {language: known[name] for language, known in found.items() if name in known},
            instrument.language,
            rests.get(name, frozenset()),
        )
        for name in found[instrument.language]
    }


def _in_one_language(instrument: Instrument) -> Iterator[tuple[str, AnswerMeaning]]:
    for item in instrument.items():
        yield item.id, _of_item(item)
        yield from _of_parts(item)
    blocks = {vignette.block: vignette for vignette in instrument.vignettes}
    for drawn in instrument.drawn:
        yield drawn.name, _of_drawn(drawn, blocks.get(drawn.name))
    for computed in instrument.computed:
        yield computed.name, _of_computed(computed)


# --- what is asked ---------------------------------------------------------------------------------------


def _of_item(item: Item) -> AnswerMeaning:
    kind = SHAPES.get(item.type, item.type)
    labels: Labels = {f"~{reason}": words_of(said) for reason, said in item.offers.items()}
    scale: Any = _points(getattr(item, "scale", ()))
    options = getattr(item, "options", ())
    if is_scale(options):
        scale = _points(options)
    else:
        labels |= {f"{option.code}": _label(option) for option in options}
    match item:
        case Number():
            scale = _ends(item)
        case SemanticDifferential():
            scale = len(item.scale)
    return AnswerMeaning(("item", kind, words_of(item.ask), words_of(item.hint), _details(item)), scale, labels)


def is_scale(options: Sequence[Option]) -> bool:
    """Whether the codes are numbers: then each point has its meaning among all of them."""
    return bool(options) and all(isinstance(option.code, int) for option in options)


def _points(options: Iterable[Option]) -> frozenset[Any]:
    return frozenset((option.code, _label(option)) for option in options)


def _label(option: Option) -> Any:
    return words_of(option.label), words_of(option.hint), words_of(option.group)


def _ends(item: Number) -> Any:
    """A slider's ends are what its values are read against; a number's only say what is taken."""
    if not isinstance(item, Slider):
        return None
    return float(item.least), float(item.most), words_of(item.low), words_of(item.high)


def _details(item: Item) -> Any:
    match item:
        case Number():
            return words_of(item.unit)
        case Date():
            return item.precision
        case Ranking():
            return item.top
        case ConstantSum():
            return item.total, words_of(item.unit)
    return None


def _of_parts(item: Item) -> Iterator[tuple[str, AnswerMeaning]]:
    if isinstance(item, Matrix):
        for row in item.rows:
            points = len(row.scale) if isinstance(item, SemanticDifferential) else _points(row.scale)
            yield row.name, AnswerMeaning(("row", *_of_row(row)), points)
    elif isinstance(item, BestWorst):
        for name, head in zip(item.names, (item.best, item.worst), strict=True):
            yield name, AnswerMeaning(("pole", words_of(head)))


def _of_row(row: Row) -> tuple[Words, ...]:
    label = row.column.label if row.column else None
    return words_of(row.statement.text), words_of(row.statement.right), words_of(label)


# --- what is assigned and what is computed ----------------------------------------------------------------


def _of_drawn(drawn: Drawn, vignette: Vignette | None) -> AnswerMeaning:
    exact: Any = ("drawn", drawn.kind)
    if vignette is not None:  # the number of a block stands for the vignettes in it
        exact = ("drawn", drawn.kind, vignette.design, vignette.each_sees)
    return AnswerMeaning(exact, labels={f"{option.code}": _label(option) for option in drawn.options})


def _of_computed(computed: Computed) -> AnswerMeaning:
    labels = {f"{option.code}": _label(option) for option in computed.options}
    return AnswerMeaning(("computed", computed.kind, computed.tree), labels=labels)


# --- what that depends on -----------------------------------------------------------------------------------


def _rests(instrument: Instrument) -> dict[str, frozenset[str]]:
    found = {name: rests for item in instrument.items() for name, rests in _item_rests(item)}
    for vignette in instrument.vignettes:
        for name in (rating for each in vignette.ratings for rating in rating_items(vignette, each)):
            text = f"{vignette.id}_text_{name.rpartition('_')[2]}"
            found[name] = found.get(name, frozenset()) | {text}
    return found | {computed.name: computed.names for computed in instrument.computed}


def _item_rests(item: Item) -> Iterator[tuple[str, frozenset[str]]]:
    options = (*getattr(item, "options", ()), *getattr(item, "scale", ()))
    texts = [item.ask, item.hint, *item.offers.values(), *(option.label for option in options)]
    yield item.id, _piped(texts)
    if isinstance(item, Matrix):
        for row in item.rows:
            statement = row.statement
            labels = [point.label for point in row.scale]
            yield row.name, _piped([statement.text, statement.right, *labels]) | {item.id}
    elif isinstance(item, BestWorst):
        yield from ((name, frozenset([item.id])) for name in item.names)


def _piped(texts: Iterable[Text | None]) -> frozenset[str]:
    return frozenset(name for text in texts if text is not None and "{" in text.source for name in text.pipes)


def rating_items(vignette: Vignette, rating: str) -> Iterator[str]:
    """The ids of the items that ask for one rating, one for each vignette that a respondent sees."""
    return (f"{vignette.id}_{rating}_{place}" for place in range(1, vignette.each_sees + 1))


def homes(instrument: Instrument) -> dict[str, str]:
    """The item of each name under which an item keeps something."""
    return {key: item.id for item in instrument.items() if not isinstance(item, Note) for key in item.keys}
