"""How simulated respondents behave: how careful they are, what moves their answers, and how often each is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.survey.model import Code


@dataclass(frozen=True, slots=True)
class Influence:
    """Who has `code` under `cause` answers `name` higher by so many standard deviations (before rounding to a scale).
    Without a cause everybody does."""

    cause: str
    code: Code | None
    name: str
    by: float


@dataclass(frozen=True)
class Behaviour:
    """How simulated respondents behave; the first four are probabilities.

    `answers` gives weights to the answers of an item (by the name under which they are stored): of one choice in
    proportion to each other, of a multiple choice as how many of a hundred choose each.
    """

    skips: float = 0.03  # an optional item
    breaks_off: float = 0.008  # a page
    declines: float = 0.06  # an item that offers reasons for not answering
    careless: float = 0.0  # a respondent who reads nothing
    effects: tuple[Influence, ...] = ()
    answers: Mapping[str, Mapping[Code, float]] = field(default_factory=dict)
    reversed: frozenset[str] = frozenset()
    """The names on whose scales respondents lean the other way, so that scores hang together."""

    @cached_property
    def moved(self) -> dict[str, list[Influence]]:
        """The effects by the name that they move."""
        found: dict[str, list[Influence]] = {}
        for effect in self.effects:
            found.setdefault(effect.name, []).append(effect)
        return found

    @cached_property
    def moves(self) -> dict[str, set[str]]:
        """The names that each cause moves."""
        found: dict[str, set[str]] = {}
        for effect in self.effects:
            found.setdefault(effect.cause, set()).add(effect.name)
        return found

    def shift(self, name: str, known: Mapping[str, Any]) -> float:
        """By how many standard deviations an answer is moved, for one of whom this is known."""
        moved = self.moved.get(name, ())
        return sum(effect.by for effect in moved if not effect.cause or known.get(effect.cause) == effect.code)
