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
from functools import cached_property

import numpy as np

AT_ONCE = 1 << 15  # respondents
NUMBERS_AT_ONCE = 1 << 22  # of dummies
LARGEST_IN_A_BYTE = 254  # levels of an attribute; above it a level takes two bytes
FIRST_ROOM = 16  # designs


class JudgementSums:
    """The sums of one rating by stratum: a number from 0 for respondents who belong together, such as a group or a raking
    cell. `sizes` are the numbers of levels of the attributes.

    Values are counted from `middle`, a whole number near the middle of their scale: sums of whole numbers stay exact, and
    little is lost where squares are subtracted.
    """

    def __init__(self, sizes: Sequence[int], middle: int = 0):
        self.sizes, self.middle, self.levels = tuple(sizes), middle, sum(sizes)
        self.offsets = [sum(self.sizes[:at]) for at in range(len(self.sizes))]
        self._kind = np.dtype(np.uint8 if max(sizes) <= LARGEST_IN_A_BYTE else ">u2")
        self._none = np.iinfo(self._kind).max
        self._places: dict[tuple[int, bytes], int] = {}
        self._people = np.zeros(FIRST_ROOM, dtype=np.int64)
        self._sums = np.zeros((FIRST_ROOM, self.levels))
        self._squares: dict[int, np.ndarray] = {}

    def add(self, levels: np.ndarray, values: np.ndarray, sign: int = 1, strata: np.ndarray | None = None) -> None:
        """Takes in respondents, or with -1 takes them out: (respondents, judgements, attributes) the places of the levels,
        (respondents, judgements) the values, or NaN, and the stratum of each. A judgement with a level beyond the last
        counts as none."""
        strata = np.zeros(len(values), dtype=np.int64) if strata is None else strata
        for start in range(0, len(values), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            self._add(levels[part].astype(np.int64), values[part], strata[part], sign)

    def _add(self, levels: np.ndarray, values: np.ndarray, strata: np.ndarray, sign: int) -> None:
        known = ~np.isnan(values) & (levels < np.array(self.sizes)).all(axis=2)
        there = known.any(axis=1)
        levels, known, values, strata = levels[there], known[there], values[there], strata[there]
        if not len(values):
            return
        products = self._products(levels, known, np.where(known, values - self.middle, 0.0))
        places, inverse = np.unique(self._designs(levels, known, strata), return_inverse=True)
        self._people[places] += sign * np.bincount(inverse)
        self._sums[places] += sign * np.stack([np.bincount(inverse, weights=column) for column in products.T], axis=1)
        order = np.argsort(strata, kind="stable")
        ends = np.flatnonzero(np.diff(strata[order], append=-1)) + 1
        for rows in np.split(order, ends[:-1]):
            squares = self._squares.setdefault(int(strata[rows[0]]), np.zeros((self.levels, self.levels)))
            squares += sign * (products[rows].T @ products[rows])

    def _products(self, levels: np.ndarray, known: np.ndarray, shifted: np.ndarray) -> np.ndarray:
        """Each respondent's X'y: the sums of their values at each level."""
        people = len(shifted)
        first = np.arange(people)[:, None] * self.levels
        found = np.zeros(people * self.levels)
        for at, offset in enumerate(self.offsets):
            cells = np.where(known, first + offset + levels[:, :, at], 0)
            found += np.bincount(cells.ravel(), weights=shifted.ravel(), minlength=people * self.levels)
        return found.reshape(people, self.levels)

    def _designs(self, levels: np.ndarray, known: np.ndarray, strata: np.ndarray) -> np.ndarray:
        """The place of each respondent's design: the levels of their judgements, sorted, those left out last."""
        people, many = known.shape
        coded = np.where(known[:, :, None], levels, self._none).astype(self._kind)
        width = self._kind.itemsize * len(self.sizes)
        in_order = np.sort(coded.reshape(people, -1).view(f"S{width}").reshape(people, many), axis=1)
        keys = np.ascontiguousarray(in_order).view(f"V{width * many}").ravel().tolist()
        places = self._places
        found = np.array([places.setdefault(key, len(places)) for key in zip(strata.tolist(), keys, strict=True)])
        while len(self._people) < len(places):
            self._people = np.concatenate([self._people, np.zeros_like(self._people)])
            self._sums = np.concatenate([self._sums, np.zeros_like(self._sums)])
        return found

    def squares(self, weights: np.ndarray | None) -> np.ndarray:
        """The sum over respondents of the squares of X'y, times the squares of the weights of their strata."""
        found = np.zeros((self.levels, self.levels))
        for stratum, squares in self._squares.items():
            found += squares if weights is None else weights[stratum] ** 2 * squares
        return found

    def designs(self, weights: np.ndarray | None) -> Iterator[Designs]:
        """All designs that respondents of strata with a weight have, some at a time."""
        used = [(stratum, key, at) for (stratum, key), at in self._places.items() if weights is None or weights[stratum]]
        used = [each for each in used if self._people[each[2]]]
        many = len(used[0][1]) // (self._kind.itemsize * len(self.sizes)) if used else 1
        step = max(NUMBERS_AT_ONCE // (many * self.levels), 1)
        for start in range(0, len(used), step):
            part = used[start : start + step]
            coded = np.frombuffer(b"".join(key for _, key, _ in part), dtype=self._kind).reshape(-1, many, len(self.sizes))
            places = np.array([at for _, _, at in part])
            own = np.ones(len(part)) if weights is None else weights[[stratum for stratum, _, _ in part]]
            yield Designs(self._dummies(coded), self._people[places].astype(float), self._sums[places], own)

    def _dummies(self, coded: np.ndarray) -> np.ndarray:
        """(designs, judgements, levels)."""
        found = np.zeros((*coded.shape[:2], self.levels))
        design, judgement = np.nonzero(coded[:, :, 0] != self._none)
        for at, offset in enumerate(self.offsets):
            found[design, judgement, offset + coded[design, judgement, at].astype(np.int64)] = 1.0
        return found


class Designs:
    """Some designs: their dummies X, how many respondents have each, the sums of these respondents' X'y, and their weight."""

    def __init__(self, dummies: np.ndarray, people: np.ndarray, sums: np.ndarray, weights: np.ndarray):
        self.dummies, self.people, self.sums, self.weights = dummies, people, sums, weights

    @cached_property
    def counts(self) -> np.ndarray:
        """How often each level occurs in each design."""
        return self.dummies.sum(axis=1)

    def products(self) -> np.ndarray:
        """The sum over respondents of X'X, weighted."""
        flat = self.dummies.reshape(-1, self.dummies.shape[2])
        return flat.T @ (flat * np.repeat(self.weights * self.people, self.dummies.shape[1])[:, None])

    def fitted(self, values: np.ndarray) -> np.ndarray:
        """Each design's X'Xb."""
        return np.einsum("dkl,dk->dl", self.dummies, self.dummies @ values)
