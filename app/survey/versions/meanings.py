"""What the answers to each thing that a version asks, assigns or computes mean: two of equal meaning share a column.

Nothing is guessed: other words, labels, units or points of a scale are another meaning, in any language. White
space and the Unicode form of a text are none of its words. A condition, an order, a range of numbers or a further
option in a list changes who answers or how often, not what an answer means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.survey.items.answer import Answer, Option
from app.survey.items.base import Item
from app.survey.items.difference import words_of
from app.survey.items.option_changes import is_scale
from app.survey.model import Computed, Drawn, Instrument, Vignette
from app.survey.texts import Text

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


def same_shape(old: Item, new: Item) -> bool:
    """Whether both are answered alike, though perhaps in another form: in a list of options or on a scale."""
    return (old.family or old.type) == (new.family or new.type)


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
    labels: Labels = {f"~{reason}": words_of(said) for reason, said in item.offers.items()}
    options = getattr(item, "options", ())
    scale: Any = _points(getattr(item, "scale", ()))
    if is_scale(options):
        scale = _points(options)
    else:
        labels |= {f"{option.code}": _label(option) for option in options}
    first = next(iter(item.answers()), None)
    if first is not None and first.poles:
        scale = len(first.options)
    elif first is not None and first.ends:
        scale = float(first.least), float(first.most), *map(words_of, first.ends)
    exact = ("item", item.family or item.type, words_of(item.ask), words_of(item.hint), _details(item, first))
    return AnswerMeaning(exact, scale, labels)


def _details(item: Item, answer: Answer | None) -> Any:
    if answer is None:
        return None
    ranked = answer.most if answer.kind == "ranks" else None
    return words_of(answer.unit), answer.precision, ranked, item.adds_up_to


def _points(options: Iterable[Option]) -> frozenset[Any]:
    return frozenset((option.code, _label(option)) for option in options)


def _label(option: Option) -> Any:
    return words_of(option.label), words_of(option.hint), words_of(option.group)


def _of_parts(item: Item) -> Iterator[tuple[str, AnswerMeaning]]:
    """Of the answers that have a meaning of their own: what each rates, or what it asks for."""
    for answer in item.answers():
        if answer.statement is not None:
            statement = answer.statement
            words = (words_of(statement.text), words_of(statement.right), words_of(answer.column))
            yield answer.name, AnswerMeaning(
                ("row", *words), len(answer.options) if answer.poles else _points(answer.options)
            )
        elif answer.heading is not None:
            yield answer.name, AnswerMeaning(("pole", words_of(answer.heading)))


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
    for answer in item.answers():
        if answer.statement is not None:
            labels = [option.label for option in answer.options]
            own = [answer.statement.text, answer.statement.right, *labels]
            yield answer.name, _piped(own) | {item.id}
        elif answer.heading is not None:
            yield answer.name, frozenset([item.id])


def _piped(texts: Iterable[Text | None]) -> frozenset[str]:
    return frozenset(name for text in texts if text is not None and "{" in text.source for name in text.pipes)


def rating_items(vignette: Vignette, rating: str) -> Iterator[str]:
    """The ids of the items that ask for one rating, one for each vignette that a respondent sees."""
    return (f"{vignette.id}_{rating}_{place}" for place in range(1, vignette.each_sees + 1))


def homes(instrument: Instrument) -> dict[str, str]:
    """The item of each name under which an item keeps something."""
    return {key: item.id for item in instrument.items() for key in item.keys}
