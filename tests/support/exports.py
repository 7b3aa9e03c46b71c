"""Exports that are read back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from app.exports.codebook import codebook_csv
from app.exports.csv import NOTHING, csv_chunks
from app.exports.table import Column, columns
from app.exports.weights import described_weights
from app.results.frame.frame import Frame
from app.results.layout import coded
from app.survey.codebook import Codebook, Variable, codebook
from app.survey.conditions.evaluator import compile_tree
from app.survey.model import Code
from tests.support.answers import given_response, instrument
from tests.support.paths import walk


def framed(changes, *instruments) -> Frame:
    frame = Frame(instruments or [instrument()])
    frame.take(changes)
    return frame


def exported(frame: Frame, **how) -> bytes:
    return b"".join(csv_chunks(frame, **how))


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def answered(asked, answers):
    """What an export can hold: what is on the path, and a line that was opened and left empty as skipped."""
    path = walk(asked, answers).answers
    for item in asked.items():
        chosen = path.get(item.id)
        for option in getattr(item, "options", ()):
            opened = option.code in chosen if isinstance(chosen, list) else option.code == chosen
            if option.please_say and opened:
                path.setdefault(f"{item.id}.{option.code}", {"missing": "skipped"})
    return {name: value for name, value in path.items() if name not in ("~full", "today")}


def derived(asked, answers):
    """Computed from the answers on the path, as far as it is known."""
    path = walk(asked, answers)
    found = {each.name: compile_tree(each.tree)(path.answers) for each in asked.computed}
    return {name: value for name, value in (found | {"~ended": path.ended}).items() if value is not None}


def assert_reads_back(asked, responses):
    changes = [given_response(asked, n, answers, how) for n, (answers, how) in enumerate(responses)]
    content = exported(framed(changes, asked))
    rows = {row.about["response_id"]: row for row in read_back(content, codebook(asked), asked.weights is not None)}
    stored = {change.id: json.loads(change.answers) for change in changes}
    assert {name: row.answers for name, row in rows.items()} == {
        name: answered(asked, answers) for name, answers in stored.items()
    }
    assert {name: row.derived for name, row in rows.items()} == {
        name: derived(asked, answers) for name, answers in stored.items()
    }
    described = [row["name"] for row in rows_of(codebook_csv(codebook(asked), weights=described_weights(asked.weights)))]
    assert described == content.decode("utf-8-sig").splitlines()[0].split(",")


# --- reading back -------------------------------------------------------------------------------------------

BLANK = ("not_shown", "not_reached")  # reasons that an answer does not hold: they follow from the path


def plain_text(text: str) -> str:
    """A text before it was neutralised."""
    return text[1:] if text.startswith("'") else text


class Exported(NamedTuple):
    """One row of an export, read back."""

    about: dict[str, str]  # response_id, disposition ...
    answers: dict[str, Any]  # as they were stored, without what was off the path
    derived: dict[str, Any]  # what follows from them, by the variable's name


def read_back(content: bytes, codebook: Codebook, weighted: bool = False) -> list[Exported]:
    """The responses in an export with codes. Raises ValueError when its columns are not the codebook's, or a survey that
    is not `weighted` has weights."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    known = columns(codebook.variables, weighted=weighted)
    header = next(rows)
    if header != [column.name for column in known]:
        raise ValueError("the columns are not those of the codebook")
    return [_read_row(dict(zip(header, row, strict=True)), known) for row in rows]


def _read_row(cells: dict[str, str], known: Sequence[Column]) -> Exported:
    reasons = [column for column in known if column.type == "reason"]
    answers = [column for column in known if column.variable is not None and column.type != "reason"]
    why = {coded(column.variable).name: cells[column.name] for column in reasons}
    about = {column.name: plain_text(cells[column.name]) for column in known if column.variable is None}
    row = Exported(about, {}, {})
    for column in reasons:
        _read_reason(column, cells[column.name], row.answers)
    ranked: dict[str, dict[int, Code]] = {}
    for column in answers:
        variable, cell = column.variable, cells[column.name]
        if not cell and (variable.kind != "text" or why[f"{variable.name}~"]):
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
