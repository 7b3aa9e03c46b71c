"""Faults for programs: JSON and SARIF."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
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


VIGNETTE = """
title: T
sample: 400
sections:
  one:
    items:
      move:
        type: vignette
        text: "{job} leaves {why}."
        attributes: {job: {doctor: A doctor, lawyer: A lawyer}, why: {ill: when ill, bored: out of boredom}}
        ratings: {seen: {ask: Well?, scale: {1: Bad, 2: Good}}}
        each_sees: 2
        one_of_each: job
        blocks: 2
"""


def test_the_design_of_a_vignette_is_told_with_its_balance_and_exposures(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(VIGNETTE)
    done = CliRunner().invoke(cli.main, ["check", str(tmp_path / "good.yaml")])
    assert done.exit_code == 0
    assert "vignette move: 4 of 4 vignettes, in 2 blocks of 2" in done.stdout
    assert "job: doctor 2, lawyer 2; each judged at least 400 times" in done.stdout
    told = CliRunner().invoke(cli.main, ["check", str(tmp_path / "good.yaml"), "--format", "json"])
    design = json.loads(told.stdout)["files"][0]["designs"]["move"]
    assert (design["respondents"], design["distinct"], design["main"]) == (400, 4, pytest.approx(1))


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
