"""Turns stored responses into the rows of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import msgspec
import numpy as np
import polars as pl

from app.results.frame.encoding import EncodedResponse, Encoder, NotInCodebook
from app.results.frame.segments import split_ids
from app.results.layout import ABOUT, NO_MINUTES, Layout, layout_of
from app.survey.model import Instrument


class ResponseChange(Protocol):
    """A response as it now is. `seq` counts the changes of its survey."""

    id: str
    instrument: str  # digest
    seq: int
    disposition: str  # open | complete | screened_out | withdrawn
    answers: str | bytes | Mapping[str, Any]  # the JSON object that is stored, decoded or not
    began: date | None
    completed: date | None
    minutes: int | None
    settled: bool  # finished, and only its number has changed since


@dataclass(slots=True)
class EncodedChanges:
    """A batch of changes, encoded; `changes` and `rows` go together."""

    changes: list[ResponseChange] = field(default_factory=list)
    rows: list[EncodedResponse] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)  # id, and why it cannot be counted

    @property
    def ids(self) -> list[str]:
        return [change.id for change in self.changes]

    def everyone(self) -> list[str]:
        return [*self.ids, *self.withdrawn, *(identifier for identifier, _ in self.refused)]


class Coding:
    """Turns responses to any version of one survey into rows of one layout.

    `instruments` are the versions, newest first.
    """

    def __init__(self, instruments: Sequence[Instrument]):
        self.instruments = tuple(instruments)
        self.layout: Layout = layout_of(instruments)
        self.encoders = {
            instrument.digest: Encoder(instrument, self.layout, columns)
            for instrument, columns in zip(instruments, self.layout.columns, strict=True)
        }
        # Rows refer to instruments by number, oldest first, so that newer ones do not change them.
        self.digests = [instrument.digest for instrument in reversed(instruments)]
        self.number = {digest: number for number, digest in enumerate(self.digests)}

    def read(self, changes: Iterable[ResponseChange]) -> EncodedChanges:
        """Of several changes to one response the last counts."""
        fresh = EncodedChanges()
        for change in {change.id: change for change in changes}.values():
            if change.disposition == "withdrawn":
                fresh.withdrawn.append(change.id)
                continue
            try:
                fresh.rows.append(self._encode(change))
                fresh.changes.append(change)
            except NotInCodebook as error:
                fresh.refused.append((change.id, str(error)))
        return fresh

    def _encode(self, change: ResponseChange) -> EncodedResponse:
        encoder = self.encoders.get(change.instrument)
        if encoder is None:
            raise NotInCodebook(f"its instrument {change.instrument[:12]} is not known")
        answers = change.answers
        if isinstance(answers, str | bytes):
            try:
                answers = msgspec.json.decode(answers, type=dict)
            except msgspec.MsgspecError as error:
                raise NotInCodebook(f"its answers are not a JSON object: {error}") from error
        return encoder.encode(answers, change.disposition)

    def table(self, fresh: EncodedChanges) -> pl.DataFrame:
        """The rows as columns. Raises ValueError when an id is not one."""
        layout = self.layout
        columns = self._about(fresh)
        joined = np.frombuffer(b"".join(row.codes for row in fresh.rows), dtype=np.uint16)
        matrix = joined.reshape(len(fresh.rows), len(layout.coded)).T
        # Without its high byte, the 16-bit code of a reason is the code in a column of bytes.
        narrow, wide = np.ascontiguousarray(matrix.astype(np.uint8)), np.ascontiguousarray(matrix)
        for index, column in enumerate(layout.coded):
            columns.append(pl.Series(column.name, (narrow if column.bytes == 1 else wide)[index]))
        for index, name in enumerate(layout.numbers):
            columns.append(pl.Series(name, [row.numbers[index] for row in fresh.rows], dtype=pl.Float64))
        for index, name in enumerate(layout.written):
            columns.append(pl.Series(name, [row.words[index] for row in fresh.rows], dtype=pl.String))
        return pl.DataFrame(columns)

    def _about(self, fresh: EncodedChanges) -> list[pl.Series]:
        values = (
            *split_ids(fresh.ids),
            [row.disposition for row in fresh.rows],
            [self.number[change.instrument] for change in fresh.changes],
            [row.stopped for row in fresh.rows],
            [_whole_minutes(change.minutes) for change in fresh.changes],
            [change.began for change in fresh.changes],
            [change.completed for change in fresh.changes],
        )
        return [
            pl.Series(name, column, dtype=ABOUT[name]) for name, column in zip(ABOUT, values, strict=True)
        ]


def _whole_minutes(minutes: int | None) -> int:
    return NO_MINUTES if minutes is None else min(max(minutes, 0), NO_MINUTES - 1)
