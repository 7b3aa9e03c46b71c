"""An instrument: one version of a survey's definition, checked and ready to ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.survey.codes import FULL_QUOTA, Code
from app.survey.conditions.condition import Condition
from app.survey.items.answer import MISSING_REASONS, OFFERED, Answer, Option, Shuffle, Statement
from app.survey.items.base import Item
from app.survey.texts import Text

__all__ = ["MISSING_REASONS", "OFFERED", "Answer", "Code", "Instrument", "Item", "Option", "Section", "Statement"]


@dataclass(frozen=True)
class Section:
    """One page."""

    id: str
    title: Text | None
    items: tuple[Item, ...]
    show_if: Condition | None = None
    shuffle: Shuffle | None = None  # of its items

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of all its items."""
        return tuple(name for item in self.items for name in item.names)

    @cached_property
    def has_checks(self) -> bool:
        return any(item.checks for item in self.items)

    @cached_property
    def is_plain(self) -> bool:
        """Whether every item is always shown and keeps nothing but its own answers."""
        return all(item.show_if is None and item.keys == item.names and item.is_fixed for item in self.items)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A random assignment at the beginning of a response, stored with its answers under `name`.

    `kind` is choice (an arm, the level of a vignette: one of `options`), number (the block of a vignette
    design) or order (a list of ids or codes as they are shown: of options, statements, items, sections, or of
    the pairs whose poles are exchanged).
    """

    name: str
    kind: str  # choice | number | order
    label: str
    options: tuple[Option, ...] = ()
    weights: tuple[int, ...] = ()  # of an arm, one an option
    of: str = ""  # of an order: the id of what is put in order; of a level or a block: the vignette's
    moving: tuple[Code, ...] = ()  # of an order: what changes places
    whole: tuple[Code, ...] = ()  # of an order: all that stands there, as written


@dataclass(frozen=True, slots=True)
class Computed:
    """A value that follows from answers: it is computed when it is needed and never stored with them.

    `tree` is that of a condition's language; `kind` is number, choice (one of `options`), truth or date.
    """

    name: str
    kind: str
    label: str
    tree: Any
    names: frozenset[str]  # whose answers it depends on
    options: tuple[Option, ...] = ()
    score: Score | None = None
    precision: str = ""  # of a date: day | month | year
    below: tuple[float | None, ...] = ()  # of bands: what the scores of each are below; None of the last


@dataclass(frozen=True, slots=True)
class Score:
    """How a score was said to be made, for codebooks and reliability; its `Computed.tree` does it."""

    how: str  # mean | sum | sum_prorated | count
    parts: tuple[str, ...]
    reverse: tuple[str, ...] = ()
    at_least: int = 1
    range: tuple[float, float] | None = None  # what it can be, where that is known
    to: tuple[float, float] | None = None
    unscaled: tuple[float, float] | None = None  # with `to`: the range that is rescaled to it
    mirrors: tuple[float, ...] = ()  # of each reversed part: its least and its greatest value together
    not_applicable: tuple[tuple[str, float], ...] = ()
    """Parts that count where they are not applicable, each with the value that it then has."""


@dataclass(frozen=True, slots=True)
class ScreenOut:
    """Ends the path, once its condition holds, with a text of its own."""

    id: str
    when: Condition
    text: Text | None


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `most` responses for which its condition holds; later respondents are screened out."""

    id: str
    when: Condition
    most: int
    text: Text | None


@dataclass(frozen=True, slots=True)
class Attribute:
    id: str
    levels: tuple[Option, ...]  # the label is what the vignette's text says


@dataclass(frozen=True, slots=True)
class Vignette:
    """A factorial survey experiment: `design.blocks[b][k]` gives the levels' places of the k-th vignette of block b."""

    id: str
    attributes: tuple[Attribute, ...]
    each_sees: int
    design: Any  # app.survey.vignettes.design.Design
    ratings: tuple[
        str, ...
    ]  # ids; the items asked are `<vignette>_<rating>_<k>`, the levels `<vignette>_<attribute>_<k>`

    @property
    def block(self) -> str:
        """The name under which the block a respondent was given is kept."""
        return f"{self.id}_block"


@dataclass(frozen=True, slots=True)
class HeadlineChoice:
    """What the first screen of the results is to show: an item, a statement or a score, or a pair on one scale."""

    name: str = ""
    by: str = ""  # what splits it into groups
    pair: tuple[tuple[str, str], ...] = ()  # two names, each with what it is called beside the other


#: Groups into which results can be split: more could not be told apart.
MOST_GROUPS = 12


@dataclass(frozen=True, slots=True)
class ResultsPolicy:
    show_to: str = "nobody"  # nobody | respondents | everyone
    floor: int = 10
    release_every: int = 10
    beside: tuple[str, ...] = ()  # items whose figures a respondent sees with their own answer beside them
    by: str = ""  # by whose categories public figures are compared
    headline: tuple[HeadlineChoice, ...] = ()  # of the researchers' first screen
    protect: str = ""  # "cells": one release when the survey closes, without small cells


@dataclass(frozen=True, slots=True)
class PlannedContrast:
    """Two groups, arms, or levels of a vignette's attribute: the first less the second."""

    by: str  # the name of a choice or of an arm; of a vignette's rating the id of an attribute
    first: Code
    second: Code


