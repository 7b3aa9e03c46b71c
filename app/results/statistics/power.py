"""What an experiment can show with so many respondents: power of contrasts between levels and between arms.

Judgements of one respondent resemble each other. The model is that of a random intercept: a judgement is the sum of
the effects of its levels, of what is the respondent's own, and of chance, the last two with variances `icc` and
`1 - icc`. Effects are in standard deviations of a judgement (the two together), as Cohen's d. Contrasts are estimated
by generalised least squares, whose covariance is the inverse of the sum over respondents of X'V⁻¹X, with
V = (1 - icc) I + icc J: N. M. Laird, J. H. Ware (1982), "Random-effects models for longitudinal data", Biometrics 38,
963. Power is that of Wald's test with the normal distribution: J. Cohen (1988), "Statistical power analysis for the
behavioral sciences", 2nd edition, chapter 2, for many degrees of freedom. So the figures hold for the vignettes and
answers that are there, those left out included, and for a correlation that is known; not for slopes that differ
between respondents, which cost further power.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy

ALPHA = 0.05  # of a test on both sides
ROUNDING = 1e-18  # a variance below it is none
WANTED = 0.80  # the power for which the smallest detectable effect is reported

Floats = numpy.ndarray  # of float64
Places = numpy.ndarray  # of whole numbers


@dataclass(frozen=True, slots=True)
class Contrast:
    """One level against the first of its attribute, or one arm against the first."""

    level: str
    against: str
    judgements: tuple[int, int]  # of each of the two
    found: float | None  # the difference in the answers, in their standard deviations; None where there is none
    error: float | None  # its standard error, in the same unit
    power: float | None  # for an effect of the requested size
    detectable: float | None  # the effect found with a power of 80 %


@dataclass(frozen=True, slots=True)
class JudgementSample:
    """The answers to one rating. `person` numbers respondents from 0; `levels` has a column an attribute, of places."""

    person: Places
    levels: Places
    value: Floats


def power(effect: float, error: float, alpha: float = ALPHA) -> float:
    """The probability that a test on both sides finds an effect, given the standard error of its estimate."""
    normal = NormalDist()
    edge, shift = normal.inv_cdf(1 - alpha / 2), abs(effect) / error
    return normal.cdf(shift - edge) + normal.cdf(-shift - edge)


def detectable(error: float, wanted: float = WANTED, alpha: float = ALPHA) -> float:
    """The effect found with this power; the other side's share is left out, as is usual."""
    normal = NormalDist()
    return error * (normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(wanted))


def spread(judgements: JudgementSample, sizes: Sequence[int]) -> tuple[float, float]:
    """The intraclass correlation, from 0 to 1, and the standard deviation of judgements, both net of levels.

    One-way analysis of variance with groups of unlike sizes: A. Donner, J. J. Koval (1980), "The estimation of
    intraclass correlation in the analysis of family data", Biometrics 36, 19. 0 and 0 where nothing varies.
    """
    coded = _coded(judgements.levels, sizes)
    fitted = coded @ numpy.linalg.lstsq(coded, judgements.value, rcond=None)[0]
    left = judgements.value - fitted
    size = numpy.bincount(judgements.person).astype(float)
    size = size[size > 0]
    people, n = len(size), len(left)
    if n <= people or people < 2:
        return 0.0, float(left.std()) if left.var() > ROUNDING else 0.0
    means = _per_person(judgements.person, left[:, None])[:, 0] / size
    between = float((size * (means - left.mean()) ** 2).sum()) / (people - 1)
    within = (float((left**2).sum()) - float((size * means**2).sum())) / (n - people)
    usual = (n - float((size**2).sum()) / n) / (people - 1)
    own = max((between - within) / usual, 0.0)
    whole = own + max(within, 0.0)
    return (own / whole, whole**0.5) if whole > ROUNDING else (0.0, 0.0)


def contrasts(
    judgements: JudgementSample,
    sizes: Sequence[int],
    names: Sequence[Sequence[str]],
    icc: float,
    sd: float,
    effect: float,
) -> list[list[Contrast]]:
    """For each attribute each level against the first; `effect` is the size for which power is calculated."""
    coded = _coded(judgements.levels, sizes)
    information, weighed = _sums(judgements, coded, icc)
    covariance = numpy.linalg.pinv(information, hermitian=True)
    estimated = covariance @ weighed
    contrasts_of, column = [], 1
    for at, labels in enumerate(names):
        shown = numpy.bincount(judgements.levels[:, at], minlength=len(labels))
        contrasts_of.append(
            [
                _contrast(
                    labels[level], labels[0], (int(shown[level]), int(shown[0])),
                    estimated[column + level - 1], covariance[column + level - 1, column + level - 1], sd, effect,
                )
                for level in range(1, len(labels))
            ]
        )  # fmt: skip
        column += len(labels) - 1
    return contrasts_of


def _contrast(
    level: str, against: str, shown: tuple[int, int], found: float, variance: float, sd: float, effect: float
) -> Contrast:
    if not min(shown) or not sd or variance <= 0:
        return Contrast(level, against, shown, None, None, None, None)
    error = float(variance) ** 0.5
    return Contrast(level, against, shown, float(found) / sd, error, power(effect, error), detectable(error))


def _coded(levels: Places, sizes: Sequence[int]) -> Floats:
    """A column of ones, then for each attribute one for each level but the first."""
    columns = [numpy.ones((len(levels), 1))]
    columns += [numpy.eye(size)[levels[:, at]][:, 1:] for at, size in enumerate(sizes)]
    return numpy.hstack(columns)


def _per_person(person: Places, rows: Floats) -> Floats:
    """The sums of each respondent's rows."""
    there = numpy.unique(person, return_inverse=True)[1]
    return numpy.stack([numpy.bincount(there, weights=column) for column in rows.T], axis=1)


def _sums(judgements: JudgementSample, coded: Floats, icc: float) -> tuple[Floats, Floats]:
    """The sums over respondents of X'V⁻¹X and X'V⁻¹y, where V⁻¹ = (I - w J) / (1 - icc) with w = icc / (1 + (k - 1) icc)."""
    icc = min(icc, 0.999)
    own = _per_person(judgements.person, numpy.column_stack([coded, judgements.value]))
    weight = icc / (1 + (own[:, 0] - 1) * icc)  # the first column counts the respondent's judgements
    x, y = own[:, :-1], own[:, -1]
    information = coded.T @ coded - (x * weight[:, None]).T @ x
    weighed = coded.T @ judgements.value - (x * weight[:, None]).T @ y
    return information / (1 - icc), weighed / (1 - icc)
