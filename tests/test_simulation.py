"""`opinion simulate`: what simulated respondents reached, and where their responses may go."""

from __future__ import annotations

import itertools
import json
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import Result

from app.results.findings import findings, with_findings
from app.results.frame.frame import Frame
from app.results.marginals import figures
from app.simulation.arguments import read_effect
from app.simulation.behaviour import Behaviour
from app.simulation.duration import Durations
from app.simulation.effects import PlannedStudy, Recording
from app.simulation.processes import Plan, SimulatedBatch, batches
from app.simulation.reach import ReachCounts
from app.simulation.respondents import Simulated
from app.survey.items.text import TYPE_LINE
from app.survey.source.reading import read_survey
from tests.support.answers import given_response
from tests.support.commands import opinion
from tests.support.server import Server

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
    return opinion("simulate", file, *arguments)


def test_what_nobody_can_reach_is_named_and_fails(tmp_path: Path) -> None:
    done = simulate(tmp_path, "-n", "200", "--breaks-off", "0")
    assert done.exit_code == 1
    assert "200 simulated, 200 complete" in done.output and "never reached: hidden" in done.output
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
    counted = ReachCounts(instrument)
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


EXPERIMENT = """
title: Leaving
languages: [en]
arms:
  cause: [burnout, health]
screen_out:
  outsiders: {when: status == "outside", text: Thank you.}
sections:
  one:
    items:
      status: {type: single_choice, ask: Status?, required: true, options: {left: Left, stayed: Stayed, outside: Outside}}
      told: {type: multiple_choice, ask: Who knows?, options: {family: Family, peers: {label: Peers, show_if: status == "left"}}}
  two:
    items:
      blame: {type: rating, ask: "Is {cause} to blame?", scale: {1: "No", 2: Hardly, 3: Somewhat, 4: Rather, 5: "Yes"}}
      seen: {type: matrix, ask: Seen?, scale: {1: Bad, 2: Well}, statements: {failed: Failed, grew: {text: Grew, show_if: status == "none_such"}}}
  cases:
    items:
      move:
        type: vignette
        text: "{job} leaves {why}."
        attributes: {job: {doctor: A doctor, lawyer: A lawyer}, why: {ill: when ill, bored: out of boredom}}
        ratings: {ok: {ask: Well?, scale: {1: Bad, 2: Poor, 3: Fair, 4: Good, 5: Best}}}
        each_sees: 2
        one_of_each: job
        blocks: 2
""".replace('"none_such"', '"outside"')


def outcome(folder: Path, *arguments: str, text: str = EXPERIMENT) -> dict[str, Any]:
    done = simulate(folder, "--format", "json", *arguments, text=text)
    assert done.stdout, done.output
    return json.loads(done.stdout)


def test_the_result_is_the_same_however_many_processes(tmp_path: Path) -> None:
    one, two = (outcome(tmp_path, "-n", "450", "--processes", number) for number in ("1", "2"))
    assert one == two and one["respondents"] == 450


def test_cells_endings_and_what_nobody_was_asked_are_told(tmp_path: Path) -> None:
    found = outcome(
        tmp_path, "-n", "400", "--skips", "0", "--breaks-off", "0", "--answers", "status: left 60, outside 40"
    )
    assert found["arms"] == {"cause": {"burnout": 200, "health": 200}}
    assert 100 < found["ended"]["outsiders"] < 220
    assert found["completed"] == 400 - found["ended"]["outsiders"]
    assert found["levels"]["move_job"]["doctor"] == found["completed"]
    assert found["chosen"]["status"]["stayed"] == 0
    assert found["asked"] == {"seen.failed": found["completed"], "seen.grew": 0}
    told = simulate(tmp_path, "-n", "400", "--answers", "status: left 60, outside 40", text=EXPERIMENT).output
    assert "never asked: seen.grew" in told and "status: stayed" in told
    assert "screened out by outsiders" in told and "cause: burnout 200, health 200" in told


def test_effects_that_are_wanted_are_found(tmp_path: Path) -> None:
    wanted = ("--effect", "cause=health: blame +0.8", "--effect", "move_job=lawyer: move_ok -0.5")
    found = outcome(tmp_path, "-n", "1500", *wanted, "--difference", "0.4")["contrasts"]
    (arm,) = (each for each in found["arms"] if each["outcome"] == "blame")
    assert arm["contrasts"][0]["found"] == pytest.approx(0.8, abs=0.2)
    (vignette,) = found["vignettes"]
    job, why = (vignette["attributes"][name][0] for name in ("job", "why"))
    assert job["all"]["found"] == pytest.approx(-0.5, abs=0.12)
    assert abs(why["all"]["found"]) < 0.12 and 0.2 < vignette["icc"] < 0.45
    assert job["all"]["power"] > 0.99 and job["all"]["error"] < job["first"]["error"]


