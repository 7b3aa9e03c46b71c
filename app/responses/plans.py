"""The analysis plans of each survey, in the order in which they were first seen. Nothing is overwritten."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from piccolo.engine.base import Engine

from app.responses.rows import COMPLETE
from app.responses.tables import Response, StoredPlan

if TYPE_CHECKING:  # the command `researcher` needs no survey
    from app.survey.model import Instrument

NONE = ("", "")  # the digest and the text of no plan


class Plans:
    def __init__(self, engine: Engine):
        self.engine = engine

    async def all_of(self, survey: str) -> list[dict[str, Any]]:
        """Every plan of a survey, the first one first: `number`, `digest`, `plan`, `instrument`, `day`, `begun`, `complete`."""
        columns = (column for column in StoredPlan.all_columns() if column._meta.name not in ("id", "survey"))
        return await StoredPlan.select(*columns).where(StoredPlan.survey == survey).order_by(StoredPlan.number)

    async def store_of(self, instrument: Instrument, day: datetime.date) -> dict[str, Any] | None:
        """Stores the plan of an instrument unless it is the last one stored; returns what was stored.

        An instrument without a plan is stored only after one with a plan: then the plan was removed.
        """
        survey, plan = instrument.survey, instrument.analysis
        seen = (plan.digest, plan.canonical) if plan is not None else NONE
        if await self._is_last(survey, seen[0]):
            return None
        async with self.engine.transaction():
            if self.engine.engine_type != "sqlite":  # there the transaction itself is exclusive
                await StoredPlan.raw("LOCK TABLE analysis_plan IN SHARE ROW EXCLUSIVE MODE")
            if await self._is_last(survey, seen[0]):  # another process was first
                return None
            return await self._add(survey, *seen, instrument.digest, day)

    async def _is_last(self, survey: str, digest: str) -> bool:
        last = await self._last(survey)
        return digest == (last["digest"] if last else "")

    async def _last(self, survey: str) -> dict[str, Any] | None:
        query = StoredPlan.select(StoredPlan.number, StoredPlan.digest).where(StoredPlan.survey == survey)
        return await query.order_by(StoredPlan.number, ascending=False).first()

    async def _add(self, survey: str, digest: str, plan: str, instrument: str, day: datetime.date) -> dict[str, Any]:
        last = await self._last(survey)
        begun = Response.count().where(Response.survey == survey)
        complete = Response.count().where(Response.survey == survey, Response.disposition == COMPLETE)
        row = {
            "survey": survey, "number": 1 + (last["number"] if last else 0), "digest": digest, "plan": plan,
            "instrument": instrument, "day": day, "begun": await begun, "complete": await complete,
        }  # fmt: skip
        await StoredPlan.insert(StoredPlan(**row))
        return row
