"""How good a vignette design is: what `opinion check` says of it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod, sqrt
from typing import TYPE_CHECKING

from app.survey.model import Instrument
from app.survey.vignettes.design import Design

if TYPE_CHECKING:
    import numpy


PRIME = 2**61 - 1  # of the arithmetic in which ranks are computed
UNSAID = 100  # respondents for whom a report is made where the survey does not say how many it expects


@dataclass(frozen=True, slots=True)
class Exposures:
    """How many judgements are expected of each of something: of the one with the fewest, and on average."""

    least: float
    mean: float


@dataclass(frozen=True, slots=True)
class PairOfAttributes:
    """How two attributes go together in the vignettes shown.

    `cramers_v` is Cramér's V of their levels (H. Cramér 1946, "Mathematical methods of statistics", 21.9), and
    `correlation` the largest absolute correlation of a level of one with a level of the other, each coded 0 and 1:
    0 where every level meets every level as often as their frequencies have it. `cells` is the fewest and the most
    vignettes with the same two levels.
    """

    attributes: tuple[str, str]
    cells: tuple[int, int]
    cramers_v: float
    correlation: float
    exposures: Exposures


@dataclass(frozen=True, slots=True)
class AttributeBalance:
    """How often each level is shown, among all blocks; `exposures` are those at n respondents."""

    attribute: str
    shown: dict[str, int]
    exposures: Exposures


@dataclass(frozen=True, slots=True)
class DesignReport:
    """A design's balance, and what n respondents will see of it, each given one block, all equally often.

    D-efficiency is the p-th root of the determinant of X'X / N, where X codes p effects of N vignettes in orthonormal
    contrasts: 1 for the full factorial, 0 where effects cannot be told apart. W. F. Kuhfeld, R. D. Tobias, M. Garratt
    (1994), "Efficient experimental design with marketing research applications", Journal of Marketing Research 31,
    545. `within` is that of main effects once every block has a mean of its own: what is left when respondents differ
    as much as they like. `interactions` is that of main effects and two-way interactions together; where
    combinations are excluded, of those that can be told apart at all, against showing every admissible vignette
    equally often.
    """

    respondents: int
    admissible: int  # vignettes that are not excluded
    combinations: int  # with those that are
    blocks: int
    each_sees: int
    distinct: int  # vignettes shown at all
    repeated: int  # blocks in which a vignette stands twice
    attributes: tuple[AttributeBalance, ...]
    pairs: tuple[PairOfAttributes, ...]
    main: float
    within: float
    interactions: float
    vignettes: Exposures  # of those that are shown

    @property
    def correlation(self) -> float:
        """The largest between levels of two attributes."""
        return max((pair.correlation for pair in self.pairs), default=0.0)


def reports(instrument: Instrument) -> dict[str, DesignReport]:
    """The report of each of a survey's vignettes, at its `sample`."""
    n = instrument.sample or UNSAID
    return {vignette.id: report(vignette.design, n) for vignette in instrument.vignettes}


def report(design: Design, n: int) -> DesignReport:
    """What is to be known of a design before n respondents judge its vignettes."""
    cells = [cell for block in design.blocks for cell in block]
    share = n / len(design.blocks)
    levels = [len(codes) for _, codes in design.attributes]
    shown = Counter(cells)
    return DesignReport(
        n,
        design.drawn_from or len(design.universe),
        prod(levels),
        len(design.blocks),
        design.each_sees,
        len(shown),
        sum(len(set(block)) < len(block) for block in design.blocks),
        tuple(_attribute(design, cells, at, share) for at in range(len(levels))),
        tuple(
            _pair(design, cells, one, two, share)
            for one, two in itertools.combinations(range(len(levels)), 2)
        ),
        *_efficiencies(design, levels),
        _exposures(list(shown.values()), share),
    )


def _exposures(shown: list[int], share: float) -> Exposures:
    return Exposures(min(shown) * share, sum(shown) / len(shown) * share)


def _attribute(design: Design, cells: list[tuple[int, ...]], at: int, share: float) -> AttributeBalance:
    id, codes = design.attributes[at]
    counted = Counter(cell[at] for cell in cells)
    shown = {str(code): counted[place] for place, code in enumerate(codes)}
    return AttributeBalance(id, shown, _exposures(list(shown.values()), share))


def _pair(design: Design, cells: list[tuple[int, ...]], one: int, two: int, share: float) -> PairOfAttributes:
    (a, rows), (b, columns) = design.attributes[one], design.attributes[two]
    joint = Counter((cell[one], cell[two]) for cell in cells)
    left, right = Counter(cell[one] for cell in cells), Counter(cell[two] for cell in cells)
    every = list(itertools.product(range(len(rows)), range(len(columns))))
    admissible = {(cell[one], cell[two]) for cell in design.universe}
    shown = [joint[cell] for cell in every if cell in admissible]
    phis = [_phi(joint[i, j], left[i], right[j], len(cells)) for i, j in every]
    chi = sum(
        (joint[i, j] - left[i] * right[j] / len(cells)) ** 2 / (left[i] * right[j] / len(cells))
        for i, j in every
        if left[i] and right[j]
    )
    freedom = min(len(rows), len(columns)) - 1
    v = sqrt(chi / (len(cells) * freedom)) if freedom else 0.0
    return PairOfAttributes((a, b), (min(shown), max(shown)), v, max(phis), _exposures(shown, share))


def _phi(both: int, one: int, two: int, n: int) -> float:
    spread = one * (n - one) * two * (n - two)
    return abs(n * both - one * two) / sqrt(spread) if spread else 0.0


# --- D-efficiency ----------------------------------------------------------------------------------------


