"""What must be said about weights, in words for researchers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.results.weights.raking import NO_RESPONDENTS, NO_TARGET, NOT_ONE
from app.results.weights.weighting import Weighting

GIVEN = (
    "Intervals and tests take the weights as given. The variance of raking itself, which can make estimates more or less precise, is "
    "not claimed."
)
OPT_IN = (
    "Respondents chose to take part. Intervals therefore hold under a model only: within each combination of these variables, those "
    "who answered are like those who did not."
)


def variables_of(weights: Weighting, joint: str = "and") -> str:
    """“Specialty” and “Stage”."""
    return _listed([f"“{each.label}”" for each in weights.cells.variables], joint)


def about_weights(weights: Weighting) -> Iterator[str]:
    """How raking went, of weights that can be used."""
    raking = weights.raking
    error = f"largest error {100 * raking.largest_error:.2g} percentage points"
    if raking.largest_error < 0.5e-6:
        error = "largest error below 0.0001 percentage points"
    rounds = f"after {raking.iterations} round{'s' * (raking.iterations != 1)}"
    yield f"Raking {'converged' if raking.converged else 'did not converge'} {rounds}, {error}."
    yield (
        f"Weights from {raking.smallest:.2f} to {raking.largest:.2f} (mean 1). Design effect {raking.design_effect:.2f}: the "
        f"{raking.n:,} complete responses count like {raking.effective_n:,.0f} of equal weight."
    )
    if weights.trim is not None:
        least, most = weights.trim
        bounds = f"between {least:g} and {most:g}" if least else f"{most:g} at most"
        if raking.smallest > least and raking.largest < most:
            yield f"No weight had to be trimmed ({bounds})."
        else:
            yield f"Weights were trimmed to {bounds}{'.' if raking.converged else ', so that shares miss their targets by the error above.'}"
    if weights.without:
        yield f"{_responses(weights.without, 'complete response')} no weight, because an answer to {variables_of(weights, 'or')} is missing."


def _responses(n: int, what: str) -> str:
    return f"{n:,} {what} has" if n == 1 else f"{n:,} {what}s have"


def why_unweighted(weights: Weighting | None) -> str:
    """Why there are no weights yet, and what to do."""
    if weights is None:
        return "The variables that weights are raked to have no data in this version of the survey."
    if not weights.raking.n:
        return f"No complete response has an answer to {variables_of(weights)} yet."
    if weights.raking.faults:
        return " ".join(_faults(weights))
    return (
        f"No weights make the shares of {variables_of(weights)} equal their targets, because some combinations of answers do not "
        "occur. Rake to fewer variables, or combine codes."
    )


def _faults(weights: Weighting) -> Iterator[str]:
    for place, variable in enumerate(weights.cells.variables):
        mine = [fault for fault in weights.raking.faults if fault.variable == place]
        nobody, stray = (
            [f"“{variable.labels[fault.category]}”" for fault in mine if fault.kind == kind and fault.category is not None]
            for kind in (NO_RESPONDENTS, NO_TARGET)
        )
        if nobody:
            yield (
                f"No complete response to “{variable.label}” is {_listed(nobody, 'or')}, which {'has a target' if len(nobody) == 1 else 'have targets'}. "
                "Wait for one, or combine codes."
            )
        if stray:
            yield f"Some complete responses to “{variable.label}” are {_listed(stray, 'or')}, without a target. Offer the answer again and give it a share, or rake to another variable."
        if any(fault.kind == NOT_ONE for fault in mine):
            yield f"The targets of “{variable.label}” do not add up to 1. Correct them under `weights`."


def _listed(words: Sequence[str], joint: str = "and") -> str:
    return f" {joint} ".join(filter(None, (", ".join(words[:-1]), words[-1])))
