"""What primary estimates can show with the expected number of respondents, before there are any."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.results.statistics.experiments.fit import fit
from app.results.statistics.experiments.power import (
    ICC,
    designed,
    detectable,
    expected_covariance,
    expected_error,
)
from app.results.statistics.intervals import Z
from app.survey.model import Instrument, PrimaryEstimate

OF_A_SHARE = 0.5  # the standard deviation of a yes or no, where it is largest


@dataclass(frozen=True, slots=True)
class PlannedSize:
    """What one estimate can show. Values are in standard deviations of the answers, or of a share in its own units."""

    is_share: bool
    error: float  # the standard error of the estimate
    assumed: str  # what that rests on, in words
    alone: float | None = None  # of a contrast the difference found with a power of 80%, by itself
    corrected: float | None = None  # the same at the strictest step of Holm's correction

    @property
    def reach(self) -> float:
        """Half of the expected 95% interval."""
        return Z * self.error


def planned_size(instrument: Instrument, estimate: PrimaryEstimate, tests: int) -> PlannedSize | None:
    """None where the expected number of respondents is not known. `tests` is the number of contrasts among the primary
    estimates. Power: J. Cohen (1988), "Statistical power analysis for the behavioral sciences", chapters 2 and 6; shares are
    taken at 50%, where least can be shown."""
    n = instrument.sample
    if n is None:
        return None
    unit = OF_A_SHARE if estimate.share else 1.0
    if estimate.contrast is None:
        return PlannedSize(bool(estimate.share), unit / math.sqrt(n), f"{n:,} responses")
    if estimate.rating is not None:
        error, assumed = _of_vignettes(instrument, estimate, n)
    else:
        error, assumed = _of_groups(instrument, estimate, n)
    error *= unit
    return PlannedSize(bool(estimate.share), error, assumed, detectable(error), detectable(error, tests))


def _of_groups(instrument: Instrument, estimate: PrimaryEstimate, n: int) -> tuple[float, str]:
    """In standard deviations, for groups of equal size or arms by their weights."""
    assert estimate.contrast is not None
    contrast = estimate.contrast
    drawn = instrument.drawn_by_name.get(contrast.by)
    if drawn is not None:
        codes = [option.code for option in drawn.options]
        sizes = [n * drawn.weights[codes.index(code)] / sum(drawn.weights) for code in (contrast.first, contrast.second)]
        assumed = f"{n:,} responses, {_rounded(sizes[0])} and {_rounded(sizes[1])} of them in the two arms"
    else:
        many = _categories(instrument, contrast.by)
        sizes = [n / many] * 2
        assumed = f"{n:,} responses that are spread evenly over the {many} categories, so {_rounded(sizes[0])} in each group"
    return math.sqrt(1 / sizes[0] + 1 / sizes[1]), assumed


def _rounded(size: float) -> str:
    return f"{round(size):,}"


def _categories(instrument: Instrument, name: str) -> int:
    computed = instrument.computed_by_name.get(name)
    if computed is not None:
        return len(computed.options)
    answers = (answer for item in instrument.items() for answer in item.answers())
    return next((len(answer.options) for answer in answers if answer.name == name), max(len(instrument.languages), 2))


def _of_vignettes(instrument: Instrument, estimate: PrimaryEstimate, n: int) -> tuple[float, str]:
    """In standard deviations of a judgement, for the vignettes of the survey's own design."""
    assert estimate.contrast is not None and estimate.rating is not None
    vignette = next(each for each in instrument.vignettes if each.id == estimate.rating[0])
    place = [each.id for each in vignette.attributes].index(estimate.contrast.by)
    codes = [level.code for level in vignette.attributes[place].levels]
    first, second = codes.index(estimate.contrast.first), codes.index(estimate.contrast.second)
    alone, sizes = estimate.vignettes != "all", [len(each.levels) for each in vignette.attributes]
    sums, people = designed(sizes, vignette.design.blocks, alone)
    found = fit(sums)
    assert found is not None
    contrast = found.contrast(place, first) - found.contrast(place, second)
    error = expected_error(contrast, found, expected_covariance(found, 0.0 if alone else ICC)) or math.inf
    each = vignette.each_sees if estimate.vignettes == "all" else 1
    assumed = f"{n:,} responses with {each} {'vignette' if each == 1 else 'vignettes'} each, all of them judged"
    assumed += f", and a correlation of {ICC} between judgements of one respondent" if each > 1 else ""
    return error * math.sqrt(people / n), assumed
