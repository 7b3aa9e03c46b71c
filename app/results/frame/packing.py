"""Rows of a frame as bytes: stored with the answers of each response, so that a restart is quick.

A packed row is derived from the answers, and is used only if it is valid: its layout's mark
names the encoding and the versions of the survey that it was made with, and its checksum covers all of it. Storage
ensures that it belongs to the current state of the response.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import polars as pl

from app.results.frame.intake import Coding, EncodedChanges
from app.results.frame.segments import joined_ids, split_ids

FORMAT = "1"  # increased when the meaning of packed rows changes, which makes all of them out of date
KEYS = ("~key", "~rest")
NO_DAY = -(1 << 31)
CHECKSUM_BYTES = 4
FINISHED = ("complete", "screened_out")


class Packed(NamedTuple):
    """One response as a packed row; `seq` is that of the change it was made from."""

    id: str
    seq: int
    finished: bool
    layout: str
    body: bytes
    words: bytes | None  # texts, dates and orders, as a JSON list


def layout_mark(coding: Coding) -> str:
    """Names all that a packed row depends on: the encoding, the versions (how many, and which) and their columns."""
    rests_on = [coding.digests, coding.layout.described(), coding.layout.columns]
    digest = hashlib.sha256(json.dumps(rests_on).encode()).hexdigest()
    return f"{FORMAT}.{len(coding.digests)}.{digest[:20]}"


def versions_of(mark: str) -> int:
    """How many versions of the survey a mark covers; 0 for one of another encoding."""
    form, _, rest = mark.partition(".")
    count = rest.partition(".")[0]
    return int(count) if form == FORMAT and count.isascii() and count.isdigit() else 0


class Packing:
    """Packs and unpacks the rows of one coding."""

    def __init__(self, coding: Coding):
        self.coding, self.mark = coding, layout_mark(coding)
        self.written = coding.layout.written
        schema = coding.layout.schema
        self.fields = [(n, _stored(schema[n])) for n in schema if n not in KEYS and n not in self.written]
        self.bytes = sum(kind.itemsize for _, kind in self.fields)

    def pack(self, fresh: EncodedChanges, table: pl.DataFrame) -> list[Packed]:
        """The rows of a batch; the rows of `table` are those of `fresh`, in its order."""
        bodies = self._bodies(table)
        words = self._words(table)
        return [
            self._packed(change, body, said)
            for change, body, said in zip(fresh.changes, bodies, words, strict=True)
        ]

    def _packed(self, change: Any, body: bytes, words: bytes | None) -> Packed:
        finished = change.disposition in FINISHED
        body += self._checksum(change.id, body, words)
        return Packed(change.id, change.seq, finished, self.mark, body, words)

    def _bodies(self, table: pl.DataFrame) -> list[bytes]:
        matrix = np.empty((table.height, self.bytes), dtype=np.uint8)
        for name, kind, start in self._places():
            column = table[name]
            if column.dtype == pl.Date:
                column = column.to_physical().fill_null(NO_DAY)
            values = np.ascontiguousarray(column.to_numpy().astype(kind))
            matrix[:, start : start + kind.itemsize] = values.view(np.uint8).reshape(-1, kind.itemsize)
        return [row.tobytes() for row in matrix]

    def _words(self, table: pl.DataFrame) -> list[bytes | None]:
        if not self.written:
            return [None] * table.height
        encode, nothing = msgspec.json.encode, (None,) * len(self.written)
        rows = table.select(self.written).iter_rows()
        return [encode(row) if row != nothing else None for row in rows]

    def is_valid(self, id: str, body: bytes, words: bytes | None) -> bool:
        """Whether a row is as it was packed."""
        content, checksum = body[:-CHECKSUM_BYTES], body[-CHECKSUM_BYTES:]
        return len(content) == self.bytes and self._checksum(id, content, words) == checksum

    def _checksum(self, id: str, body: bytes, words: bytes | None) -> bytes:
        start = zlib.crc32(f"{self.mark} {id} {-1 if words is None else len(words)} ".encode())
        return zlib.crc32(words or b"", zlib.crc32(body, start)).to_bytes(CHECKSUM_BYTES, "little")

    def table(self, rows: Sequence[tuple[str, bytes, bytes | None]]) -> pl.DataFrame:
        """The rows of a frame that were packed as (id, body, words); they must be valid."""
        keys = split_ids([row[0] for row in rows])
        matrix = np.frombuffer(b"".join([row[1] for row in rows]), dtype=np.uint8)
        matrix = matrix.reshape(len(rows), self.bytes + CHECKSUM_BYTES)
        columns = [pl.Series(name, values) for name, values in zip(KEYS, keys, strict=True)]
        columns += [_series(name, kind, matrix, start) for name, kind, start in self._places()]
        said = [_said(row[2], len(self.written)) for row in rows] if self.written else []
        for index, name in enumerate(self.written):
            columns.append(pl.Series(name, [row[index] for row in said], dtype=pl.String))
        found = pl.DataFrame(columns)
        schema = self.coding.layout.schema
        days = [pl.col(n).replace(NO_DAY, None).cast(pl.Date) for n, k in schema.items() if k == pl.Date]
        numbers = [pl.col(name).fill_nan(None) for name in self.coding.layout.numbers]
        return found.with_columns(*days, *numbers).select(schema.keys())

    def _places(self) -> Iterator[tuple[str, np.dtype, int]]:
        start = 0
        for name, kind in self.fields:
            yield name, kind, start
            start += kind.itemsize


def _stored(kind: Any) -> np.dtype:
    """How a value is stored: little-endian whatever the machine. Dates are days since 1970."""
    by_kind = {pl.UInt8: "<u1", pl.UInt16: "<u2", pl.UInt32: "<u4", pl.Float64: "<f8", pl.Date: "<i4"}
    return np.dtype(by_kind[kind])


def _series(name: str, kind: np.dtype, matrix: np.ndarray, start: int) -> pl.Series:
    values = np.ascontiguousarray(matrix[:, start : start + kind.itemsize]).view(kind).ravel()
    return pl.Series(name, values.astype(kind.newbyteorder("="), copy=False))


def _said(words: bytes | None, count: int) -> list[str | None]:
    return [None] * count if words is None else msgspec.json.decode(words, type=list[str | None])


def ids_of(table: pl.DataFrame) -> list[str]:
    """The ids of the responses of some rows."""
    return joined_ids(*(table[name].to_numpy() for name in KEYS))
