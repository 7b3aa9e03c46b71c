"""Does it hold when weighted? The headlines of a weighted view beside those of the same responses without weights.

Only researchers see it: in English.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from app.languages.direction import isolated
from app.results.charts.captions import Message, english
from app.results.charts.lines import level, quoted, shortened
from app.results.charts.sentences.claims import FEW
from app.results.headlines import Headline
from app.results.items import ItemFigures
from app.results.marginals import Figures
from app.results.measures import Measure, measured
from app.results.statistics.experiments.effects import ExperimentFinding, RatingEffects
from app.results.statistics.intervals import Estimate

#: Sentences that describe a distribution and claim nothing of it: which of them fits can change with a digit.
DESCRIBING = ("Half answered between", "The middle half of the answers", "%(share)s answered %(value)s, which")
LISTS = ("%(first)s and %(second)s", "%(first)s, %(second)s and %(third)s")
LABEL = "“%(label)s”"
MOST_NAMED = 3
LONGEST = 60  # characters of a question
MOST_MISSED = 0.05  # by which shares of trimmed weights may miss the population's before nothing is said to hold


class Move(NamedTuple):
    """How far one share or mean moves: in points of percentage, or of 100 of the scale's length."""

    label: str
    points: float
    before: str  # without weights
    after: str


@dataclass(frozen=True, slots=True)
class WeightedHeadline:
    """A headline beside itself without weights."""

    ask: str
    unweighted: Message | None  # what it says without weights
    is_same: bool  # whether it claims the same
    move: Move | None  # the largest; None of what is assigned, which is not weighted, and of a target
    is_target: bool = False  # weights are raked to it, so that it says nothing


@dataclass(frozen=True, slots=True)
class WeightedHeadlines:
    """In the order of the headlines; None for one that only the weighted view has."""

    all: tuple[WeightedHeadline | None, ...]
    without_weight: int = 0  # responses that are left out of both
    untold: Message | None = None  # why weights or responses are not enough to say

    @property
    def summary(self) -> Message | None:
        """The answer, in a sentence or two; None where there is nothing to compare."""
        found = [each for each in self.all if each is not None and each.move is not None]
        if not found:
            return None
        if self.untold is not None:
            return self.untold
        changed = [each for each in found if not each.is_same]
        largest = max((each.move for each in found if each.move), key=lambda move: abs(move.points))
        said = _changed(changed, len(found), largest) if changed else _same(len(found), largest)
        if not self.without_weight:
            return said
        n = f"{self.without_weight:,} response{'s' * (self.without_weight > 1)}"
        return english("%(said)s Both are of the same responses: %(n)s without a weight %(is)s left out of both.", **{"is": "is" if self.without_weight == 1 else "are"}, said=said, n=n)


def _same(n: int, largest: Move) -> Message:
    points = max(math.ceil(abs(largest.points) - 0.05), 1)
    moves = english(
        "no share or mean in them moves by more than %(points)s (the most: %(label)s, from %(before)s to %(after)s).",
        points=f"{points} point{'s' * (points > 1)}", label=_label(largest), before=largest.before, after=largest.after,
    )  # fmt: skip
    said = english("the finding says") if n == 1 else english("all %(n)s findings say", n=n)
    return english(
        "<b>Yes.</b> Weighted, %(said)s the same, and %(moves)s <small>Points are of percentage, or of 100 of the scale’s length.</small>",
        said=said, moves=moves,
    )  # fmt: skip


def _changed(changed: Sequence[WeightedHeadline], n: int, largest: Move) -> Message:
    asks = quoted([shortened(each.ask, LONGEST) for each in changed[:MOST_NAMED]]).replace(" or ", " and ")
    more = f" and {len(changed) - MOST_NAMED} more" if len(changed) > MOST_NAMED else ""
    if n == 1:
        return english(
            "<b>No.</b> Weighted, the finding says something else: %(asks)s. The largest change is that of %(label)s, from %(before)s to %(after)s.",
            asks=asks, label=_label(largest), before=largest.before, after=largest.after,
        )  # fmt: skip
    return english(
        "<b>Not all of it.</b> Weighted, %(k)s of %(n)s findings %(say)s something else: %(asks)s. The largest change is that of"
        " %(label)s, from %(before)s to %(after)s.",
        k=len(changed), n=n, say="says" if len(changed) == 1 else "say", asks=asks + more,
        label=_label(largest), before=largest.before, after=largest.after,
    )  # fmt: skip


def _label(move: Move) -> Message:
    return english(LABEL, label=isolated(shortened(move.label, LONGEST)))


# --- comparing ------------------------------------------------------------------------------------------------


