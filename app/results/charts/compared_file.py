"""A comparison as the lines of a table: one for each measure in each group."""

from __future__ import annotations

from collections.abc import Iterator

from app.results.comparison import ComparedItem, ComparedRow, Comparison, GroupValue
from app.results.statistics.intervals import Estimate

HEAD = (
    "item", "question", "measure", "measure_label", "kind", "counted", "by", "group", "group_label", "n", "value", "low", "high",
    "compared_with", "difference", "difference_low", "difference_high", "p", "how_sure", "under_floor", "effective_n", "weighted",
    "respondents",
)  # fmt: skip
THE_OTHERS = "all other groups"


def comparison_lines(comparison: Comparison) -> Iterator[tuple[object, ...]]:
    """A heading, and the lines. Shares are from 0 to 1; `counted` are the answers that a share counts; p is that of one test,
    and `how_sure` allows for all of them. n are respondents, and of loops the entries that `respondents` gave; `weighted` is 1 where
    the figures are."""
    yield HEAD
    for item in comparison.items:
        for row in item.rows:
            for value in row.values:
                yield _line(comparison, item, row, value)


def _line(comparison: Comparison, item: ComparedItem, row: ComparedRow, value: GroupValue) -> tuple[object, ...]:
    measure, group, found = row.measure, value.group, value.difference
    against = comparison.groups[0].label if comparison.is_direct else THE_OTHERS
    difference = ("", "", "", "", "", "")
    if found is not None:
        p = "" if found.p is None else found.p
        difference = (against, *_ends(found.estimate), p, found.standing)  # type: ignore[assignment]
    return (
        item.figures.id, item.figures.ask, measure.name, measure.label, measure.kind, " | ".join(measure.of), comparison.by,
        group.code, group.label, value.value.n, *_ends(value.value), *difference, int(group.is_small),
        "" if value.value.effective is None else round(value.value.effective, 2), int(item.figures.effective is not None),
        value.value.clusters or value.value.n,
    )  # fmt: skip


def _ends(estimate: Estimate) -> tuple[object, ...]:
    return tuple("" if end is None else round(end, 6) for end in estimate[:3])
