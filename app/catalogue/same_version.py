"""The stored version that asks and promises the same as a file: it goes on, whatever else the file changed."""

from __future__ import annotations

import asyncio

from app.responses import tables
from app.responses.storage import Storage
from app.responses.versions import is_version
from app.survey.documents.translation import kept_as
from app.survey.model import Instrument
from app.survey.versions.stored import stored_fingerprint


async def as_stored(storage: Storage, instrument: Instrument) -> Instrument:
    """The instrument of a file, under the digest and the number of the stored version that asks and promises the
    same; under its own digest where there is none."""
    versions = [*reversed(await storage.versions(instrument.survey))]
    versions.sort(key=lambda each: each["digest"] != instrument.digest)  # the very same file first
    for version in versions:
        if version["digest"] == instrument.digest or await _asks_the_same(storage, version["digest"], instrument):
            return kept_as(instrument, instrument.source, version["digest"], version["version"])
    return instrument


async def _asks_the_same(storage: Storage, digest: str, instrument: Instrument) -> bool:
    source = await storage.instrument_source(instrument.survey, digest)
    if source is None or source == instrument.source:
        return source is not None
    return await asyncio.to_thread(stored_fingerprint, source) == instrument.fingerprint


async def renew_source(storage: Storage, instrument: Instrument) -> None:
    """Stores what a version's file says by now: settings that make no version are read from there."""
    survey, digest = instrument.survey, instrument.digest
    if await storage.instrument_source(survey, digest) != instrument.source:
        source = {tables.InstrumentVersion.source: instrument.source}
        async with storage.engine.transaction():
            await tables.InstrumentVersion.update(source).where(is_version(survey, digest))