def beside_unweighted(
    weighted: Sequence[Headline], plain: Iterable[Headline], figures: Figures, plain_figures: Figures
) -> WeightedHeadlines:
    """`figures` are those of the two views, from which the headlines are made."""
    known = {(each.kind, each.drawing.id): each for each in plain}
    items, plain_items = ({item.id: item for item in each.items} for each in (figures, plain_figures))
    found = [_beside(each, known.get((each.kind, each.drawing.id)), items, plain_items) for each in weighted]
    return WeightedHeadlines(tuple(
        replace(each, move=None, is_target=True) if each is not None and _is_target(headline, items) else each
        for headline, each in zip(weighted, found, strict=True)
    ), figures.without_weight, _untold(figures))  # fmt: skip


def _untold(figures: Figures) -> Message | None:
    """Nothing is said to hold by weights that miss their targets, or of responses too few to claim anything."""
    if figures.n < FEW:
        return english("<b>Too few responses to say:</b> %(n)s, and nothing is claimed of fewer than %(few)s.", n=figures.n, few=FEW)
    missed = figures.weighting.raking.largest_error if figures.weighting is not None else 0.0
    if missed <= MOST_MISSED:
        return None
    points = f"{100 * missed:.1f}" if missed < 0.1 else f"{100 * missed:.0f}"
    return english("<b>Not to be said:</b> the weights miss the population’s shares by up to %(points)s percentage points.", points=points)


def _is_target(headline: Headline, items: Mapping[str, ItemFigures]) -> bool:
    """Groups and pairs may differ, whatever the shares of all together are."""
    return headline.kind == "item" and headline.item in items and items[headline.item].is_target


def _beside(
    headline: Headline, plain: Headline | None, items: Mapping[str, ItemFigures], plain_items: Mapping[str, ItemFigures]
) -> WeightedHeadline | None:
    if plain is None:
        return None
    item, before = items.get(headline.item), plain_items.get(headline.item)
    moves = list(_moves(item, before)) if item and before and not item.is_left_unweighted else []
    return WeightedHeadline(
        headline.drawing.ask, plain.sentence, claim(headline.sentence) == claim(plain.sentence),
        max(moves, key=lambda move: abs(move.points), default=None),
    )  # fmt: skip


def _moves(item: ItemFigures, before: ItemFigures) -> Iterator[Move]:
    """Of the measures of an item; of the entries of a loop all shares, of vignettes the means at all levels."""
    for (measure, mine), (_, others) in zip(measured(item), measured(before), strict=True):
        label = measure.label or " or ".join(measure.of) or item.ask
        yield from _move(replace(measure, width=measure.width or _reach(item, before)), label, mine.interval, others.interval)
    if isinstance(item.finding, ExperimentFinding) and isinstance(before.finding, ExperimentFinding):
        yield from _level_moves(item, item.finding.all, before.finding.all)
    if item.entries:
        for part, plain in zip(item.parts, before.parts, strict=True):
            for cell, other in zip(part.cells, plain.cells, strict=True):
                yield from _move(Measure("", "", "share"), cell.label, cell.interval, other.interval)


def _level_moves(item: ItemFigures, now: RatingEffects, before: RatingEffects) -> Iterator[Move]:
    codes = [cell.code for part in item.parts for cell in part.cells if isinstance(cell.code, int)]
    measure = Measure("", "", "mean", width=max(codes) - min(codes) if codes else None)
    known = {(attribute.id, level.code): level.mean for attribute in before.attributes for level in attribute.levels}
    for attribute in now.attributes:
        for level_now in attribute.levels:
            if (other := known.get((attribute.id, level_now.code))) is not None:
                yield from _move(measure, level_now.label, level_now.mean, other)


def _reach(*items: ItemFigures) -> float | None:
    """Of a number without ends how far its values lie apart."""
    known = [value for item in items for part in item.parts for value, _ in part.values if isinstance(value, int | float)]
    return max(known) - min(known) or None if known else None


def _move(measure: Measure, label: str, now: Estimate, before: Estimate) -> Iterator[Move]:
    if now.value is not None and before.value is not None and measure.width:
        places = 0 if measure.kind != "mean" or measure.width >= 100 else 1 if measure.width >= 10 else 2
        points = 100 * (now.value - before.value) / measure.width
        yield Move(label, points, level(measure, before.value, places), level(measure, now.value, places))


def claim(said: Any) -> Any:
    """What a sentence claims: its form and the labels in it, without its numbers."""
    if not isinstance(said, Message):
        return None
    if said.form == LABEL:
        return said.values["label"]
    if said.form in LISTS:
        return frozenset(map(claim, said.values.values()))
    if said.form.startswith(DESCRIBING) or "percentage point" in said.form[:40]:
        return ""
    parts = ((name, claim(value)) for name, value in sorted(said.values.items()))
    return said.form, tuple(part for part in parts if part[1] is not None)