def test_the_power_that_is_told_is_how_often_simulated_surveys_find_the_effect(tmp_path: Path) -> None:
    """Sixty surveys of 80 respondents, in whose answers lawyers are judged 0.3 of a standard deviation worse."""
    instrument, _ = read_survey(EXPERIMENT.encode(), "leaving")
    assert instrument
    effects = read_effect(instrument, "move_job=lawyer: move_ok -0.3")
    found, told = 0, []
    for seed in range(60):
        plan = Plan(
            instrument.source, "leaving", 80, seed, Behaviour(0, 0, 0, effects=effects), "2026-07-01", False
        )
        recorded = Recording(instrument)
        for batch in batches(plan, 1):
            recorded.merge(batch.recording)
        ((job,),) = [each.attributes["job"] for each in recorded.vignettes(PlannedStudy(0.3))]
        told.append(job.all.power)
        found += abs(job.all.found) > 1.96 * job.all.error
    expected = sum(told) / 60
    assert 0.2 < expected < 0.9
    assert found / 60 == pytest.approx(expected, abs=3 * (expected * (1 - expected) / 60) ** 0.5)


def test_results_of_the_stored_responses_show_the_effects_that_were_reported(tmp_path: Path, sqlite_url: str) -> None:
    """Lawyers and the arm are given known effects, some answers are skipped, and some responses are broken off."""
    wanted = ("--effect", "cause=health: blame +0.8", "--effect", "move_job=lawyer: move_ok -0.5", "--skips", "0.1")
    told = outcome(tmp_path, "-n", "400", *wanted, "--database-url", sqlite_url)["contrasts"]
    instrument, _ = read_survey(EXPERIMENT.encode(), "leaving")
    assert instrument
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
        rows = database.execute("SELECT answers, disposition FROM response").fetchall()
    assert {disposition for _, disposition in rows} == {"complete", "open", "screened_out"}
    frame = Frame([instrument])
    frame.take(given_response(instrument, n, json.loads(answers), state, n + 1) for n, (answers, state) in enumerate(rows))
    found = with_findings(figures(frame), findings(frame))
    rated = next(item.finding for item in found.items if item.id == "move.ok")
    (vignette,) = told["vignettes"]
    assert (vignette["respondents"], vignette["judgements"]) == (rated.all.respondents, rated.all.judgements)
    for attribute, alone in zip(rated.all.attributes, rated.first.attributes, strict=True):
        (contrast,) = vignette["attributes"][attribute.id]
        for reported, effect in ((contrast["all"], attribute.effects[0]), (contrast["first"], alone.effects[0])):
            assert [reported["effect"], *reported["interval"]] == pytest.approx(effect.estimate[:3], rel=1e-8)
            assert reported["adjusted"] == pytest.approx(effect.adjusted, rel=1e-8)
    (arm,) = found.arms
    (reported,) = (each["contrasts"][0] for each in told["arms"] if each["outcome"] == "blame")
    assert [reported["effect"], *reported["interval"]] == pytest.approx(arm.effects.effects[0].estimate[:3], rel=1e-8)
    assert arm.effects.effects[0].estimate.value > 0.3 and rated.all.attributes[0].effects[0].estimate.value < -0.3


def test_power_is_that_of_the_expected_sample_with_and_without_correction(tmp_path: Path) -> None:
    """Errors shrink with the root of the number of respondents: four times as many find half the difference."""
    few, many = (
        outcome(tmp_path, "-n", "400", "--breaks-off", "0", text=f"sample: {n}\n{EXPERIMENT}")["contrasts"] for n in (100, 400)
    )
    assert (few["respondents"], many["respondents"]) == (100, 400)
    first, second = (each["vignettes"][0]["attributes"]["job"][0]["all"] for each in (few, many))
    assert first["detectable"] == pytest.approx(2 * second["detectable"]) and first["effect"] == second["effect"]
    assert second["detectable_adjusted"] / second["detectable"] == pytest.approx((2.2414 + 0.8416) / (1.9600 + 0.8416), rel=1e-4)
    printed = simulate(tmp_path, "-n", "100", text=f"sample: 400\n{EXPERIMENT}").output
    assert "in 400 complete responses (the expected sample)" in printed and "Holm" in printed


