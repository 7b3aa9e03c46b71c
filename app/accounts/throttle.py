"""Limits on attempts to sign in, by network address and by email.

A clock can be wrong and be corrected: a stored time in the future counts as now, and is stored as now, so that no one
is locked out for as long as the clock was wrong.
"""

from __future__ import annotations

import hmac
from ipaddress import IPv6Address, ip_address

from app.accounts.base import DAY, MINUTE, AccessRefused
from app.responses.tables import Attempt

FREE_TRIES_PER_ADDRESS, FREE_TRIES_PER_EMAIL = 30, 5
LONGEST_WAIT = 15 * MINUTE
FORGOTTEN_AFTER = DAY


class Throttled(AccessRefused):
    """Too many attempts. `seconds` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many attempts.")
        self.seconds = seconds


def wait_after(failures: int, free: int) -> int:
    """Seconds to wait after so many failures: none while some are free, then 1, 2, 4 ... up to a quarter hour."""
    if failures < free:
        return 0
    return min(2 ** min(failures - free, 20), LONGEST_WAIT)


async def count_try(key: str, free: int, moment: int) -> None:
    """Counts an attempt before it is made, so that attempts made at once are counted one by one.

    Attempts that are turned away are not counted: repeated attempts do not make the wait longer.
    """
    for _ in range(20):
        row = (await Attempt.select().where(Attempt.key == key).first()) or None
        if row and row["since"] > moment:
            if not await _write_count(key, row, row["failures"], moment):
                continue
            row["since"] = moment
        failures = row["failures"] if row and moment - row["since"] < FORGOTTEN_AFTER else 0
        wait = row["since"] + wait_after(failures, free) - moment if row else 0
        if wait > 0:
            raise Throttled(wait)
        if await _write_count(key, row, failures + 1, moment):
            return
    raise Throttled(1)


async def _write_count(key: str, seen: dict | None, failures: int, moment: int) -> bool:
    """Writes the count unless it has changed in between."""
    if seen is None:
        attempt = Attempt(key=key, failures=failures, since=moment)
        return bool(
            await Attempt.insert(attempt)
            .on_conflict(target=Attempt.key, action="DO NOTHING")
            .returning(Attempt.key)
        )
    return bool(
        await Attempt.update({Attempt.failures: failures, Attempt.since: moment})
        .where(
            (Attempt.key == key) & (Attempt.failures == seen["failures"]) & (Attempt.since == seen["since"])
        )
        .returning(Attempt.key)
    )


def network(address: str) -> str:
    """What counts as one address: an IPv6 visitor has a whole /64 of them to try from."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return ip.exploded[:19] if isinstance(ip, IPv6Address) and ip.ipv4_mapped is None else str(ip)


def key_of(secret: bytes, kind: str, tried: str) -> str:
    """Attempts are stored under a hash that cannot be turned back into an address without the server's secret."""
    return hmac.digest(secret, f"{kind}:{tried}".encode("utf-8", "replace"), "sha256").hex()


async def forgive(key: str) -> None:
    """Deletes the count of an email address, after its password was right."""
    await Attempt.delete().where(Attempt.key == key)


async def uncount(key: str) -> None:
    """Takes one attempt off the count of a network address, after it succeeded."""
    await Attempt.update({Attempt.failures: Attempt.failures - 1}).where(Attempt.key == key)


async def delete_old_attempts(moment: int) -> None:
    await Attempt.delete().where(Attempt.since < moment - FORGOTTEN_AFTER)
