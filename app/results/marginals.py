"""Marginals: of each item the count of every answer, and of every reason for a missing one.

The base of a share are those who answered the item (of several options: respondents, so that shares may add up to
more than one). Missing reasons are counted separately and are in no share. Estimates and their intervals are
calculated from these counts by `statistics`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.results.filters.steps import Pause, no_pause
from app.results.frame.counters import TEXTS_SHOWN, Tally
from app.results.frame.frame import Frame
from app.results.frame.layout import REASONS
from app.results.statistics.binning import Class, date_classes, decade_classes, number_classes
from app.results.statistics.cells import Count, total, unweighted
from app.results.statistics.intervals import Estimate, share_interval
from app.results.statistics.values import Summary, Values, summary
from app.survey.codebook import Variable
from app.survey.conditions.language import Condition
from app.survey.model import MISSING_REASONS, OFFERED, Code, Score, Vignette

#: Types whose codes lie on a scale, from one end to the other.
SCALES = ("rating", "matrix", "semantic_differential", "vignette")
#: Types whose whole-number codes have a mean.
MEASURED = (*SCALES, "computed", "score")
NOT_RANKED = 0
AWAY = ("not_shown", "not_reached")


@dataclass(frozen=True, slots=True)
class Cell:
    """How many of a base gave one answer."""

    code: Code
    label: str
    count: Count
    base: Count
    spans: int = 1  # of a class of numbers: how many values lie in it

    @property
    def share(self) -> float | None:
        """None when nobody is in the base."""
        return self.count.w / self.base.w if self.base.n else None

    @property
    def interval(self) -> Estimate:
        """The share with its 95 % interval."""
        return share_interval(self.count, self.base)


@dataclass(frozen=True, slots=True)
class Marginal:
    """The counts of one item, of one statement of several, or of the text beside an option ("please say")."""

    name: str
    label: str
    kind: str  # choice | flags | rank | number | date | text
    answered: int
    shown: int  # answered, skipped, declined ...: without not shown and not reached
    missing: Mapping[str, int]
    cells: tuple[Cell, ...] = ()
    values: Values = ()
    """Answers that are numbers or dates: each value with its count, ascending. Of a rank, among those who ranked it."""
    bounds: tuple[float, float] | None = None  # of a number: the least and the most that are allowed
    decimals: int | None = 0  # of a number; None where there is no smallest step
    texts: tuple[str, ...] = ()  # the latest, alphabetically
    option: Code | None = None
    column: str = ""  # of a matrix with columns

    @property
    def summary(self) -> Summary:
        """Mean, median and standard deviation; all None where answers have no mean."""
        return summary(self.values if self.kind != "date" else ())


#: Of these either all parts have a value, or what has none is part of an answer.
ANSWERED_AS_A_WHOLE = ("ranking", "constant_sum", "best_worst")


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """`type` is an item's, or arm, computed, score, bands (of a score); vignette: one rating, over all vignettes that one respondent
    sees; levels: of an attribute, how often each was dealt."""

    id: str  # the item's id, which an older version of another kind follows with _v1, _v2 ...
    item: str
    section: str  # "" for what is not asked
    type: str
    ask: str
    base: str | None  # the condition under which it is asked
    parts: tuple[Marginal, ...]  # one, but of a matrix, a ranking, a sum ... several
    said: tuple[Marginal, ...] = ()  # what was said beside options
    unit: str | None = None
    score: Score | None = None
    finding: Any = None  # what app.results.findings has found out about it

    @property
    def answered(self) -> int:
        """How many answered: of a matrix or a sum the part that most answered; of a ranking who ranked anything, and
        so ranked something first."""
        if self.type != "ranking":
            return max(part.answered for part in self.parts)
        return sum(cell.count.n for part in self.parts for cell in part.cells if cell.code == 1)

    @property
    def shown(self) -> int:
        return max(part.shown for part in self.parts)

    @property
    def missing(self) -> dict[str, int]:
        """Who was not shown it or did not reach it counts once: an option or a statement that was hidden from somebody
        is missing from its part alone. So is, of a ranking, a sum, and best and worst, what was left open beside an
        answer; of a matrix each statement that was left out counts."""
        counts = {reason: [part.missing[reason] for part in self.parts] for reason in MISSING_REASONS}
        whole = self.type in ANSWERED_AS_A_WHOLE
        found = {}
        for reason, each in counts.items():
            found[reason] = min(each) if reason in AWAY else max(each) if whole else sum(each)
        if whole:
            given = sum(found[reason] for reason in OFFERED)
            found["skipped"] = self.shown - self.answered - given
        return found


@dataclass(frozen=True, slots=True)
class Figures:
    survey: str
    seq: int
    among: str  # everyone | submitted
    where: str | None
    n: int  # responses in these figures
    items: tuple[ItemFigures, ...]


def figures(
    frame: Frame, among: str = "everyone", where: Condition | None = None, pause: Pause = no_pause
) -> Figures:
    """All marginals. Without a condition they cost the same however many responses are stored; with one, `pause` is
    called time and again, and may raise."""
    tally = frame.tally(among, where, pause)
    items = items_of(tally, frame.instruments[0].vignettes)
    return Figures(frame.survey, frame.seq, among, where.source.strip() if where else None, tally.n, items)


# --- items --------------------------------------------------------------------------------------------------

Key = tuple[str, str, str]
"""What belongs together in one item's figures: its id, the item, and the type that it is shown as."""


