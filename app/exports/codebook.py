"""The codebook of an export: a description of every column, as CSV and as Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import groupby

from app.exports.columns import Column, columns, neutral_text
from app.instrument.codebook import REASON_MEANINGS, Codebook, Variable
from app.instrument.columns import ABOUT, PARADATA
from app.results.layout import DISPOSITIONS

HEADER = ("name", "item", "section", "question", "type", "values", "asked_if", "missing")
DISPOSITION_MEANINGS = {
    "complete": "submitted",
    "partial": "not submitted, at least half of the sections on the path reached",
    "break-off": "not submitted, fewer reached",
}


def rows(codebook: Codebook) -> Iterator[tuple[str, ...]]:
    """One for each column of the CSV, in its order, with the cells of HEADER."""
    for name, meaning, kind in ABOUT:
        values = _listed((word, DISPOSITION_MEANINGS[word]) for word in DISPOSITIONS)
        yield name, "", "", meaning, kind, values if name == "disposition" else "", "", ""
    for column in columns(codebook.variables):
        yield _reason_row(column) if column.missing else _answer_row(column)
    for name, meaning, kind in PARADATA:
        yield name, "", "", meaning, kind, "", "", ""


def _answer_row(column: Column) -> tuple[str, ...]:
    variable = column.variable
    missing = f"empty; the reason is in {_missing_name(column)}"
    return (
        column.name, variable.item, variable.section, variable.label, variable.type, _values(variable),
        variable.base or "", missing,
    )  # fmt: skip


def _missing_name(column: Column) -> str:
    if column.variable.kind != "flag":
        return f"{column.name}_missing"
    return f"{column.variable.item}_missing"


def _reason_row(column: Column) -> tuple[str, ...]:
    variable = column.variable
    what = variable.ask if variable.kind == "flag" else variable.label
    question = f"Why there is no value: {what}"
    reasons = _listed(REASON_MEANINGS.items())
    return column.name, variable.item, variable.section, question, "missing reason", reasons, "", ""


def _values(variable: Variable) -> str:
    if variable.kind == "choice":
        return _listed((str(code), label) for code, label in variable.codes)
    if variable.kind == "flag":
        return _listed((("0", "not chosen"), ("1", "chosen")))
    if variable.kind == "number":
        return f"whole numbers from {variable.least} to {variable.most}"
    return "text"


def _listed(pairs: object) -> str:
    return "; ".join(f"{code} = {label}" for code, label in pairs)  # type: ignore[attr-defined]


def codebook_csv(codebook: Codebook, bom: bool = True) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(HEADER)
    for row in rows(codebook):
        writer.writerow(neutral_text(cell) for cell in row)
    return (b"\xef\xbb\xbf" if bom else b"") + target.getvalue().encode()


def codebook_markdown(codebook: Codebook) -> bytes:
    """A heading for each section, and a table of its columns."""
    lines = [f"# {_escaped(codebook.title)}: codebook", ""]
    for section, described in groupby(rows(codebook), key=lambda row: _heading(row)):
        lines += [f"## {section}", "", "| column | holds | values | asked if |", "|---|---|---|---|"]
        lines += [_line(row) for row in described]
        lines.append("")
    lines += ["## Why a value is missing", "", "| reason | means |", "|---|---|"]
    lines += [f"| `{reason}` | {_escaped(meaning)} |" for reason, meaning in REASON_MEANINGS.items()]
    return "\n".join([*lines, ""]).encode()


def _heading(row: tuple[str, ...]) -> str:
    if row[4] == "missing reason":
        return "Missing values"
    return _escaped(row[2]) or "The response"


def _line(row: tuple[str, ...]) -> str:
    name, _, _, question, kind, values, base, _ = row
    if kind == "missing reason":
        values = "the reasons below"
    shown = _escaped(values).replace("; ", "<br>")
    return f"| `{name}` | {_escaped(question)} | {shown} | {_code(base)} |"


def _code(text: str) -> str:
    """As written, in a cell; a condition may hold any character between its quotes."""
    return "`` " + text.replace("|", "\\|") + " ``" if text else ""


def _escaped(text: str) -> str:
    """As plain words in a cell of a Markdown table."""
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