def _efficiencies(design: Design, levels: list[int]) -> tuple[float, float, float]:
    """Of main effects, of main effects within blocks, and of main effects with two-way interactions."""
    import numpy

    shown = numpy.array(design.blocks).reshape(-1, len(levels))
    mean, main, both = _coded(shown, levels)
    blocked = main.reshape(len(design.blocks), design.each_sees, -1)
    inside = (blocked - blocked.mean(axis=1, keepdims=True)).reshape(len(shown), -1)
    whole = numpy.hstack([mean, main, both])
    if design.drawn_from:  # from all of them, or all but those excluded: what could be shown is not listed
        return _d(numpy.hstack([mean, main])), _d(inside), _d(whole)
    possible = numpy.hstack(_coded(numpy.array(design.universe), levels))
    base = _spanned(possible)
    return _d(numpy.hstack([mean, main])), _d(inside), _d(whole @ base) / _d(possible @ base)


def _coded(cells: numpy.ndarray, levels: list[int]) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """The mean, the main effects and the two-way interactions of vignettes, one row each."""
    import numpy

    main = [_contrasts(size)[cells[:, at]] for at, size in enumerate(levels)]
    both = [
        (one[:, :, None] * two[:, None, :]).reshape(len(cells), -1)
        for one, two in itertools.combinations(main, 2)
    ]
    return numpy.ones((len(cells), 1)), numpy.hstack(main), numpy.hstack([numpy.ones((len(cells), 0)), *both])


def _spanned(coded: numpy.ndarray) -> numpy.ndarray:
    """An orthonormal base of the effects that these vignettes can tell apart."""
    import numpy

    values, vectors = numpy.linalg.eigh(coded.T @ coded / len(coded))
    return vectors[:, values > 1e-9]


def _d(coded: numpy.ndarray) -> float:
    """The p-th root of the determinant of X'X / N; 0 where X has not full rank."""
    import numpy

    if not coded.shape[1]:
        return 1.0
    values = numpy.linalg.eigvalsh(coded.T @ coded / len(coded))
    return float(numpy.exp(numpy.log(values).mean())) if values[0] > 1e-9 else 0.0


def _contrasts(levels: int) -> numpy.ndarray:
    """Helmert's contrasts of so many levels, one a column, each of mean 0 and mean square 1."""
    import numpy

    coded = numpy.zeros((levels, levels - 1))
    for column in range(levels - 1):
        coded[: column + 1, column] = 1
        coded[column + 1, column] = -(column + 1)
    return coded * numpy.sqrt(levels / (coded**2).sum(axis=0))


# --- separate effects ------------------------------------------------------------------------------------


def tells_effects_apart(design: Design) -> bool:
    """Whether the main effects of all levels can be estimated, in whole numbers: numpy takes long to load."""
    sizes = [len(codes) for _, codes in design.attributes]
    cells = {cell for block in design.blocks for cell in block}
    return rank(_dummies(cells, sizes)) == 1 + sum(size - 1 for size in sizes)


def _dummies(cells: set[tuple[int, ...]], sizes: Sequence[int]) -> Iterator[list[int]]:
    """A row for each vignette: a constant, and for each level but the first of an attribute 0 or 1."""
    for cell in sorted(cells):
        yield [1, *(int(level == at) for level, size in zip(cell, sizes, strict=True) for at in range(1, size))]


def rank(rows: Iterator[list[int]]) -> int:
    """The rank of a matrix of whole numbers, computed modulo a prime so large that it does not change it."""
    base: dict[int, list[int]] = {}  # by the column of its first number, which is 1
    for row in rows:
        for at in range(len(row)):
            if row[at] and at in base:
                row = [(x - row[at] * y) % PRIME for x, y in zip(row, base[at], strict=True)]
            elif row[at]:
                inverse = pow(row[at], -1, PRIME)
                base[at] = [x * inverse % PRIME for x in row]
                break
        if len(base) == len(row):
            break
    return len(base)


# --- telling ---------------------------------------------------------------------------------------------


def report_lines(name: str, report: DesignReport) -> list[str]:
    """The report for people, one line a subject."""
    excluded = report.combinations - report.admissible
    left_out = f", {excluded:,} excluded" if excluded else ""
    return [
        f"vignette {name}: {report.distinct:,} of {report.admissible:,} vignettes{left_out}, "
        f"in {report.blocks:,} blocks of {report.each_sees}",
        *map(_attribute_line, report.attributes),
        *map(_pair_line, report.pairs),
        f"  D-efficiency: main effects {_d_text(report.main)}, within respondents {_d_text(report.within)}, "
        f"with two-way interactions {_d_text(report.interactions)}",
        f"  at {report.respondents:,} respondents: each vignette shown is rated "
        f"{report.vignettes.mean:,.1f} times (at least {report.vignettes.least:,.1f})",
    ]


def _d_text(efficiency: float) -> str:
    return f"{efficiency:.3f}" if efficiency else "0 (not all effects can be estimated)"


def _attribute_line(attribute: AttributeBalance) -> str:
    shown = ", ".join(f"{code} {count}" for code, count in attribute.shown.items())
    return f"  {attribute.attribute}: {shown}; each rated at least {attribute.exposures.least:,.0f} times"


def _pair_line(pair: PairOfAttributes) -> str:
    one, two = pair.attributes
    least, most = pair.cells
    between = f"{least}" if least == most else f"{least} to {most}"
    return (
        f"  {one} by {two}: {between} in each cell, each rated at least {pair.exposures.least:,.0f} times; "
        f"Cramér's V {pair.cramers_v:.3f}, largest correlation {pair.correlation:.3f}"
    )
