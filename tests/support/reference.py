"""The responses that R read, as a frame, and R's figures of them (`tests/reference/`)."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.results.frame.frame import Frame
from app.results.frame.intake import ResponseChange
from app.survey.model import Instrument
from tests.support.answers import given_response, instrument

FOLDER = Path(__file__).parent.parent / "reference"
R: dict[str, Any] = json.loads((FOLDER / "reference.json").read_text())
#: Of a screened-out or open response the disposition follows from its answers.
STORED = {"complete": "complete", "withdrawn": "withdrawn", "screened_out": "screened_out"}


def exactly(value: Any) -> Any:
    return pytest.approx(value, rel=1e-8, abs=1e-10)


def closely(value: Any) -> Any:
    return pytest.approx(value, rel=1e-6, abs=1e-8)


def rows_of(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(newline="") as file:
        return list(csv.DictReader(file))


@cache
def asked() -> Instrument:
    return instrument((FOLDER / "survey.yaml").read_text(), "reference")


def answer(name: str, cell: str) -> Any:
    if cell.startswith("~"):
        return {"missing": cell[1:]}
    if name == "reasons":
        return cell.split()
    try:
        return int(cell)
    except ValueError:
        return float(cell) if name == "hours" else cell


def answers(row: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """What is stored of a row: no answer is, to what was not shown or not reached."""
    for name, cell in row.items():
        if name not in ("id", "disposition") and cell not in ("~not_shown", "~not_reached"):
            yield name, answer(name, cell)


@cache
def changes() -> list[ResponseChange]:
    rows = rows_of("responses.csv")
    found = {row["id"]: dict(answers(row)) for row in rows}
    for case in rows_of("vignettes.csv"):
        for name in ("who", "why", "right"):
            if not case[name].startswith("~not_reached"):
                found[case["id"]][f"move_{name}_{case['position']}"] = answer(name, case[name])
    return [
        given_response(asked(), int(row["id"]), found[row["id"]], STORED.get(row["disposition"], "open"), int(row["id"]) + 1)
        for row in rows
    ]


@cache
def frame() -> Frame:
    made = Frame([asked()])
    made.take(changes())
    return made
