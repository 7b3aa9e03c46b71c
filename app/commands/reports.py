"""What `opinion check` and `opinion compare` print: for people, as JSON, and as SARIF for code review tools."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import quote

import click

from app import __version__
from app.survey.faults import CATALOGUE, WARNINGS, Fault, pictured
from app.survey.versions.comparison import KINDS, Difference
from app.survey.vignettes.balance import DesignReport

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


SHOWN_IN_FULL = 5  # warnings of one kind; of further ones only the place and the cause are shown


def report_texts(faults: Sequence[Fault], lines: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The faults as they stand in the file, then the warnings, those of one kind together. `lines` are those of each file."""
    kinds: dict[str, list[Fault]] = {}
    for fault in faults:
        if fault.is_warning:
            kinds.setdefault(fault.code, []).append(fault)
        else:
            yield fault_text(fault, lines[fault.file])
    for code, alike in kinds.items():
        yield from warning_texts(code, alike, lines)
    if kinds.keys() - {"more-faults"}:
        yield ACCEPTING.format(next(code for code in kinds if code != "more-faults"))


ACCEPTING = (
    "To accept a warning, write a comment such as `# ok: {}`: on its line, beside the id of its item or section, or at the "
    "top of the file.\n"
)


def warning_texts(code: str, alike: Sequence[Fault], lines: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if len(alike) == 1:
        yield fault_text(alike[0], lines[alike[0].file])
        return
    yield f"{click.style(code, fg='yellow')} ({len(alike)} times): {WARNINGS[code]}"
    for place, fault in enumerate(alike):
        if place < SHOWN_IN_FULL:
            same = place > 0 and fault.remedy == alike[place - 1].remedy
            yield fault_text(replace(fault, remedy="") if same else fault, lines[fault.file], named=False)
        else:
            yield f"{click.style(f'{fault.file}:{fault.line}:{fault.column}', bold=True)}: {fault.what}"
    if len(alike) > SHOWN_IN_FULL:
        yield ""


def fault_text(fault: Fault, lines: Sequence[str], named: bool = True) -> str:
    """A fault with its line and a caret below the position; `named` with its code."""
    head = click.style(f"{fault.file}:{fault.line}:{fault.column}", bold=True)
    colour = "yellow" if fault.is_warning else "red"
    text = [f"{head}: {click.style(fault.code, fg=colour) + ': ' if named else ''}{fault.what}"]
    if fault.line <= len(lines):
        line, caret = pictured(lines[fault.line - 1], fault.column)
        text += [f"{fault.line:>5} | {line}", f"{'':>5} | {click.style(caret, fg=colour)}"]
    return "\n".join([*text, *([f"        {fault.remedy}"] if fault.remedy else []), ""])


def as_json(faults: Mapping[str, Sequence[Fault]], designs: Mapping[str, Mapping[str, DesignReport]]) -> str:
    """`{"files": [{"file", "faults": [{"severity", "line", "column", "code", "what", "remedy"}], "designs": {vignette: report}}]}`.

    The severity is error or warning; a survey with warnings alone is served.
    """
    files = [
        {
            "file": file,
            "faults": [_plain(fault) for fault in found],
            "designs": {vignette: asdict(report) for vignette, report in designs[file].items()},
        }
        for file, found in faults.items()
    ]
    return json.dumps({"files": files}, ensure_ascii=False, indent=2)


def _plain(fault: Fault) -> dict[str, Any]:
    return {
        "severity": fault.severity, "line": fault.line, "column": fault.column, "code": fault.code,
        "what": fault.what, "remedy": fault.remedy,
    }  # fmt: skip


def as_sarif(faults: Mapping[str, Sequence[Fault]]) -> str:
    """One run in SARIF 2.1.0 (OASIS), with every code as a rule and its level."""
    rules = [
        {"id": code, "shortDescription": {"text": sentence}, "defaultConfiguration": {"level": level}}
        for level, known in (("error", CATALOGUE), ("warning", WARNINGS))
        for code, sentence in known.items()
    ]
    run = {
        "tool": {"driver": {"name": "opinion check", "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(fault) for found in faults.values() for fault in found],
    }
    return json.dumps(
        {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2
    )


def _result(fault: Fault) -> dict[str, Any]:
    location = {
        "artifactLocation": {"uri": quote(fault.file.replace("\\", "/"))},
        "region": {"startLine": fault.line, "startColumn": fault.column},
    }
    said = f"{fault.what}. {fault.remedy}"
    return {
        "ruleId": fault.code,
        "level": fault.severity,
        "message": {"text": said},
        "locations": [{"physicalLocation": location}],
    }


def differences_as_json(differences: Iterable[Difference]) -> str:
    """`{"differences": [{"kind", "where", "what", "meaning", "apart"}]}`."""
    found = [asdict(difference) for difference in differences]
    return json.dumps({"differences": found}, ensure_ascii=False, indent=2)


def difference_lines(differences: Sequence[Difference]) -> list[str]:
    """For people: the most serious first, each kind with what it means; alike ones in one line."""
    lines = []
    for kind in reversed(KINDS):
        alike: dict[str, list[str]] = {}
        for difference in differences:
            if difference.kind == kind:
                alike.setdefault(_difference_text(difference), []).append(difference.where)
        if alike:
            count = sum(map(len, alike.values()))
            lines += [f"{kind.upper()} ({count}): {KINDS[kind]}"]
            lines += [f"  {', '.join(positions)}: {text}" for text, positions in alike.items()]
            lines.append("")
    return lines or ["No difference."]


def _difference_text(difference: Difference) -> str:
    kept = " [older answers are exported in a separate column]" if difference.apart else ""
    return f"{difference.what}; {difference.meaning}{kept}"
