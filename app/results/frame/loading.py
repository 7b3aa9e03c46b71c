"""Loads a frame from storage: from packed rows where they are valid, and from answers elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from app.results.frame import segments
from app.results.frame.frame import Frame, carries_over, moved
from app.results.frame.intake import Coding, ResponseChange
from app.results.frame.packing import Packed, Packing, versions_of
from app.survey.model import Instrument

PackedRow = tuple[str, str, bytes, bytes | None]
"""As stored: id, layout, body and words."""


class FrameLoader:
    """Makes a frame of the responses of a survey, each of which is given once.

    `instruments` are all versions, newest first. Changes after `seq` must be taken in by the frame afterwards.
    """

    def __init__(self, instruments: Sequence[Instrument], seq: int):
        self.frame = Frame(instruments)
        self.frame.seq = seq
        self.packings: dict[str, Packing | None] = {self.frame.packing.mark: self.frame.packing}
        self.tables: list[pl.DataFrame] = []
        self.waiting = 0  # rows that are not in a segment yet

    def take_packed(self, rows: Iterable[PackedRow]) -> list[str]:
        """Adds packed rows; returns the ids of those that are damaged or out of date."""
        by_layout: dict[str, list[tuple[str, bytes, bytes | None]]] = {}
        unfit = []
        for id, layout, body, words in rows:
            packing = self._packing(layout)
            if packing is not None and packing.is_valid(id, body, words):
                by_layout.setdefault(layout, []).append((id, body, words))
            else:
                unfit.append(id)
        for layout, found in by_layout.items():
            self._add(self._unpacked(layout, found))
        return unfit

    def take_changes(self, changes: Iterable[ResponseChange]) -> list[Packed]:
        """Adds responses by their answers; returns them packed."""
        coding, fresh = self.frame.coding, self.frame.coding.read(changes)
        self.frame.withdrawn.update(fresh.withdrawn)
        self.frame.refused.update(fresh.refused)
        table = coding.table(fresh)
        self._add(table)
        return self.frame.packing.pack(fresh, table)

    def finish(self) -> Frame:
        self._seal()
        self.frame.recount()
        return self.frame

    def _packing(self, layout: str) -> Packing | None:
        """The packing of a mark, if its rows can be moved into this frame's columns."""
        if layout not in self.packings:
            self.packings[layout] = self._older(layout)
        return self.packings[layout]

    def _older(self, layout: str) -> Packing | None:
        instruments, count = self.frame.instruments, versions_of(layout)
        if not 0 < count < len(instruments):
            return None
        packing = Packing(Coding(instruments[-count:]))
        fits = packing.mark == layout and carries_over(packing.coding, self.frame.coding)
        return packing if fits else None

    def _unpacked(self, layout: str, rows: Sequence[tuple[str, bytes, bytes | None]]) -> pl.DataFrame:
        packing = self.packings[layout]
        assert packing is not None
        table = packing.table(rows)
        if packing is self.frame.packing:
            return table
        return moved(table, packing.coding.layout, self.frame.layout)

    def _add(self, table: pl.DataFrame) -> None:
        if table.height:
            self.tables.append(table)
            self.waiting += table.height
        if self.waiting >= segments.LARGEST:
            self._seal()

    def _seal(self) -> None:
        if self.tables:
            self.frame.segments.append(pl.concat(self.tables))
            self.tables, self.waiting = [], 0
