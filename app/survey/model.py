"""An instrument: one version of a survey's definition, checked and ready to ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from app.survey.codes import Code
from app.survey.conditions.condition import Condition
from app.survey.items.base import (
    MISSING_REASONS as MISSING_REASONS,
)
from app.survey.items.base import (
    OFFERED as OFFERED,
)
from app.survey.items.base import (
    Answer,
    Item,
    Option,
    Shuffle,
    Statement,
    texts_beside,
)
from app.survey.items.base import (
    Check as Check,
)
from app.survey.texts import Text


@dataclass(frozen=True, kw_only=True)
class SingleChoice(Item):
    options: tuple[Option, ...]
    type = "single_choice"
    long_list: ClassVar[bool] = False

    def _asked(self) -> Iterator[Answer]:
        yield Answer(self.id, "choice", options=self.options, long_list=self.long_list)
        yield from texts_beside(self.id, self.options)


@dataclass(frozen=True, kw_only=True)
class MultipleChoice(Item):
    options: tuple[Option, ...]
    type = "multiple_choice"
    figure = "flags"

    def _asked(self) -> Iterator[Answer]:
        yield Answer(self.id, "multiple", options=self.options, may_be_empty=not self.required)
        yield from texts_beside(self.id, self.options)


@dataclass(frozen=True, kw_only=True)
class Dropdown(SingleChoice):
    """A single choice from a long list."""

    type = "dropdown"
    long_list = True


@dataclass(frozen=True, slots=True)
class MatrixColumn:
    id: str
    label: Text
    scale: tuple[Option, ...]


class Row(NamedTuple):
    """One choice that a matrix asks for."""

    name: str
    statement: Statement
    column: MatrixColumn | None
    scale: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True)
class Matrix(Item):
    """Statements on one scale; or, with `columns`, a choice for each statement in each column."""

    scale: tuple[Option, ...]  # empty with columns
    statements: tuple[Statement, ...]
    columns: tuple[MatrixColumn, ...] = ()
    type = "matrix"
    joins = "statements"

    def _asked(self) -> Iterator[Answer]:
        for row in self.rows:
            column = row.column.label if row.column else None
            yield Answer(row.name, "choice", "ordinal", row.scale, row.statement, column)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        if not self.columns:
            return tuple(Row(f"{self.id}.{each.id}", each, None, self.scale) for each in self.statements)
        return tuple(
            Row(f"{self.id}.{each.id}_{column.id}", each, column, column.scale)
            for each in self.statements
            for column in self.columns
        )

    @cached_property
    def row(self) -> dict[str, Row]:
        return {row.name: row for row in self.rows}


@dataclass(frozen=True, kw_only=True)
class SemanticDifferential(Matrix):
    """Bipolar pairs on one scale of numbers without words: 1 is the left pole, as written."""

    flip: bool = False  # which pole stands left is drawn for each pair
    type = "semantic_differential"


@dataclass(frozen=True, kw_only=True)
class Rating(Item):
    scale: tuple[Option, ...]
    type = "rating"

    def _asked(self) -> Iterator[Answer]:
        yield Answer(self.id, "choice", "ordinal", self.scale)


@dataclass(frozen=True, kw_only=True)
class Number(Item):
    """A number; `least` and `most` are included. Without decimals all of them are whole (int)."""

    least: float
    most: float
    decimals: int = 0
    unit: Text | None = None
    type = "number"
    reasons_beside = True

    def _asked(self) -> Iterator[Answer]:
        yield Answer(
            self.id, "number", "interval", reason_with=self.id, least=self.least, most=self.most,
            decimals=self.decimals, unit=self.unit,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Slider(Number):
    """A number that can be dragged to as well as typed; `low` and `high` say what its ends mean."""

    step: float = 1
    low: Text | None = None
    high: Text | None = None
    type = "slider"

    def _asked(self) -> Iterator[Answer]:
        yield from (replace(answer, step=self.step) for answer in super()._asked())


@dataclass(frozen=True, kw_only=True)
class TextItem(Item):
    lines: int = 1
    max_length: int = 1000
    pattern: str | None = None  # a regular expression (RE2's) that the whole text must match
    example: str | None = None  # a text that does
    type = "text"
    reasons_beside = True

    def _asked(self) -> Iterator[Answer]:
        yield Answer(self.id, "text", reason_with=self.id)


@dataclass(frozen=True, slots=True)
class Bound:
    """The first or last date that is taken: a date, or the day of answering with something added."""

    fixed: str | None = None  # YYYY-MM-DD, whatever the precision of the item
    days: int = 0  # from the day of answering, where it is not fixed
    months: int = 0


@dataclass(frozen=True, kw_only=True)
class Date(Item):
    """A date, kept as ISO 8601 to its precision: 2026-11-22, 2026-11 or 2026."""

    precision: str = "day"  # day | month | year
    earliest: Bound = Bound("1900-01-01")
    latest: Bound = Bound("2100-12-31")
    type = "date"
    reasons_beside = True

    def _asked(self) -> Iterator[Answer]:
        length = {"day": 10, "month": 7, "year": 4}[self.precision]
        least, most = (bound.fixed[:length] if bound.fixed else None for bound in (self.earliest, self.latest))
        yield Answer(
            self.id, "date", "interval", reason_with=self.id, least=least, most=most, precision=self.precision
        )


@dataclass(frozen=True, kw_only=True)
class Ranking(Item):
    """Options in order, kept as the list of the first `top` codes; all of them where `top` is their number."""

    options: tuple[Option, ...]
    top: int
    type = "ranking"
    figure = "ranks"
    reasons_beside = True

    def _asked(self) -> Iterator[Answer]:
        yield Answer(self.id, "ranks", "ordinal", self.options, reason_with=self.id, most=self.top)


@dataclass(frozen=True, kw_only=True)
class ConstantSum(Item):
    """Whole numbers that add up to `total`, one for each option, kept as `<item>.<code>`."""

    options: tuple[Option, ...]
    total: int = 100
    unit: Text | None = None
    type = "constant_sum"
    figure = "shares"
    reasons_beside = True
    joins = "several"

    def _asked(self) -> Iterator[Answer]:
        for option in self.options:
            yield Answer(
                f"{self.id}.{option.code}", "number", "interval", option=option, group=self.id,
                reason_with=self.id, least=0, most=self.total, unit=self.unit,
            )  # fmt: skip

    @property
    def adds_up_to(self) -> int:
        return self.total


@dataclass(frozen=True, kw_only=True)
class BestWorst(Item):
    """The most and the least of several options, kept as `<item>.best` and `<item>.worst`."""

    options: tuple[Option, ...]
    best: Text
    worst: Text
    type = "best_worst"
    figure = "best_worst"
    reasons_beside = True
    joins = "several"

    def _asked(self) -> Iterator[Answer]:
        for end, heading in (("best", self.best), ("worst", self.worst)):
            yield Answer(
                f"{self.id}.{end}", "choice", options=self.options, heading=heading, group=self.id, reason_with=self.id
            )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Note(Item):
    """Something to read: `ask` is its text. It has no answer."""

    type = "note"

    def _asked(self) -> Iterator[Answer]:
        return iter(())


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


@dataclass(frozen=True, slots=True)
class Score:
    """How a score was said to be made, for codebooks and reliability; its `Computed.tree` does it."""

    how: str  # mean | sum | sum_prorated | count
    parts: tuple[str, ...]
    reverse: tuple[str, ...] = ()
    at_least: int = 1
    range: tuple[float, float] | None = None  # what it can be, where that is known
    to: tuple[float, float] | None = None


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
class ResultsPolicy:
    show_to: str = "nobody"  # nobody | respondents | everyone
    floor: int = 10
    release_every: int = 10
    beside: tuple[str, ...] = ()  # items whose figures a respondent sees with their own answer beside them


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
    uses_today: bool = False  # whether conditions or dates depend on the day of answering
    same_as: Mapping[str, str] = field(default_factory=dict)
    """For items and computed values ("" for the whole survey), the version whose data they continue although they
    are worded otherwise: its number, or the beginning of its digest."""
    scale_same_as: Mapping[str, str] = field(default_factory=dict)  # the same for the scales of items, by item
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
        return (*names, "~full") if self.quotas else tuple(names)

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
