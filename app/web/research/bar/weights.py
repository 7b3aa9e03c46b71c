"""The switch between unweighted and weighted figures, and what must be said about the weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from app.results.crosstabs import Crossed
from app.results.marginals import Figures
from app.results.view import RAKE, View
from app.results.weights.weighting import Weighting
from app.results.weights.wording import GIVEN, OPT_IN, about_weights, variables_of, why_unweighted
from app.web.research.files import Pairs
from app.web.research.navigation import address

UNWEIGHTED_PARTS = (
    "Counts of responses, missing answers, reliability, mean ratings of vignettes, answers in words and signs of careless "
    "answering are never weighted."
)


class WeightChoice(NamedTuple):
    label: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class WeightReport:
    """What is said about the weights of a view. `why` says why its figures are unweighted although they should not be."""

    heading: str
    facts: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class ShownResponses:
    """The responses that a page shows: how many, how many of them have a sign of careless answering, and their weights."""

    n: int
    flagged: int | None = None
    without_weight: int = 0  # that the view leaves out
    weighting: Weighting | None = None

    @property
    def is_weighted(self) -> bool:
        return self.weighting is not None and self.weighting.is_usable


def shown_in(figures: Figures | Crossed) -> ShownResponses:
    flagged = figures.quality.any if isinstance(figures, Figures) and figures.quality else None
    return ShownResponses(figures.n, flagged, figures.without_weight, figures.weighting)


def weight_choices(survey: str, page: str, state: Pairs, view: View, has_weights: bool) -> tuple[WeightChoice, ...]:
    """None for a survey without weights."""
    if not has_weights:
        return ()
    rest = [pair for pair in state if pair[0] != "weights"]
    return (
        WeightChoice("Unweighted", address(survey, page, rest), not view.weights),
        WeightChoice("Weighted", address(survey, page, [*rest, ("weights", RAKE)]), bool(view.weights)),
    )


def weight_report(view: View, shown: ShownResponses) -> WeightReport | None:
    """None for an unweighted view."""
    if not view.weights:
        return None
    weights = shown.weighting
    if weights is None or not weights.is_usable:
        return WeightReport("These figures are not weighted", why=why_unweighted(weights))
    facts = [*about_weights(weights)]
    if shown.without_weight:
        left = f"{shown.without_weight:,} response{'s' * (shown.without_weight != 1)}"
        facts.append(f"This view leaves out {left} without a weight, such as those that are not complete.")
    heading = f"Weighted to the population’s shares of {variables_of(weights)}"
    return WeightReport(heading, tuple(facts), (GIVEN, OPT_IN, UNWEIGHTED_PARTS))
