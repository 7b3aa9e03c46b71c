"""The description of a chart: what is drawn, from which figure, in numbers and the survey's own words.

Researchers' charts and public ones are described alike. What disclosure leaves out is not there: a hidden point has no
share, and a public one neither counts nor an interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from app.results.charts.captions import FEW
from app.results.disclosure.published import PublicCell, PublicItem, PublicPart
from app.results.findings import Finding
from app.results.items import NOT_RANKED, Cell, ItemFigures, Marginal, binned, dated
from app.results.loops.entries import EntryEstimates
from app.results.statistics.cells import Count, total, unweighted
from app.results.statistics.intervals import UNKNOWN, Estimate, share_interval
from app.results.statistics.values import Summary, Values
from app.survey.labels.labelling import AskedOf
from app.survey.labels.poles import begins_with_much, pole_names
from app.survey.model import Code, Score

FEW_POINTS = 7  # as many as a diverging bar has shades

Kind = Literal[
    "bars", "sizes", "columns", "histogram", "dates", "stacks", "profile", "ranks", "shares", "paired", "levels",
    "texts", "table",
]  # fmt: skip


class Point(NamedTuple):
    """One bar, segment or column: an option, a point of a scale, or a class of numbers or dates."""

    code: Code
    label: str
    share: float | None  # None: of nobody, or hidden
    low: float | None = None  # its 95 % interval
    high: float | None = None
    count: int = 0
    base: int = 0
    spans: int = 1  # points of the scale that are shown together in it
    hidden: bool = False
    edges: tuple[float, float] | None = None  # of a class of numbers: where it begins and ends on an axis
    weighted: tuple[Count, Count] | None = None  # who gave this answer, and its base, with their weights

    @property
    def who(self) -> Count:
        return self.weighted[0] if self.weighted else unweighted(self.count)

    @property
    def among(self) -> Count:
        return self.weighted[1] if self.weighted else unweighted(self.base)


@dataclass(frozen=True, slots=True)
class Series:
    """The points of one statement, of one option that is ranked or given a share, or of the whole item."""

    name: str
    label: str
    column: str  # the heading of its column, where statements are answered in several
    kind: str  # as of `Marginal.kind`; sums: mean shares, for the public
    n: int  # who answered; for the public rounded down
    points: tuple[Point, ...]
    summary: Summary
    values: Values = ()
    most: float | None = None  # that a number may be
    texts: tuple[str, ...] = ()
    poles: tuple[str, str] | None = None
    net: Estimate | None = None  # promoters less detractors
    median_class: str = ""  # of public numbers, the class in which the median lies
    sides: tuple[str, str] | None = None  # of a scale that leads from one pole to another: what lies at either end
    asked_of: AskedOf | None = None  # where not everyone who is asked the item is asked this part
    last: tuple[Code, ...] = ()  # options that stay last where options are sorted
    mean: Estimate | None = None  # of entries of a loop: with an interval that the summary cannot have
    is_of_entries: bool = False  # of which one respondent may have given several
    missed: float | None = None  # as of `Marginal.missed`

    @property
    def mean_estimate(self) -> Estimate:
        """The mean with its interval."""
        return self.mean or self.summary.interval

    @property
    def full_label(self) -> str:
        return " – ".join(word for word in (self.label, self.column) if word)

    @property
    def begins_with_much(self) -> bool:
        return begins_with_much(tuple(point.label for point in self.points))

    def share_of(self, points: Sequence[Point]) -> Estimate:
        """The share of several of its points together; none where one of them is hidden."""
        if not points or any(point.share is None for point in points):
            return UNKNOWN
        if not points[0].base:
            return Estimate(sum(point.share or 0.0 for point in points), None, None, 0)
        base, who = points[0].among, total(point.who for point in points)
        if (points[0].low is None and not base.design) or self.is_of_entries or self.missed is not None:
            return Estimate(who.w / base.w, None, None, base.n)
        return share_interval(who, base)

    @property
    def size(self) -> int:
        """How many points its scale has."""
        return sum(point.spans for point in self.points)

    @property
    def is_whole(self) -> bool:
        """Whether each of its points is shown alone."""
        return all(point.spans == 1 and not point.hidden for point in self.points)


@dataclass(frozen=True, slots=True)
class Chart:
    id: str
    ask: str
    kind: Kind
    series: tuple[Series, ...]
    answered: int  # respondents; for the public rounded down
    shown: int = 0  # respondents who were asked
    exact: bool = True  # for researchers; for the public, numbers are those that were released
    asked_of: AskedOf | None = None  # where it is not asked of everyone
    missing: Mapping[str, int] | None = None  # by reason
    beside: tuple[Series, ...] = ()  # texts written beside options
    of_vignettes: bool = False
    several: bool = False  # more than one option could be chosen
    long_list: bool = False
    unit: str = ""
    score: Score | None = None  # that it shows, or of which it shows the bands
    finding: Finding | None = None
    withheld: str = ""  # all of it is, or all but the first ranks ("ranks")
    entries: int = 0  # of a loop: how many there can be, whose answers are counted together
    people: int = 0  # who gave these entries, where that is known
    known_base: bool = True  # whether it is known of how many it was asked
    effective: float | None = None  # Kish's effective n of those who answered, where they are weighted
    is_left_unweighted: bool = False  # although the view is weighted
    own: Mapping[str, frozenset[Code]] = field(default_factory=dict)  # one's own answers, by the name of the series

    @property
    def first(self) -> Series:
        return self.series[0]

    @property
    def is_target(self) -> bool:
        """Whether all its shares are made by the weights."""
        return bool(self.series) and all(each.missed is not None for each in self.series)


# --- for researchers ------------------------------------------------------------------------------------------


def describe(item: ItemFigures) -> Chart:
    series = tuple(_exact(part) for part in item.parts)
    entries = item.finding if isinstance(item.finding, EntryEstimates) else None
    if entries is not None and entries.people >= FEW:
        series = tuple(_of_entries(each, place, entries) for place, each in enumerate(series))
    kind = _kind(item, series)
    return Chart(
        item.id, item.ask, kind, series,
        item.answered, item.shown,
        asked_of=item.asked_of, missing=item.missing, beside=tuple(_exact(part) for part in item.beside),
        of_vignettes=item.of_vignettes, several=item.figure == "flags", long_list=item.long_list,
        unit=item.unit or "", score=item.score, finding=item.finding,
        entries=item.entries, people=entries.people if entries else 0, known_base=item.whole is not None or item.of_vignettes,
        effective=_effective(entries) or item.effective, is_left_unweighted=item.is_left_unweighted,
    )  # fmt: skip


def _effective(entries: EntryEstimates | None) -> float | None:
    """Of the people who gave the entries of a loop."""
    found = [each for shares in (entries.shares if entries else ()) for each in shares.values()]
    found += [mean for mean in (entries.means if entries else ()) if mean is not None]
    return max((each.effective for each in found if each.effective is not None), default=None)


def _kind(item: ItemFigures, series: Sequence[Series]) -> Kind:
    if item.origin == "assigned":
        return "sizes"
    if item.of_vignettes:
        return "levels"
    joint: dict[str, Kind] = {"ranks": "ranks", "shares": "shares", "best_worst": "paired"}
    if item.figure in joint:
        return joint[item.figure]
    part = item.parts[0]
    if part.kind != "choice" or not (part.label or (item.origin == "asked" and part.measure != "nominal")):
        return _of_values(part.kind)
    if not part.label:
        return "columns"
    return "profile" if part.poles else statements_kind(series)


def _of_values(kind: str) -> Kind:
    of_values: dict[str, Kind] = {"number": "histogram", "date": "dates", "text": "texts"}
    return of_values.get(kind, "bars")


def statements_kind(series: Iterable[Series]) -> Kind:
    """Of more points than there are shades, a table says more than a drawing."""
    return "stacks" if max(each.size for each in series) <= FEW_POINTS else "table"


def _exact(part: Marginal) -> Series:
    cells = part.cells
    if part.kind == "number":
        cells = binned(part)
    elif part.kind == "date":
        cells = dated(part)
    return Series(
        part.name, part.label, part.column, part.kind, part.answered, tuple(map(_point, cells)), part.summary,
        part.values, part.bounds[1] if part.bounds else None, part.texts, part.poles, part.net,
        sides=_sides(part.has_poles, cells), asked_of=part.asked_of, last=part.last,
        mean=None if part.missed is None else part.summary.interval.without_interval, missed=part.missed,
    )  # fmt: skip


def _of_entries(series: Series, place: int, entries: EntryEstimates) -> Series:
    """With the intervals of entries, of which one respondent may have given several."""
    found = []
    for at, point in enumerate(series.points):
        shares = entries.shares[at] if series.kind == "flags" else entries.shares[place]
        share = shares.get(1 if series.kind == "flags" else point.code, UNKNOWN)
        found.append(point._replace(low=share.low, high=share.high))
    return replace(series, points=tuple(found), mean=entries.means[place], net=entries.nets[place] or series.net, is_of_entries=True)


def _sides(known: bool, cells: Sequence[Cell | PublicCell]) -> tuple[str, str] | None:
    return pole_names(cells[0].label, cells[-1].label) if known and len(cells) > 1 else None


def _point(cell: Cell) -> Point:
    found = cell.interval
    return Point(
        cell.code, cell.label, found.value, found.low, found.high, cell.count.n, cell.base.n, cell.spans, edges=cell.edges,
        weighted=(cell.count, cell.base) if cell.base.design else None,
    )


# --- for the public -------------------------------------------------------------------------------------------


def describe_public(item: PublicItem) -> Chart:
    series = tuple(_released(part) for part in item.parts)
    return Chart(
        item.id, item.ask, _public_kind(item, series), series, item.base, exact=False,
        several=item.figure == "flags", long_list=item.long_list, unit=item.unit or "", withheld=item.withheld,
    )  # fmt: skip


def _public_kind(item: PublicItem, series: Sequence[Series]) -> Kind:
    known = [each for each in series if each.n]
    if not known:
        return "table"
    if item.figure == "best_worst":
        return "paired"
    part = item.parts[0]
    if item.figure == "ranks" and all(each.is_whole for each in known):
        return "ranks"
    if part.kind == "choice" and part.label and statements_kind(series) == "stacks":
        return "stacks"
    if known[0].is_whole and known[0].kind == "number":
        return "histogram"
    if known[0].is_whole and part.kind == "choice" and part.measure != "nominal" and not part.label:
        return "columns"
    return "bars"


def _released(part: PublicPart) -> Series:
    points = tuple(_released_point(cell, part.kind) for cell in part.cells)
    ranked = sum(int(cell.count or 0) for cell in part.cells if cell.code != NOT_RANKED) if part.kind == "rank" else part.base
    return Series(
        part.name, part.label, part.column, part.kind, part.base, points,
        Summary(ranked, part.mean, None, None), poles=part.poles,
        net=None if part.net is None else Estimate(part.net, None, None, part.base),
        median_class=part.median_class, sides=_sides(part.has_poles, part.cells), last=part.last,
    )  # fmt: skip


def _released_point(cell: PublicCell, kind: str) -> Point:
    count = 0 if kind == "sums" or cell.count is None else round(cell.count)
    return Point(cell.code, cell.label, cell.share, count=count, base=cell.base, hidden=cell.count is None)
