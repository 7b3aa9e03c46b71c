"""A clock that tests move."""

from __future__ import annotations

import datetime

NOON = datetime.datetime(2026, 12, 1, 12, tzinfo=datetime.UTC)


class Clock:
    """The `now` of a service."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime.datetime:
        return self.now

    def forward(self, seconds: float = 0, **by: float) -> None:
        """Also backward: `forward(days=-1)`."""
        self.now += datetime.timedelta(seconds=seconds, **by)
