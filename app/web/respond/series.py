"""A series of polls: they are presented one after the other, at the address of the first."""

from __future__ import annotations

from app.web.respond.context import AppContext


def series_of(context: AppContext, survey: str) -> tuple[str, ...]:
    """The polls of a series in their order, without those that are not served. A single poll is a series of its own."""
    served = {name: each.instrument for name, each in context.surveys.served.items() if each.instrument.poll}
    first = next((name for name, poll in served.items() if survey in poll.followed_by), survey)
    names = (first, *served[first].followed_by) if first in served else (survey,)
    return tuple(name for name in names if name in served)


async def current_of(context: AppContext, survey: str) -> str:
    """The poll of its series that the room is asked now: the first, until the presenter goes on."""
    series = series_of(context, survey)
    if len(series) < 2:
        return survey
    current = (await context.storage.presentations.of(series[0])).current
    return current if current in series else series[0]
