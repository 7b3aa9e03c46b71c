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
from app.results.layout import REASONS
from app.results.statistics.binning import Class, date_classes, decade_classes, number_classes
from app.results.statistics.cells import Count, total, unweighted
from app.results.statistics.intervals import Estimate, net_score, share_interval
from app.results.statistics.values import Summary, Values, summary
from app.survey.codebook import Variable
from app.survey.conditions.language import Condition
from app.survey.model import MISSING_REASONS, OFFERED, Code, Score, Vignette

NOT_RANKED = 0
LEAST_POINTS = 4  # of a scale, for its two highest or lowest points to say something
AWAY = ("not_shown", "not_reached")
#: What is assigned or derived and has figures of its own; languages, orders and endings have none.
COUNTED = ("arm", "computed", "score")


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
    measure: str  # nominal | ordinal | interval
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
    column: str = ""  # the heading of its column, where statements are answered in several
    poles: tuple[str, str] | None = None  # of a bipolar pair
    net_of: tuple[int, int] | None = None  # the last code that counts against, the first that counts for

    @property
    def net(self) -> Estimate | None:
        """The share of the codes that count for less the share of those that count against, where some do."""
        if self.net_of is None:
            return None
        last_against, first_for = self.net_of
        counted = [(cell.code, cell.count) for cell in self.cells if isinstance(cell.code, int)]
        return net_score(
            total(count for code, count in counted if code >= first_for),
            total(count for code, count in counted if code <= last_against),
            total(count for _, count in counted),
        )

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
        return share_interval(total(count for _, count in self.values[points]), self.cells[0].base)

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
    def summary(self) -> Summary:
        """Mean, median and standard deviation; all None where answers have no mean."""
        return summary(self.values if self.has_mean else ())


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

    @property
    def answered(self) -> int:
        """Respondents with an answer: of several parts to the part that most answered; of a ranking those who ranked
        anything, and so ranked something first."""
        if self.figure != "ranks":
            return max(part.answered for part in self.parts)
        return sum(cell.count.n for part in self.parts for cell in part.cells if cell.code == 1)

    @property
    def shown(self) -> int:
        return max(part.shown for part in self.parts)

    @property
    def missing(self) -> dict[str, int]:
        """Respondents who were not shown it or did not reach it count once, although each of its parts is missing;
        where the parts are one answer, so does every other respondent. Else each part left out counts."""
        counts = {reason: [part.missing[reason] for part in self.parts] for reason in MISSING_REASONS}
        found = {}
        for reason, each in counts.items():
            found[reason] = min(each) if reason in AWAY else max(each) if self.is_joint else sum(each)
        if self.is_joint:
            given = sum(found[reason] for reason in OFFERED)
            found["skipped"] = self.shown - self.answered - given
        return found


@dataclass(frozen=True, slots=True)
class Figures:
    survey: str
    seq: int
    among: str  # everyone | complete
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

def items_of(tally: Tally, vignettes: Sequence[Vignette] = ()) -> tuple[ItemFigures, ...]:
    """The marginals of every item, in the order of the survey; items that only older versions had come last."""
    counts, shared = VariableCounts(tally), _shared(vignettes)
    scores = {f"{each.name}_band": each.score for each in tally.layout.variables if each.score is not None}
    grouped: dict[tuple[str, str, str], list[Variable]] = {}
    for variable in tally.layout.variables:
        if variable.kind != "order" and (
            variable.section or variable.type in COUNTED or variable.item in shared
        ):
            item = shared.get(variable.item, variable.item)
            grouped.setdefault((item + variable.generation, item, variable.type), []).append(variable)
    found = [
        _item(identifier, item, variables, counts, scores.get(variables[0].name))
        for (identifier, item, _), variables in grouped.items()
    ]
    return tuple(item for item in found if item.parts)


def _shared(vignettes: Iterable[Vignette]) -> dict[str, str]:
    """The ratings and the levels of all vignettes that one respondent sees, with the id that they share."""
    found = {}
    for vignette in vignettes:
        for position in range(1, vignette.each_sees + 1):
            for part in (*vignette.ratings, *(attribute.id for attribute in vignette.attributes)):
                found[f"{vignette.id}_{part}_{position}"] = f"{vignette.id}.{part}"
    return found


