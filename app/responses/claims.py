"""Places that are limited or counted: the places of a quota, and the places from which draws are made.

Each is one number in the table `counter`. Both are taken in the transaction that keeps what they are taken for, so
that nothing is lost or taken twice when a process dies. What to ask of the database is written here once, as
generators that yield a query with its arguments and are sent its rows; each engine's backend runs them while it
holds the survey's row of `sequence`, hence alone.
"""

from __future__ import annotations

import datetime
import logging
from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from app.responses.errors import Refused
from app.responses.intake import Write

log = logging.getLogger(__name__)

FULL = "~full"
"""The answer that names a quota which was full. A response with it has come to its end."""

T = TypeVar("T")
Asking = Generator[tuple[Any, ...], list[Any], T]
"""Yields (query, *arguments), is sent the rows found, and returns something. Places are written $1, $2 ..."""

TAKE_SOME = """INSERT INTO counter (name, taken) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET taken = counter.taken + excluded.taken RETURNING taken"""
TAKE_ONE = """INSERT INTO counter (name, taken) VALUES ($1, 1)
ON CONFLICT (name) DO UPDATE SET taken = counter.taken + 1 WHERE counter.taken < $2 RETURNING taken"""
GIVE_BACK = "UPDATE counter SET taken = taken - 1 WHERE name = $1"
AS_IT_STANDS = "SELECT holds FROM response WHERE id = $1 AND seq = $2"
IDLE = """SELECT id, holds FROM response WHERE survey = $1 AND began < $2 AND holds IS NOT NULL
AND disposition = 'open' AND id <> $3 AND ' ' || holds || ' ' LIKE $4 ESCAPE '!' ORDER BY began LIMIT 1"""
LET_GO = "UPDATE response SET holds = $1 WHERE id = $2"
KEEP = """UPDATE response SET seq = $1, disposition = $2, answers = $3, submitted = $4, minutes = $5, receipt = $6,
holds = $7 WHERE id = $8 AND seq = $9"""
CLAIMS = """SELECT substr(name, length($2) + 1), taken FROM counter WHERE substr(name, 1, length($2)) = $2
UNION ALL SELECT ' ' || holds, count(*) FROM response
WHERE survey = $1 AND holds IS NOT NULL AND disposition = 'open' GROUP BY holds"""
"""What is taken by quota; and behind a space, how many open responses hold what they hold. Both as of one moment."""


class Wanted(NamedTuple):
    """What a response is to hold once a page is kept.

    `places` gives, for each quota of which it shall hold a place, how many there are. Open responses begun before
    the day `idle` have to give up theirs when none is left.
    """

    places: Mapping[str, int]
    idle: datetime.date


class Claims(NamedTuple):
    """How many places of a quota are taken, by open responses and by submitted ones."""

    open: int
    submitted: int


def claims_from(found: Iterable[Sequence[Any]]) -> dict[str, Claims]:
    """From what CLAIMS finds, by the id of each quota of which a place was ever asked for."""
    found = list(found)
    by_open = Counter[str]()
    for name, count in found:
        if name.startswith(" "):
            by_open.update(dict.fromkeys(held(name), count))
    taken = {name: count for name, count in found if not name.startswith(" ")}
    return {quota: Claims(by_open[quota], count - by_open[quota]) for quota, count in sorted(taken.items())}


def held(holds: str | None) -> frozenset[str]:
    """The ids of the quotas in a row's `holds`."""
    return frozenset((holds or "").split())


def _holds(quotas: frozenset[str]) -> str | None:
    return " ".join(sorted(quotas)) or None


# --- draws -----------------------------------------------------------------------------------------------


def give_places(writes: list[Write]) -> Asking[None]:
    """Gives each response that begins with a draw the next place of its survey's version, from 0, and has it drawn."""
    by_counter: dict[str, list[Write]] = {}
    for write in writes:
        by_counter.setdefault(f"place/{write.asked.survey}/{write.asked.instrument}", []).append(write)
    for counter, begun in sorted(by_counter.items()):
        ((taken,),) = yield TAKE_SOME, counter, len(begun)
        for place, write in enumerate(begun, taken - len(begun)):
            _draw(write, place)


def _draw(write: Write, place: int) -> None:
    try:
        write.shall_be(msgspec.structs.replace(write.asked, answers=write.drawing(place)))
    except Exception as error:
        # Nothing that a respondent has said is in it. The others of the batch can do without this one.
        log.exception("nothing could be drawn for a response")
        raise Refused(f"the draw failed: {type(error).__name__}") from None


# --- quotas ----------------------------------------------------------------------------------------------


def keep_with_claims(write: Write, seq: int) -> Asking[int | None]:
    """Keeps a page together with the places that it makes the response take or give back.

    Returns the seq, or None when the row was not as expected. When a quota is full, the response keeps open, gives
    back what it held, and `~full` in its answers names the quota.
    """
    row, wanted = write.asked, write.wanted
    found = yield AS_IT_STANDS, row.id, write.expected
    if not found:
        return None
    before = held(found[0][0])
    full = yield from _take(row.survey, row.id, wanted, before)
    after = frozenset() if full else frozenset(wanted.places)
    for quota in sorted(before - after):
        yield GIVE_BACK, counter_name(row.survey, quota)
    if full:
        otherwise = write.otherwise or row
        row = msgspec.structs.replace(otherwise, answers=otherwise.answers | {FULL: full})
    write.shall_be(msgspec.structs.replace(row, holds=_holds(after)))
    row = write.row
    yield (
        KEEP, seq, row.disposition, write.answers, row.submitted, row.minutes, row.receipt, row.holds, row.id,
        write.expected,
    )  # fmt: skip
    return seq


def _take(survey: str, id: str, wanted: Wanted, before: frozenset[str]) -> Asking[str | None]:
    """Takes a place of each quota that is wanted and not held, or of none: then the quota that is full."""
    taken = []
    for quota in sorted(set(wanted.places) - before):
        if not (yield from _take_one(survey, id, quota, wanted)):
            for other in taken:
                yield GIVE_BACK, counter_name(survey, other)
            return quota
        taken.append(quota)
    return None


def _take_one(survey: str, id: str, quota: str, wanted: Wanted) -> Asking[bool]:
    most = wanted.places[quota]
    if most < 1:
        return False
    if (yield TAKE_ONE, counter_name(survey, quota), most):
        return True
    ((taken,),) = yield TAKE_SOME, counter_name(survey, quota), 0
    if taken > most:  # a later version of the survey has fewer places: nobody's can be taken over
        return False
    idle = yield IDLE, survey, wanted.idle, id, f"% {quota.replace('_', '!_')} %"
    if idle:
        other, holds = idle[0]
        yield LET_GO, _holds(held(holds) - {quota}), other
    return bool(idle)


def counter_name(survey: str, quota: str = "") -> str:
    return f"quota/{survey}/{quota}"
