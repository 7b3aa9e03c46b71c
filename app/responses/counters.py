"""The table `counter`: how many responses each quota counts, and how many were begun, from which draws are made.

Each is one number in the table `counter`. Both are taken in the transaction that keeps what they are taken for, so
that nothing is lost or taken twice when a process dies. What to ask of the database is written here once, as
generators that yield a query with its arguments and are sent its rows; each engine's backend runs them while it
holds the survey's row of `sequence`, hence alone.

A quota counts a response when it is submitted, never before: if open responses were counted, each respondent could see
what the others have answered. A withdrawn response is counted until the following day: someone who could fill a quota
and reopen it at will would learn the answer of everyone who submits in between.
"""

from __future__ import annotations

import datetime
import logging
from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from app.responses.errors import Refused
from app.responses.rows import Wanted
from app.responses.writer import Write
from app.survey.codes import FULL_QUOTA

log = logging.getLogger(__name__)

"""The answer that names a quota which was full. A response with it has come to its end."""

T = TypeVar("T")
Asking = Generator[tuple[Any, ...], list[Any], T]
"""Yields (query, *arguments), is sent the rows found, and returns something. Parameters are written $1, $2 ..."""

TAKE_SOME = """INSERT INTO counter (name, taken) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET taken = counter.taken + excluded.taken RETURNING taken"""
TAKE_ONE = """INSERT INTO counter (name, taken) VALUES ($1, 1)
ON CONFLICT (name) DO UPDATE SET taken = counter.taken + 1 WHERE counter.taken < $2 RETURNING taken"""
TAKE_BACK = "UPDATE counter SET taken = taken - $2 WHERE name = $1"
BEGINNING_WITH = "SELECT name, taken FROM counter WHERE substr(name, 1, length($1)) = $1"
FORGET = "DELETE FROM counter WHERE name = $1"
AS_IT_STANDS = "SELECT holds FROM response WHERE id = $1 AND seq = $2"
KEEP = """UPDATE response SET seq = $1, disposition = $2, answers = $3, completed = $4, minutes = $5, receipt = $6,
holds = $7 WHERE id = $8 AND seq = $9"""
QUOTA_COUNTS = f"{BEGINNING_WITH} UNION ALL {BEGINNING_WITH.replace('$1', '$2')}"
"""What is taken by quota, and what was given back, by quota and day. Both as of one moment."""


def taken_from(found: Iterable[Sequence[Any]], before: datetime.date) -> Counter[str]:
    """From what QUOTA_COUNTS finds, how many responses each quota counts, less those withdrawn before a day."""
    taken = Counter[str]()
    for name, count in found:
        kind, _, quota, *day = name.split("/")
        if kind == "quota":
            taken[quota] += count
        elif is_free(day[0], before):
            taken[quota] -= count
    return taken


def without_full(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answers.items() if name != FULL_QUOTA}


def is_free(given_back: str, today: datetime.date) -> bool:
    return given_back < today.isoformat()


def held(holds: str | None) -> frozenset[str]:
    """The ids of the quotas in a row's `holds`."""
    return frozenset((holds or "").split())


def _holds(quotas: Iterable[str]) -> str | None:
    return " ".join(sorted(quotas)) or None


# --- draws -----------------------------------------------------------------------------------------------


def number_responses(writes: list[Write]) -> Asking[None]:
    """Numbers the responses that begin with a draw within their survey's version, from 0, and draws for each."""
    by_counter: dict[str, list[Write]] = {}
    for write in writes:
        by_counter.setdefault(f"place/{write.asked.survey}/{write.asked.instrument}", []).append(write)
    for counter, begun in sorted(by_counter.items()):
        ((taken,),) = yield TAKE_SOME, counter, len(begun)
        for number, write in enumerate(begun, taken - len(begun)):
            _draw(write, number)


def _draw(write: Write, number: int) -> None:
    try:
        write.shall_be(msgspec.structs.replace(write.asked, answers=write.drawing(number)))
    except Exception as error:
        # Nothing that a respondent has said is in it. The others of the batch can do without this one.
        log.exception("random assignment failed for a response")
        raise Refused(f"random assignment failed: {type(error).__name__}") from None


# --- quotas ----------------------------------------------------------------------------------------------


def keep_with_quotas(write: Write, seq: int) -> Asking[int | None]:
    """Stores the end of a response together with what the quotas count of it.

    Returns the seq, or None when the row was not as expected. When a quota is full, none counts the response, and
    what `write.turned_away` makes of it is stored.
    """
    row, wanted = write.asked, write.wanted
    found = yield AS_IT_STANDS, row.id, write.expected
    if not found:
        return None
    before = held(found[0][0])
    full = yield from _take(row.survey, wanted, before)
    after = () if full else wanted.limits
    for quota in sorted(before.difference(after)):
        yield TAKE_SOME, freed_name(row.survey, quota, wanted.today), 1
    if full:
        row = write.turned_away(row, full)
    write.shall_be(msgspec.structs.replace(row, holds=_holds(after)))
    row = write.row
    yield (
        KEEP, seq, row.disposition, write.answers, row.completed, row.minutes, row.receipt, row.holds, row.id,
        write.expected,
    )  # fmt: skip
    return seq


def _take(survey: str, wanted: Wanted, before: frozenset[str]) -> Asking[str | None]:
    """Counts a response in each quota that is wanted and not held, or in none: then returns the quota that is full."""
    taken = []
    for quota in sorted(set(wanted.limits) - before):
        if not (yield from _take_one(survey, quota, wanted)):
            for other in taken:
                yield TAKE_BACK, counter_name(survey, other), 1
            return quota
        taken.append(quota)
    return None


def _take_one(survey: str, quota: str, wanted: Wanted) -> Asking[bool]:
    counter, most = counter_name(survey, quota), wanted.limits[quota]
    if most < 1:
        return False
    if (yield TAKE_ONE, counter, most):
        return True
    given_back = yield BEGINNING_WITH, freed_name(survey, quota)
    for name, count in given_back:
        if is_free(name.rpartition("/")[2], wanted.today):
            yield TAKE_BACK, counter, count
            yield FORGET, name
    return bool((yield TAKE_ONE, counter, most))


def counter_name(survey: str, quota: str = "") -> str:
    return f"quota/{survey}/{quota}"


def freed_name(survey: str, quota: str | None = None, day: datetime.date | None = None) -> str:
    """The counter of what was given back on a day, or the beginning of the names of those of a quota or a survey."""
    return f"freed/{survey}/" + (f"{quota}/{day.isoformat() if day else ''}" if quota else "")