@dataclass(frozen=True, slots=True)
class PrimaryEstimate:
    """One estimate that was chosen before data arrive. Without a contrast it is the mean, or the share, itself."""

    name: str
    question: str
    item: str  # by the name that conditions have for it; the rating of a vignette is `<vignette>_<rating>`
    hypothesis: Text | None = None
    share: tuple[Code, ...] = ()  # the codes that count; without any it is the mean
    contrast: PlannedContrast | None = None
    rating: tuple[str, str] | None = None  # of a vignette: its id and that of the rating
    vignettes: str = ""  # of a rating: first | all
    base: str = "complete"  # complete | partial | all
    where: Condition | None = None
    careful: bool = False  # without responses that have a sign of careless answering
    weighted: bool = False


@dataclass(frozen=True, slots=True)
class AnalysisPlan:
    """What was decided before data arrive. All that is not among `primary` is exploratory."""

    primary: tuple[PrimaryEstimate, ...]
    texts: Mapping[str, Text]  # population, stopping, exclusions, missing, notes: as far as they are written
    canonical: str  # JSON: what was decided, however the file is laid out, with the expected sample
    digest: str  # of `canonical`: SHA-256 in hexadecimal


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of complete responses, by which the shares of these variables equal their targets (raking)."""

    targets: Mapping[str, Mapping[Code, float]]  # of each variable the share of each of its codes
    trim: tuple[float, float] | None = None  # the least and the greatest weight; 1 is the mean


@dataclass(frozen=True)
class Instrument:
    survey: str  # the survey's id: the name of its file
    digest: str  # by which it is known: SHA-256 of the source that was first served, in hexadecimal
    source: str  # the YAML it was read from
    title: str
    description: Text | None
    language: str
    privacy: str  # anonymous | confidential | identified
    consent: Text | None
    thanks: Text | None
    opens: str | None  # ISO dates, or None
    closes: str | None
    results: ResultsPolicy
    sections: tuple[Section, ...]
    about: Mapping[str, Text] = field(default_factory=dict)
    """Who is responsible and where respondents find help: `institution`, `contact`, `ethics`, `data`, `support`; and what they
    may know only afterwards: `debriefing`."""
    time_zone: str | None = None  # of the days on which it opens, closes and is answered; the server's without it
    languages: tuple[str, ...] = ()  # all that it can be answered in; the one it was written in first
    shuffle: Shuffle | None = None  # of its sections
    drawn: tuple[Drawn, ...] = ()
    computed: tuple[Computed, ...] = ()
    screen_outs: tuple[ScreenOut, ...] = ()
    quotas: tuple[Quota, ...] = ()
    vignettes: tuple[Vignette, ...] = ()
    loops: tuple[Answer, ...] = ()  # of what is asked for each of several entries: all of them, by one name
    sample: int | None = None  # how many respondents are expected
    analysis: AnalysisPlan | None = None
    weights: Weights | None = None
    poll: bool = False  # one item, answered on the first page, whose figures are shown at once
    followed_by: tuple[str, ...] = ()  # of a poll: the surveys that are presented after it, at its address
    uses_today: bool = False  # whether conditions or dates depend on the day of answering
    same_as: Mapping[str, str] = field(default_factory=dict)
    """For items and computed values ("" for the whole survey), the version whose data they continue although they
    are worded otherwise: its number, or the beginning of its digest."""
    scale_same_as: Mapping[str, str] = field(default_factory=dict)  # the same for the scales of items, by item
    scale_poles: Mapping[str, bool] = field(default_factory=dict)
    """By item, whether its scales lead from one pole to another, where the file says it."""
    flips: Mapping[str, Condition] = field(default_factory=dict)
    """By item, the condition on arms under which the points of its scales are shown in the reverse order."""
    fingerprint: str = ""  # equal in two files that ask and promise the same (`versions.fingerprint`)
    version: int | None = None  # its number within the survey, where it comes from the database
    translations: Mapping[str, Instrument] = field(default_factory=dict)
    """The same instrument in its further languages; all else is equal."""

    def items(self) -> Iterator[Item]:
        for section in self.sections:
            yield from section.items

    @cached_property
    def item(self) -> dict[str, Item]:
        """Every item by its id."""
        return {item.id: item for item in self.items()}

    @cached_property
    def section(self) -> dict[str, Section]:
        return {section.id: section for section in self.sections}

    @cached_property
    def given(self) -> tuple[str, ...]:
        """The names under which a response keeps what was not asked: what was drawn, its language, its day.

        `~full` is the quota that was full when it came, and ends its path.
        """
        names = [drawn.name for drawn in self.drawn]
        if len(self.languages) > 1:
            names.append("language")
        if self.uses_today:
            names.append("today")
        return (*names, FULL_QUOTA) if self.quotas else tuple(names)

    @cached_property
    def computed_by_name(self) -> dict[str, Computed]:
        return {computed.name: computed for computed in self.computed}

    @cached_property
    def drawn_by_name(self) -> dict[str, Drawn]:
        return {drawn.name: drawn for drawn in self.drawn}

    def orders(self, id: str) -> Drawn | None:
        """How the parts of an item (its id), the items of a section (`section.<id>`) or the sections
        (`sections`) are put in a random order."""
        return self.drawn_by_name.get(f"{id}~order")

    def in_language(self, language: str | None) -> Instrument:
        """It in one of its languages; in the one it was written in when it does not have that one."""
        return self.translations.get(language or "", self)
