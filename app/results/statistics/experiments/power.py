"""What an experiment can show with so many respondents: the power of contrasts between levels, and between arms.

Effects are estimated as results estimate them, by least squares with errors clustered by respondent (`fit`). Which error to
expect depends on how alike the judgements of one respondent are: in the model of a random intercept a judgement is the sum
of the effects of its levels, of what is the respondent's own, and of chance, the last two with variances `icc` and
`1 - icc`. The variance of an estimate is then that of the sandwich with V = (1 - icc) I + icc J in place of the squared
residuals: B. R. Moulton (1986), "Random group effects and the precision of regression estimates", Journal of Econometrics
32, 385-397. Effects are in standard deviations of a judgement (the two together), as Cohen's d. Power is that of Wald's test
with the normal distribution: J. Cohen (1988), "Statistical power analysis for the behavioral sciences", 2nd edition,
chapter 2, for many degrees of freedom. So the figures hold for the vignettes and answers that are there, those left out
included; effects that differ between respondents cost further power.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy

from app.results.statistics.experiments.fit import Fit
from app.results.statistics.experiments.sums import JudgementSums

ALPHA = 0.05  # of a test on both sides
ROUNDING = 1e-18  # a variance below it is none
ICC = 0.3  # assumed for the judgements of one respondent, before there are any
WANTED = 0.80  # the power for which the smallest detectable effect is reported


def power(effect: float, error: float, alpha: float = ALPHA) -> float:
    """The probability that a test on both sides finds an effect, given the standard error of its estimate."""
    normal = NormalDist()
    edge, shift = normal.inv_cdf(1 - alpha / 2), abs(effect) / error
    return normal.cdf(shift - edge) + normal.cdf(-shift - edge)


def detectable(error: float, family: int = 1, wanted: float = WANTED) -> float:
    """The effect found with this power; the other side's share is left out, as is usual. Of a `family` that Holm corrects
    together, in the least favourable case: that no other effect is found, so that its p is compared with alpha / family."""
    normal = NormalDist()
    return error * (normal.inv_cdf(1 - ALPHA / family / 2) + normal.inv_cdf(wanted))


def expected_covariance(found: Fit, icc: float) -> numpy.ndarray:
    """Of all levels, in units of the variance of a judgement; contrasts have one where they are identified."""
    scores = (1 - icc) * found.equations.products
    for each in found.totals.designs():
        counts = each.counts
        scores += icc * (counts * each.people[:, None]).T @ counts
    return found.inverse @ scores @ found.inverse


def expected_errors(found: Fit, icc: float) -> list[list[float | None]]:
    """For each attribute, of each level but the first, the standard error to expect of its effect, in standard deviations
    of a judgement; None of what is not identified."""
    covariance, errors = expected_covariance(found, icc), []
    for at, size in enumerate(found.sizes):
        contrasts = [found.contrast(at, level) for level in range(1, size)]
        errors.append([expected_error(each, found, covariance) for each in contrasts])
    return errors


def expected_error(contrast: numpy.ndarray, found: Fit, covariance: numpy.ndarray) -> float | None:
    variance = float(contrast @ covariance @ contrast) if found.identifies(contrast) else 0.0
    return variance**0.5 if variance > ROUNDING else None


def designed(sizes: Sequence[int], blocks: Sequence[Sequence[Sequence[int]]], alone: bool) -> tuple[JudgementSums, int]:
    """What respondents of a design will judge, one for each block; or with `alone` one for each vignette that can be the
    first. The number of these respondents: with n times as many, errors are smaller by the root of n."""
    shown = [[cell] for block in blocks for cell in block] if alone else list(blocks)
    levels = numpy.array(shown)
    sums = JudgementSums(sizes)
    sums.add(levels, numpy.zeros(levels.shape[:2]))
    return sums, len(levels)


def arm_error(first: int, other: int) -> float | None:
    """Of the difference of two means of so many respondents, in standard deviations."""
    return (1 / first + 1 / other) ** 0.5 if first and other else None


# --- how alike judgements are -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JudgementSample:
    """The answers to one rating. `person` numbers respondents from 0; `levels` has a column an attribute, of places."""

    person: numpy.ndarray
    levels: numpy.ndarray
    value: numpy.ndarray


def spread(judgements: JudgementSample, found: Fit) -> tuple[float, float]:
    """The intraclass correlation, from 0 to 1, and the standard deviation of judgements, both net of levels.

    One-way analysis of variance with groups of unlike sizes: A. Donner, J. J. Koval (1980), "The estimation of
    intraclass correlation in the analysis of family data", Biometrics 36, 19. 0 and 0 where nothing varies.
    """
    left = judgements.value - found.middle - found.values[judgements.levels + numpy.array(found.offsets)].sum(axis=1)
    size = numpy.bincount(judgements.person).astype(float)
    size = size[size > 0]
    people, n = len(size), len(left)
    if n <= people or people < 2:
        return 0.0, float(left.std()) if left.var() > ROUNDING else 0.0
    there = numpy.unique(judgements.person, return_inverse=True)[1]
    means = numpy.bincount(there, weights=left) / size
    between = float((size * (means - left.mean()) ** 2).sum()) / (people - 1)
    within = (float((left**2).sum()) - float((size * means**2).sum())) / (n - people)
    usual = (n - float((size**2).sum()) / n) / (people - 1)
    own = max((between - within) / usual, 0.0)
    whole = own + max(within, 0.0)
    return (own / whole, whole**0.5) if whole > ROUNDING else (0.0, 0.0)
