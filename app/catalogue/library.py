"""The library of instruments: every stored version of every survey, each read once for all who need it."""

from __future__ import annotations

import asyncio
from typing import Any

from app.responses import tables
from app.responses.storage import Storage
from app.responses.versions import is_version
from app.survey.model import Instrument
from app.survey.source.stored import StoredVersion
from app.survey.translations.merging import kept_as

MOST_VERSIONS = 256  # in memory, of all surveys together


class InstrumentLibrary:
    """Versions by survey and digest (two surveys may have the same content).

    A version's source changes with settings that make no new version, so it is compared each time; only what has
    changed is read again.
    """

    def __init__(self, storage: Storage):
        self.storage = storage
        self._versions: dict[tuple[str, str], StoredVersion] = {}

    async def instrument(self, survey: str, digest: str) -> Instrument | None:
        """A version; None if there is none, or if it can no longer be read."""
        known = [each for each in await self.storage.versions(survey) if each["digest"] == digest]
        found = [await self._version(survey, each) for each in known]
        return await asyncio.to_thread(lambda: found[0].instrument) if found else None

    async def instruments(self, survey: str) -> list[Instrument]:
        """All versions of a survey that can be read, newest first."""
        found = []
        for each in reversed(await self.storage.versions(survey)):
            version = await self._version(survey, each)
            instrument = await asyncio.to_thread(lambda version=version: version.instrument)
            if instrument is not None:
                found.append(instrument)
        return found

    async def title(self, survey: str) -> str:
        """The title of a survey's newest version."""
        newest = await self._version(survey, (await self.storage.versions(survey))[-1])
        return await asyncio.to_thread(lambda: newest.title)

    async def as_stored(self, instrument: Instrument) -> Instrument:
        """The instrument of a file, under the digest and the number of the stored version that asks and promises the
        same; under its own digest if there is none."""
        versions = [*reversed(await self.storage.versions(instrument.survey))]
        versions.sort(key=lambda each: each["digest"] != instrument.digest)  # the very same file first
        for each in versions:
            if each["digest"] == instrument.digest or await self._asks_the_same(each, instrument):
                return kept_as(instrument, instrument.source, each["digest"], each["version"])
        return instrument

    async def _asks_the_same(self, version: dict[str, Any], instrument: Instrument) -> bool:
        stored = await self._version(instrument.survey, version)
        if stored.source == instrument.source:
            return True
        return await asyncio.to_thread(lambda: stored.fingerprint) == instrument.fingerprint

    async def renew(self, instrument: Instrument) -> None:
        """Stores a version's file as it is now: settings that make no new version are read from there."""
        survey, digest = instrument.survey, instrument.digest
        if await self.storage.instrument_source(survey, digest) != instrument.source:
            source = {tables.InstrumentVersion.source: instrument.source}
            async with self.storage.engine.transaction():
                await tables.InstrumentVersion.update(source).where(is_version(survey, digest))

    def add(self, instrument: Instrument) -> None:
        """Adds a version that was read from its file, and is stored under its number by now."""
        assert instrument.version is not None
        self._remember(
            StoredVersion(
                instrument.survey, instrument.digest, instrument.version, instrument.source, instrument
            )
        )

    async def _version(self, survey: str, version: dict[str, Any]) -> StoredVersion:
        """`version` is one of those that the storage lists."""
        digest = version["digest"]
        source = await self.storage.instrument_source(survey, digest) or ""
        found = self._versions.get((survey, digest))
        if found is None or found.source != source:
            found = StoredVersion(survey, digest, version["version"], source)
        self._remember(found)
        return found

    def _remember(self, version: StoredVersion) -> None:
        """Stays in memory until it is the one that was not needed for the longest time."""
        key = version.survey, version.digest
        self._versions.pop(key, None)
        self._versions[key] = version
        while len(self._versions) > MOST_VERSIONS:
            del self._versions[next(iter(self._versions))]
