"""Which vignettes are shown together: the design of a factorial survey experiment, made from a seed alone.

Vignettes are tuples of the levels' places, one an attribute. Nothing here but whole numbers, and chance from the
seed: so every machine and every version of Python makes the same design, and a kept block number keeps its meaning.
"""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from operator import add, mul, sub

from app.survey.model import Code

Cell = tuple[int, ...]
Block = tuple[Cell, ...]
Attributes = tuple[tuple[str, tuple[Code, ...]], ...]

MOST_VIGNETTES = 20_000  # that the levels can make together
MOST_EACH = 50  # that one respondent can be shown
MOST_SHOWN = 2_000  # blocks times vignettes in each
RANDOM_BLOCKS = 1000  # in the pool that random designs are drawn from
CANDIDATES = 1024  # that an exchange chooses among, at most
RESTARTS = 16
WORK = 2_000_000  # exchanges weighed before no further start is made; twice that ends the search itself

#: How much less a word of one more letter weighs when balance is judged: one part in so many. See `Exchange`.
FADING = 3


@dataclass(frozen=True, slots=True)
class Design:
    attributes: Attributes  # their ids, with the codes of their levels
    universe: tuple[Cell, ...]  # every vignette that is not excluded
    blocks: tuple[Block, ...]

    @property
    def each_sees(self) -> int:
        return len(self.blocks[0])


class DesignFault(ValueError):
    """A design that cannot be made: which key of the vignette asks for it, what is wrong, and what to do."""

    def __init__(self, key: str, what: str, remedy: str) -> None:
        super().__init__(f"{what}. {remedy}")
        self.key, self.what, self.remedy = key, what, remedy


@dataclass(frozen=True, slots=True)
class _Wanted:
    each_sees: int
    one_of_each: str | None
    kind: str
    blocks: int | None
    seed: int


def make_design(
    attributes: Sequence[tuple[str, Sequence[Code]]],
    excluded: Callable[[Mapping[str, Code]], bool],
    each_sees: int,
    one_of_each: str | None,
    kind: str,
    blocks: int | None,
    seed: int,
) -> Design:
    """The vignettes of each block, from the admissible combinations of levels.

    `kind` is full (every vignette once, dealt into blocks of `each_sees`), random (a pool of blocks drawn from the
    seed) or blocks (so many of them, balanced on main effects and two-way interactions). With `one_of_each` a block
    shows each level of that attribute once. The same arguments give the same design; what was made is kept.
    Raises DesignFault for what cannot be made.
    """
    levels: Attributes = tuple((id, tuple(codes)) for id, codes in attributes)
    combinations = prod(len(codes) for _, codes in levels)
    if combinations > MOST_VIGNETTES:
        raise DesignFault(
            "attributes",
            f"the levels make {combinations:,} different vignettes; {MOST_VIGNETTES:,} is the most",
            "Use fewer attributes or fewer levels.",
        )
    universe = tuple(_admissible(levels, excluded))
    return _made(levels, universe, _Wanted(each_sees, one_of_each, kind, blocks, seed))


def _admissible(attributes: Attributes, excluded: Callable[[Mapping[str, Code]], bool]) -> Iterable[Cell]:
    for cell in itertools.product(*(range(len(codes)) for _, codes in attributes)):
        named = {id: codes[at] for (id, codes), at in zip(attributes, cell, strict=True)}
        if not excluded(named):
            yield cell


@lru_cache(maxsize=128)
def _made(attributes: Attributes, universe: tuple[Cell, ...], wanted: _Wanted) -> Design:
    _refuse_lost_levels(attributes, universe)
    deal = Deal(wanted.seed)
    places = _places(attributes, universe, wanted)
    if wanted.kind == "random":
        drawn = [_drawn(places, deal) for _ in range(RANDOM_BLOCKS)]
    else:
        drawn = _balanced(
            attributes, universe, places, _how_many(attributes, universe, places, wanted), wanted, deal
        )
    blocks = tuple(tuple(universe[at] for at in deal.shuffled(block)) for block in drawn)
    return Design(attributes, universe, blocks)


