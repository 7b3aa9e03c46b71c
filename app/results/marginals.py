"""Marginals: of each item the count of every answer, and of every reason for a missing one.

The base of a share are those who answered the item (of several options: respondents, so that shares may add up to
more than one). Missing reasons are counted separately and are in no share. Estimates and their intervals are
calculated from these counts by `statistics`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.results.charts.open_texts import shows_texts
from app.results.filters.steps import Pause, no_pause
from app.results.frame.counters import TEXTS_SHOWN, Tally
from app.results.frame.frame import COMPLETE_ONLY, Frame, group_tallies
from app.results.frame.kept import ViewCounters
from app.results.items import AWAY, NOT_RANKED, Cell, ItemFigures, Marginal, with_targets
from app.results.layout import REASONS
from app.results.quality import FlagCounts
from app.results.statistics.cells import Count, total, unweighted
from app.results.statistics.differences import JointAnswers
from app.results.statistics.experiments.effects import ArmEffects
from app.results.statistics.values import Summary, Values, summaries_together, summary
from app.results.view import View
from app.results.weights.weighting import Weighting
from app.survey.codebook import Variable
from app.survey.labels.headings import in_common
from app.survey.labels.labelling import AskedOf
from app.survey.model import MISSING_REASONS, Code, Score, Vignette

#: What is assigned or derived and has figures of its own; languages, orders and endings have none.
COUNTED = ("arm", "computed", "score")


@dataclass(frozen=True, slots=True)
class Figures:
    survey: str
    seq: int
    view: View
    n: int  # responses in these figures
    items: tuple[ItemFigures, ...]
    pairs: Mapping[str, JointAnswers] = field(default_factory=dict)
    """Of two names, with a space between, what the same respondents answered to both."""
    split: Mapping[str, GroupedFigures] = field(default_factory=dict)
    """The same figures by groups, for the headlines that compare these: by the variable that splits them."""
    arms: tuple[ArmEffects, ...] = ()
    """What the arms of the survey do to the answers that may depend on them."""
    quality: FlagCounts | None = None
    """Signs of careless answering among the responses of the view and those that it leaves out for such signs."""
    weighting: Weighting | None = None
    """Of a weighted view. While its weights cannot be used, figures are unweighted."""
    without_weight: int = 0  # responses that a weighted view leaves out
    unweighted: Figures | None = None
    """Of a weighted view, the figures of the same responses without their weights."""

    @property
    def is_weighted(self) -> bool:
        return self.weighting is not None and self.weighting.is_usable


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The figures of one group. They have the items of the whole, in the same order."""

    code: Code
    label: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class GroupedFigures:
    """The figures of a view as a whole and of its groups. A response without a value for what splits it is in no group."""

    whole: Figures
    groups: tuple[GroupFigures, ...]

    @property
    def unweighted(self) -> GroupedFigures:
        """Of the same responses without their weights, where they have any."""
        groups = tuple(replace(each, figures=each.figures.unweighted or each.figures) for each in self.groups)
        return GroupedFigures(self.whole.unweighted or self.whole, groups)


def figures(frame: Frame, view: View = COMPLETE_ONLY, pause: Pause = no_pause) -> Figures:
    """All marginals of a view as a whole. `pause` is called repeatedly while rows are counted, and may raise."""
    with frame.weighed(view, pause) as (counters, weights):
        return _beside_unweighted(frame, view, counters, counters.whole, weights=weights)


def grouped(frame: Frame, view: View, pause: Pause = no_pause) -> GroupedFigures:
    """All marginals of a view and of each of its groups."""
    return grouped_items(frame, view, None, pause)


def grouped_headlines(frame: Frame, view: View, pause: Pause = no_pause) -> GroupedFigures:
    """Like `grouped`, but only with the items that the survey's headlines compare by what splits the view; of a weighted
    view also without weights."""
    choices = [choice for choice in frame.instruments[0].results.headline if choice.by == view.by]
    return grouped_items(frame, view, frozenset(choice.name.partition(".")[0] for choice in choices), pause)


def grouped_items(frame: Frame, view: View, only: Collection[str] | None, pause: Pause) -> GroupedFigures:
    found = _figures if only is None else _beside_unweighted
    with frame.weighed(view, pause) as (counters, weights):
        groups = [
            GroupFigures(each.code, each.label, found(frame, view, counters, each.tally, only, weights))
            for each in group_tallies(counters)
        ]
        return GroupedFigures(found(frame, view, counters, counters.whole, only, weights), tuple(groups))