def test_the_careless_are_quick_and_counted(tmp_path: Path) -> None:
    careful, careless = (outcome(tmp_path, "-n", "300", "--careless", share) for share in ("0", "1"))
    assert (careful["careless"], careless["careless"]) == (0, 300)
    assert careless["minutes"]["median"] < 0.6 * careful["minutes"]["median"]


def test_quotas_are_filled_and_no_further(tmp_path: Path) -> None:
    capped = EXPERIMENT.replace(
        "sections:", 'quotas:\n  leavers: {when: status == "left", most: 20}\nsections:', 1
    )
    found = outcome(tmp_path, "-n", "200", "--breaks-off", "0", "--answers", "status: left 1", text=capped)
    assert (found["quotas"], found["ended"]["leavers"]) == ({"leavers": 20}, 180)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (("--effect", "cause health"), 'Write it like "cause=health: blame +0.5"'),
        (("--effect", "couse=health: blame +1"), 'Did you mean "cause"?'),
        (("--effect", "cause=helth: blame +1"), 'cause has no "helth". Did you mean "health"?'),
        (("--effect", "cause=health: blam +1"), 'Did you mean "blame"?'),
        (("--effect", "cause=health: blame +50"), "from -5 to 5"),
        (("--effect", "blame=5: blame +1"), "A cause must come before the item that it affects."),
        (("--answers", "status left"), 'Write it like "status: practising 60, left 30"'),
        (("--answers", "status: lef 3"), 'status has no "lef". Did you mean "left"?'),
        (("--answers", "cause: health 3"), "no choice or scale is called"),
        (("--answers", "status: left 0"), "Give at least one a number above 0"),
        (("--answers", "told: family 120"), "write the percentage"),
        (("--distribution", "nowhere.yaml"), "cannot open"),
    ],
)
def test_what_does_not_fit_the_survey_is_said_with_its_remedy(
    tmp_path: Path, wanted: tuple[str, str], said: str
) -> None:
    done = simulate(tmp_path, "-n", "5", *wanted, text=EXPERIMENT)
    assert done.exit_code == 1 and said in done.output and isinstance(done.exception, SystemExit)


def test_a_file_says_how_often_answers_are_given(tmp_path: Path) -> None:
    file = tmp_path / "often.txt"
    file.write_text("status: {stayed: 1}\nblame: {2: 30, 3: 10}\ntold: {family: 100}\n")
    found = outcome(tmp_path, "-n", "200", "--skips", "0", "--breaks-off", "0", "--distribution", str(file))
    assert found["chosen"]["status"] == {"left": 0, "stayed": 200, "outside": 0}
    assert found["chosen"]["told"] == {"family": 200, "peers": 0}
    assert {code for code, count in found["chosen"]["blame"].items() if count} == {"2", "3"}
    file.write_text("status: [stayed]\n")
    assert "does not contain answer frequencies" in simulate(tmp_path, "--distribution", str(file), text=EXPERIMENT).output


def test_a_page_that_no_answer_satisfies_is_named(tmp_path: Path) -> None:
    stuck = SURVEY.replace(
        "required: true, ",
        'required: true, check: {that: status == "left" and status == "stayed", say: No.}, ',
    )
    told = simulate(tmp_path, "-n", "20", text=stuck)
    assert "could not be answered: status (20)" in told.output


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="no signal masks on Windows")
def test_ctrl_c_never_reaches_the_processes_of_a_simulation() -> None:
    """They would print tracebacks if they were still importing."""
    asked, _ = read_survey(SURVEY.encode(), "leaving")
    assert asked is not None
    coming = batches(Plan(asked.source, "leaving", 400, 1, Behaviour(), "2026-12-01", False), 2)
    next(coming)
    spawned = [each for each in psutil.Process().children() if "spawn_main" in " ".join(each.cmdline())]
    status = [Path(f"/proc/{each.pid}/status").read_text() for each in spawned]
    assert spawned and all(int(re.search(r"SigBlk:\s*(\w+)", each)[1], 16) & 1 << signal.SIGINT - 1 for each in status)  # type: ignore[index]
    assert sum(len([batch]) for batch in coming) == 3
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_interrupted_it_keeps_nothing(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> Iterator[SimulatedBatch]:
        yield from itertools.islice(batches(*arguments), 2)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr("app.commands.simulate.batches", interrupted)
    stopped = simulate(tmp_path, "-n", "400", "--database-url", sqlite_url)
    assert stopped.exit_code == 1 and "Aborted" in stopped.output
    monkeypatch.undo()
    assert simulate(tmp_path, "-n", "30", "--database-url", sqlite_url).exit_code == 1
    exported = opinion("export", "leaving", "--database-url", sqlite_url)
    assert len(exported.stdout.splitlines()) == 31


def test_simulated_responses_go_to_a_database_of_their_own(tmp_path: Path, database_url: str) -> None:
    kept = simulate(tmp_path, "-n", "30", "--breaks-off", "0", "--database-url", database_url)
    assert kept.exit_code == 1 and "30 complete" in kept.output
    exported = opinion("export", "leaving", "--database-url", database_url)
    assert len(exported.stdout.splitlines()) == 31
    (tmp_path / "surveys").mkdir()
    with Server(tmp_path, OPINION_DATABASE_URL=database_url) as server:
        assert server.process.wait(60) != 0
        assert "it contains simulated responses" in server.log.read_text()


def test_a_database_of_real_responses_takes_no_simulated_ones(tmp_path: Path) -> None:
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY)
    with Server(tmp_path) as server:
        assert server.base
        server.stop()
    refused = simulate(tmp_path, "-n", "3", "--database-url", f"sqlite:///{tmp_path / 'opinion.db'}")
    assert refused.exit_code == 1 and "served to real respondents" in refused.output
    exported = opinion("export", "leaving", "--database-url", f"sqlite:///{tmp_path / 'opinion.db'}")
    assert len(exported.stdout.splitlines()) == 1


