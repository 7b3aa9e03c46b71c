"""Random numbers that are the same on every machine and in every version of Python."""

from __future__ import annotations

from collections.abc import Sequence


class SplitMix64:
    """Random numbers from a seed. G. L. Steele, D. Lea, C. H. Flood (2014), "Fast splittable pseudorandom number
    generators", OOPSLA. Written out here because generators of libraries may change between versions."""

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