# --- what cannot be made ---------------------------------------------------------------------------------


def _refuse_lost_levels(attributes: Attributes, universe: tuple[Cell, ...]) -> None:
    for place, (id, codes) in enumerate(attributes):
        left = {cell[place] for cell in universe}
        lost = [code for at, code in enumerate(codes) if at not in left]
        if lost:
            raise DesignFault(
                "exclude",
                f'no vignette is left with {id} "{lost[0]}": every one is excluded',
                "Remove that level, or exclude fewer combinations.",
            )


def _places(attributes: Attributes, universe: tuple[Cell, ...], wanted: _Wanted) -> list[list[int]]:
    """For each place in a block the vignettes (their places in the universe) that may stand there."""
    everything = list(range(len(universe)))
    if wanted.one_of_each is None:
        most = min(len(universe), MOST_EACH)
        if not 1 <= wanted.each_sees <= most:
            raise DesignFault(
                "each_sees",
                f"each respondent cannot see {wanted.each_sees} different vignettes of {len(universe)}",
                f"Choose a number from 1 to {most}.",
            )
        return [everything] * wanted.each_sees
    at = [id for id, _ in attributes].index(wanted.one_of_each)
    levels = len(attributes[at][1])
    if wanted.each_sees != levels:
        raise DesignFault(
            "each_sees",
            f"{wanted.one_of_each} has {levels} levels, of which each respondent is to see one each, "
            f"but sees {wanted.each_sees} vignettes",
            f"Write each_sees: {levels}, or remove one_of_each.",
        )
    return [[one for one in everything if universe[one][at] == level] for level in range(levels)]


