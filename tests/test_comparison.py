"""What a change to a survey means for merging the data of both versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import cli
from app.instrument import read_survey
from app.instrument.comparison import Difference, compare, worst

OLD = """
title: Leaving
scales: {agree: {1: Disagree, 2: Neither, 3: Agree}}
sections:
  one:
    title: Now
    items:
      status: {type: single_choice, ask: Status?, options: {left: Left, stayed: Stayed}}
      years: {type: number, ask: How long?, range: [0, 70], unit: years, show_if: status == "left"}
      seen: {type: matrix, ask: How seen?, scale: agree, statements: {failed: Failed, grew: Grew}}
  two:
    items:
      words: {type: text, ask: Words}
"""


def differences(old: str, new: str) -> list[Difference]:
    sides = [read_survey(text.encode(), "leaving") for text in (old, new)]
    assert all(instrument is not None for instrument, _ in sides), sides
    return compare(sides[0][0], sides[1][0])  # type: ignore[arg-type]


def test_a_version_does_not_differ_from_itself() -> None:
    assert differences(OLD, OLD) == [] and worst([]) is None


@pytest.mark.parametrize(
    ("before", "after", "kind", "where"),
    [
        ("ask: Status?", "ask: Where are you?", "breaks", "status"),
        ("{left: Left, stayed: Stayed}", "{left: Left, stayed: Stayed, other: Other}", "breaks", "status: other"),
        ("{left: Left, stayed: Stayed}", "{left: Left, away: Stayed}", "breaks", "status: stayed"),
        ("{1: Disagree, 2: Neither, 3: Agree}", "{1: Agree, 2: Neither, 3: Disagree}", "breaks", "seen"),
        ('show_if: status == "left"', 'show_if: status == "stayed"', "breaks", "years"),
        ("    title: Now\n", "    title: Now\n    show_if: 1 < 2\n", "breaks", "seen"),
        ("unit: years", "unit: months", "breaks", "years"),
        ("type: text, ask: Words", "type: rating, ask: Words, scale: agree", "breaks", "words"),
        ("failed: Failed", "failed: Gave up", "breaks", "seen.failed"),
        ("title: Leaving", "title: Leaving\nprivacy: confidential", "breaks", "the survey"),
        ("stayed: Stayed", "stayed: Stayed on", "review", "status: stayed"),
        ("{left: Left, stayed: Stayed}", "{stayed: Stayed, left: Left}", "review", "status"),
        ("range: [0, 70]", "range: [0, 50]", "review", "years"),
        ("ask: Words", "ask: Words, required: true", "review", "words"),
        ("ask: Words", "ask: Words, decline: true", "review", "words"),
        ("ask: Words", "ask: Words, hint: A few", "review", "words"),
        ("title: Leaving", "title: Moving", "review", "the survey"),
        ("title: Leaving", "title: Leaving\nconsent: Voluntary", "review", "the survey"),
        ("      words: {type: text, ask: Words}\n", "      other: {type: text, ask: Words}\n", "review", "words"),
        (", grew: Grew}", "}", "review", "seen.grew"),
        (", grew: Grew}", ", grew: Grew, fled: Fled}", "safe", "seen.fled"),
        ("      words: {", "      more: {type: text, ask: More}\n      words: {", "safe", "more"),
        ("title: Leaving", "title: Leaving\nopens: 2026-12-01", "safe", "the survey"),
    ],
)
def test_each_change_is_classed_where_it_is(before: str, after: str, kind: str, where: str) -> None:
    assert before in OLD
    found = differences(OLD, OLD.replace(before, after))
    assert (kind, where) in {(difference.kind, difference.where) for difference in found}
    assert worst(found) == kind
    assert all(difference.what and difference.meaning for difference in found)


def test_an_item_that_moves_to_another_page_is_to_be_reviewed() -> None:
    words = "      words: {type: text, ask: Words}\n"
    moved = OLD.replace(words, "      rest: {type: note, text: Thanks}\n").replace("  two:\n", words + "  two:\n")
    found = differences(OLD, moved)
    assert ("review", "words", "it stood in two") in {(d.kind, d.where, d.what) for d in found}
    assert worst(found) == "review"


def test_space_and_comments_make_no_difference() -> None:
    assert differences(OLD, OLD.replace("title: Leaving", "title: Leaving  # as on paper").replace("ask: Words", 'ask: "Words "')) == []


def test_the_command_tells_both_for_people_and_for_programs(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(OLD)
    new.write_text(OLD.replace("ask: Status?", "ask: Where are you?").replace("stayed: Stayed", "stayed: Stayed on"))
    told = CliRunner().invoke(cli.main, ["compare", str(old), str(new)])
    assert told.exit_code == 1
    assert told.output.index("BREAKS (1)") < told.output.index('status: the wording was "Status?"') < told.output.index("REVIEW (1)")
    listed = CliRunner().invoke(cli.main, ["compare", str(old), str(new), "--format", "json"])
    assert [each["kind"] for each in json.loads(listed.output)["differences"]] == ["breaks", "review"]
    same = CliRunner().invoke(cli.main, ["compare", str(old), str(old)])
    assert (same.exit_code, same.output) == (0, "No difference.\n")
    new.write_text("title: [")
    faulty = CliRunner().invoke(cli.main, ["compare", str(old), str(new)])
    assert faulty.exit_code == 1 and "opinion check" in faulty.output


def test_versions_in_the_database_are_compared_by_number(database_url: str) -> None:
    import asyncio
    import datetime

    from app.responses.storage import open_storage

    async def keep() -> None:
        async with open_storage(database_url) as storage:
            for text in (OLD, OLD.replace("unit: years", "unit: months")):
                instrument, _ = read_survey(text.encode(), "leaving")
                assert instrument
                await storage.keep_instrument("leaving", instrument.digest, instrument.source, datetime.date(2026, 12, 1))

    asyncio.run(keep())
    told = CliRunner().invoke(cli.main, ["compare", "leaving@1", "leaving@last", "--database-url", database_url])
    assert told.exit_code == 1 and 'years: the unit was "years"' in told.output
    none = CliRunner().invoke(cli.main, ["compare", "leaving@1", "leaving@3", "--database-url", database_url])
    assert none.exit_code == 1 and "versions 1 to 2" in none.output
