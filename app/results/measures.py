"""What groups are compared by: of every item the shares and means that say most about it.

A scale is compared by the share of its upper answers, a choice by the share of each option, a number or a score by its
mean. The measures of an item follow from how it is asked and not from its counts, so that those of all groups line up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from app.results.items import Cell, ItemFigures, Marginal
from app.results.statistics.cells import Count, total
from app.results.statistics.clusters import ClusteredSample, clusters_together
from app.results.statistics.intervals import Estimate, share_interval
from app.results.statistics.values import Summary, summaries_together, summary
from app.survey.model import Code

LONGEST_SCALE = 7  # points; a longer one is compared by its mean
YES, NO = 1, 0


@dataclass(frozen=True, slots=True)
class Measure:
    """One quantity. `width` is the length of the scale on which a difference lies; None where it has no ends."""

    name: str
    label: str  # the statement or option that it is about; empty for the whole item
    kind: str  # share | mean | net
    of: tuple[str, ...] = ()  # the answers that a share counts
    width: float | None = 1.0
    ends: tuple[float, float] | None = None  # of a mean
    unit: str = ""
    counted: tuple[tuple[Code, float], ...] = ()  # of coded answers: what each counts in the mean; those not named count 0


class Share(NamedTuple):
    """How many of a base gave an answer."""

    count: Count
    base: Count

    @property
    def n(self) -> int:
        return self.base.n

    @property
    def effective(self) -> float:
        return self.base.effective

    @property
    def interval(self) -> Estimate:
        return share_interval(self.count, self.base)


Sample = Share | Summary | ClusteredSample
"""A measure in some respondents; a sample by clusters where one may have given several answers."""


class EntrySamples(NamedTuple):
    """The finding about an item of a loop: the sample of each of its measures, in their order."""

    samples: tuple[ClusteredSample, ...]


def measured(item: ItemFigures) -> list[tuple[Measure, Sample]]:
    """The measures of an item; none of texts, dates, vignettes and what was assigned, and of loops without samples."""
    if item.origin == "assigned" or item.of_vignettes:
        return []
    if item.entries:
        samples = item.finding.samples if isinstance(item.finding, EntrySamples) else ()
        measures = [measure for part in measured_parts(item) for measure in part] if samples else []
        return list(zip(measures, samples, strict=True))
    return [pair for part in _by_part(item) for pair in part]


def measured_parts(item: ItemFigures) -> list[list[Measure]]:
    """The measures of each part of an item; of best and worst all those of the two."""
    return [[measure for measure, _ in part] for part in _by_part(item)]


def _by_part(item: ItemFigures) -> list[list[tuple[Measure, Sample]]]:
    if item.figure == "best_worst":
        return [list(_best_and_worst(item))]
    return [list(_of_part(item, part)) for part in item.parts]


def _of_part(item: ItemFigures, part: Marginal) -> Iterator[tuple[Measure, Sample]]:
    label = " – ".join(word for word in (part.label, part.column) if word)
    if part.kind == "number":
        yield _mean(part.name, label, part.summary, part.bounds, item.unit or "")
    elif part.kind == "rank":
        yield _share(part, label, [cell for cell in part.cells if cell.code == 1], ("put first",))
    elif part.kind not in ("choice", "flags") or not part.cells:
        return
    elif part.net_of is not None:
        yield Measure(part.name, label, "net", width=2.0, ends=(-1.0, 1.0), counted=_directions(part)), _net(part)
    elif part.kind == "flags" or (part.measure == "nominal" and len(part.cells) > 2):
        for cell in part.cells:
            name = f"{part.name}={cell.code}" if part.kind == "choice" else f"{part.name}.{cell.code}"
            measure = Measure(name, _joined(label, cell.label), "share", (cell.label,), counted=((cell.code, 1.0),))
            yield measure, Share(cell.count, cell.base)
    elif len(part.cells) == 2:
        counted = part.cells[1] if {cell.code for cell in part.cells} == {NO, YES} else part.cells[0]
        yield _share(part, label, [counted])
    elif part.has_mean and (part.poles or len(part.cells) > LONGEST_SCALE):
        codes = [cell.code for cell in part.cells if isinstance(cell.code, int)]
        measure, found = _mean(part.name, label, part.summary, (min(codes), max(codes)), "")
        yield replace(measure, counted=tuple((code, float(code)) for code in codes)), found
    else:
        yield _share(part, label, upper(part.cells, part.has_poles))


def _joined(label: str, of: str) -> str:
    return f"{label}: {of}" if label else of


def upper(cells: Sequence[Cell], has_poles: bool) -> Sequence[Cell]:
    """The answers at the upper end of a scale: of one with two poles all beyond the middle, of amounts the highest two, or
    of three points the highest."""
    half = len(cells) // 2
    return cells[-(half if has_poles else min(half, 2)) :]


def _share(
    part: Marginal, label: str, cells: Sequence[Cell], of: tuple[str, ...] = ()
) -> tuple[Measure, Sample]:
    base = part.cells[0].base
    counted = total(cell.count for cell in cells)
    codes = tuple((cell.code, 1.0) for cell in cells)
    return Measure(part.name, label, "share", of or tuple(cell.label for cell in cells), counted=codes), Share(counted, base)


def _mean(
    name: str, label: str, found: Summary, ends: tuple[float, float] | None, unit: str
) -> tuple[Measure, Sample]:
    width = ends[1] - ends[0] if ends and ends[1] > ends[0] else None
    return Measure(name, label, "mean", (), width, ends, unit), found


def _net(part: Marginal) -> Summary:
    """A mean of 1, 0 and -1: for those who count for, neither way and against."""
    assert part.net_of is not None
    against, favour = part.net_of
    codes = [(cell.code, cell.count) for cell in part.cells if isinstance(cell.code, int)]
    plus = total(count for code, count in codes if code >= favour)
    minus = total(count for code, count in codes if code <= against)
    return _signs(plus, minus, total(count for _, count in codes))


def _directions(part: Marginal) -> tuple[tuple[Code, float], ...]:
    """1 of a code that counts for, -1 of one that counts against."""
    assert part.net_of is not None
    against, favour = part.net_of
    codes = [cell.code for cell in part.cells if isinstance(cell.code, int)]
    return tuple((code, float((code >= favour) - (code <= against))) for code in codes)


def _signs(plus: Count, minus: Count, base: Count) -> Summary:
    return summary(((-1.0, minus), (0.0, base.without(plus).without(minus)), (1.0, plus)))


def _best_and_worst(item: ItemFigures) -> Iterator[tuple[Measure, Sample]]:
    """Of each option, how many more chose it as best than as worst."""
    best, worst = item.parts
    chosen = {cell.code: cell.count for cell in worst.cells}
    for cell in best.cells:
        minus = chosen.get(cell.code, total(()))
        measure = Measure(f"{item.id}.{cell.code}", cell.label, "net", width=2.0, ends=(-1.0, 1.0), counted=((cell.code, 1.0),))
        yield measure, _signs(cell.count, minus, cell.base)


# --- several groups together ----------------------------------------------------------------------------------


def together(samples: Sequence[Sample]) -> Sample:
    """One measure in groups that share nobody, as if they were one group."""
    clustered = [sample for sample in samples if isinstance(sample, ClusteredSample)]
    if clustered:
        return clusters_together(clustered)
    shares = [sample for sample in samples if isinstance(sample, Share)]
    if shares:
        return Share(total(share.count for share in shares), total(share.base for share in shares))
    return summaries_together([sample for sample in samples if isinstance(sample, Summary)])


def distribution(cells: Iterable[Cell]) -> tuple[float, ...]:
    """The share of each answer; none of nobody."""
    return tuple(cell.share or 0.0 for cell in cells)
