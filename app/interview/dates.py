"""The day on which somebody answers, and which dates an item takes on that day."""

from __future__ import annotations

import calendar
import datetime
from typing import NamedTuple

from app.survey.model import Bound, Date


class Today(NamedTuple):
    """The day on which a page is answered (YYYY-MM-DD), and the time zone that decides which day it is."""

    day: str
    zone: str


def limits(item: Date, began: str | None, today: Today | None) -> tuple[str | None, str | None]:
    """The first and the last date that an item takes. What counts from a day counts from the day on which the
    response began or from the day of answering, whichever takes more: a date that was once taken stays good."""
    days = [day for day in (began, today.day if today else None) if day]
    first, last = (min(days), max(days)) if days else (None, None)
    return bound_of(item.earliest, item, first), bound_of(item.latest, item, last)


def to_precision(iso: str, item: Date) -> str:
    """A date to the item's precision."""
    return iso[: {"year": 4, "month": 7, "day": 10}[item.precision]]


def bound_of(bound: Bound, item: Date, today: str | None) -> str | None:
    """A bound to the item's precision; None for one that counts from a day that is not known."""
    day = bound.fixed or (bound_day(bound, today) if today else None)
    return to_precision(day, item) if day else None


def bound_day(bound: Bound, today: str) -> str:
    """The day that a relative bound falls on. Where a month is too short for it, the last day of that month."""
    start = datetime.date.fromisoformat(today)
    months = start.year * 12 + start.month - 1 + bound.months
    year, month = min(max(months // 12, 1), 9999), months % 12 + 1
    day = datetime.date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
    ordinal = min(max(day.toordinal() + bound.days, 1), datetime.date.max.toordinal())
    return datetime.date.fromordinal(ordinal).isoformat()
