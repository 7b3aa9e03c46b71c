"""The codebook of an export: a description of every column, as CSV and as Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import groupby

from app.exports.csv import NEUTRALISED, neutral_text
from app.exports.table import CHOSEN, Column, columns, weight_column
from app.exports.weights import DescribedWeights
from app.results.layout import DISPOSITIONS
from app.survey.codebook import REASON_MEANINGS, Codebook, Variable
from app.survey.columns import names_of
from app.survey.model import Score

DATES = {"day": "YYYY-MM-DD", "month": "YYYY-MM", "year": "YYYY"}
#: The headings under which a codebook puts what belongs to no section, by type.
GIVEN, DERIVED = "Random assignment at the beginning", "Computed from the answers"
HEADINGS = {kind: GIVEN for kind in ("language", "arm", "vignette", "order")}
HEADINGS |= {kind: DERIVED for kind in ("computed", "score", "ended")}
HEADER = ("name", "item", "section", "question", "type", "values", "asked_if", "missing")
DISPOSITION_MEANINGS = {
    "complete": "answered to the end and submitted",
    "partial": "not complete, at least half of the sections on the path reached",
    "break_off": "not complete, fewer reached",
    "screened_out": "ended by a screen-out or a full quota",
}


def rows(codebook: Codebook, about: str = "", weights: DescribedWeights | None = None) -> Iterator[tuple[str, ...]]:
    """One for each column of the CSV, in its order, with the cells of HEADER. `about` says which responses are in the data:
    it is where the codebook says of whom an item is asked, in the row of their ids."""
    names = names_of(codebook.variables)
    for column in columns(codebook.variables):
        if column.variable is None:
            yield _about_row(column, about)
        else:
            yield _reason_row(column) if column.type == "reason" else _answer_row(column, names)
    if weights is not None:
        yield weights.row(codebook.variables, weight_column(codebook.variables))


def _about_row(column: Column, about: str) -> tuple[str, ...]:
    values = listed((word, DISPOSITION_MEANINGS[word]) for word in DISPOSITIONS)
    holds = {"disposition": values, "response_id": NEUTRALISED}.get(column.name, "")
    kind = column.type if column.type in ("date", "number") else "text"
    return column.name, "", "", column.label, kind, holds, about if column.name == "response_id" else "", ""


def _answer_row(column: Column, names: dict[str, str]) -> tuple[str, ...]:
    variable = column.variable
    reason = column.reason_in
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
        case "choice" if variable.below:
            return listed(_bands(variable))
        case "choice" | "rank":
            return listed((str(code), label) for code, label in variable.codes)
        case "flag":
            return listed((str(code), label) for code, label in CHOSEN)
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
    return str(number if number is None else round(number, 10)).removesuffix(".0")


def _made_of(variable: Variable, names: dict[str, str]) -> str:
    score = variable.score
    if score is None:
        return ""
    reversed_from = dict(zip(score.reverse, score.mirrors, strict=True))
    parts = [_part(names.get(part, part), reversed_from.get(part)) for part in score.parts]
    least = f", if at least {score.at_least} of them {'is' if score.at_least == 1 else 'are'} known"
    how = score.how.replace("_", " ")
    times = f" (the mean of those known × {len(parts)})" if score.how == "sum_prorated" else ""
    return f"{how} of {', '.join(parts)}{times}{least if score.how != 'count' else ''}{_not_applicable(score, names)}{_rescaling(score, how)}"


def _part(name: str, reversed_from: float | None) -> str:
    return name if reversed_from is None else f"{name} (reversed: {_figure(reversed_from)} − {name})"


def _not_applicable(score: Score, names: dict[str, str]) -> str:
    """With which value a part counts where it is not applicable."""
    if not score.not_applicable:
        return ""
    parts = [names.get(part, part) for part, _ in score.not_applicable]
    return f", where “not applicable” counts as {_figure(score.not_applicable[0][1])} ({', '.join(parts)})"


def _rescaling(score: Score, how: str) -> str:
    """How a score comes to run from 0 to 100, or between other ends."""
    if score.to is None or score.unscaled is None:
        return ""
    (low, high), (start, end) = score.unscaled, score.to
    value = f"{how} − {_figure(low)}" if low >= 0 else f"{how} + {_figure(-low)}"
    formula = f"({value}) × {_figure(end - start)} / {_figure(high - low)}"
    first = f"{_figure(start)} + " if start else ""
    return f", rescaled from {_figure(low)} to {_figure(high)} onto {_figure(start)} to {_figure(end)}: {first}{formula}"


def _bands(variable: Variable) -> Iterator[tuple[str, str]]:
    """Each band with its cut-offs."""
    least: float | None = None
    for (code, label), below in zip(variable.codes, variable.below, strict=False):
        start = "" if least is None else f"{_figure(least)} or more"
        end = "" if below is None else f"below {_figure(below)}"
        yield str(code), f"{label} ({', '.join(part for part in (start, end) if part)})"
        least = below


def listed(pairs: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{code} = {label}" for code, label in pairs)


def codebook_csv(codebook: Codebook, bom: bool = True, about: str = "", weights: DescribedWeights | None = None) -> bytes:
    """`about` says which responses are in the data; "" for all that are stored."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(HEADER)
    for row in rows(codebook, about, weights):
        writer.writerow(neutral_text(cell) for cell in row)
    return (b"\xef\xbb\xbf" if bom else b"") + target.getvalue().encode()


def codebook_markdown(codebook: Codebook, about: str = "", weights: DescribedWeights | None = None) -> bytes:
    """A heading for each section, and a table of its columns. `about` says which responses are in the data."""
    lines = [f"# {_escaped(codebook.title)}: codebook", ""]
    lines += [f"Of {_escaped(about)}.", ""] if about else []
    for section, described in groupby(rows(codebook, weights=weights), key=lambda row: _heading(row)):
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
