"""The counts of one item: of each answer, and of each reason for a missing one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.results.statistics.binning import Class, date_classes, decade_classes, number_classes
from app.results.statistics.cells import Count, total
from app.results.statistics.intervals import Estimate, net_score, share_interval
from app.results.statistics.values import Summary, Values, summary
from app.survey.labels.labelling import AskedOf
from app.survey.labels.poles import pole_names
from app.survey.model import MISSING_REASONS, OFFERED, Code, Score

NOT_RANKED = 0
LEAST_POINTS = 4  # of a scale, for its two highest or lowest points to say something
AWAY = ("not_shown", "not_reached")


@dataclass(frozen=True, slots=True)
class Cell:
    """How many of a base gave one answer."""

    code: Code
    label: str
    count: Count
    base: Count
    spans: int = 1  # of a class of numbers: how many values lie in it
    edges: tuple[float, float] | None = None  # of a class of numbers: where it begins and ends on an axis
    of_one: bool = True  # every respondent is counted at most once
    is_target: bool = False  # the weights make its share

    @property
    def share(self) -> float | None:
        """None when nobody is in the base."""
        return self.count.w / self.base.w if self.base.n else None

    @property
    def interval(self) -> Estimate:
        """The share with its 95 % interval, where every respondent is counted at most once and no weights make it."""
        if not self.of_one or self.is_target:
            return Estimate(self.share, None, None, self.base.n)
        return share_interval(self.count, self.base)


@dataclass(frozen=True, slots=True)
class Marginal:
    """The counts of one item, of one statement of several, or of the text beside an option ("please say")."""

    name: str
    label: str
    kind: str  # choice | flags | rank | number | date | text
    measure: str  # nominal | ordinal | interval
    answered: int
    shown: int  # answered, skipped, declined ...: without not shown and not reached
    missing: Mapping[str, int]
    cells: tuple[Cell, ...] = ()
    values: Values = ()
    """Answers that are numbers or dates: each value with its count, ascending. Of a rank, among those who ranked it."""
    exact: Summary | None = None
    """Of a number with too many values, which are then the middles of classes: mean and standard deviation."""
    bounds: tuple[float, float] | None = None  # of a number: the least and the most that are allowed
    decimals: int | None = 0  # of a number; None where there is no smallest step
    texts: tuple[str, ...] = ()  # the latest, alphabetically
    option: Code | None = None
    column: str = ""  # the heading of its column, where statements are answered in several
    poles: tuple[str, str] | None = None  # of a bipolar pair
    net_of: tuple[int, int] | None = None  # the last code that counts against, the first that counts for
    has_poles: bool = False  # of the points of a scale: they lead from one pole to another, not from little to much
    asked_of: AskedOf | None = None  # where not everyone who is asked the item is asked this part
    last: tuple[Code, ...] = ()  # options that stay last where options are sorted, such as "none" and "other"
    own_bases: bool = False  # of several options: none of them is offered to everyone who is asked
    pooled: int = 0  # entries of a loop whose counts are added up: one respondent may have given several
    missed: float | None = None  # of what weights are raked to: by how much its shares miss the targets at most

    @property
    def base(self) -> Count | None:
        """Those who gave an answer; of several options those to whom the one that most were offered was. None of texts."""
        if self.cells:
            return max((cell.base for cell in self.cells), key=lambda base: base.n)
        return total(count for _, count in self.values) if self.values else None

    @property
    def net(self) -> Estimate | None:
        """The share of the codes that count for less the share of those that count against, where some do; without interval
        where one respondent may have given several."""
        if self.net_of is None:
            return None
        last_against, first_for = self.net_of
        counted = [(cell.code, cell.count) for cell in self.cells if isinstance(cell.code, int)]
        found = net_score(
            total(count for code, count in counted if code >= first_for),
            total(count for code, count in counted if code <= last_against),
            total(count for _, count in counted),
        )
        return found.without_interval if self.pooled or self.missed is not None else found

    @property
    def top_two(self) -> Estimate | None:
        """The share of the two highest points of a scale of four points or more."""
        return self._share_of(slice(-2, None))

    @property
    def bottom_two(self) -> Estimate | None:
        """The share of the two lowest points of a scale of four points or more."""
        return self._share_of(slice(2))

    def _share_of(self, points: slice) -> Estimate | None:
        if self.kind != "choice" or not self.has_mean or len(self.cells) < LEAST_POINTS:
            return None
        count, base = total(count for _, count in self.values[points]), self.cells[0].base
        return Cell("", "", count, base, of_one=not self.pooled, is_target=self.missed is not None).interval

    @property
    def total_share(self) -> float | None:
        """Of a multiple choice all that was ticked for each respondent who ticked anything: 1.8 if they ticked 1.8
        options on average. Nothing ticked is no answer (`skipped`), and so in no share."""
        shares = [cell.share for cell in self.cells if cell.share is not None]
        return sum(shares) if self.kind == "flags" and shares else None

    @property
    def has_mean(self) -> bool:
        """Whether its answers are numbers, or points of a scale that are whole numbers."""
        if not self.cells:
            return self.kind == "number"
        return self.measure != "nominal" and all(isinstance(cell.code, int) for cell in self.cells)

    @property
    def pole_names(self) -> tuple[str, str]:
        """What lies at the two ends of its scale, without what both labels have in common."""
        return pole_names(self.cells[0].label, self.cells[-1].label)

    @property
    def summary(self) -> Summary:
        """Mean, median, standard deviation and quartiles; all None where answers have no mean. Where one respondent may
        have given several, there is no deviation to take an interval from."""
        found = summary(self.values if self.has_mean else ())
        if self.exact is not None:
            found = found._replace(mean=self.exact.mean, sd=self.exact.sd, weighted=self.exact.weighted, from_classes=True)
        return found._replace(sd=None) if self.pooled else found


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """The marginals of one item, or of what was assigned or derived."""

    id: str  # the item's id, followed by _v1, _v2 ... for an older version whose answers mean something else
    item: str
    section: str  # "" for what is not asked
    origin: str  # asked | assigned | derived
    figure: str  # what is shown of it (`app.survey.items.base.Figure`)
    ask: str
    base: str | None  # the condition under which it is asked
    parts: tuple[Marginal, ...]  # several for statements, the options of a ranking or a sum, best and worst
    beside: tuple[Marginal, ...] = ()  # the texts written beside options
    of_vignettes: bool = False
    """Whether vignettes are counted, over all that one respondent sees: their ratings, or the levels assigned."""
    is_joint: bool = False
    """Whether its parts are one answer: either all have a value, or a part without one belongs to the answer."""
    long_list: bool = False  # too many options to show all of them in a chart
    unit: str | None = None
    score: Score | None = None  # that it is, or of which it is the bands
    finding: Any = None  # of app.results.findings
    asked_of: AskedOf | None = None  # the same condition with its words; None for everyone
    is_left_unweighted: bool = False  # although the view is weighted

    @property
    def is_target(self) -> bool:
        """Whether all its shares are made by the weights."""
        return all(part.missed is not None for part in self.parts)

    @property
    def entries(self) -> int:
        """Of a loop: how many entries there can be, whose answers are counted together."""
        return self.parts[0].pooled

    @property
    def answered(self) -> int:
        """Respondents with an answer: of several parts to the part that most answered; of a ranking those who ranked
        anything, and so ranked something first. Of vignettes and of a loop, the answers that they gave."""
        if self.of_vignettes:
            return sum(part.answered for part in self.parts)
        if self.figure != "ranks":
            return max(part.answered for part in self.parts)
        return sum(cell.count.n for part in self.parts for cell in part.cells if cell.code == 1)

    @property
    def effective(self) -> float | None:
        """Kish's effective n of those who answered, where they are weighted. None of texts, which are counted."""
        bases = [part.base for part in self.parts if part.base is not None and part.base.design and part.base.n]
        return max(bases, key=lambda base: base.n).effective if bases else None

    @property
    def whole(self) -> Marginal | None:
        """A part that everyone is asked who is asked the item. None where each part, or each option, has a condition
        of its own: then counts do not say of how many the item was asked."""
        asked = [part for part in self.parts if part.asked_of is None and not part.own_bases]
        return max(asked, key=lambda part: part.shown, default=None)

    @property
    def shown(self) -> int:
        """Who was asked; at least these, where there is no `whole`."""
        if self.of_vignettes:
            return sum(part.shown for part in self.parts)
        return max((self.whole or max(self.parts, key=lambda part: part.shown)).shown, self.answered)

    @property
    def missing(self) -> dict[str, int]:
        """Respondents who were not shown it or did not reach it count once, although each of its parts is missing;
        where the parts are one answer, so does every other respondent. Else each part left out counts, as does each
        vignette. Of an item without a `whole` whose parts are one answer, nothing is known."""
        counts = {reason: [part.missing[reason] for part in self.parts] for reason in MISSING_REASONS}
        if self.of_vignettes:
            return {reason: sum(each) for reason, each in counts.items()}
        whole = self.whole
        if whole is None:
            joint = self.is_joint or self.figure == "flags"
            return {reason: 0 if joint or reason in AWAY else sum(each) for reason, each in counts.items()}
        if not self.is_joint:
            return {reason: whole.missing[reason] if reason in AWAY else sum(each) for reason, each in counts.items()}
        given = sum(whole.missing[reason] for reason in OFFERED)
        return {**whole.missing, "skipped": self.shown - self.answered - given}


