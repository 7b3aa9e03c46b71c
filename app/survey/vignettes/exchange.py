"""The search for balanced blocks of vignettes, by exchanging vignettes between them."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterable
from math import prod
from operator import add, mul, sub

from app.survey.vignettes.chance import SplitMix64

Cell = tuple[int, ...]

WORK = 2_000_000  # exchanges weighed before no further search begins; twice that ends the search itself

#: Divisor of the weight of a word for each further letter. See `Exchange`.
FADING = 3


class Likeness:
    """How similar vignettes are: for each pair the product over attributes of `FADING - 1`, or, where their levels are
    the same, `FADING - 1` and the number of levels."""

    def __init__(self, cells: list[Cell], levels: list[int]) -> None:
        self.cells = cells
        self.columns = [
            [[FADING - 1 + s * (cell[position] == level) for cell in cells] for level in range(s)]
            for position, s in enumerate(levels)
        ]
        self.rows: dict[int, array[int]] = {}
        self.most = prod(FADING - 1 + s for s in levels)

    def row(self, one: int) -> array[int]:
        """The similarity of one vignette to each."""
        if one not in self.rows:
            row: Iterable[int] = itertools.repeat(1, len(self.cells))
            for column, level in zip(self.columns, self.cells[one], strict=True):
                row = map(mul, row, column[level])
            self.rows[one] = array("q", row)
        return self.rows[one]

    def total(self, block: Iterable[int]) -> list[int]:
        """The sum of the similarities of each vignette to those of a block."""
        total: Iterable[int] = itertools.repeat(0, len(self.cells))
        for one in block:
            total = map(add, total, self.row(one))
        return list(total)


class Exchange:
    """Exchanges vignettes between blocks, and for others, as long as the design becomes more balanced.

    The exchanges minimise the sum over words of A, divided by FADING for each letter, where A of a word (a set of
    attributes) is the sum of squares of the design's means of all products of its attributes' orthonormal contrasts:
    zero where they are balanced. H. Xu, C. F. J. Wu (2001), "Generalized minimum aberration for asymmetrical
    fractional factorial designs", Annals of Statistics 29, 1066. Words of one letter are main effects that are out of
    balance, of two main effects that depend on each other, of three main effects that depend on two-way
    interactions, and so on, each weighing less. The block is one attribute more, so that effects are kept apart from
    those of respondents too; its letter weighs half, since differences between blocks are informative too.

    For two vignettes the sum over all words of the products of their contrasts is the product over attributes of
    `1 + (s [same level] - 1) / FADING`, with s levels: so the whole is a sum over pairs of their likeness, in whole
    numbers, and an exchange changes few of them. Exchanges in the manner of V. V. Fedorov (1972), "Theory of optimal
    experiments".
    """

    def __init__(self, likeness: Likeness, allowed: list[list[int]], blocks: int, random: SplitMix64) -> None:
        self.likeness, self.allowed = likeness, allowed
        self.apart = 2 * FADING - 1  # weight of a pair
        self.together = blocks  # additional weight of a pair in one block
        self.like_positions = [
            (at, other) for at, one in enumerate(allowed) for other, two in enumerate(allowed) if one is two
        ]
        self.work = blocks * len(allowed) * len(likeness.cells) // 8
        self.blocks = dealt_blocks(allowed, blocks, random)
        self.within = [likeness.total(block) for block in self.blocks]
        self.overall = [sum(column) for column in zip(*self.within, strict=True)]

    def energy(self) -> int:
        """The sum that the exchanges make smaller."""
        return sum(
            self.apart * self.overall[one] + self.together * within[one]
            for block, within in zip(self.blocks, self.within, strict=True)
            for one in block
        )

    def settle(self, fixed: bool) -> None:
        """Exchanges until none is left that helps. With `fixed`, the vignettes remain, and only their blocks change."""
        better = True
        while better and self.work < 2 * WORK:
            better = self._swap()
            if not fixed:
                better = self._replace() or better

    def _swap(self) -> bool:
        """Lets vignettes in like positions of two blocks change blocks, wherever that helps."""
        better = False
        for b, d in itertools.combinations(range(len(self.blocks)), 2):
            for at, other in self.like_positions:
                one, two = self.blocks[b][at], self.blocks[d][other]
                if self._swap_helps(b, one, d, two):
                    self._put(b, at, two)
                    self._put(d, other, one)
                    better = True
            self.work += len(self.like_positions)
        return better

    def _swap_helps(self, b: int, one: int, d: int, two: int) -> bool:
        here, there = self.within[b], self.within[d]
        alike = self.likeness.most - self.likeness.row(one)[two]
        gain = here[two] + there[one] - here[one] - there[two] + 2 * alike
        return gain < 0 and two not in self.blocks[b] and one not in self.blocks[d]

    def _replace(self) -> bool:
        """Puts another candidate instead of each vignette, wherever that helps."""
        better = False
        for b, block in enumerate(self.blocks):
            for at, allowed in enumerate(self.allowed):
                one = block[at]
                cost = self._costs(b, one)
                best = min(allowed, key=cost.__getitem__)
                if cost[best] < cost[one]:
                    self._put(b, at, best)
                    better = True
                self.work += len(allowed)
        return better

    def _costs(self, b: int, one: int) -> list[int]:
        """What each candidate would add instead of one vignette; those of its block more than anything."""
        whole, block = self.apart, self.together
        own = self.likeness.row(one)
        costs = [
            whole * (all_ - mine) + block * (near - mine)
            for all_, near, mine in zip(self.overall, self.within[b], own, strict=True)
        ]
        worst = max(costs) + 1
        for other in self.blocks[b]:
            if other != one:
                costs[other] = worst
        return costs

    def _put(self, b: int, at: int, new: int) -> None:
        old, self.blocks[b][at] = self.blocks[b][at], new
        change = list(map(sub, self.likeness.row(new), self.likeness.row(old)))
        self.within[b] = list(map(add, self.within[b], change))
        self.overall = list(map(add, self.overall, change))
        self.work += len(change) // 4


def dealt_blocks(positions: list[list[int]], blocks: int, random: SplitMix64) -> list[list[int]]:
    """Blocks in which every vignette is used once before any is used twice, and no vignette is twice in a block."""
    decks: dict[int, list[int]] = {}
    dealt: list[list[int]] = []
    for _ in range(blocks):
        block: list[int] = []
        for allowed in positions:
            deck = decks.setdefault(id(allowed), [])
            if not deck:
                deck += random.shuffled(allowed)
            if all(card in block for card in deck):
                deck[:0] = random.shuffled(allowed)
            last = next(at for at in range(len(deck) - 1, -1, -1) if deck[at] not in block)
            block.append(deck.pop(last))
        dealt.append(block)
    return dealt
