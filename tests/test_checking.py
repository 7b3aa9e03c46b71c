"""Faults for programs: JSON and SARIF."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.commands.reports import SHOWN_IN_FULL
from app.survey.faults import CATALOGUE, WARNINGS
from app.survey.source.reading import read_survey
from tests.support.commands import opinion

BAD = "title: T\nsections: {one: {items: {x: {type: textt, ask: X}}}}\n"


def test_faults_are_listed_for_scripts_with_their_places(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "good.yaml").write_text(BAD.replace("textt", "text"))
    done = opinion("check", tmp_path, "--format", "json")
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
    done = opinion("check", tmp_path / "good.yaml")
    assert done.exit_code == 0
    assert "vignette move: 4 of 4 vignettes, in 2 blocks of 2" in done.stdout
    assert "job: doctor 2, lawyer 2; each rated at least 400 times" in done.stdout
    assert "(and with Holm’s correction for 2 effects)" in done.stdout
    assert "job: first vignette alone 0.28 (0.31), all vignettes 0.17 (0.18)" in done.stdout  # 2.80 and 3.08 times 0.1, 0.0592
    told = opinion("check", tmp_path / "good.yaml", "--format", "json")
    design = json.loads(told.stdout)["files"][0]["designs"]["move"]
    assert (design["respondents"], design["distinct"], design["main"]) == (400, 4, pytest.approx(1))


def test_what_weights_are_raked_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(
        "title: T\nweights: {rake: {field: {surgery: 30, other: 70}}, trim: 4}\n"
        "sections: {one: {items: {field: {type: single_choice, ask: Field?, options: {surgery: Surgery, other: Other}}}}}\n"
    )
    done = opinion("check", tmp_path / "good.yaml")
    assert "weights raked to field: 2 combinations of answers, between 0 and 4" in done.stdout


def test_faults_are_told_to_code_review_tools_as_sarif(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    done = opinion("check", tmp_path / "bad.yaml", "--format", "sarif")
    sarif = json.loads(done.stdout)
    (run,) = sarif["runs"]
    (result,) = run["results"]
    place = result["locations"][0]["physicalLocation"]
    assert sarif["version"] == "2.1.0" and {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {*CATALOGUE, *WARNINGS}
    assert (result["ruleId"], result["level"]) == ("unknown-type", "error")
    assert place["region"] == {"startLine": 2, "startColumn": 36}
    assert place["artifactLocation"]["uri"].endswith("bad.yaml")


DOUBTFUL = """title: T
sections:
  one:
    items:
      x: {type: textt, ask: X}
      agree: {type: rating, ask: Agree?, scale: {1: No, 2: Yes}, sensitive: true, required: true}
"""


def test_a_warning_is_no_error_for_programs(tmp_path: Path) -> None:
    """The survey with a warning alone is good: `required` without a way not to answer is only worth a look."""
    survey = tmp_path / "with space.yaml"
    survey.write_text(DOUBTFUL.replace("textt", "text"))
    bad = tmp_path / "worse.yaml"
    bad.write_text(DOUBTFUL.replace("textt", "text").replace("ask: X", "ask: [X]"))
    listed = opinion("check", tmp_path, "--format", "json")
    files = json.loads(listed.stdout)["files"]
    assert [[(each["code"], each["severity"]) for each in file["faults"]] for file in files] == [
        [("bad-file-name", "error")], [("not-text", "error")],
    ]  # fmt: skip
    survey.rename(tmp_path / "good.yaml")
    bad.unlink()
    done = opinion("check", tmp_path, "--format", "sarif")
    (run,) = json.loads(done.stdout)["runs"]
    assert done.exit_code == 0 and {(each["ruleId"], each["level"]) for each in run["results"]} == {("no-way-out", "warning")}
    levels = {rule["id"]: rule["defaultConfiguration"]["level"] for rule in run["tool"]["driver"]["rules"]}
    assert (levels["no-way-out"], levels["unknown-type"]) == ("warning", "error")
    listed = opinion("check", tmp_path, "--format", "json")
    assert [each["severity"] for each in json.loads(listed.stdout)["files"][0]["faults"]] == ["warning"]


def test_the_place_of_a_fault_is_an_address_that_programs_can_read(tmp_path: Path) -> None:
    (tmp_path / "a file.yaml").write_text(BAD)
    done = opinion("check", tmp_path, "--format", "sarif")
    result = json.loads(done.stdout)["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("/a%20file.yaml")


def test_warnings_never_keep_a_survey_from_being_served() -> None:
    """205 items that must be answered and offer no way not to: 200 warnings are listed, 5 are counted."""
    items = "".join(f"      i{n}: {{type: text, ask: Why?, required: true}}\n" for n in range(205))
    instrument, faults = read_survey(f"title: T\nsections:\n  one:\n    items:\n{items}".encode(), "t")
    assert instrument is not None and {fault.severity for fault in faults} == {"warning"}
    told = [fault.what for fault in faults if fault.code == "more-faults"]
    assert told == ["5 more warnings are not listed"]
    assert sum(fault.code == "no-way-out" for fault in faults) == 200


def test_faults_beyond_those_listed_are_counted() -> None:
    items = "".join(f"      i{n}: {{type: text, ask: '{{nobody}}'}}\n" for n in range(201))
    instrument, faults = read_survey(f"title: T\nsections:\n  one:\n    items:\n{items}".encode(), "t")
    assert instrument is None and len(faults) == 201
    assert [fault.what for fault in faults if fault.code == "more-faults"] == ["1 more fault is not listed"]


def test_texts_without_a_translation_beyond_those_listed_are_counted() -> None:
    items = "".join(f"      i{n}: {{type: text, ask: Why {n}?, hint: Say why}}\n" for n in range(204))
    german = "".join(f"      i{n}: {{ask: Warum {n}?}}\n" for n in range(204))
    head = "sections:\n  one:\n    items:\n"
    translations = {"de": (f"title: T\n{head}{german}".encode(), "t.de.yaml")}
    instrument, faults = read_survey(f"title: T\nlanguages: [en, de]\n{head}{items}".encode(), "t", None, translations)
    assert instrument is not None
    assert [fault.what for fault in faults if fault.code == "more-faults"] == ["4 more warnings are not listed"]


def test_warnings_of_one_kind_are_shown_together_and_in_one_line_beyond_five(tmp_path: Path) -> None:
    alike = "".join(f"          s{n}: We work hard and earn little {n}\n" for n in range(7))
    survey = tmp_path / "good.yaml"
    survey.write_text(f"""title: T
sections:
  one:
    items:
      why: {{type: text, ask: Why?, required: true}}
      seen:
        type: matrix
        ask: How far?
        scale: {{1: No, 2: Yes}}
        statements:
{alike}""")
    told = opinion("check", survey).stdout.replace(str(survey), "good.yaml")
    single, head, *rest = [part for part in told.split("\n") if part.startswith(("good.yaml:", "double-barrelled"))][:9]
    assert single.startswith("good.yaml:5:") and "no-way-out" in single
    assert head == "double-barrelled (7 times): A statement combines two things, and a respondent may agree with only one of them."
    assert [line.split(":")[1] for line in rest] == [str(line) for line in range(11, 18)]
    assert told.count("We work hard and earn little") == SHOWN_IN_FULL == 5 and told.count("Ask about each separately") == 1
    assert "# ok: no-way-out" in told
