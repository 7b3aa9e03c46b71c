"""`opinion simulate`: what simulated respondents reached, and where their responses may go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import cli
from app.instrument import read_survey
from app.interview.duration import TYPE_LINE, Durations
from app.interview.reach import Counting
from app.interview.simulated import Simulated
from tests.served import Server

SURVEY = """
title: Leaving
sections:
  one:
    items:
      status: {type: single_choice, ask: Status?, required: true, options: {left: Left, stayed: Stayed}}
  two:
    show_if: status == "left"
    items:
      why: {type: multiple_choice, ask: Why?, options: {health: Health, visa: Visa}}
  never:
    show_if: status == "left" and status == "stayed"
    items:
      hidden: {type: text, ask: Never}
"""


def simulate(folder: Path, *arguments: str, text: str = SURVEY) -> Result:
    file = folder / "leaving.yaml"
    file.write_text(text)
    return CliRunner().invoke(cli.main, ["simulate", str(file), *arguments])


def test_what_nobody_can_reach_is_named_and_fails(tmp_path: Path) -> None:
    done = simulate(tmp_path, "-n", "200", "--breaks-off", "0")
    assert done.exit_code == 1
    assert "200 simulated, 200 submitted" in done.output and "never reached: hidden" in done.output
    reach = json.loads(simulate(tmp_path, "-n", "200", "--format", "json").stdout)
    assert (
        reach["reached"]["status"] == 200
        and 0 < reach["reached"]["why"] < 200
        and reach["reached"]["hidden"] == 0
    )


def test_the_same_seed_gives_the_same_respondents(tmp_path: Path) -> None:
    one, same, other = (
        simulate(tmp_path, "-n", "50", "--seed", seed, "--format", "json").stdout for seed in ("1", "1", "2")
    )
    assert one == same != other


def test_reach_counts_items_and_options_and_spreads_of_the_submitted() -> None:
    instrument, _ = read_survey(SURVEY.encode(), "leaving")
    assert instrument
    counted = Counting(instrument)
    counted.add(
        Simulated(
            ({"status": "left"}, {"status": "left", "why": ["visa"]}), True, 2.0, seen=("status", "why")
        )
    )
    counted.add(Simulated(({"status": "left"},), False, 1.0, seen=("status",)))
    counted.add(Simulated(({"status": "stayed"},), True, 1.0, seen=("status",)))
    reach = counted.reach()
    assert (reach.respondents, reach.completed, reach.broke_off) == (3, 2, 1)
    assert (reach.sections, reach.never_opened()) == ({"one": 3, "two": 1, "never": 0}, ["never"])
    assert reach.reached == {"status": 3, "why": 1, "hidden": 0}
    assert reach.chosen == {"status": {"left": 2, "stayed": 1}, "why": {"health": 0, "visa": 1}}
    assert (reach.never_reached(), reach.never_chosen()) == (["hidden"], [("why", "health")])
    assert reach.items and (reach.items.least, reach.items.median, reach.items.most) == (1, 1.5, 2)
    assert reach.minutes and reach.minutes.median == 1.5


def test_longer_items_take_longer_and_the_same_words_are_read_once() -> None:
    instrument, _ = read_survey(SURVEY.encode(), "leaving")
    assert instrument
    took = Durations(instrument)
    assert took.seconds(["hidden"]) > took.seconds(["why"]) > took.seconds(["status"]) > 0
    twice, _ = read_survey(SURVEY.replace("Never}", "Why?}").encode(), "leaving")
    assert twice
    again = Durations(twice)
    assert again.seconds(["why", "hidden"]) == pytest.approx(again.seconds(["why"]) + TYPE_LINE)


def test_simulated_responses_go_to_a_database_of_their_own(tmp_path: Path, database_url: str) -> None:
    kept = simulate(tmp_path, "-n", "30", "--breaks-off", "0", "--database-url", database_url)
    assert kept.exit_code == 1 and "30 submitted" in kept.output
    exported = CliRunner().invoke(cli.main, ["export", "leaving", "--database-url", database_url])
    assert len(exported.stdout.splitlines()) == 31
    (tmp_path / "surveys").mkdir()
    with Server(tmp_path, OPINION_DATABASE_URL=database_url) as server:
        assert server.process.wait(60) != 0
        assert "it holds simulated responses" in server.log.read_text()


def test_a_database_of_real_responses_takes_no_simulated_ones(tmp_path: Path) -> None:
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY)
    with Server(tmp_path) as server:
        assert server.base
        server.stop()
    refused = simulate(tmp_path, "-n", "3", "--database-url", f"sqlite:///{tmp_path / 'opinion.db'}")
    assert refused.exit_code == 1 and "served to real respondents" in refused.output
    exported = CliRunner().invoke(
        cli.main, ["export", "leaving", "--database-url", f"sqlite:///{tmp_path / 'opinion.db'}"]
    )
    assert len(exported.stdout.splitlines()) == 1