def _item(
    identifier: str, item: str, variables: Sequence[Variable], counts: VariableCounts, bands_of: Score | None
) -> ItemFigures:
    first = variables[0]
    of_vignettes = first.item != item
    asked = [variable for variable in variables if not variable.is_said]
    beside = tuple(_marginal(variable, counts) for variable in variables if variable.is_said)
    ask = item.rpartition(".")[2].replace("_", " ").capitalize() if of_vignettes and not first.section else first.ask
    return ItemFigures(
        identifier, item, first.section, _origin(first), first.figure, ask, first.item_base,
        tuple(_parts(item, of_vignettes, asked, counts)), beside, of_vignettes,
        bool(first.group) or first.figure == "ranks", first.long_list, first.unit, first.score or bands_of,
    )  # fmt: skip


def _origin(variable: Variable) -> str:
    if variable.section:
        return "asked"
    return "derived" if variable.is_derived else "assigned"


def _parts(
    item: str, of_vignettes: bool, variables: Sequence[Variable], counts: VariableCounts
) -> Iterator[Marginal]:
    flags = [variable for variable in variables if variable.kind == "flag"]
    if flags:
        yield _multiple(item, flags, counts)
    elif of_vignettes and variables and not variables[0].section:
        yield _assigned(item, variables, counts)
    else:
        for position, variable in enumerate(variables, 1):
            part = _marginal(variable, counts)
            yield replace(part, label=str(position)) if of_vignettes else part


class VariableCounts:
    """The counters of a tally by variable, as plain numbers."""

    def __init__(self, tally: Tally):
        self.tally, self.layout = tally, tally.layout
        self.all = tally.codes.tolist()
        self.offsets = self.layout.offsets.tolist()

    def column(self, name: str) -> tuple[list[int], dict[str, int]]:
        """Of a coded column the count of each code, and of each reason."""
        place = self.layout.slot[name]
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
        variable.name, _label(variable), variable.kind, variable.measure, codes[0], _shown(codes, missing), missing,
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
    part = Marginal(
        variable.name, _label(variable), variable.kind, variable.measure, sum(codes), _shown(codes, missing), missing,
        cells_of(variable.codes, codes), option=variable.option, column=variable.column or "", poles=variable.poles,
        net_of=variable.net,
    )  # fmt: skip
    if not part.has_mean:
        return part
    ranked = [cell for cell in part.cells if variable.kind != "rank" or cell.code != NOT_RANKED]
    return replace(part, values=tuple(sorted((cell.code, cell.count) for cell in ranked)))


def cells_of(labels: Iterable[tuple[Code, str]], counts: Sequence[int]) -> tuple[Cell, ...]:
    """A cell for each code; everyone is in one."""
    base = unweighted(sum(counts))
    return tuple(
        Cell(code, label, unweighted(n), base) for (code, label), n in zip(labels, counts, strict=True)
    )


def _assigned(item: str, variables: Sequence[Variable], counts: VariableCounts) -> Marginal:
    """How often each level of an attribute was assigned, over all vignettes that one respondent sees."""
    columns = [counts.column(variable.name)[0] for variable in variables]
    widest = max(variables, key=lambda variable: len(variable.codes))
    totals = [
        sum(column[place] for column in columns if place < len(column)) for place in range(len(widest.codes))
    ]
    base, missing = sum(totals), dict.fromkeys(MISSING_REASONS, 0)
    return Marginal(item, "", "choice", "nominal", base, base, missing, cells_of(widest.codes, totals))


def _multiple(item: str, flags: list[Variable], counts: VariableCounts) -> Marginal:
    """One cell for each option. An option that not all were offered has a base of its own; who answered, and
    why others did not, is counted by the option with the most answers, and of several by the one offered to most."""
    columns = [counts.column(flag.name) for flag in flags]
    cells = tuple(
        Cell(flag.option or "", flag.option_label or str(flag.option), unweighted(codes[1]), unweighted(sum(codes)))
        for flag, (codes, _) in zip(flags, columns, strict=True)
    )
    codes, missing = max(columns, key=lambda column: (sum(column[0]), _shown(*column)))
    return Marginal(item, "", "flags", "nominal", sum(codes), _shown(codes, missing), missing, cells)


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
