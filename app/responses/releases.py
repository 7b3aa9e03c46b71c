"""What the public is shown: the figures of each survey as they were last released, and polls as they are presented in a room."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from app.responses.tables import Presentation, PublicRelease


class Releases:
    async def surveys(self) -> list[str]:
        """Every survey that has public figures."""
        return [row["survey"] for row in await PublicRelease.select(PublicRelease.survey).group_by(PublicRelease.survey)]

    async def latest(self, survey: str) -> dict[str, Any] | None:
        """`number`, `day`, `responses` and `figures` (an object) of the last release."""
        return await (
            PublicRelease.select(PublicRelease.number, PublicRelease.day, PublicRelease.responses, PublicRelease.figures)
            .where(PublicRelease.survey == survey)
            .order_by(PublicRelease.number, ascending=False)
            .first()
            .output(load_json=True)
        )

    async def number(self, survey: str) -> int:
        """The number of the last release; 0 where there is none."""
        query = PublicRelease.select(PublicRelease.number).where(PublicRelease.survey == survey)
        found = await query.order_by(PublicRelease.number, ascending=False).first()
        return found["number"] if found else 0

    async def add(
        self, survey: str, number: int, day: datetime.date, responses: int, figures: dict[str, Any]
    ) -> bool:
        """Whether this release is now stored under its number. The first one wins, and earlier numbers are deleted."""
        release = PublicRelease(survey=survey, number=number, day=day, responses=responses, figures=figures)
        query = PublicRelease.insert(release).on_conflict((PublicRelease.survey, PublicRelease.number), "DO NOTHING")
        is_first = bool(await query.returning(PublicRelease.number))
        if is_first:
            await PublicRelease.delete().where(PublicRelease.survey == survey, PublicRelease.number < number)
        return is_first


# --- polls in a room ------------------------------------------------------------------------------------------

COLUMNS = (
    Presentation.survey, Presentation.is_open, Presentation.is_revealed, Presentation.current, Presentation.changes
)  # fmt: skip
SECONDS = 0.5  # for which a state is not read again: a room of phones asks for it at once


@dataclass(frozen=True, slots=True)
class Presented:
    """The state of a poll in a room. A poll that was never presented is open, and its answers are not on a projector."""

    survey: str
    is_open: bool = True
    is_revealed: bool = False
    current: str = ""  # of a series: the poll that is shown
    changes: int = 0


class Presentations:
    def __init__(self) -> None:
        self._read: dict[str, tuple[float, Presented]] = {}
        self._reading: dict[str, asyncio.Lock] = {}

    async def of(self, survey: str) -> Presented:
        """The state that this process has set last, or another one half a second ago at the latest."""
        async with self._lock(survey):
            at, found = self._read.get(survey, (0.0, None))
            now = asyncio.get_running_loop().time()
            if found is None or now - at >= SECONDS:
                found = (await self.now((survey,)))[survey]
                self._read[survey] = now, found
            return found

    async def now(self, surveys: Collection[str]) -> dict[str, Presented]:
        """The states of these polls as they are stored."""
        rows = await Presentation.select(*COLUMNS).where(Presentation.survey.is_in(list(surveys)))
        stored = {row["survey"]: Presented(**row) for row in rows}
        return {survey: stored.get(survey) or Presented(survey) for survey in surveys}

    async def change(self, survey: str, day: datetime.date, **values: Any) -> Presented:
        """Sets some of `is_open`, `is_revealed` and `current`; what another presenter sets at once stays."""
        start = Presented(survey)
        row = Presentation(
            survey=survey, is_open=start.is_open, is_revealed=start.is_revealed, current=start.current, changes=0, day=day
        )
        changed = {Presentation.changes: Presentation.changes + 1, Presentation.day: day}
        changed |= {getattr(Presentation, name): value for name, value in values.items()}
        async with self._lock(survey):  # a state that was read before must not replace this one
            await Presentation.insert(row).on_conflict(Presentation.survey, "DO NOTHING")
            await Presentation.update(changed).where(Presentation.survey == survey)
            self._read.pop(survey, None)
        return (await self.now((survey,)))[survey]

    def _lock(self, survey: str) -> asyncio.Lock:
        return self._reading.setdefault(survey, asyncio.Lock())