def items_of(tally: Tally, vignettes: Sequence[Vignette] = ()) -> tuple[ItemFigures, ...]:
    """The marginals of every item, in the order of the survey; items that only older versions had come last."""
    counts, seen = VariableCounts(tally), _seen(vignettes) | _bands(tally.layout.variables)
    grouped: dict[Key, list[Variable]] = {}
    for variable in tally.layout.variables:
        if variable.kind != "order" and variable.type not in ("ended", "language"):
            grouped.setdefault(_key(variable, seen), []).append(variable)
    found = [_item(key, variables, counts) for key, variables in grouped.items()]
    return tuple(item for item in found if item.parts)


def _seen(vignettes: Iterable[Vignette]) -> dict[str, tuple[str, str]]:
    """The ratings and the drawn levels of all vignettes that one respondent sees, with what they are one of."""
    found = {}
    for vignette in vignettes:
        for place in range(1, vignette.each_sees + 1):
            for rating in vignette.ratings:
                found[f"{vignette.id}_{rating}_{place}"] = (f"{vignette.id}.{rating}", "vignette")
            for attribute in vignette.attributes:
                found[f"{vignette.id}_{attribute.id}_{place}"] = (f"{vignette.id}.{attribute.id}", "levels")
    return found


def _bands(variables: Iterable[Variable]) -> dict[str, tuple[str, str]]:
    """The bands of scores: `<score>_band`."""
    names = [f"{variable.name}_band" for variable in variables if variable.score is not None]
    return {name: (name, "bands") for name in names}


def _key(variable: Variable, seen: Mapping[str, tuple[str, str]]) -> Key:
    whole, kind = seen.get(variable.item, (variable.item, variable.type))
    return whole + variable.generation, whole, kind


def _item(key: Key, variables: list[Variable], counts: VariableCounts) -> ItemFigures:
    identifier, item, kind = key
    first = variables[0]
    said = [variable for variable in variables if variable.is_said]
    ask = first.ask if kind != "levels" else item.rpartition(".")[2].replace("_", " ").capitalize()
    return ItemFigures(
        identifier, item, first.section, kind, ask, first.item_base, tuple(_parts(item, kind, variables, counts)),
        tuple(_marginal(variable, counts) for variable in said), unit=first.unit, score=first.score,
    )  # fmt: skip


def _parts(item: str, kind: str, variables: Sequence[Variable], counts: VariableCounts) -> Iterator[Marginal]:
    flags = [variable for variable in variables if variable.kind == "flag"]
    others = [variable for variable in variables if variable.kind != "flag" and not variable.is_said]
    if kind == "levels":
        yield _dealt(item, others, counts)
        return
    if flags:
        yield _multiple(item, flags, counts)
    for place, variable in enumerate(others, 1):
        if variable.type == "vignette":  # a block: it says nothing by itself
            continue
        part = _marginal(variable, counts)
        yield replace(part, label=str(place)) if kind == "vignette" else part


class VariableCounts:
    """The counters of a tally by variable, as plain numbers."""

    def __init__(self, tally: Tally):
        self.tally, self.layout = tally, tally.layout
        self.all = tally.codes.tolist()
        self.offsets = self.layout.offsets.tolist()

    def column(self, name: str) -> tuple[list[int], dict[str, int]]:
        """Of a coded column the count of each code, and of each reason."""
        place = self.layout.place[name]
        first = self.offsets[place]
        reasons = first + len(self.layout.coded[place].codes)
        found = dict(zip(REASONS, self.all[reasons : self.offsets[place + 1]], strict=True))
        return self.all[first:reasons], {reason: found[reason] for reason in MISSING_REASONS}

    def values(self, variable: Variable) -> Values:
        """Each number or date that occurs, ascending, with its count."""
        counters = self.tally.dates if variable.kind == "date" else self.tally.numbers
        names = self.layout.dates if variable.kind == "date" else self.layout.numbers
        found = counters[names.index(variable.name)]
        return tuple((value, unweighted(n)) for value, n in sorted(found.items()))

    def texts(self, name: str) -> list[str]:
        latest = self.tally.texts[self.layout.texts.index(name)]
        return sorted(text for _, _, text in latest.entries[:TEXTS_SHOWN])


