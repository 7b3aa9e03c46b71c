"""The switch between unweighted and weighted figures, and what must be said about the weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from app.languages.direction import isolated
from app.results.charts.lines import shortened
from app.results.crosstabs import Crossed
from app.results.marginals import Figures
from app.results.view import RAKE, View
from app.results.weights.weighting import Weighting
from app.results.weights.wording import GIVEN, OPT_IN, about_weights, why_unweighted
from app.web.research.files import Pairs
from app.web.research.navigation import address

NEVER = (
    "Counts of responses, missing answers, what was assigned, reliability, answers in words and signs of careless "
    "answering are never weighted."
)
TARGETS = "Over all respondents the shares of these variables are their targets: they are no findings, and have no interval."
IN_SHORT = "Weights are taken as given; respondents chose to take part, so that intervals hold under a model only."
LONGEST_LABEL = 48


class WeightChoice(NamedTuple):
    label: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class WeightReport:
    """What is said about the weights of a view: in short, and in full. Without `details` its figures are not weighted, and
    `facts` says why."""

    heading: str
    facts: str
    details: tuple[str, ...] = ()


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
        WeightChoice("Off", address(survey, page, rest), not view.weights),
        WeightChoice("On", address(survey, page, [*rest, ("weights", RAKE)]), bool(view.weights)),
    )


def weight_report(view: View, shown: ShownResponses) -> WeightReport | None:
    """None for an unweighted view."""
    if not view.weights:
        return None
    weights = shown.weighting
    if weights is None or not weights.is_usable:
        return WeightReport("These figures are not weighted.", why_unweighted(weights))
    names = " and ".join(f"“{isolated(shortened(each.label, LONGEST_LABEL))}”" for each in weights.cells.variables)
    heading = f"Weighted to the population’s shares of {names}"
    return WeightReport(heading, f"{_in_short(weights, shown.without_weight)} {IN_SHORT}", (*about_weights(weights), TARGETS, GIVEN, OPT_IN, NEVER))


def _in_short(weights: Weighting, without: int) -> str:
    raking = weights.raking
    found = f": raking {'converged' if raking.converged else 'did not converge'}, weights from {raking.smallest:.2f} to {raking.largest:.2f}, design effect {raking.design_effect:.2f} ({raking.n:,} responses count like {raking.effective_n:,.0f})"
    if without:
        found += f"; {without:,} without a weight {'is' if without == 1 else 'are'} left out"
    if not raking.converged:
        found += f"; shares miss their targets by up to {100 * raking.largest_error:.2g} points"
    return f"{found}."
