"""Which vignettes are shown together: the design of a factorial survey experiment, made from a seed alone.

A vignette is a tuple of level indexes, one per attribute. Everything is computed in whole numbers, with random numbers
from the seed: every machine and every version of Python makes the same design, so that the number of a stored block
keeps its meaning.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod

from app.survey.model import Code
from app.survey.vignettes.chance import SplitMix64
from app.survey.vignettes.exchange import WORK, Cell, Exchange, Likeness

Block = tuple[Cell, ...]
Attributes = tuple[tuple[str, tuple[Code, ...]], ...]

MOST_VIGNETTES = 20_000  # that the levels can make together, where all of them are listed
REFUSED = 10_000  # vignettes drawn one after the other that are all excluded: there may be no other
MOST_EACH = 50  # that one respondent can be shown
MOST_SHOWN = 2_000  # blocks times vignettes in each
RANDOM_BLOCKS = 1000  # in the pool that random designs are drawn from
CANDIDATES = 1024  # that an exchange chooses among, at most
RESTARTS = 16


@dataclass(frozen=True, slots=True)
class Design:
    attributes: Attributes  # their ids, with the codes of their levels
    universe: tuple[Cell, ...]  # every vignette that is not excluded
    blocks: tuple[Block, ...]
    drawn_from: int = 0
    """How many vignettes the levels make, where they are too many to be listed: `universe` then holds those drawn."""
    excludes: bool = False  # whether some combinations of levels are never shown

    @property
    def each_sees(self) -> int:
        return len(self.blocks[0])


class DesignFault(ValueError):
    """A design that cannot be made: the key of the vignette, the cause and the remedy."""

    def __init__(self, key: str, what: str, remedy: str) -> None:
        super().__init__(f"{what}. {remedy}")
        self.key, self.what, self.remedy = key, what, remedy


@dataclass(frozen=True, slots=True)
class _Specification:
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
    specification = _Specification(each_sees, one_of_each, kind, blocks, seed)
    if combinations > MOST_VIGNETTES and kind == "random":
        return _drawn_from_levels(levels, excluded, combinations, specification)
    if combinations > MOST_VIGNETTES:
        raise DesignFault(
            "attributes",
            f"the levels make {combinations:,} different vignettes; {MOST_VIGNETTES:,} is the most of a balanced design",
            "Write `design: random`, which has no such limit, or use fewer attributes or fewer levels.",
        )
    return _made(levels, tuple(_admissible(levels, excluded)), specification)


def _admissible(attributes: Attributes, excluded: Callable[[Mapping[str, Code]], bool]) -> Iterable[Cell]:
    for cell in itertools.product(*(range(len(codes)) for _, codes in attributes)):
        named = {id: codes[at] for (id, codes), at in zip(attributes, cell, strict=True)}
        if not excluded(named):
            yield cell


@lru_cache(maxsize=128)
def _made(attributes: Attributes, universe: tuple[Cell, ...], specification: _Specification) -> Design:
    _refuse_lost_levels(attributes, universe)
    random = SplitMix64(specification.seed)
    positions = _positions(attributes, universe, specification)
    if specification.kind == "random":
        drawn = [_drawn(positions, random) for _ in range(RANDOM_BLOCKS)]
    else:
        drawn = _balanced(
            attributes, universe, positions, _how_many(attributes, universe, positions, specification), specification, random
        )
    blocks = tuple(tuple(universe[at] for at in random.shuffled(block)) for block in drawn)
    return Design(attributes, universe, blocks, excludes=len(universe) < prod(len(codes) for _, codes in attributes))


# --- vignettes that are too many to be listed -----------------------------------------------------------------


def _drawn_from_levels(
    attributes: Attributes,
    excluded: Callable[[Mapping[str, Code]], bool],
    combinations: int,
    specification: _Specification,
) -> Design:
    """A pool of random blocks, each vignette drawn level by level and drawn again where it is excluded."""
    _check_each_sees(attributes, combinations, specification)
    random = SplitMix64(specification.seed)
    at = next((at for at, (id, _) in enumerate(attributes) if id == specification.one_of_each), None)
    refused = 0

    def one(place: int, block: list[Cell]) -> Cell:
        nonlocal refused
        for _ in range(REFUSED):
            cell = tuple(random.below(len(codes)) for _, codes in attributes)
            if at is not None:
                cell = (*cell[:at], place, *cell[at + 1 :])
            named = {id: codes[level] for (id, codes), level in zip(attributes, cell, strict=True)}
            if excluded(named):
                refused += 1
            elif cell not in block:
                return cell
        what = f"of {REFUSED:,} vignettes drawn one after the other every one is excluded"
        raise DesignFault("exclude", what, "Exclude fewer combinations.")

    blocks = []
    for _ in range(RANDOM_BLOCKS):
        block: list[Cell] = []
        for place in range(specification.each_sees):
            block.append(one(place, block))
        order = random.shuffled(range(len(block)))
        blocks.append(tuple(block[place] for place in order))
    universe = tuple(sorted({cell for block in blocks for cell in block}))
    _refuse_lost_levels(attributes, universe)
    return Design(attributes, universe, tuple(blocks), combinations, excludes=refused > 0)


# --- designs that are refused ---------------------------------------------------------------------------------


def _refuse_lost_levels(attributes: Attributes, universe: tuple[Cell, ...]) -> None:
    for position, (id, codes) in enumerate(attributes):
        left = {cell[position] for cell in universe}
        lost = [code for at, code in enumerate(codes) if at not in left]
        if lost:
            raise DesignFault(
                "exclude",
                f'no vignette is left with {id} "{lost[0]}": every one is excluded',
                "Remove that level, or exclude fewer combinations.",
            )


def _positions(attributes: Attributes, universe: tuple[Cell, ...], specification: _Specification) -> list[list[int]]:
    """The vignettes (as indexes into the universe) allowed at each position of a block."""
    _check_each_sees(attributes, len(universe), specification)
    everything = list(range(len(universe)))
    if specification.one_of_each is None:
        return [everything] * specification.each_sees
    at = [id for id, _ in attributes].index(specification.one_of_each)
    return [[one for one in everything if universe[one][at] == level] for level in range(len(attributes[at][1]))]


def _check_each_sees(attributes: Attributes, vignettes: int, specification: _Specification) -> None:
    if specification.one_of_each is None:
        most = min(vignettes, MOST_EACH)
        if not 1 <= specification.each_sees <= most:
            raise DesignFault(
                "each_sees",
                f"each respondent cannot see {specification.each_sees} different vignettes of {vignettes}",
                f"Choose a number from 1 to {most}.",
            )
        return
    levels = len(dict(attributes)[specification.one_of_each])
    if specification.each_sees != levels:
        raise DesignFault(
            "each_sees",
            f"{specification.one_of_each} has {levels} levels, of which each respondent is to see one each, "
            f"but sees {specification.each_sees} vignettes",
            f"Write each_sees: {levels}, or remove one_of_each.",
        )


def _how_many(
    attributes: Attributes,
    universe: tuple[Cell, ...],
    positions: list[list[int]],
    specification: _Specification,
) -> int:
    """How many blocks there will be."""
    if specification.kind == "full":
        return _of_full(universe, positions, specification)
    effects = 1 + sum(len(codes) - 1 for _, codes in attributes)
    least, most = -(-effects // specification.each_sees), MOST_SHOWN // specification.each_sees
    blocks, shown = specification.blocks, (specification.blocks or 0) * specification.each_sees
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


def _of_full(universe: tuple[Cell, ...], positions: list[list[int]], specification: _Specification) -> int:
    blocks, over = divmod(len(universe), specification.each_sees)
    if over or any(len(set(position)) != blocks for position in positions if specification.one_of_each):
        even = "" if over else f", one of each {specification.one_of_each}"
        raise DesignFault(
            "design",
            f"the {len(universe)} vignettes cannot be dealt into blocks of {specification.each_sees}{even} without a rest",
            "Choose another each_sees, or design: blocks.",
        )
    if len(universe) > MOST_SHOWN:
        raise DesignFault(
            "design",
            f"there are {len(universe):,} vignettes; {MOST_SHOWN:,} is the most that a full design shows",
            "Choose design: blocks, with some of them, or design: random.",
        )
    if specification.blocks not in (None, blocks):
        raise DesignFault(
            "blocks",
            f"a full design of {len(universe)} vignettes has {blocks} blocks of {specification.each_sees}, not {specification.blocks}",
            "Remove blocks, or choose design: blocks.",
        )
    return blocks


def _drawn(positions: list[list[int]], random: SplitMix64) -> list[int]:
    """One block at random: no vignette twice."""
    block: list[int] = []
    for allowed in positions:
        one = allowed[random.below(len(allowed))]
        while one in block:
            one = allowed[random.below(len(allowed))]
        block.append(one)
    return block


def _balanced(
    attributes: Attributes,
    universe: tuple[Cell, ...],
    positions: list[list[int]],
    blocks: int,
    specification: _Specification,
    random: SplitMix64,
) -> list[list[int]]:
    """The best of several searches, each from another random start, within the limit of work."""
    pool = _candidates(positions, specification.kind == "full", random)
    number = {one: at for at, one in enumerate(pool)}
    narrowed = {id(position): [number[one] for one in position if one in number] for position in positions}
    allowed = [narrowed[id(position)] for position in positions]
    likeness = Likeness([universe[one] for one in pool], [len(codes) for _, codes in attributes])
    even = len(pool) == len(universe) and _comes_out_even(allowed, blocks)
    found: list[Exchange] = []
    while len(found) < RESTARTS and sum(search.work for search in found) < WORK:
        search = Exchange(likeness, allowed, blocks, random)
        search.settle(fixed=even)
        found.append(search)
    best = min(found, key=lambda search: search.energy())
    return [[pool[at] for at in block] for block in best.blocks]


def _comes_out_even(allowed: list[list[int]], blocks: int) -> bool:
    """Whether every candidate can be shown equally often: nothing is more balanced than that."""
    return all(blocks * sum(other is one for other in allowed) % len(one) == 0 for one in allowed)


def _candidates(positions: list[list[int]], all_of_it: bool, random: SplitMix64) -> list[int]:
    """The vignettes that the search chooses among: all, or a sample of very many, equally large for each position."""
    distinct = list({id(position): position for position in positions}.values())
    share = CANDIDATES // len(distinct)
    if all_of_it or all(len(position) <= share for position in distinct):
        return sorted({one for position in distinct for one in position})
    return sorted({one for position in distinct for one in random.shuffled(position)[:share]})
