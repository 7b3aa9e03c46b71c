"""Faults for programs: JSON and SARIF."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from app import cli
from app.errors import CATALOGUE

BAD = "title: T\nsections: {one: {items: {x: {type: textt, ask: X}}}}\n"


def test_faults_are_listed_for_scripts_with_their_places(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "good.yaml").write_text(BAD.replace("textt", "text"))
    done = CliRunner().invoke(cli.main, ["check", str(tmp_path), "--format", "json"])
    bad, good = json.loads(done.stdout)["files"]
    assert done.exit_code == 1 and good["faults"] == []
    assert [(f["line"], f["column"], f["code"]) for f in bad["faults"]] == [(2, 36, "unknown-type")]
    assert "text" in bad["faults"][0]["remedy"]


def test_faults_are_told_to_code_review_tools_as_sarif(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    done = CliRunner().invoke(cli.main, ["check", str(tmp_path / "bad.yaml"), "--format", "sarif"])
    sarif = json.loads(done.stdout)
    (run,) = sarif["runs"]
    (result,) = run["results"]
    place = result["locations"][0]["physicalLocation"]
    assert sarif["version"] == "2.1.0" and {rule["id"] for rule in run["tool"]["driver"]["rules"]} == set(CATALOGUE)
    assert (result["ruleId"], result["level"]) == ("unknown-type", "error")
    assert place["region"] == {"startLine": 2, "startColumn": 36}
    assert place["artifactLocation"]["uri"].endswith("bad.yaml")