def _how_many(
    attributes: Attributes,
    universe: tuple[Cell, ...],
    places: list[list[int]],
    wanted: _Wanted,
) -> int:
    """How many blocks there will be."""
    if wanted.kind == "full":
        return _of_full(universe, places, wanted)
    effects = 1 + sum(len(codes) - 1 for _, codes in attributes)
    least, most = -(-effects // wanted.each_sees), MOST_SHOWN // wanted.each_sees
    blocks, shown = wanted.blocks, (wanted.blocks or 0) * wanted.each_sees
    if blocks is None:
        what = "the number of blocks is missing"
    elif blocks < least:
        what = (
            f"{shown} vignettes in total are too few: estimating the effects of all levels requires {effects}"
        )
    elif blocks > most:
        what = f"{shown:,} vignettes in total are too many: {MOST_SHOWN:,} is the most"
    else:
        return blocks
    raise DesignFault("blocks", what, f"Write `blocks:` with a number from {least} to {most}.")


def _of_full(universe: tuple[Cell, ...], places: list[list[int]], wanted: _Wanted) -> int:
    blocks, over = divmod(len(universe), wanted.each_sees)
    if over or any(len(set(place)) != blocks for place in places if wanted.one_of_each):
        even = "" if over else f", one of each {wanted.one_of_each}"
        raise DesignFault(
            "design",
            f"the {len(universe)} vignettes cannot be dealt into blocks of {wanted.each_sees}{even} without a rest",
            "Choose another each_sees, or design: blocks.",
        )
    if len(universe) > MOST_SHOWN:
        raise DesignFault(
            "design",
            f"there are {len(universe):,} vignettes; {MOST_SHOWN:,} is the most that a full design shows",
            "Choose design: blocks, with some of them, or design: random.",
        )
    if wanted.blocks not in (None, blocks):
        raise DesignFault(
            "blocks",
            f"a full design of {len(universe)} vignettes has {blocks} blocks of {wanted.each_sees}, not {wanted.blocks}",
            "Remove blocks, or choose design: blocks.",
        )
    return blocks


# --- chance ----------------------------------------------------------------------------------------------


class Deal:
    """Chance from a seed: SplitMix64. G. L. Steele, D. Lea, C. H. Flood (2014), "Fast splittable pseudorandom number
    generators", OOPSLA. A generator of our own, because those of libraries may change between versions."""

    def __init__(self, seed: int) -> None:
        self.state = seed & 0xFFFFFFFFFFFFFFFF

    def below(self, most: int) -> int:
        """A whole number from 0, below `most`; for most under a million the bias is below 10^-13."""
        self.state = (self.state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        mixed = self.state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return (mixed ^ (mixed >> 31)) % most

    def shuffled(self, cards: Sequence[int]) -> list[int]:
        """Fisher and Yates's shuffle."""
        dealt = list(cards)
        for last in range(len(dealt) - 1, 0, -1):
            other = self.below(last + 1)
            dealt[last], dealt[other] = dealt[other], dealt[last]
        return dealt


def _drawn(places: list[list[int]], deal: Deal) -> list[int]:
    """One block at random: no vignette twice."""
    block: list[int] = []
    for allowed in places:
        one = allowed[deal.below(len(allowed))]
        while one in block:
            one = allowed[deal.below(len(allowed))]
        block.append(one)
    return block


# --- balance ---------------------------------------------------------------------------------------------


def _balanced(
    attributes: Attributes,
    universe: tuple[Cell, ...],
    places: list[list[int]],
    blocks: int,
    wanted: _Wanted,
    deal: Deal,
) -> list[list[int]]:
    """The best of several searches, each from another deal, as long as little work was done."""
    pool = _candidates(places, wanted.kind == "full", deal)
    number = {one: at for at, one in enumerate(pool)}
    narrowed = {id(place): [number[one] for one in place if one in number] for place in places}
    allowed = [narrowed[id(place)] for place in places]
    likeness = Likeness([universe[one] for one in pool], [len(codes) for _, codes in attributes])
    even = len(pool) == len(universe) and _comes_out_even(allowed, blocks)
    found: list[Exchange] = []
    while len(found) < RESTARTS and sum(search.work for search in found) < WORK:
        search = Exchange(likeness, allowed, blocks, deal)
        search.settle(fixed=even)
        found.append(search)
    best = min(found, key=lambda search: search.energy())
    return [[pool[at] for at in block] for block in best.blocks]


def _comes_out_even(allowed: list[list[int]], blocks: int) -> bool:
    """Whether every candidate can be shown equally often: nothing is more balanced than that."""
    return all(blocks * sum(other is one for other in allowed) % len(one) == 0 for one in allowed)


def _candidates(places: list[list[int]], all_of_it: bool, deal: Deal) -> list[int]:
    """The vignettes that the search chooses among: all, or of very many a part, as large for each place."""
    distinct = list({id(place): place for place in places}.values())
    share = CANDIDATES // len(distinct)
    if all_of_it or all(len(place) <= share for place in distinct):
        return sorted({one for place in distinct for one in place})
    return sorted({one for place in distinct for one in deal.shuffled(place)[:share]})


class Likeness:
    """How alike vignettes are: for each pair the product over attributes of `FADING - 1`, or, where their levels are
    the same, `FADING - 1` and the number of levels."""

    def __init__(self, cells: list[Cell], levels: list[int]) -> None:
        self.cells = cells
        self.columns = [
            [[FADING - 1 + s * (cell[place] == level) for cell in cells] for level in range(s)]
            for place, s in enumerate(levels)
        ]
        self.rows: dict[int, array[int]] = {}
        self.most = prod(FADING - 1 + s for s in levels)

    def row(self, one: int) -> array[int]:
        """How alike one is to every one."""
        if one not in self.rows:
            row: Iterable[int] = itertools.repeat(1, len(self.cells))
            for column, level in zip(self.columns, self.cells[one], strict=True):
                row = map(mul, row, column[level])
            self.rows[one] = array("q", row)
        return self.rows[one]

    def total(self, block: Iterable[int]) -> list[int]:
        """How alike every one is to all of a block together."""
        total: Iterable[int] = itertools.repeat(0, len(self.cells))
        for one in block:
            total = map(add, total, self.row(one))
        return list(total)


class Exchange:
    """Exchanges vignettes between blocks, and for others, as long as the design becomes more balanced.

    What is made small is the sum over words of A, divided by FADING for each letter, where A of a word (a set of
    attributes) is the sum of squares of the design's means of all products of its attributes' orthonormal contrasts:
    zero where they are balanced. H. Xu, C. F. J. Wu (2001), "Generalized minimum aberration for asymmetrical
    fractional factorial designs", Annals of Statistics 29, 1066. Words of one letter are main effects that are out of
    balance, of two main effects that depend on each other, of three main effects that depend on two-way
    interactions, and so on, each weighing less. The block is one attribute more, so that effects are kept apart from
    those of respondents too; its letter weighs half, since what differs between blocks still tells something.

    For two vignettes the sum over all words of the products of their contrasts is the product over attributes of
    `1 + (s [same level] - 1) / FADING`, with s levels: so the whole is a sum over pairs of their likeness, in whole
    numbers, and an exchange changes few of them. Exchanges in the manner of V. V. Fedorov (1972), "Theory of optimal
    experiments".
    """

    def __init__(self, likeness: Likeness, allowed: list[list[int]], blocks: int, deal: Deal) -> None:
        self.likeness, self.allowed = likeness, allowed
        self.apart, self.together = (
            2 * FADING - 1,
            blocks,
        )  # what a pair weighs, and how much more in one block
        self.like_places = [
            (at, other) for at, one in enumerate(allowed) for other, two in enumerate(allowed) if one is two
        ]
        self.work = blocks * len(allowed) * len(likeness.cells) // 8
        self.blocks = _dealt(allowed, blocks, deal)
        self.within = [likeness.total(block) for block in self.blocks]
        self.overall = [sum(column) for column in zip(*self.within, strict=True)]

    def energy(self) -> int:
        """What is made small."""
        return sum(
            self.apart * self.overall[one] + self.together * within[one]
            for block, within in zip(self.blocks, self.within, strict=True)
            for one in block
        )

    def settle(self, fixed: bool) -> None:
        """Exchanges until none is left that helps. With `fixed`, what is shown stays, and only blocks change."""
        better = True
        while better and self.work < 2 * WORK:
            better = self._swap()
            if not fixed:
                better = self._replace() or better

    def _swap(self) -> bool:
        """Lets vignettes in like places of two blocks change blocks, wherever that helps."""
        better = False
        for b, d in itertools.combinations(range(len(self.blocks)), 2):
            for at, other in self.like_places:
                one, two = self.blocks[b][at], self.blocks[d][other]
                if self._swap_helps(b, one, d, two):
                    self._put(b, at, two)
                    self._put(d, other, one)
                    better = True
            self.work += len(self.like_places)
        return better

    def _swap_helps(self, b: int, one: int, d: int, two: int) -> bool:
        here, there = self.within[b], self.within[d]
        alike = self.likeness.most - self.likeness.row(one)[two]
        gain = here[two] + there[one] - here[one] - there[two] + 2 * alike
        return gain < 0 and two not in self.blocks[b] and one not in self.blocks[d]

    def _replace(self) -> bool:
        """Puts another candidate in the place of each vignette, wherever that helps."""
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
        """What each candidate would add in the place of one vignette; those of its block more than anything."""
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


def _dealt(places: list[list[int]], blocks: int, deal: Deal) -> list[list[int]]:
    """Everything once before anything twice; no vignette twice in a block."""
    decks: dict[int, list[int]] = {}
    dealt: list[list[int]] = []
    for _ in range(blocks):
        block: list[int] = []
        for allowed in places:
            deck = decks.setdefault(id(allowed), [])
            if not deck:
                deck += deal.shuffled(allowed)
            if all(card in block for card in deck):
                deck[:0] = deal.shuffled(allowed)
            last = next(at for at in range(len(deck) - 1, -1, -1) if deck[at] not in block)
            block.append(deck.pop(last))
        dealt.append(block)
    return dealt
