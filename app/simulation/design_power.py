"""What the design of a vignette experiment can show, before anybody is simulated."""

from __future__ import annotations

from collections.abc import Iterator

from app.results.statistics.experiments.fit import fit
from app.results.statistics.experiments.power import ICC, designed, detectable, expected_errors
from app.survey.model import Vignette


def power_lines(vignette: Vignette, respondents: int) -> Iterator[str]:
    """The least differences that are found with a power of 80 %, of each attribute that of its most uncertain level."""
    sizes = [len(attribute.levels) for attribute in vignette.attributes]
    family = sum(size - 1 for size in sizes)
    yield (
        f"  least difference found with a power of 80 %, in standard deviations of a rating (and with Holm’s correction for {family} effects):"
    )
    alone = _errors(vignette, sizes, respondents, True)
    every = _errors(vignette, sizes, respondents, False)
    for attribute, first, all_ in zip(vignette.attributes, alone, every, strict=True):
        both = "" if vignette.each_sees == 1 else f", all vignettes {_text(all_, family)}"
        yield f"    {attribute.id}: first vignette alone {_text(first, family)}{both}"
    if vignette.each_sees > 1:
        yield f"    with all vignettes judged, and a correlation of {ICC} between the judgements of one respondent"


def _errors(vignette: Vignette, sizes: list[int], respondents: int, alone: bool) -> list[float | None]:
    """Of each attribute the largest standard error; None where a level is not identified."""
    sums, people = designed(sizes, vignette.design.blocks, alone)
    found = fit(sums)
    assert found is not None
    errors = expected_errors(found, 0.0 if alone else ICC)
    scale = (people / respondents) ** 0.5
    return [None if None in each else max(error for error in each if error is not None) * scale for each in errors]


def _text(error: float | None, family: int) -> str:
    return "not identified" if error is None else f"{detectable(error):.2f} ({detectable(error, family):.2f})"
