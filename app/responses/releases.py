"""The public figures of each survey, as they were last released."""

from __future__ import annotations

import datetime
from typing import Any

from app.responses.tables import PublicRelease


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
