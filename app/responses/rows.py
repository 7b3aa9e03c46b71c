"""What storage takes and gives. Nothing here is changed in place: a change makes a new one."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from app.responses.errors import Refused

OPEN, COMPLETE, SCREENED_OUT, WITHDRAWN = "open", "complete", "screened_out", "withdrawn"
FINISHED = frozenset({COMPLETE, SCREENED_OUT})


class Row(msgspec.Struct, frozen=True, gc=False):
    """One response. `answers` is shared by all who hold the row: copy it before changing it."""

    id: str
    survey: str
    instrument: str
    seq: int
    disposition: str
    answers: dict[str, Any]
    began: datetime.date
    completed: datetime.date | None = None  # also when it was screened out
    minutes: int | None = None
    receipt: str | None = None
    holds: str | None = None  # ids of quotas, separated by spaces


class Change(NamedTuple):
    """A response after its last change; `answers` is JSON text."""

    id: str
    seq: int
    instrument: str
    disposition: str
    minutes: int | None
    began: datetime.date
    completed: datetime.date | None
    answers: str
    settled: bool  # finished, and changed since in nothing but its number


COLUMNS = "id, survey, instrument, seq, disposition, answers, began, completed, minutes, receipt, holds"
CHANGE_COLUMNS = "id, seq, instrument, disposition, minutes, began, completed, answers, renumbered = seq"

decode_answers = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder().encode


def encode_answers(answers: dict[str, Any]) -> str:
    """JSON text. Raises Refused for what JSON cannot hold, half of a surrogate pair among it."""
    try:
        return encode(answers).decode()
    except (TypeError, ValueError):
        raise Refused("the answers are not JSON") from None


def row_from(record) -> Row:
    """A row from COLUMNS as either engine returns them."""
    id, survey, instrument, seq, disposition, answers, began, completed, minutes, receipt, holds = record
    return Row(
        id,
        survey,
        instrument,
        seq,
        disposition,
        decode_answers(answers),
        day(began),
        day(completed),
        minutes,
        receipt,
        holds,
    )


def change_from(record) -> Change:
    """A change from CHANGE_COLUMNS as either engine returns them."""
    id, seq, instrument, disposition, minutes, began, completed, answers, settled = record
    days = day(began), day(completed)
    return Change(id, seq, instrument, disposition, minutes, *days, answers, bool(settled))


def day(value: str | datetime.date | None) -> datetime.date | None:
    return parsed_day(value) if isinstance(value, str) else value


parsed_day = functools.lru_cache(4096)(datetime.date.fromisoformat)


class Wanted(NamedTuple):
    """What a response contains once it is stored.

    `limits` gives the limit of each quota that shall count the response. `today` decides which withdrawn responses
    quotas no longer count.
    """

    limits: Mapping[str, int]
    today: datetime.date


TurnedAway = Callable[[Row, str], Row]
"""The row to store instead of a complete one when the quota of this id is full."""
