"""Signs of careless answering: straight-lining, long strings of one answer, and speed. Responses are flagged and never
deleted; a view can leave flagged ones out.

Y. Kim, J. Dykema, J. Stevenson, P. Black and D. P. Moberg (2019), "Straightlining", Social Science Computer Review 37(2),
214-233; P. G. Curran (2016), "Methods for the detection of carelessly invalid responses in survey data", Journal of Experimental
Social Psychology 66, 4-19. No sign is proof: someone may hold one opinion of every statement.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from app.results.layout import COMPLETE, NO_MINUTES, Layout
from app.survey.codebook import Variable

LEAST_STATEMENTS = 4  # of a matrix, for the same answer to all of them to be a sign
LEAST_STRING = 10  # statements with one answer, one after the other; and at least half of those answered
FAST = 1 / 3  # of the median duration
LEAST_MEDIAN = 3  # minutes: a third of less is less than the minute in which durations are stored


class QualityFlags(NamedTuple):
    """Of each row of a table, whether it has the sign."""

    straight_lining: np.ndarray
    long_string: np.ndarray
    speeding: np.ndarray

    @property
    def any(self) -> np.ndarray:
        return self.straight_lining | self.long_string | self.speeding


@dataclass(frozen=True, slots=True)
class FlagCounts:
    """How many responses have each sign, and how many have any. None where the survey cannot show the sign."""

    n: int
    straight_lining: int | None
    long_string: int | None
    speeding: int | None
    any: int
    limit: int | None  # the most whole minutes that count as speeding


class Block(NamedTuple):
    """Statements on one scale: the columns of their codes, in the order of the survey."""

    columns: tuple[str, ...]
    codes: tuple[object, ...]
    first_reason: int
    is_shuffled: bool
    is_apart: bool  # whether its section or its item has a random place, so that what comes before it differs


def fast_limit(median_minutes: float | None) -> int | None:
    """The most whole minutes that are fewer than a third of the median; None where minutes are too coarse for that.

    R. Greszki, M. Meyer and H. Schoen (2015), "Exploring the effects of removing 'too fast' responses and respondents
    from web surveys", Public Opinion Quarterly 79, 471-503, compare such limits.
    """
    if median_minutes is None or median_minutes < LEAST_MEDIAN:
        return None
    return math.ceil(median_minutes * FAST) - 1


class QualityCheck:
    """Finds the signs in tables of one layout. `limit` is that of `fast_limit`."""

    def __init__(self, layout: Layout, limit: int | None):
        self.blocks, self.limit = tuple(_blocks(layout)), limit
        self.matrices = [block for block in self.blocks if len(block.columns) >= LEAST_STATEMENTS]
        self.statements = sum(len(block.columns) for block in self.blocks)

    def flags(self, table: pl.DataFrame) -> QualityFlags:
        return QualityFlags(self._straight_lining(table), self._long_string(table), self._speeding(table))

    def counted(self, n: int, straight_lining: int, long_string: int, speeding: int, any_sign: int) -> FlagCounts:
        """The counts of the signs that the survey can show."""
        return FlagCounts(
            n, straight_lining if self.matrices else None, long_string if self.statements >= LEAST_STRING else None,
            None if self.limit is None else speeding, any_sign, self.limit,
        )  # fmt: skip

    def _straight_lining(self, table: pl.DataFrame) -> np.ndarray:
        """One answer to all the statements of at least half of the matrices of which four or more were answered."""
        straight, judged = np.zeros(table.height, dtype=np.int32), np.zeros(table.height, dtype=np.int32)
        for block in self.matrices:
            codes = _codes(table, block)
            answered = (codes < block.first_reason).sum(axis=0) >= LEAST_STATEMENTS
            judged += answered
            straight += answered & _is_one_answer(codes, block)
        return (straight > 0) & (2 * straight >= judged)

    def _long_string(self, table: pl.DataFrame) -> np.ndarray:
        """Of statements in a random order only a matrix that has one answer continues a string."""
        run, longest, answered, last = (np.zeros(table.height, dtype=np.int32) for _ in range(4))
        codes_before: tuple[object, ...] = ()
        for block in self.blocks:
            if block.is_apart or block.codes != codes_before:
                run, codes_before = np.zeros_like(run), block.codes
            codes = _codes(table, block)
            broken = ~_is_one_answer(codes, block) if block.is_shuffled else None
            for column in codes:
                known = column < block.first_reason
                again = known & (column == last) & (run > 0)
                run = np.where(again, run + 1, np.where(known, 1, run))
                last = np.where(known, column, last)
                answered += known
                if broken is not None:
                    run[broken] = 0
                longest = np.maximum(longest, run)
        return (longest >= LEAST_STRING) & (2 * longest >= answered)

    def _speeding(self, table: pl.DataFrame) -> np.ndarray:
        if self.limit is None:
            return np.zeros(table.height, dtype=bool)
        minutes = table["~minutes"].to_numpy()
        complete = table["~disposition"].to_numpy() == COMPLETE
        return complete & (minutes != NO_MINUTES) & (minutes <= self.limit)


def _codes(table: pl.DataFrame, block: Block) -> np.ndarray:
    """One row for each statement."""
    return np.stack([table[name].to_numpy() for name in block.columns]).astype(np.int32)


def _is_one_answer(codes: np.ndarray, block: Block) -> np.ndarray:
    """Whether all that was answered of a block is one answer."""
    known = codes < block.first_reason
    highest = np.where(known, codes, 0).max(axis=0)
    lowest = np.where(known, codes, block.first_reason).min(axis=0)
    return highest == lowest


def _blocks(layout: Layout) -> Iterator[Block]:
    """The matrices of the survey: statements on one scale of numbers, in the order of its file."""
    groups: dict[tuple[str, str, str], list[Variable]] = {}
    for variable in layout.variables:
        if _is_statement(variable):
            groups.setdefault((variable.item, variable.generation, variable.column or ""), []).append(variable)
    for (item, *_), variables in groups.items():
        columns = [layout.coded[layout.slot[each.name]] for each in variables]
        if len({column.codes for column in columns}) == 1:
            names, first = tuple(column.name for column in columns), columns[0]
            shuffled, apart = f"{item}~order" in layout.variable, _moves(variables[0], layout)
            yield Block(names, first.codes, first.first_reason, shuffled, apart)


def _is_statement(variable: Variable) -> bool:
    return bool(
        variable.section and variable.kind == "choice" and variable.statement and variable.measure == "ordinal"
        and variable.poles is None
    )  # fmt: skip


def _moves(variable: Variable, layout: Layout) -> bool:
    return any(name in layout.variable for name in (f"section.{variable.section}~order", "sections~order"))
