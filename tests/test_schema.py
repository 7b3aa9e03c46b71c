"""Writing a survey with an editor's help: the schema, and the survey to begin with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from app.catalogue.files import survey_files
from app.survey.documents.places import read_yaml
from app.survey.source.schema import HOVER, survey_schema
from tests.support.commands import opinion

ROOT = Path(__file__).parent.parent
GOOD = "title: T\nsections: {one: {items: {x: {type: number, ask: X, range: [0, 9]}}}}\n"


def problems(text: str) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(survey_schema()).iter_errors(plain(read_yaml(text.encode(), "x").root))]


def plain(value: Any) -> Any:
    """As an editor sees it: every key is a text."""
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("file", [*survey_files(ROOT / "surveys"), *survey_files(ROOT / "surveys" / "examples")], ids=lambda file: file.stem)
def test_every_survey_fits_the_schema(file: Path) -> None:
    assert problems(file.read_text()) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: T", "titel: T"),
        ("type: number", "type: numbr"),
        ("range: [0, 9]", "range: [0]"),
        ("range: [0, 9]", "options: {a: A}"),
        ("ask: X", "ask: [X]"),
        ("{x:", "{X:"),
        ("title: T", "title: T\nprivacy: secret"),
    ],
)
def test_what_does_not_fit_is_marked(before: str, after: str) -> None:
    assert problems(GOOD) == []
    assert problems(GOOD.replace(before, after)) != []


def test_every_key_is_explained_and_none_that_does_not_exist() -> None:
    keys = [key for part in walked(survey_schema()) for key in part.get("properties", {}).values() if isinstance(key, dict)]
    said = {key.get("description") for key in keys}
    assert None not in said and set(HOVER.values()) <= said


def walked(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from walked(part)


def test_the_command_prints_the_schema() -> None:
    assert json.loads(opinion("schema").stdout) == survey_schema()


def test_a_new_survey_checks_clean_and_overwrites_nothing(tmp_path: Path) -> None:
    file = tmp_path / "my-survey.yaml"
    assert opinion("new", file).exit_code == 0
    assert opinion("check", file).exit_code == 0
    assert problems(file.read_text()) == []
    file.write_text("mine")
    again = opinion("new", file)
    assert again.exit_code == 1 and "already exists" in again.output and file.read_text() == "mine"
    for name in ("My Survey.yaml", "survey.txt"):
        assert opinion("new", tmp_path / name).exit_code == 1
    assert opinion("new", tmp_path / "none" / "a.yaml").exit_code == 1
