"""How results name what a survey asks: the questions, of whom they are asked, and the kind of their scales."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from app.survey.codebook import IN_THEIR_WORDS, Variable
from app.survey.identity import asks_who, private_names
from app.survey.items.answer import Option
from app.survey.labels.asked_of import ConditionWords
from app.survey.labels.headings import without_pipes
from app.survey.labels.poles import has_poles
from app.survey.model import Instrument

SHORT_TEXT = 60  # letters


class AskedOf(NamedTuple):
    """Of whom something is asked: in words, such as "who chose “Left”" (empty where there are none), and as a condition."""

    words: str
    condition: str


class ResultLabels:
    """The labels for the results of several versions of a survey, newest first."""

    def __init__(self, instruments: Sequence[Instrument], variables: Sequence[Variable]):
        self.instruments, self.variables = tuple(instruments), variables
        self._worded: dict[str, AskedOf] = {}

    def text(self, plain: str) -> str:
        """Without pipes."""
        return without_pipes(plain, self._piped)

    @cached_property
    def _piped(self) -> Mapping[str, Sequence[str]]:
        """All that a text can pipe; of an arm its labels, of the text beside an option that option's."""
        found: dict[str, Sequence[str]] = {each.key: () for each in self.variables}
        found |= {each.item: () for each in self.variables}
        said = (each for each in self.variables if each.is_said and each.option_label)
        found |= {each.key: [each.option_label.removesuffix(IN_THEIR_WORDS)] for each in said}  # type: ignore[union-attr]
        arms = {each.name: [label for _, label in each.codes] for each in self.variables if each.type == "arm"}
        return found | arms

    def asked_of(self, condition: str | None) -> AskedOf | None:
        """Of whom something is asked under a condition; None for everyone."""
        if not condition:
            return None
        if condition not in self._worded:
            found = (words.words(condition) for words in self._words)
            self._worded[condition] = AskedOf(next((words for words in found if words), ""), condition)
        return self._worded[condition]

    @cached_property
    def _words(self) -> list[ConditionWords]:
        return [ConditionWords(instrument) for instrument in self.instruments]

    def own_condition(self, variable: Variable) -> AskedOf | None:
        """Of whom an option or a statement is asked among those of whom its item is."""
        return self.asked_of(self._own_conditions.get(variable.part)) if variable.part else None

    @cached_property
    def _own_conditions(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for instrument in self.instruments:
            for item in instrument.items():
                conditional = (part for part in item.parts if part.show_if is not None)
                for part in conditional:
                    found.setdefault(item.part_key(part), part.show_if.source.strip())  # type: ignore[union-attr]
        return found

    @cached_property
    def closing_options(self) -> frozenset[str]:
        """The options that stay last where options are sorted, as `<item>.<code>`: those that exclude all others, such
        as "none", and those that ask for words, such as "other"."""
        return frozenset(
            item.part_key(option)
            for instrument in self.instruments for item in instrument.items() for option in item.parts
            if isinstance(option, Option) and (option.exclusive or option.please_say)
        )  # fmt: skip

    @cached_property
    def identifying(self) -> frozenset[str]:
        """The items of any version that help to identify a respondent, or ask who they are, and what is computed from
        them."""
        found: set[str] = set()
        for instrument in self.instruments:
            who = {item.id for item in instrument.items() if item.identifying or asks_who(item)}
            found |= who | {name.partition(".")[0] for name in private_names(instrument, who)}
        return frozenset(found)

    @cached_property
    def short_texts(self) -> frozenset[str]:
        """The items that are answered in a word or a few."""
        items = (item for instrument in self.instruments for item in instrument.items())
        return frozenset(item.id for item in items if 0 < getattr(item, "max_length", 0) <= SHORT_TEXT)

    @cached_property
    def loops(self) -> Mapping[str, str]:
        """The items that are asked for one entry of a loop, each with the name that all entries share."""
        found: dict[str, str] = {}
        for instrument in self.instruments:
            rated = {f"{vignette.id}_{rating}" for vignette in instrument.vignettes for rating in vignette.ratings}
            for loop in instrument.loops:
                shared = loop.name.partition(".")[0]
                if shared not in rated:
                    found |= {part.name.partition(".")[0]: shared for part in loop.parts}
        return found

    def own_item_condition(self, item: str) -> str | None:
        """An item's own condition, without that of its page."""
        known = next((each.item[item] for each in self.instruments if item in each.item), None)
        return known.show_if.source.strip() if known is not None and known.show_if is not None else None

    def has_poles(self, variable: Variable) -> bool:
        """Whether its points lead from one pole to another: as its file says it, or as its labels do."""
        if variable.measure != "ordinal" or variable.kind != "choice":
            return False
        if variable.poles is not None:
            return True
        said = [each.scale_poles[variable.item] for each in self.instruments if variable.item in each.scale_poles]
        if said:
            return said[0]
        return has_poles(tuple("" if label == str(code) else label for code, label in variable.codes))
