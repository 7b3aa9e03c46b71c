"""The quotas that count a response."""

from __future__ import annotations

from app.interview.path import Answers
from app.interview.route import Route
from app.survey.codes import FULL_QUOTA
from app.survey.model import Instrument, Quota, ScreenOut


def quota_limits(route: Route, answers: Answers) -> dict[str, int]:
    """The quotas that count a response with these answers, each with its limit.

    None of them counts one who is screened out.
    """
    quotas = route.instrument.quotas
    if not quotas:
        return {}
    path = route.path({name: value for name, value in answers.items() if name != FULL_QUOTA})
    if path.ended is not None:
        return {}
    return {quota.id: quota.most for quota in quotas if quota.when.holds(path.answers) is True}


def ending_of(instrument: Instrument, id: str | None) -> ScreenOut | Quota | None:
    """The screen-out or the quota that ended a path."""
    return next((each for each in (*instrument.screen_outs, *instrument.quotas) if each.id == id), None)