def _marginal(variable: Variable, counts: VariableCounts) -> Marginal:
    if variable.is_coded:
        return _choice(variable, counts)
    codes, missing = counts.column(f"{variable.name}~")
    part = Marginal(
        variable.name, _label(variable), variable.kind, codes[0], _shown(codes, missing), missing,
        option=variable.option, column=variable.column or "",
    )  # fmt: skip
    if variable.kind == "text":
        return replace(part, texts=tuple(counts.texts(variable.name)))
    values = counts.values(variable)
    if variable.kind == "date":
        return replace(part, values=values)
    bounds = None if variable.least is None or variable.most is None else (variable.least, variable.most)
    return replace(part, values=values, bounds=bounds, decimals=variable.decimals)


def _choice(variable: Variable, counts: VariableCounts) -> Marginal:
    codes, missing = counts.column(variable.name)
    cells = cells_of(variable.codes, codes)
    values: Values = ()
    if _has_mean(variable):
        ranked = [cell for cell in cells if variable.kind != "rank" or cell.code != NOT_RANKED]
        values = tuple(sorted((cell.code, cell.count) for cell in ranked))
    return Marginal(
        variable.name, _label(variable), variable.kind, sum(codes), _shown(codes, missing), missing, cells, values,
        option=variable.option, column=variable.column or "",
    )  # fmt: skip


def cells_of(labels: Iterable[tuple[Code, str]], counts: Sequence[int]) -> tuple[Cell, ...]:
    """A cell for each code; everyone is in one."""
    base = unweighted(sum(counts))
    return tuple(
        Cell(code, label, unweighted(n), base) for (code, label), n in zip(labels, counts, strict=True)
    )


def _has_mean(variable: Variable) -> bool:
    """Of whole numbers that lie on a scale. What is only true or not has a share, and no mean."""
    codes = [code for code, _ in variable.codes]
    if not all(isinstance(code, int) for code in codes):
        return False
    if variable.type == "computed":
        return set(codes) != {0, 1}
    return variable.kind == "rank" or variable.type in SCALES


def _dealt(item: str, variables: Sequence[Variable], counts: VariableCounts) -> Marginal:
    """How often each level of an attribute was dealt, over all vignettes that one respondent sees."""
    columns = [counts.column(variable.name)[0] for variable in variables]
    widest = max(variables, key=lambda variable: len(variable.codes))
    totals = [
        sum(column[place] for column in columns if place < len(column)) for place in range(len(widest.codes))
    ]
    base, missing = sum(totals), dict.fromkeys(MISSING_REASONS, 0)
    return Marginal(item, "", "choice", base, base, missing, cells_of(widest.codes, totals))


def _multiple(item: str, flags: list[Variable], counts: VariableCounts) -> Marginal:
    """One cell for each option. An option that not all were offered has a base of its own; who answered is counted by
    the option that was offered to most."""
    columns = [counts.column(flag.name) for flag in flags]
    cells = tuple(
        Cell(flag.option or "", flag.option_label or str(flag.option), unweighted(codes[1]), unweighted(sum(codes)))
        for flag, (codes, _) in zip(flags, columns, strict=True)
    )
    codes, missing = max(columns, key=lambda column: _shown(*column))
    return Marginal(item, "", "flags", sum(codes), _shown(codes, missing), missing, cells)


def _label(variable: Variable) -> str:
    return variable.statement or variable.option_label or ""


def _shown(codes: Iterable[int], missing: Mapping[str, int]) -> int:
    return sum(codes) + sum(count for reason, count in missing.items() if reason not in AWAY)


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
    return _class_cells(number_classes(part.values, bounds, decimals, most))


def dated(part: Marginal) -> tuple[Cell, ...]:
    """Dates by day, month, year or several years: as fits."""
    return _class_cells(date_classes(part.values))


def decades(part: Marginal) -> tuple[Cell, ...]:
    """Dates by decade."""
    return _class_cells(decade_classes(part.values))


def _class_cells(classes: Sequence[Class]) -> tuple[Cell, ...]:
    base = total(each.count for each in classes)
    return tuple(Cell(each.label, each.label, each.count, base, each.spans) for each in classes)