def _beside_unweighted(
    frame: Frame, view: View, counters: ViewCounters, tally: Tally, only: Collection[str] | None = None,
    weights: Weighting | None = None,
) -> Figures:
    """Of a weighted view also the figures without weights, of the same responses and by the same formulas: they differ by
    the weights alone."""
    found = _figures(frame, view, counters, tally, only, weights)
    if weights is None or not found.is_weighted:
        return found
    plain = _figures(frame, replace(view, weights=""), counters, tally, only, weights.equal)
    return replace(found, unweighted=replace(plain, weighting=None))


def _figures(
    frame: Frame, view: View, counters: ViewCounters, tally: Tally, only: Collection[str] | None = None,
    weights: Weighting | None = None,
) -> Figures:
    seq = max(frame.seq, counters.last.seq)  # counters may be ahead of a snapshot
    items = items_of(tally, frame.instruments[0].vignettes, only, weights)
    if not shows_texts(frame, view, tally.n, tally is not counters.whole):
        items = tuple(_without_texts(item) for item in items)
    if weights is not None and view.weights and not view.is_filtered and tally is counters.whole:
        items = tuple(with_targets(item, weights.names, weights.raking.largest_error) for item in items)
    return Figures(frame.survey, seq, view, tally.n, items, weighting=weights, without_weight=counters.without)


def _without_texts(item: ItemFigures) -> ItemFigures:
    """Without what respondents wrote."""
    parts, beside = ([replace(part, texts=()) for part in each] for each in (item.parts, item.beside))
    return replace(item, parts=tuple(parts), beside=tuple(beside))


# --- items --------------------------------------------------------------------------------------------------

