"""The rows of a frame: tables that never change, merged as they grow, after a log-structured merge tree.

A segment is a table sorted by the keys of its responses, with a mask of the rows that have not been removed. New rows
become a new segment; what they replace is found by its key in each older segment and removed; small
segments are merged, so that there are never many. What a batch costs therefore does not depend on how many
rows are stored.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

ID_LENGTH = 20  # characters of a response's id: 15 bytes in base64url
LARGEST = 1 << 18  # rows of a segment: bounds what one merge costs
SMALLEST = 512  # below it all segments count as equally small
MERGED_AT_ONCE = 8
JOINED_BELOW = 1 << 14  # rows: smaller segments are counted together


@dataclass(frozen=True, slots=True)
class Segment:
    table: pl.DataFrame  # sorted by ~key, in one piece
    keys: np.ndarray
    alive: np.ndarray

    @property
    def rows(self) -> int:
        return int(np.count_nonzero(self.alive))

    def living(self) -> pl.DataFrame:
        return self.table if self.alive.all() else self.table.filter(self.alive)

    def find(self, keys: np.ndarray, rests: np.ndarray) -> np.ndarray:
        """The rows of these responses that have not been removed."""
        at = self.keys.searchsorted(keys)
        inside = at < len(self.keys)
        inside[inside] = self.keys[at[inside]] == keys[inside]
        at, keys, rests = at[inside], keys[inside], rests[inside]
        if not len(at):
            return at
        exact = self.table["~rest"].gather(at).to_numpy() == rests
        if not exact.all():
            at[~exact] = [
                self._beyond(*where) for where in zip(at[~exact], keys[~exact], rests[~exact], strict=True)
            ]
            at = at[at >= 0]
        return at[self.alive[at]]

    def _beyond(self, at: int, key: int, rest: int) -> int:
        """Two ids may share their first eight bytes: then the rows after the first hold the other, or none."""
        rests = self.table["~rest"]
        while at < len(self.keys) and self.keys[at] == key:
            if rests[int(at)] == rest:
                return int(at)
            at += 1
        return -1


def segment_of(table: pl.DataFrame) -> Segment:
    """Takes rows in any order."""
    return sorted_segment(table.sort("~key").rechunk())


def sorted_segment(table: pl.DataFrame) -> Segment:
    return Segment(table, table["~key"].to_numpy(), np.ones(table.height, dtype=bool))


class Segments:
    """Nothing in `all` ever changes; a change replaces the tuple, in one step. So a reader
    in another thread sees all of a change or nothing of it."""

    def __init__(self, segments: Sequence[Segment] = ()) -> None:
        self.all = tuple(segments)

    @property
    def rows(self) -> int:
        return sum(segment.rows for segment in self.all)

    def bytes(self) -> int:
        return sum(segment.table.estimated_size() for segment in self.all)

    def change(self, keys: np.ndarray, rests: np.ndarray, table: pl.DataFrame) -> list[pl.DataFrame]:
        """Removes the rows of these responses and adds the rows of a table.

        Returns the removed rows, as they were. `keys` are sorted.
        """
        removed: list[pl.DataFrame] = []
        segments = []
        for segment in self.all:
            rows = segment.find(keys, rests)
            if len(rows):
                removed.append(segment.table[rows])
                segment = _without(segment, rows)
            if segment.rows:
                segments.append(segment)
        if table.height:
            segments.append(segment_of(table))
        while _merge(segments):
            pass
        self.all = tuple(segments)
        return removed

    def append(self, table: pl.DataFrame) -> None:
        """Adds the rows of responses that are all new."""
        segments = [*self.all, segment_of(table)]
        while _merge(segments):
            pass
        self.all = tuple(segments)

    def find(self, keys: np.ndarray, rests: np.ndarray) -> Iterator[pl.DataFrame]:
        """The rows of these responses. `keys` are sorted."""
        for segment in self.all:
            rows = segment.find(keys, rests)
            if len(rows):
                yield segment.table[rows]

    def tables(self) -> Iterator[tuple[pl.DataFrame, np.ndarray]]:
        """Every table with the mask of its remaining rows, the latest first; small segments are joined."""
        small = [segment for segment in self.all if len(segment.keys) < JOINED_BELOW]
        if small:
            yield _joined(small)
        for segment in reversed(self.all):
            if len(segment.keys) >= JOINED_BELOW:
                yield segment.table, segment.alive

    def slices(self, rows: int) -> Iterator[pl.DataFrame]:
        """All rows, in the order of their keys, in tables of about `rows` rows each.

        Each slice is a range of keys, read when it is its turn: rows that change meanwhile appear once.
        """
        ranges = -(-self.rows // rows)
        for index in range(ranges):
            low, high = (2**64 * each // ranges for each in (index, index + 1))
            parts = [_between(segment, low, high) for segment in self.all]
            if parts:
                yield pl.concat(parts).sort("~key", "~rest")


def _without(segment: Segment, rows: np.ndarray) -> Segment:
    """Without these rows; copied once more than half of them have been removed."""
    alive = segment.alive.copy()
    alive[rows] = False
    thinner = replace(segment, alive=alive)
    return thinner if 2 * thinner.rows > len(alive) else sorted_segment(thinner.living().rechunk())


def _merge(segments: list[Segment]) -> bool:
    """Merges the last segments when enough of them are of one size."""
    start = len(segments)
    while start and _tier(segments[start - 1]) == _tier(segments[-1]):
        start -= 1
    if len(segments) - start < MERGED_AT_ONCE:
        return False
    stop, rows = start, 0
    while stop < len(segments) and rows + segments[stop].rows <= LARGEST:
        rows += segments[stop].rows
        stop += 1
    if stop - start < 2:
        return False
    segments[start:stop] = [segment_of(pl.concat([segment.living() for segment in segments[start:stop]]))]
    return True


def _tier(segment: Segment) -> int:
    rows = len(segment.keys)
    if 2 * rows > LARGEST:
        return -1
    tier = 0
    while rows >= SMALLEST:
        rows //= MERGED_AT_ONCE
        tier += 1
    return tier


def _joined(segments: Sequence[Segment]) -> tuple[pl.DataFrame, np.ndarray]:
    if len(segments) == 1:
        return segments[0].table, segments[0].alive
    table = pl.concat([segment.table for segment in segments], rechunk=True)
    return table, np.concatenate([segment.alive for segment in segments])


def _between(segment: Segment, low: int, high: int) -> pl.DataFrame:
    start = segment.keys.searchsorted(np.uint64(low))
    stop = segment.keys.searchsorted(np.uint64(high)) if high < 2**64 else len(segment.keys)
    part = segment.table[int(start) : int(stop)]
    alive = segment.alive[start:stop]
    return part if alive.all() else part.filter(alive)


# --- ids --------------------------------------------------------------------------------------------------


def split_ids(ids: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The first eight bytes and the last seven of each id, as two columns of whole numbers.

    Raises ValueError when an id is not 20 characters of base64url.
    """
    if any(len(identifier) != ID_LENGTH for identifier in ids):
        raise ValueError(f"a response's id has {ID_LENGTH} characters")
    raw = np.frombuffer(
        base64.b64decode("".join(ids), altchars=b"-_", validate=True), dtype=np.uint8
    ).reshape(-1, 15)
    keys = np.ascontiguousarray(raw[:, :8]).view(">u8").ravel().astype(np.uint64)
    rests = np.zeros((len(raw), 8), dtype=np.uint8)
    rests[:, 1:] = raw[:, 8:]
    return keys, rests.view(">u8").ravel().astype(np.uint64)


def joined_ids(keys: np.ndarray, rests: np.ndarray) -> list[str]:
    """The ids that `split_ids` has split."""
    raw = np.empty((len(keys), 15), dtype=np.uint8)
    raw[:, :8] = keys.astype(">u8").view(np.uint8).reshape(-1, 8)
    raw[:, 8:] = rests.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 1:]
    text = base64.urlsafe_b64encode(raw.tobytes()).decode()
    return [text[start : start + ID_LENGTH] for start in range(0, len(text), ID_LENGTH)]