# --- targets of weights ---------------------------------------------------------------------------------------


def with_targets(item: ItemFigures, names: Collection[str], missed: float) -> ItemFigures:
    """With marks at what weights are raked to: `names` are variables, and `missed` is by how much their shares miss the
    targets at most."""
    if item.is_left_unweighted or item.of_vignettes or item.entries:
        return item
    return replace(item, parts=tuple(_marked(part, names, missed) for part in item.parts))


def _marked(part: Marginal, names: Collection[str], missed: float) -> Marginal:
    cells = tuple(
        replace(cell, is_target=bool(cell.base.design) and (f"{part.name}.{cell.code}" if part.kind == "flags" else part.name) in names)
        for cell in part.cells
    )
    return replace(part, cells=cells, missed=missed if cells and all(cell.is_target for cell in cells) else None)


# --- classes ------------------------------------------------------------------------------------------------


def binned(part: Marginal, most: int = 12) -> tuple[Cell, ...]:
    """A number's values in at most `most` classes of equal and round width; see `number_classes`.

    Where the range is not known it is that of the values.
    """
    known = [value for value, _ in part.values]
    bounds = part.bounds or ((min(known), max(known)) if known else None)
    if bounds is None:
        return ()
    decimals = part.decimals
    if decimals is None and all(value == int(value) for value in (*known, *bounds)):
        decimals = 0
    return _class_cells(number_classes(part.values, bounds, decimals, most), not part.pooled)


def dated(part: Marginal) -> tuple[Cell, ...]:
    """Dates by day, month, year or several years: as fits."""
    return _class_cells(date_classes(part.values), not part.pooled)


def decades(part: Marginal) -> tuple[Cell, ...]:
    """Dates by decade."""
    return _class_cells(decade_classes(part.values), not part.pooled)


def _class_cells(classes: Sequence[Class], of_one: bool) -> tuple[Cell, ...]:
    base = total(each.count for each in classes)
    return tuple(Cell(each.label, each.label, each.count, base, each.spans, each.edges, of_one) for each in classes)
