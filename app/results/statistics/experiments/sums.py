"""Sums of judgements by design: all that effects of levels and their errors are calculated from.

Respondents who judged the same combinations of levels, in whatever order, have the same matrix X of dummies, one for each
level of each attribute. So X'X, X'y and the squares of the scores X'(y - Xb), summed over respondents for any b, follow
from the number of respondents of each such design, from the sums of their X'y, and from the squares of X'y over all
respondents. There are as many designs as blocks of vignettes, times the patterns of judgements left out; they are found in
the answers, so that blocks of several versions, and responses stored otherwise, need no further care. Responses are added
and taken out at the same cost, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

import numpy as np

AT_ONCE = 1 << 15  # respondents
NUMBERS_AT_ONCE = 1 << 22  # of dummies
FIRST_ROOM = 16  # designs
ENTRY_BYTES = 200  # of a dictionary, with its key
MOST_NUMBERED = 1 << 62  # combinations of levels; where there are more, only those seen are numbered
NONE = 0  # the number of a judgement left out; the combinations are numbered from 1
MIXERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))  # of SplitMix64


class JudgementSums:
    """The sums of one rating by stratum: a number from 0 for respondents who belong together, such as a group or a raking
    cell. `sizes` are the numbers of levels of the attributes.

    Values are counted from `middle`, a whole number near the middle of their scale: sums of whole numbers stay exact, and
    little is lost where squares are subtracted.
    """

    def __init__(self, sizes: Sequence[int], middle: int = 0):
        self.sizes, self.middle, self.levels = tuple(sizes), middle, sum(sizes)
        self.offsets = [sum(self.sizes[:at]) for at in range(len(self.sizes))]
        self._seen: dict[bytes, int] | None = None if prod(sizes) < MOST_NUMBERED else {}
        self._designs: dict[bytes, int] = {}
        self._places: dict[tuple[int, int], int] = {}  # of stratum and design
        self._owners = np.zeros((FIRST_ROOM, 2), dtype=np.int64)  # the same, by place
        self._people = np.zeros(FIRST_ROOM)
        self._sums = np.zeros((FIRST_ROOM, self.levels))
        self._squares: dict[int, np.ndarray] = {}  # by stratum

    def add(self, levels: np.ndarray, values: np.ndarray, sign: int = 1, strata: np.ndarray | None = None) -> None:
        """Takes in respondents, or with -1 takes them out: (respondents, judgements, attributes) the places of the levels,
        (respondents, judgements) the values, or NaN, and the stratum of each. A judgement with a level beyond the last
        counts as none."""
        strata = np.zeros(len(values), dtype=np.int64) if strata is None else strata
        for start in range(0, len(values), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            self._add(levels[part], values[part], strata[part], sign)

    def _add(self, levels: np.ndarray, values: np.ndarray, strata: np.ndarray, sign: int) -> None:
        numbers = self._numbered(levels, values)
        there = numbers.any(axis=1)
        if not there.all():
            levels, values, strata, numbers = levels[there], values[there], strata[there], numbers[there]
        if not len(values):
            return
        products = self._products(levels, np.where(numbers != NONE, values - self.middle, 0.0))
        first, inverse = _distinct(np.sort(numbers, axis=1), strata)
        places = self._places_of(np.sort(numbers[first], axis=1), strata[first])
        self._people[places] += sign * np.bincount(inverse)
        self._sums[places] += sign * np.stack([np.bincount(inverse, weights=column) for column in products.T], axis=1)
        self._add_squares(products, strata, sign)

    def _numbered(self, levels: np.ndarray, values: np.ndarray) -> np.ndarray:
        """The number of each judgement's combination of levels."""
        found, known = np.zeros(values.shape, dtype=np.int64), ~np.isnan(values)
        for at, size in enumerate(self.sizes):
            known &= levels[:, :, at] < size
        if self._seen is None:
            for at, size in enumerate(self.sizes):
                found = found * size + levels[:, :, at]
            return np.where(known, found + 1, NONE)
        cells, inverse = np.unique(levels[known].astype(np.int32), axis=0, return_inverse=True)
        numbers = [self._seen.setdefault(cell.tobytes(), len(self._seen) + 1) for cell in cells]
        found[known] = np.array(numbers, dtype=np.int64)[inverse.ravel()] if len(cells) else NONE
        return found

    def _products(self, levels: np.ndarray, shifted: np.ndarray) -> np.ndarray:
        """Each respondent's X'y: the sums of their values at each level."""
        found = np.empty((len(shifted), self.levels))
        for at, (offset, size) in enumerate(zip(self.offsets, self.sizes, strict=True)):
            own = levels[:, :, at]
            for level in range(size):
                np.einsum("ij,ij->i", own == level, shifted, out=found[:, offset + level])
        return found

    def _add_squares(self, products: np.ndarray, strata: np.ndarray, sign: int) -> None:
        order = np.argsort(strata, kind="stable") if strata.any() else np.arange(len(strata))
        ends = np.flatnonzero(np.diff(strata[order], append=-1)) + 1
        for rows in np.split(order, ends[:-1]):
            squares = self._squares.setdefault(int(strata[rows[0]]), np.zeros((self.levels, self.levels)))
            own = products if len(rows) == len(products) else products[rows]
            squares += sign * (own.T @ own)

    def _places_of(self, designs: np.ndarray, strata: np.ndarray) -> np.ndarray:
        """A place for each design, given by the numbers of its judgements in ascending order, in each stratum."""
        keys = [key.tobytes() for key in designs]
        owners = [(stratum, self._designs.setdefault(key, len(self._designs))) for stratum, key in zip(strata.tolist(), keys, strict=True)]
        found = np.array([self._places.setdefault(owner, len(self._places)) for owner in owners])
        while len(self._people) < len(self._places):
            self._people, self._sums, self._owners = (
                np.concatenate([each, np.zeros_like(each)]) for each in (self._people, self._sums, self._owners)
            )
        self._owners[found] = owners
        return found

    def bytes(self) -> int:
        """About the size in memory."""
        tables = sum(each.nbytes for each in (self._people, self._sums, self._owners, *self._squares.values()))
        keys = sum(map(len, self._designs))
        return tables + keys + ENTRY_BYTES * (len(self._designs) + len(self._places) + len(self._seen or ()))

    def totals(self, weights: np.ndarray | None) -> Totals:
        """All that is needed of the strata that have a weight; None where all have the weight 1."""
        used = np.arange(len(self._places))
        strata, design = self._owners[used].T
        own = np.ones(len(used)) if weights is None else weights[strata]
        used, design, own = (each[(own != 0) & (self._people[used] > 0)] for each in (used, design, own))
        kept, at = np.unique(design, return_inverse=True)

        def summed(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            sums = np.zeros((len(kept), self.levels))
            np.add.at(sums, at, self._sums[used] * weight[:, None])
            return np.bincount(at, weights=self._people[used] * weight, minlength=len(kept)), sums

        squares = np.zeros((self.levels, self.levels))
        for stratum, each in self._squares.items():
            squares += each if weights is None else weights[stratum] ** 2 * each
        keys = list(self._designs)
        coded = [np.frombuffer(keys[each], dtype=np.int64) for each in kept.tolist()]
        return Totals(self, np.array(coded), summed(np.ones(len(used)))[0], summed(own), summed(own**2), squares)

    def dummies(self, numbers: np.ndarray) -> np.ndarray:
        """(designs, judgements, levels)."""
        found = np.zeros((*numbers.shape, self.levels))
        design, judgement = np.nonzero(numbers != NONE)
        for offset, level in zip(self.offsets, self._levels_of(numbers[design, judgement] - 1), strict=True):
            found[design, judgement, offset + level] = 1.0
        return found

    def _levels_of(self, numbers: np.ndarray) -> list[np.ndarray]:
        """Of each attribute the levels of combinations, numbered from 0."""
        if self._seen is not None:
            cells = [np.frombuffer(key, dtype=np.int32) for key in self._seen]
            return list(np.array(cells)[numbers].T)
        found = []
        for size in reversed(self.sizes):
            numbers, level = np.divmod(numbers, size)
            found.append(level)
        return found[::-1]


def _distinct(designs: np.ndarray, strata: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first row of each distinct design and stratum, and which of these each row is."""
    mixed = strata.astype(np.uint64)
    for column in designs.T:  # hashes find equal rows quickly; that they are equal is then checked
        mixed = (mixed + column.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)) * MIXERS[0]
        mixed = (mixed ^ (mixed >> np.uint64(31))) * MIXERS[1]
    _, first, inverse = np.unique(mixed, return_index=True, return_inverse=True)
    if (designs == designs[first][inverse]).all() and (strata == strata[first][inverse]).all():
        return first, inverse
    _, first, inverse = np.unique(np.column_stack([strata, designs]), axis=0, return_index=True, return_inverse=True)
    return first, inverse.ravel()


class Designs(NamedTuple):
    """Some designs with their dummies X, and of the respondents who have each: their number, the sum of their weights and
    that of the squares of these, and the sums of their X'y, each times their weight and times its square."""

    dummies: np.ndarray
    people: np.ndarray
    weight: np.ndarray
    square: np.ndarray
    sums: np.ndarray
    square_sums: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """How often each level occurs in each design."""
        return self.dummies.sum(axis=1)

    def products(self) -> np.ndarray:
        """The weighted sum over respondents of X'X."""
        flat = self.dummies.reshape(-1, self.dummies.shape[2])
        return flat.T @ (flat * np.repeat(self.weight, self.dummies.shape[1])[:, None])

    def fitted(self, values: np.ndarray) -> np.ndarray:
        """Each design's X'Xb."""
        return np.einsum("dkl,dk->dl", self.dummies, self.dummies @ values)


class Totals(NamedTuple):
    """The sums of some strata by design, put together with their weights."""

    of: JudgementSums
    numbers: np.ndarray
    people: np.ndarray
    once: tuple[np.ndarray, np.ndarray]  # times the weight: the number of respondents, and the sums of their X'y
    twice: tuple[np.ndarray, np.ndarray]  # times its square
    squares: np.ndarray  # of X'y over respondents, times the square of the weight

    def designs(self) -> Iterator[Designs]:
        """All designs, some at a time."""
        step = max(NUMBERS_AT_ONCE // (self.numbers.shape[-1] * self.of.levels), 1) if len(self.numbers) else 1
        for start in range(0, len(self.numbers), step):
            part = slice(start, start + step)
            dummies = self.of.dummies(self.numbers[part])
            yield Designs(dummies, self.people[part], self.once[0][part], self.twice[0][part], self.once[1][part], self.twice[1][part])
