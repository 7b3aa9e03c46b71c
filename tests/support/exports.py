"""Exports that are read back."""

from __future__ import annotations

import csv
import io
import json

from app.exports.codebook import codebook_csv
from app.exports.csv import csv_chunks, read_back
from app.results.frame.frame import Frame
from app.survey.codebook import codebook
from app.survey.conditions.evaluator import compile_tree
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
    rows = {row.about["response_id"]: row for row in read_back(content, codebook(asked))}
    stored = {change.id: json.loads(change.answers) for change in changes}
    assert {name: row.answers for name, row in rows.items()} == {
        name: answered(asked, answers) for name, answers in stored.items()
    }
    assert {name: row.derived for name, row in rows.items()} == {
        name: derived(asked, answers) for name, answers in stored.items()
    }
    described = [row["name"] for row in rows_of(codebook_csv(codebook(asked)))]
    assert described == content.decode("utf-8-sig").splitlines()[0].split(",")