def test_checks_between_numbers_are_met_and_long_lists_are_counted(tmp_path: Path) -> None:
    """Two shares that add up to 100 are hardly ever found by chance."""
    countries = ", ".join(f"c{n}: Country {n}" for n in range(200))
    survey = tmp_path / "shares.yaml"
    survey.write_text(f"""title: Shares
sections:
  one:
    items:
      england: {{type: number, ask: England?, range: [0, 100], required: true}}
      wales: {{type: number, ask: Wales?, range: [0, 100], required: true, check: england + wales == 100}}
  two:
    items:
      rest: {{type: number, ask: The rest?, range: [0, 1], decimals: 2, check: rest * 4 == england / 25}}
      hours: {{type: slider, ask: Hours?, range: [0, 60], step: 5, low: Few, high: Many, check: hours > england / 2 + 5}}
  three:
    items:
      country: {{type: dropdown, ask: Country?, options: {{{countries}}}}}
""")
    printed = opinion("simulate", survey, "-n", 60, "--breaks-off", 0).stdout
    assert "60 simulated, 60 complete, 0 broke off" in printed and "could not be answered" not in printed
    assert re.search(r"never chosen:  country: 1\d\d of 200 options\n", printed)


def test_checks_between_dates_and_with_words_are_met_or_reported(tmp_path: Path) -> None:
    """Two days a week apart, of a century, are hardly ever found by chance; no word is found at all."""
    survey = tmp_path / "days.yaml"
    survey.write_text("""title: Days
sections:
  one:
    items:
      joined: {type: date, ask: Joined?, earliest: 1950-01-01, latest: 2020-12-31, required: true}
      left: {type: date, ask: Left?, latest: today, required: true, check: "days(joined, left) >= 0 and days(joined, left) < 8"}
      year: {type: date, precision: year, ask: Year?, required: true, check: year > date("1969") and year < date("1972")}
      month: {type: date, precision: month, ask: Month?, required: true, check: month > date("2019-10") and month <= date("2019-12")}
  two:
    items:
      word: {type: text, ask: The word?, required: true, check: 'word == "sesame"'}
""")
    printed = opinion("simulate", survey, "-n", 40, "--breaks-off", 0).stdout
    assert "40 simulated, 0 complete, 40 broke off" in printed
    assert re.search(r"word\b.*40", printed)


def test_power_is_not_praised_where_effects_cannot_be_told_apart(tmp_path: Path) -> None:
    survey = tmp_path / "together.yaml"
    survey.write_text("""title: Together
sections:
  one:
    items:
      move:
        type: vignette
        text: "{job} leaves {why}."
        attributes: {job: {doctor: A doctor, lawyer: A lawyer}, why: {ill: when ill, bored: out of boredom}}
        exclude: ['job == "doctor" and why == "ill"', 'job == "lawyer" and why == "bored"']
        ratings: {seen: {ask: Well?, scale: {1: Bad, 2: Good}}}
        each_sees: 2
        design: random
""")
    said = "The vignettes of move do not tell all effects apart"
    assert said in opinion("simulate", survey, "-n", 20).stdout
    survey.write_text(re.sub("        exclude: .*\n", "", survey.read_text()))
    assert said not in opinion("simulate", survey, "-n", 20).stdout
