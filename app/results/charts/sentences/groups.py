"""Sentences about groups: which differs most from the rest, as far as that is clear. They write numbers as comparisons do."""

from __future__ import annotations

from app.results.charts.captions import Message, english
from app.results.charts.lines import MINUS, level, places_for, signed, signed_range, times_of
from app.results.charts.sentences.wording import either, percentage_points, quoted
from app.results.comparison import (
    CLEAR,
    FEW,
    POSSIBLE,
    ComparedItem,
    ComparedRow,
    GroupDifference,
    GroupValue,
)
from app.results.items import ItemFigures
from app.results.measures import Measure

TOO_FEW = english("Too few people to compare.")


def about_groups(item: ComparedItem, is_direct: bool) -> Message:
    """The largest difference of an item. `is_direct`: two groups, the second compared with the first."""
    row = item.rows_by_size[0]
    most = row.largest
    if most is None or most.difference is None or most.difference.standing == FEW:
        return TOO_FEW
    standing = most.difference.standing
    if standing not in (CLEAR, POSSIBLE):
        return english("No clear difference.")
    said = _difference(item.figures, row, most, most.difference, is_direct)
    return english("%(said)s.", said=said) if standing == CLEAR else english("%(said)s: possible, not clear.", said=said)


def _difference(
    figures: ItemFigures, row: ComparedRow, most: GroupValue, difference: GroupDifference, is_direct: bool
) -> Message:
    measure, found = row.measure, difference.estimate
    times, places = times_of(measure), places_for(measure, [each.difference.estimate for each in row.values if each.difference])
    value = level(measure, most.value.value or 0.0, places_for(measure, [each.value for each in row.values]))
    points = signed((found.value or 0.0) * times, places).lstrip("+" + MINUS)
    values = {
        "group": quoted(most.group.label), "value": f"{value} {measure.unit}".strip(),
        "points": f"{points} {measure.unit}".strip() if measure.kind == "mean" else percentage_points(points), "interval": signed_range(found, times, places),
        "rest": quoted(row.values[0].group.label) if is_direct else english("the rest"),
    }  # fmt: skip
    about = _share(figures, measure, values) if measure.kind == "share" else _level(measure, values)
    more = (found.value or 0.0) > 0
    if measure.kind != "mean":
        if more:
            return english("%(about)s, <b>%(points)s</b> more than %(rest)s %(interval)s", about=about, **values)
        return english("%(about)s, <b>%(points)s</b> fewer than %(rest)s %(interval)s", about=about, **values)
    if more:
        return english("%(about)s, <b>%(points)s</b> more than %(rest)s %(interval)s", about=about, **values)
    return english("%(about)s, <b>%(points)s</b> less than %(rest)s %(interval)s", about=about, **values)


def _level(measure: Measure, values: dict[str, object]) -> Message:
    """Of a mean, or of those for less those against."""
    if measure.kind == "net":
        about = english("%(group)s has a score of <b>%(value)s</b>", **values)
    else:
        about = english("%(group)s has a mean of <b>%(value)s</b>", **values)
    return english("%(about)s for %(label)s", about=about, label=quoted(measure.label)) if measure.label else about


def _share(figures: ItemFigures, measure: Measure, values: dict[str, object]) -> Message:
    """Of a share: who gave which answer, to which statement if there are several."""
    if figures.entries:
        return english("<b>%(value)s</b> of the entries of %(group)s %(are)s", are=_entries_are(figures, measure), **values)
    return english("<b>%(value)s</b> of %(group)s %(answers)s", answers=_answers(figures, measure), **values)


def _entries_are(figures: ItemFigures, measure: Measure) -> Message:
    if figures.figure == "flags":
        return english("include %(label)s", label=quoted(measure.label))
    if figures.figure == "ranks":
        return english("have %(label)s first", label=quoted(measure.label))
    if len(measure.of) > 2:
        answers = english("are %(first)s to %(last)s", first=quoted(measure.of[0]), last=quoted(measure.of[-1]))
    else:
        answers = english("are %(labels)s", labels=either([quoted(label) for label in measure.of]))
    label = measure.label if measure.label not in measure.of else ""
    return english("%(answers)s for %(label)s", answers=answers, label=quoted(label)) if label else answers


def _answers(figures: ItemFigures, measure: Measure) -> Message:
    if figures.figure == "flags":
        return english("named %(label)s", label=quoted(measure.label))
    if figures.figure == "ranks":
        return english("put %(label)s first", label=quoted(measure.label))
    part = next((part for part in figures.parts if part.name == measure.name), figures.parts[0])
    if part.has_poles and len(measure.of) > 1:
        answers = english("lean towards %(pole)s", pole=quoted(part.pole_names[1]))
    elif len(measure.of) > 2:
        answers = english("answered %(first)s to %(last)s", first=quoted(measure.of[0]), last=quoted(measure.of[-1]))
    else:
        answers = english("answered %(labels)s", labels=either([quoted(label) for label in measure.of]))
    if part.label and measure.label:
        return english("%(answers)s for %(label)s", answers=answers, label=quoted(measure.label))
    return answers
