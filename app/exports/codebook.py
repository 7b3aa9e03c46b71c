"""The codebook of an export: a description of every column, as CSV and as Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from app.exports.columns import NEUTRALISED, Column, columns, neutral_text
from app.results.frame.layout import DISPOSITIONS
from app.survey.codebook import REASON_MEANINGS, Codebook, Variable
from app.survey.columns import PARADATA, about, names_of

DATES = {"day": "YYYY-MM-DD", "month": "YYYY-MM", "year": "YYYY"}
#: The headings under which a codebook puts what belongs to no section, by type.
GIVEN, DERIVED = "Random assignment at the beginning", "Computed from the answers"
HEADINGS = {kind: GIVEN for kind in ("language", "arm", "vignette", "order")}
HEADINGS |= {kind: DERIVED for kind in ("computed", "score", "ended")}
HEADER = ("name", "item", "section", "question", "type", "values", "asked_if", "missing")
DISPOSITION_MEANINGS = {
    "complete": "submitted",
    "partial": "not submitted, at least half of the sections on the path reached",
    "break-off": "not submitted, fewer reached",
    "screened-out": "ended by a screen-out or a full quota",
}


def rows(codebook: Codebook) -> Iterator[tuple[str, ...]]:
    """One for each column of the CSV, in its order, with the cells of HEADER."""
    for name, meaning, kind in about(codebook.variables):
        values = listed((word, DISPOSITION_MEANINGS[word]) for word in DISPOSITIONS)
        holds = {"disposition": values, "response_id": NEUTRALISED}.get(name, "")
        yield name, "", "", meaning, kind, holds, "", ""
    known = columns(codebook.variables)
    reasons = _reason_columns(known)
    names = names_of(codebook.variables)
    for column in known:
        yield _reason_row(column) if column.missing else _answer_row(column, reasons, names)
    for name, meaning, kind in PARADATA:
        yield name, "", "", meaning, kind, "", "", ""


def _reason_columns(known: Sequence[Column]) -> dict[str, str]:
    """For each variable the column that tells why it is missing."""
    own = {column.variable.name: column.name for column in known if column.missing}
    shared = {_together(column.variable): column.name for column in known if column.missing}
    variables = [column.variable for column in known if not column.missing and column.variable.may_be_missing]
    return {each.name: own.get(each.name) or shared[_together(each)] for each in variables}


def _together(variable: Variable) -> tuple[str, str, bool]:
    return variable.item, variable.generation, variable.apart


def _answer_row(column: Column, reasons: dict[str, str], names: dict[str, str]) -> tuple[str, ...]:
    variable = column.variable
    reason = reasons.get(variable.name)
    return (
        column.name, variable.item, variable.section, variable.label, variable.type, values_of(variable, names),
        _asked_if(variable), f"empty; the reason is in {reason}" if reason else _never(variable),
    )  # fmt: skip


def _never(variable: Variable) -> str:
    return "empty if nothing ended the response" if variable.type == "ended" else "never, except in versions without it"


def _asked_if(variable: Variable) -> str:
    unless = f"not ended by {', '.join(variable.unless)}" if variable.unless else ""
    return "; ".join(part for part in (variable.base, unless) if part)


def _reason_row(column: Column) -> tuple[str, ...]:
    variable = column.variable
    together = variable.kind == "flag" and not variable.apart
    question = f"Why there is no value: {variable.ask if together else variable.label}"
    if variable.kind == "ranks":
        question = f"Why nothing was ranked: {variable.ask}"
    own_words = dict(variable.offers)
    reasons = listed((reason, _meaning(reason, own_words.get(reason))) for reason in REASON_MEANINGS)
    return column.name, variable.item, variable.section, question, "missing reason", reasons, "", ""


def _meaning(reason: str, words: str | None) -> str:
    return f"{REASON_MEANINGS[reason]} (“{words}”)" if words else REASON_MEANINGS[reason]


def values_of(variable: Variable, names: dict[str, str]) -> str:
    """What a column can hold, in words; `names` are the columns of the variables that a score is made of."""
    match variable.kind:
        case "choice" | "rank":
            return listed((str(code), label) for code, label in variable.codes)
        case "flag":
            return listed((("0", "not chosen"), ("1", "chosen")))
        case "number":
            return "; ".join(part for part in (_numbers(variable), _made_of(variable, names)) if part)
        case "date":
            return f"dates as {DATES[variable.precision or 'day']}"
        case "order":
            return f"some of these, in order, with spaces between: {' '.join(str(code) for code, _ in variable.codes)}"
    return NEUTRALISED


def _numbers(variable: Variable) -> str:
    kind = "whole numbers" if variable.decimals == 0 else "numbers"
    bounds = "" if variable.least is None else f" from {_figure(variable.least)} to {_figure(variable.most)}"
    exact = f", up to {variable.decimals} decimals" if variable.decimals else ""
    return f"{kind}{bounds}{exact}{f', in {variable.unit}' if variable.unit else ''}"


def _figure(number: float | None) -> str:
    return str(number).removesuffix(".0")


def _made_of(variable: Variable, names: dict[str, str]) -> str:
    score = variable.score
    if score is None:
        return ""
    parts = [f"{names.get(part, part)}{' (reversed)' * (part in score.reverse)}" for part in score.parts]
    least = f", if {score.at_least} of them are known" if score.how != "count" else ""
    return f"{score.how.replace('_', ' ')} of {', '.join(parts)}{least}"


def listed(pairs: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{code} = {label}" for code, label in pairs)


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
    return _escaped(row[2]) or HEADINGS.get(row[4], "The response")


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
