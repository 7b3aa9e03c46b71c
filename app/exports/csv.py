"""Responses as CSV, UTF-8, in random order, in as much memory as one slice takes: a row for each response, or for
each vignette that a respondent judged."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import numpy as np
import polars as pl

from app.exports.table import Column, ExportTable, ResponseTable
from app.exports.vignettes import JudgementTable
from app.exports.weights import with_weights
from app.results.frame.frame import Frame
from app.results.frame.intake import Coding, ResponseChange
from app.results.view import View
from app.results.weights.cells import raking_cells
from app.results.weights.weighting import Weighting, weighting
from app.survey.model import Instrument

BOM = b"\xef\xbb\xbf"  # by which spreadsheet programs know UTF-8
ROWS_AT_ONCE = 65_536  # some 90 MB while they are written; fewer cost more each
TABLES: dict[str, Callable[[Coding, bool], ExportTable]] = {"response": ResponseTable, "vignette": JudgementTable}
NOTHING = "-"  # an order of nothing: pairs of which none was exchanged


def csv_chunks(
    frame: Frame, values: str = "codes", bom: bool = True, per: str = "response", view: View | None = None,
    answers: Collection[str] | None = None,
) -> Iterator[bytes]:  # fmt: skip
    """The responses of a frame in the order of their random ids, which says nothing of time.

    `values` is codes or labels, `per` response or vignette: what a row is about. A view chooses responses; without one all
    that are stored are in it. `answers` are those of the respondent that rows about vignettes have. A response that
    changes meanwhile is in it once, as it was or as it is.
    """
    labels = values == "labels"
    table = JudgementTable(frame.coding, labels, answers) if per == "vignette" else ResponseTable(frame.coding, labels)
    slices = _chosen(frame, view)
    return _chunks(table, with_weights(slices, frame.weighting()) if frame.instruments[0].weights else slices, bom)


def _chosen(frame: Frame, view: View | None) -> Iterator[pl.DataFrame]:
    selection = frame.selection(view) if view else None
    for rows in frame.slices(ROWS_AT_ONCE):
        yield rows.filter(selection.mask(rows)) if selection else rows


def csv_of_changes(
    instruments: Sequence[Instrument],
    batches: Iterable[Sequence[ResponseChange]],
    values: str = "codes",
    bom: bool = True,
    per: str = "response",
    progress: Callable[[int], None] = lambda rows: None,
    weights: Weighting | None = None,
) -> Iterator[bytes]:
    """The same from storage, for when no frame is in memory.

    `instruments` are all versions, newest first; the batches come in the order of the responses' ids.
    Responses that were withdrawn or do not fit their instrument are left out. `progress` is called with the number of
    changes in each batch once it is written. `weights` are those of `weighting_of_changes`.
    """
    coding = Coding(instruments)
    slices = with_weights(_slices(coding, batches, progress), weights)
    return _chunks(TABLES[per](coding, values == "labels"), slices, bom)


def weighting_of_changes(
    instruments: Sequence[Instrument], batches: Iterable[Sequence[ResponseChange]], progress: Callable[[int], None] = lambda rows: None
) -> Weighting | None:
    """The weights of all complete responses, which must be known before the first is written; None for a survey without."""
    weights, coding = instruments[0].weights, Coding(instruments)
    cells = raking_cells(weights, coding.layout)
    if weights is None or cells is None:
        return None
    counts = np.zeros(cells.size + 1, dtype=np.int64)
    for rows in _slices(coding, batches, progress):
        counts += cells.counts(rows)
    return weighting(cells, counts, weights)


def _slices(
    coding: Coding, batches: Iterable[Sequence[ResponseChange]], progress: Callable[[int], None]
) -> Iterator[pl.DataFrame]:
    for batch in batches:
        fresh = coding.read(batch)
        if fresh.changes:
            yield coding.table(fresh).sort("~key", "~rest")
        progress(len(batch))


def _chunks(table: ExportTable, slices: Iterable[pl.DataFrame], bom: bool) -> Iterator[bytes]:
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(column.name for column in table.columns)
    yield (BOM if bom else b"") + header.getvalue().encode()
    cells = [_cell(column).alias(column.name) for column in table.columns]
    for stored in slices:
        rows = table.of(stored) if stored.height else stored
        if rows.height:
            target = io.BytesIO()
            rows.select(cells).write_csv(target, include_header=False)
            yield target.getvalue()


def _cell(column: Column) -> pl.Expr:
    """A column as it is written."""
    value = pl.col(column.name)
    match column.type:
        case "id" | "text":
            return neutral(value)
        case "label":
            return _neutral_labels(column, value)
        case "order":
            return pl.when(value == "").then(pl.lit(NOTHING)).otherwise(neutral(value))
        case "number" if column.decimals != 0:
            return value.cast(pl.String).str.strip_suffix(".0")  # as few digits as read back to the number
    return value


def csv_of_lines(lines: Iterable[tuple[object, ...]]) -> bytes:
    """A table of figures: a heading and its lines, with the labels of a survey made harmless."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    for line in lines:
        writer.writerow(neutral_text(cell) if isinstance(cell, str) else cell for cell in line)
    return BOM + target.getvalue().encode()


# --- texts that a spreadsheet program would run -----------------------------------------------------------------

#: What the codebook says of it.
NEUTRALISED = (
    "text; an apostrophe is put before one that begins with = + - @, with an unprintable character, or with an "
    "apostrophe, so that no spreadsheet program runs it"
)
RISKY = r"^['=+\-@＝＋－＠\p{Cc}]"


def neutral(text: pl.Expr) -> pl.Expr:
    """With an apostrophe before what a spreadsheet program might take for a formula, or for its own mark.

    An apostrophe at the start is doubled, so that taking one off gives the text back.
    """
    return pl.when(text.str.contains(RISKY)).then(pl.lit("'") + text).otherwise(text)


def neutral_text(text: str) -> str:
    return pl.select(neutral(pl.lit(text))).item()


def _neutral_labels(column: Column, value: pl.Expr) -> pl.Expr:
    """Each label is neutralised once. No two become the same."""
    dtype = column.dtype
    if not isinstance(dtype, pl.Enum):
        return neutral(value)
    labels = pl.select(neutral(pl.lit(dtype.categories))).to_series()
    return value if labels.equals(dtype.categories) else value.to_physical().cat.to(pl.Enum(labels))