def items_of(
    tally: Tally, vignettes: Sequence[Vignette] = (), only: Collection[str] | None = None, weights: Weighting | None = None
) -> tuple[ItemFigures, ...]:
    """The marginals of every item, or of these, in the order of the survey; items that only older versions had come
    last. `weights` are for the tally of a weighted view; what is assigned is not weighted."""
    counts, shared = VariableCounts(tally, weights), _shared(vignettes)
    plain = VariableCounts(tally) if weights else counts
    loops = tally.layout.labels.loops
    scores = {f"{each.name}_band": each.score for each in tally.layout.variables if each.score is not None}
    grouped: dict[tuple[str, str, str], list[Variable]] = {}
    for variable in tally.layout.variables:
        if variable.kind != "order" and (only is None or variable.item in only) and (
            variable.section or variable.type in COUNTED or variable.item in shared
        ):
            item = shared.get(variable.item) or loops.get(variable.item, variable.item)
            grouped.setdefault((item + variable.generation, item, variable.type), []).append(variable)
    found = []
    for (identifier, item, _), variables in grouped.items():
        if variables[0].item in loops:
            found.append(_looped(identifier, item, variables, counts))
        elif _origin(variables[0]) == "assigned":
            found.append(replace(_item(identifier, item, variables, plain), is_left_unweighted=weights is not None))
        else:
            found.append(_item(identifier, item, variables, counts, scores.get(variables[0].name)))
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
    identifier: str, item: str, variables: Sequence[Variable], counts: VariableCounts, bands_of: Score | None = None
) -> ItemFigures:
    first, labels = variables[0], counts.layout.labels
    of_vignettes = first.item != item
    asked = [variable for variable in variables if not variable.is_said]
    beside = tuple(_marginal(variable, counts) for variable in variables if variable.is_said)
    ask = item.rpartition(".")[2].replace("_", " ").capitalize() if of_vignettes and not first.section else first.ask
    return ItemFigures(
        identifier, item, first.section, _origin(first), first.figure, labels.text(ask), first.item_base,
        tuple(_parts(item, of_vignettes, asked, counts)), beside, of_vignettes,
        bool(first.group) or first.figure == "ranks", first.long_list, first.unit, first.score or bands_of,
        asked_of=labels.asked_of(first.item_base),
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


# --- loops --------------------------------------------------------------------------------------------------


def _looped(identifier: str, item: str, variables: Sequence[Variable], counts: VariableCounts) -> ItemFigures:
    """An item that is asked about each of several entries: its answers about all of them, counted together."""
    by_entry: dict[str, list[Variable]] = {}
    for variable in variables:
        by_entry.setdefault(variable.item, []).append(variable)
    entries = [_item(identifier, entry, each, counts) for entry, each in by_entry.items()]
    first = entries[0]
    return replace(
        first, item=item, ask=in_common([entry.ask for entry in entries]), base=None, asked_of=_asked_of_each(entries, counts),
        parts=tuple(_pooled([entry.parts for entry in entries], len(entries))),
        beside=tuple(_pooled([entry.beside for entry in entries], len(entries))),
    )  # fmt: skip


def _asked_of_each(entries: Sequence[ItemFigures], counts: VariableCounts) -> AskedOf | None:
    """The item's own condition, which all entries share; that an entry exists goes without saying."""
    own = {counts.layout.labels.own_item_condition(entry.item) for entry in entries}
    return counts.layout.labels.asked_of(own.pop()) if len(own) == 1 else None


def _pooled(entries: Sequence[Sequence[Marginal]], number: int) -> Iterator[Marginal]:
    """The parts of every entry, each added to those of the others: entries ask the same, in the same order."""
    for place in range(max(map(len, entries))):
        parts = [each[place] for each in entries if place < len(each)]
        yield replace(
            parts[0], label=in_common([part.label for part in parts]),
            answered=sum(part.answered for part in parts), shown=sum(part.shown for part in parts),
            missing={reason: sum(part.missing[reason] for part in parts) for reason in MISSING_REASONS},
            cells=_added([part.cells for part in parts]), values=_added_values([part.values for part in parts]),
            texts=tuple(sorted(text for part in parts for text in part.texts)[:TEXTS_SHOWN]),
            pooled=number, own_bases=False, exact=_exact_together(parts),
        )  # fmt: skip


def _exact_together(parts: Sequence[Marginal]) -> Summary | None:
    """None where every value is known."""
    if all(part.exact is None for part in parts):
        return None
    return summaries_together(part.exact or summary(part.values) for part in parts)


def _added(entries: Sequence[Sequence[Cell]]) -> tuple[Cell, ...]:
    counted: dict[Code, list[Cell]] = {}
    for cell in (cell for cells in entries for cell in cells):
        counted.setdefault(cell.code, []).append(cell)
    return tuple(
        replace(cells[0], count=total(each.count for each in cells), base=total(each.base for each in cells), of_one=False)
        for cells in counted.values()
    )  # fmt: skip


def _added_values(entries: Sequence[Values]) -> Values:
    counted: dict[Any, list[Count]] = {}
    for value, count in (pair for values in entries for pair in values):
        counted.setdefault(value, []).append(count)
    return tuple((value, total(counts)) for value, counts in sorted(counted.items()))


# --- variables ----------------------------------------------------------------------------------------------


class VariableCounts:
    """The counters of a tally by variable. Missing values are never weighted: they are counted."""

    def __init__(self, tally: Tally, weights: Weighting | None = None):
        self.tally, self.layout = tally, tally.layout
        self.by_cell, self.weights = tally.by_cell, weights
        if self.by_cell is None or weights is None:
            self.all = list(map(unweighted, tally.codes.tolist()))
        else:
            self.all = self.by_cell.weighted(weights.by_cell, weights.design)
        self.offsets = self.layout.offsets.tolist()

    def column(self, name: str) -> tuple[list[Count], dict[str, int]]:
        """Of a coded column the count of each code, and of each reason."""
        place = self.layout.slot[name]
        first = self.offsets[place]
        reasons = first + len(self.layout.coded[place].codes)
        found = dict(zip(REASONS, (count.n for count in self.all[reasons : self.offsets[place + 1]]), strict=True))
        return self.all[first:reasons], {reason: found[reason] for reason in MISSING_REASONS}

    def values(self, variable: Variable) -> Values:
        """Each number or date that occurs, ascending, with its count; of too many numbers the middles of classes."""
        is_date = variable.kind == "date"
        place = (self.layout.dates if is_date else self.layout.numbers).index(variable.name)
        if self.by_cell is not None and self.weights is not None:
            return tuple((self.by_cell.dates if is_date else self.by_cell.numbers)[place].weighted(self.weights.by_cell, self.weights.design))
        found = sorted(self.tally.dates[place].items()) if is_date else self.tally.numbers[place].values
        return tuple((value, unweighted(n)) for value, n in found)

    def exact(self, variable: Variable) -> Summary | None:
        """Of a number of too many values mean and standard deviation; None where every value is known."""
        place = self.layout.numbers.index(variable.name)
        if self.by_cell is not None and self.weights is not None:
            return self.by_cell.numbers[place].exact(self.weights.by_cell, self.weights.design)
        return self.tally.numbers[place].exact

    def texts(self, name: str) -> list[str]:
        latest = self.tally.texts[self.layout.texts.index(name)]
        return sorted(text for _, _, text in latest.entries[:TEXTS_SHOWN])


def _marginal(variable: Variable, counts: VariableCounts) -> Marginal:
    if variable.is_coded:
        return _choice(variable, counts)
    codes, missing = counts.column(f"{variable.name}~")
    part = Marginal(
        variable.name, _label(variable, counts), variable.kind, variable.measure, codes[0].n, _shown(codes, missing), missing,
        option=variable.option, column=variable.column or "", asked_of=counts.layout.labels.own_condition(variable),
    )  # fmt: skip
    if variable.kind == "text":
        return replace(part, texts=tuple(counts.texts(variable.name)))
    values = counts.values(variable)
    if variable.kind == "date":
        return replace(part, values=values)
    bounds = None if variable.least is None or variable.most is None else (variable.least, variable.most)
    return replace(part, values=values, bounds=bounds, decimals=variable.decimals, exact=counts.exact(variable))


def _choice(variable: Variable, counts: VariableCounts) -> Marginal:
    codes, missing = counts.column(variable.name)
    labels = counts.layout.labels
    part = Marginal(
        variable.name, _label(variable, counts), variable.kind, variable.measure, total(codes).n, _shown(codes, missing), missing,
        cells_of([(code, labels.text(label)) for code, label in variable.codes], codes), option=variable.option,
        column=variable.column or "", poles=variable.poles, net_of=variable.net,
        has_poles=labels.has_poles(variable), asked_of=labels.own_condition(variable),
    )  # fmt: skip
    if not part.has_mean:
        return part
    ranked = [cell for cell in part.cells if variable.kind != "rank" or cell.code != NOT_RANKED]
    return replace(part, values=tuple(sorted((cell.code, cell.count) for cell in ranked)))


def cells_of(labels: Iterable[tuple[Code, str]], counts: Sequence[Count]) -> tuple[Cell, ...]:
    """A cell for each code; everyone is in one."""
    base = total(counts)
    return tuple(Cell(code, label, count, base) for (code, label), count in zip(labels, counts, strict=True))


def _assigned(item: str, variables: Sequence[Variable], counts: VariableCounts) -> Marginal:
    """How often each level of an attribute was assigned, over all vignettes that one respondent sees."""
    columns = [counts.column(variable.name)[0] for variable in variables]
    widest = max(variables, key=lambda variable: len(variable.codes))
    totals = [
        total(column[place] for column in columns if place < len(column)) for place in range(len(widest.codes))
    ]
    base, missing = total(totals).n, dict.fromkeys(MISSING_REASONS, 0)
    return Marginal(item, "", "choice", "nominal", base, base, missing, cells_of(widest.codes, totals))


def _multiple(item: str, flags: list[Variable], counts: VariableCounts) -> Marginal:
    """One cell for each option. An option that not all were offered has a base of its own; who answered, and
    why others did not, is counted by the option with the most answers, and of several by the one offered to most."""
    columns = [counts.column(flag.name) for flag in flags]
    labels = counts.layout.labels
    cells = tuple(
        Cell(flag.option or "", labels.text(flag.option_label or str(flag.option)), codes[1], total(codes))
        for flag, (codes, _) in zip(flags, columns, strict=True)
    )
    to_all = any(labels.own_condition(flag) is None for flag in flags)
    codes, missing = max(columns, key=lambda column: (total(column[0]).n, _shown(*column)))
    return Marginal(
        item, "", "flags", "nominal", total(codes).n, _shown(codes, missing), missing, cells, own_bases=not to_all,
        last=tuple(flag.option or "" for flag in flags if flag.part in labels.closing_options),
    )


def _label(variable: Variable, counts: VariableCounts) -> str:
    return counts.layout.labels.text(variable.statement or variable.option_label or "")


def _shown(codes: Iterable[Count], missing: Mapping[str, int]) -> int:
    return total(codes).n + sum(count for reason, count in missing.items() if reason not in AWAY)


