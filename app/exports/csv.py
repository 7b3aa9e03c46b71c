"""Responses as CSV, UTF-8, in random order, in as much memory as one slice takes: a row for each response, or for
each vignette that a respondent judged."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import polars as pl

from app.exports.columns import NOTHING, Column, Sheet, columns, names, plain_text
from app.exports.vignettes import Judgements
from app.results.frame.frame import Frame
from app.results.frame.intake import Coding, ResponseChange
from app.survey.codebook import Codebook, Variable
from app.survey.columns import PARADATA, about
from app.survey.model import Code, Instrument

BOM = b"\xef\xbb\xbf"  # by which spreadsheet programs know UTF-8
ROWS_AT_ONCE = 65_536  # some 90 MB while they are written; fewer cost more each
SHEETS: dict[str, type[Sheet] | type[Judgements]] = {"response": Sheet, "vignette": Judgements}
BLANK = ("not_shown", "not_reached")  # reasons that an answer does not hold: they follow from the path


def csv_chunks(
    frame: Frame, values: str = "codes", bom: bool = True, per: str = "response"
) -> Iterator[bytes]:
    """The responses of a frame in the order of their random ids, which tells nothing of time.

    `values` is codes or labels, `per` response or vignette: what a row stands for. What changes meanwhile is in
    it as it was or as it is, once.
    """
    return _chunks(SHEETS[per](frame.coding, values == "labels"), frame.slices(ROWS_AT_ONCE), bom)


def csv_of_changes(
    instruments: Sequence[Instrument],
    batches: Iterable[Sequence[ResponseChange]],
    values: str = "codes",
    bom: bool = True,
    per: str = "response",
    progress: Callable[[int], None] = lambda rows: None,
) -> Iterator[bytes]:
    """The same straight from storage, for when no frame is in memory.

    `instruments` are all versions, newest first; the batches come in the order of the responses' ids.
    Responses that were withdrawn or do not fit their instrument are left out. `progress` hears how many
    changes each batch held, once it is written.
    """
    coding = Coding(instruments)
    return _chunks(SHEETS[per](coding, values == "labels"), _tables(coding, batches, progress), bom)


def _tables(
    coding: Coding, batches: Iterable[Sequence[ResponseChange]], progress: Callable[[int], None]
) -> Iterator[pl.DataFrame]:
    for batch in batches:
        fresh = coding.read(batch)
        if fresh.changes:
            yield coding.table(fresh).sort("~key", "~rest")
        progress(len(batch))


def _chunks(sheet: Sheet | Judgements, tables: Iterable[pl.DataFrame], bom: bool) -> Iterator[bytes]:
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(sheet.names)
    yield (BOM if bom else b"") + header.getvalue().encode()
    for table in tables:
        rows = sheet.of(table) if table.height else table
        if rows.height:
            target = io.BytesIO()
            rows.write_csv(target, include_header=False)
            yield target.getvalue()


# --- reading back -------------------------------------------------------------------------------------------


class Exported(NamedTuple):
    """One row of an export, read back."""

    about: dict[str, str]  # response_id, disposition ...
    answers: dict[str, Any]  # as they were stored, without what was off the path
    derived: dict[str, Any]  # what follows from them, by the variable's name


def read_back(content: bytes, codebook: Codebook) -> list[Exported]:
    """The responses in an export with codes. Raises ValueError when its columns are not the codebook's."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    known = columns(codebook.variables)
    header = next(rows)
    if header != names(known):
        raise ValueError("the columns are not those of the codebook")
    return [_read_row(dict(zip(header, row, strict=True)), known) for row in rows]


def _read_row(cells: dict[str, str], known: Sequence[Column]) -> Exported:
    told = about(column.variable for column in known)
    reasons = {column.source: cells[column.name] for column in known if column.missing}
    row = Exported({name: plain_text(cells[name]) for name, _, _ in (*told, *PARADATA)}, {}, {})
    for column in known:
        if column.missing:
            _read_reason(column, cells[column.name], row.answers)
    ranked: dict[str, dict[int, Code]] = {}
    for column in known:
        variable, cell = column.variable, cells[column.name]
        if column.missing or (not cell and (variable.kind != "text" or reasons[f"{variable.name}~"])):
            continue
        if variable.kind == "rank":
            ranked.setdefault(variable.key, {})[int(cell)] = variable.option or ""
        else:
            _read_value(variable, cell, row)
    row.answers.update((key, [by[place] for place in sorted(by) if place]) for key, by in ranked.items())
    return row


def _read_reason(column: Column, reason: str, answers: dict[str, Any]) -> None:
    if reason and reason not in BLANK and not column.variable.is_derived:
        answers[column.variable.key] = {"missing": reason}


def _read_value(variable: Variable, cell: str, row: Exported) -> None:
    if variable.is_derived:
        row.derived[variable.name] = _value(variable, cell)
    elif variable.kind == "flag":
        chosen = row.answers.setdefault(variable.key, [])
        chosen.extend([variable.option] if cell == "1" else [])
    else:
        row.answers[variable.key] = _value(variable, cell)


def _value(variable: Variable, cell: str) -> Any:
    match variable.kind:
        case "number":
            return int(cell) if variable.decimals == 0 else float(cell)
        case "choice":
            return _code(variable, cell)
        case "order":
            words = [] if cell == NOTHING else plain_text(cell).split(" ")
            return [_code(variable, word) for word in words]
    return plain_text(cell)


def _code(variable: Variable, cell: str) -> Code:
    return next(code for code, _ in variable.codes if str(code) == cell)
