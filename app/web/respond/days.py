"""The current date in a time zone, and whether a survey is open."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from app.survey.items.fields import Today
from app.survey.model import Instrument


def day_in(moment: datetime.datetime, zone: str | None) -> datetime.date:
    """The date in a time zone; without one in that of `moment`, which is the server's."""
    return (moment.astimezone(ZoneInfo(zone)) if zone else moment).date()


def today_in(moment: datetime.datetime, zone: str | None) -> Today:
    return Today(day_in(moment, zone).isoformat(), zone_name(moment, zone))


def zone_name(moment: datetime.datetime, zone: str | None) -> str:
    """A time zone as respondents read it: Europe/Berlin; the server's as a difference, such as UTC+5:30."""
    minutes = round((moment.utcoffset() or datetime.timedelta()).total_seconds() / 60)
    if zone or not minutes:
        return zone or "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}{f':{rest:02}' if rest else ''}"


def timing(instrument: Instrument, today: datetime.date) -> str:
    """not_yet | open | closed: whether a response can begin on this date. Both `opens` and `closes` are inclusive."""
    if instrument.opens and today < datetime.date.fromisoformat(instrument.opens):
        return "not_yet"
    if instrument.closes and today > datetime.date.fromisoformat(instrument.closes):
        return "closed"
    return "open"
