"""Random assignment when a response begins: arms, vignettes, orders and poles, from a secret seed and its number alone.

Every draw follows from the seed, a name and a number by HMAC-SHA-256, so the same seed and number give the same form
on every machine, and without the seed no draw can be derived from anything that a response shows.

Arms are assigned in permuted blocks: each block contains every arm as often as its weight says, in a random order, so
after each whole block the numbers are exact. A block is no longer than that (the sum of the weights): the shorter it
is, the closer the arms stay at any time. Longer or varying blocks prevent a recruiter from guessing the next arm; here
nobody recruits, and the order of a block is unknown without the seed. Different arms have separate blocks and so cross
at random.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

from app.survey.model import Code, Drawn, Instrument, Vignette

T = TypeVar("T")
WORD = 8  # random bytes used for one choice


class Stream:
    """Unlimited random bytes from a key and a name: HMAC-SHA-256 in counter mode."""

    def __init__(self, key: bytes, *name: object):
        self._key = hmac.digest(key, "\n".join(map(str, name)).encode(), "sha256")
        self._count = 0
        self._left = b""

    def _word(self) -> int:
        if not self._left:
            self._left = hmac.digest(self._key, self._count.to_bytes(8, "big"), "sha256")
            self._count += 1
        word, self._left = self._left[:WORD], self._left[WORD:]
        return int.from_bytes(word, "big")

    def below(self, limit: int) -> int:
        """A whole number from 0 to below `limit`, with equal probability: words beyond the last multiple are rejected."""
        fair = (1 << 8 * WORD) // limit * limit
        while (word := self._word()) >= fair:
            pass
        return word % limit

    def shuffled(self, values: Sequence[T]) -> list[T]:
        """In a random order; all are equally likely (Fisher and Yates)."""
        order = list(values)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order


def draw(instrument: Instrument, number: int, seed: bytes, today: str, language: str) -> dict[str, Any]:
    """All that is assigned to a response when it begins, in the order of `Instrument.given`.

    `number` counts the instrument's responses in the order in which they begin, from 0. `today` is that day and
    `language` that of the beginning; both are included if the instrument uses them.
    """
    found: dict[str, Any] = {}
    for drawn in instrument.drawn:
        if drawn.kind == "order":
            found[drawn.name] = _order(drawn, Stream(seed, "order", drawn.name, number))
        elif not drawn.of:
            found[drawn.name] = arm(drawn, number, seed)
    for vignette in instrument.vignettes:
        found |= _vignettes(vignette, number, seed)
    found |= {"language": language, "today": today}
    return {name: found[name] for name in instrument.given if name in found}


def arm(drawn: Drawn, number: int, seed: bytes) -> Code:
    """The arm of the response with this number."""
    weights = drawn.weights or (1,) * len(drawn.options)
    block = [
        option.code for option, weight in zip(drawn.options, weights, strict=True) for _ in range(weight)
    ]
    cycle, within = divmod(number, len(block))
    return Stream(seed, "arm", drawn.name, cycle).shuffled(block)[within]


def _vignettes(vignette: Vignette, number: int, seed: bytes) -> dict[str, Any]:
    """The block of the design, numbered from 0, and the levels of each of its vignettes as they are shown.

    Blocks are dealt as arms are; the order within a block is each response's own.
    """
    blocks = vignette.design.blocks
    cycle, within = divmod(number, len(blocks))
    block = _cycle(seed, vignette.id, cycle, len(blocks))[within]
    cells = Stream(seed, "vignettes", vignette.id, number).shuffled(blocks[block])
    found: dict[str, Any] = {vignette.block: block}
    for k, cell in enumerate(cells, start=1):
        for attribute, level in zip(vignette.attributes, cell, strict=True):
            found[f"{vignette.id}_{attribute.id}_{k}"] = attribute.levels[level].code
    return found


@lru_cache(maxsize=64)
def _cycle(seed: bytes, vignette: str, cycle: int, blocks: int) -> list[int]:
    """The blocks in the order in which one cycle assigns them."""
    return Stream(seed, "blocks", vignette, cycle).shuffled(range(blocks))


def _order(drawn: Drawn, stream: Stream) -> list[Code]:
    """A random order, or for poles the pairs whose poles are exchanged, each with probability one half."""
    if drawn.name.endswith("~poles"):
        return [pair for pair in drawn.whole if stream.below(2)]
    moved = iter(stream.shuffled(drawn.moving))
    return [next(moved) if code in drawn.moving else code for code in drawn.whole]
