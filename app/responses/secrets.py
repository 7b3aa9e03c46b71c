"""Values that the service stores about itself: its keys, and whether the database is for simulated responses."""

from __future__ import annotations

from collections.abc import Callable

from app.responses import versions
from app.responses.errors import Refused
from app.responses.tables import Secret

SIMULATED = "simulated"


class Secrets:
    async def get(self, name: str, new: Callable[[], str]) -> str:
        """The value of this name, made by `new` the first time; the same in all processes."""
        query = Secret.select(Secret.value).where(Secret.name == name).first()
        found = await query
        if found is None:
            await Secret.insert(Secret(name=name, value=new())).on_conflict(Secret.name, "DO NOTHING")
            found = await query
        return found["value"]

    async def is_simulated(self) -> bool:
        """Whether this database holds simulated responses, and must not hold real ones."""
        return await Secret.exists().where(Secret.name == SIMULATED)

    async def mark_as_simulated(self) -> None:
        """Marks an empty database for simulated responses. Raises Refused if it may hold real ones."""
        if not await self.is_simulated():
            if await versions.surveys():
                raise Refused("it contains surveys that are served to real respondents")
            await self.get(SIMULATED, lambda: "yes")
