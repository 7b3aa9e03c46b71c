"""The versions of surveys, as they are stored. A version is known by its survey and its digest together."""

from __future__ import annotations

import datetime
from typing import Any

from piccolo.columns import Column
from piccolo.columns.combination import And
from piccolo.engine.base import Engine

from app.responses.tables import InstrumentVersion


async def keep(engine: Engine, survey: str, digest: str, source: str, day: datetime.date) -> int:
    """Makes this the newest version of a survey, be it new or an earlier one come back; returns its number."""
    newest = await newest_of(survey)
    if newest is not None and newest["digest"] == digest:
        return newest["version"]
    async with engine.transaction():
        if engine.engine_type != "sqlite":  # there the transaction itself is exclusive
            await InstrumentVersion.raw("LOCK TABLE instrument IN SHARE ROW EXCLUSIVE MODE")
        newest = await newest_of(survey)
        known = await stored(InstrumentVersion.version, survey, digest)
        if known is None:
            return await add(newest, survey, digest, source, day)
        if newest is not None and newest["digest"] != digest:
            recency = {InstrumentVersion.recency: newest["recency"] + 1}
            await InstrumentVersion.update(recency).where(is_version(survey, digest))
        return known


async def add(newest: dict[str, Any] | None, survey: str, digest: str, source: str, day: datetime.date) -> int:
    version = 1 + await InstrumentVersion.count().where(InstrumentVersion.survey == survey)
    await InstrumentVersion.insert(
        InstrumentVersion(
            survey=survey, digest=digest, version=version, source=source, first_served=day,
            recency=newest["recency"] + 1 if newest else 1, seed=f"{survey}/{digest}",
        )
    )  # fmt: skip
    return version


async def newest_of(survey: str) -> dict[str, Any] | None:
    """`version`, `digest` and `recency` of the version that was loaded last."""
    return await (
        InstrumentVersion.select(InstrumentVersion.version, InstrumentVersion.digest, InstrumentVersion.recency)
        .where(InstrumentVersion.survey == survey)
        .order_by(InstrumentVersion.recency, ascending=False)
        .first()
    )


async def stored(column: Column, survey: str, digest: str) -> Any:
    """What a column holds of a version; None where there is no such version."""
    found = await InstrumentVersion.select(column).where(is_version(survey, digest)).first()
    return found and found[column._meta.name]


async def all_of(survey: str) -> list[dict[str, Any]]:
    """`version`, `digest` and `first_served` of each version; the newest, taken up last, comes last."""
    return await (
        InstrumentVersion.select(InstrumentVersion.version, InstrumentVersion.digest, InstrumentVersion.first_served)
        .where(InstrumentVersion.survey == survey)
        .order_by(InstrumentVersion.recency)
    )


async def surveys() -> list[str]:
    """Every survey that was ever served."""
    found = await InstrumentVersion.select(InstrumentVersion.survey).group_by(InstrumentVersion.survey).order_by(InstrumentVersion.survey)
    return [row["survey"] for row in found]


def is_version(survey: str, digest: str) -> And:
    return (InstrumentVersion.survey == survey) & (InstrumentVersion.digest == digest)
