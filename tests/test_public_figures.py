"""What the public is shown of each kind of item: whole distributions in classes, and nothing that joins answers."""

from __future__ import annotations

import json
from typing import Any

from app.results.charts.draw import draw
from app.results.disclosure.counted import counted, versions
from app.results.disclosure.published import PublicItem, Release
from app.results.disclosure.release import next_release
from app.results.disclosure.stored import read_release
from app.results.disclosure.wording import in_language
from app.results.frame.frame import Frame
from app.survey.model import Instrument
from tests.support.answers import EVERY_TYPE, given_response, instrument
from tests.support.figures import current, policy, public_figures, shown

KINDS = """
title: T
languages: [en]
arms: {cause: [burnout, family]}
scales:
  five: {1: Low, 2: Lower, 3: Middle, 4: Higher, 5: High}
compute:
  old: {label: Old, value: years > 30}
scores:
  mood: {label: Mood, mean: [m.a, m.b], bands: {low: {label: Low, below: 3}, high: High}}
sections:
  s:
    items:
      years: {type: number, ask: Years?, range: [0, 59]}
      m: {type: matrix, ask: How?, scale: five, statements: {a: A, b: B}}
      rank: {type: ranking, ask: Which?, top: 2, options: {x: X, y: Y, z: Z}}
      time: {type: constant_sum, ask: How?, options: {clinic: Clinic, paper: Paper}}
      best: {type: best_worst, ask: What?, best: Best, worst: Worst, options: {x: X, y: Y, z: Z}}
      day: {type: date, ask: When?}
  cases:
    items:
      move:
        type: vignette
        text: "{who} moves."
        attributes: {who: {doctor: A doctor, lawyer: A lawyer}}
        each_sees: 1
        design: random
        ratings: {seen: {ask: How seen?, scale: five}}
"""


def frame_of(asked: Instrument, rows: list[dict[str, Any]]) -> Frame:
    frame = Frame([asked])
    frame.take([given_response(asked, n, row, seq=n + 1) for n, row in enumerate(rows)])
    return frame


def shown_kinds(rows: list[dict[str, Any]]) -> dict[str, PublicItem]:
    """What everyone would be shown of these answers, by item."""
    rows = [{"cause": "burnout", "move_who_1": "doctor"} | row for row in rows]
    return {item.id: item for item in public_figures(frame_of(instrument(KINDS), rows), 10)}


def counts(part: Any) -> list[tuple[str, float | None]]:
    return [(cell.label, cell.count) for cell in part.cells]


def test_an_outlier_is_in_no_mean_and_in_no_class_of_its_own():
    usual = [{"years": n % 10} for n in range(30)]
    (part,) = shown_kinds([*usual, {"years": 59}])["years"].parts
    assert (part.mean, part.median_class) == (None, "0–9")
    assert counts(part) == [("0–9", 30), ("10–19", 0), ("20–29", 0), ("30–39", 0), ("40–49", 0), ("50–59", 1)]
    other = shown_kinds([*usual, {"years": 50}])["years"].parts[0]
    assert counts(other) == counts(part)


def test_a_routed_item_moves_only_together_with_what_leads_to_it():
    """Of 19 respondents nine have skipped the first question: who was asked the second would say what the tenth chose."""
    asked = instrument(
        "title: T\nsections: {s: {items: {"
        "status: {type: single_choice, ask: Where?, options: {left: Left, stayed: Stayed}},"
        "why: {type: rating, ask: Why?, scale: {1: Pay, 2: Peers}, show_if: status == 'left'}}}}"
    )
    gave = [{"status": "left", "why": 1}] * 10 + [{"status": "stayed"}] * 5 + [{}] * 5 + [{"status": "left", "why": 2}] * 9
    release, seen = None, []
    for n in range(len(gave) + 1):
        release = next_release(release, counted(frame_of(asked, gave[:n])), policy()) or release
        if release:
            seen.append({item.id: item.base for item in release.items})
    assert [each for n, each in enumerate(seen) if each not in seen[:n]] == [{"status": 10, "why": 10}]
    release = next_release(release, counted(frame_of(asked, [*gave, {"status": "left", "why": 2}])), policy())
    assert {item.id: item.base for item in release.items} == {"status": 25, "why": 20}


def test_what_was_written_is_never_shown():
    rows = [{"status": "left", "years": n % 70, "more": "a secret"} for n in range(140)]
    items = {item.id: item for item in public_figures(frame_of(instrument(EVERY_TYPE), rows), 10)}
    assert (items["more"].parts, items["more"].withheld) == ((), "text")
    assert "secret" not in str(items)


def test_a_ranking_shows_every_rank_of_every_option():
    rows = [{"rank": ["x", "y"]}] * 30 + [{"rank": ["y", "x"]}] * 20 + [{"rank": ["z", "y"]}]
    rank = shown_kinds(rows)["rank"]
    assert [dict(counts(part)) for part in rank.parts] == [
        {"1st": 30, "2nd": 20, "not among the first 2": 1}, {"1st": 20, "2nd": 31, "not among the first 2": 0},
        {"1st": 1, "2nd": 0, "not among the first 2": 50},
    ]  # fmt: skip
    assert (rank.base, rank.parts[0].mean) == (51, 70 / 50)
    assert [line[:3] for line in draw(rank).body] == [("Y", "39% (20)", "61% (31)"), ("X", "59% (30)", "39% (20)"), ("Z", "2% (1)", "0% (0)")]


def test_a_constant_sum_shows_the_mean_share_of_each_option():
    rows = [{"time.clinic": each, "time.paper": 100 - each} for each in [60] * 10 + [100] * 10]
    (part,) = shown_kinds(rows)["time"].parts
    assert [(cell.label, cell.share) for cell in part.cells] == [("Clinic", 0.8), ("Paper", 0.2)]


def test_dates_are_shown_by_decade():
    rows = [{"day": f"{year}-05-05"} for year in [1985] * 12 + [1991] * 8 + [2015]]
    (part,) = shown_kinds(rows)["day"].parts
    assert [pair for pair in counts(part) if pair[1]] == [("1980–1989", 12), ("1990–1999", 8), ("2010–2019", 1)]


def test_points_of_a_scale_have_a_mean_of_what_is_shown():
    (part, _) = shown_kinds([{"m.a": 1 + n % 5, "m.b": 5} for n in range(25)])["m"].parts
    assert (part.mean, part.base) == (3.0, 25)


def test_statements_are_judged_each_by_those_who_answered_it():
    a, b = shown_kinds([{"m.a": 4, "m.b": 5}] * 9 + [{"m.a": 4}] * 11)["m"].parts
    assert (a.base, b.base) == (20, 0)


def test_what_follows_from_public_answers_or_is_asked_several_times_is_not_shown():
    """With the highest score and the highest answer to each part, the difference may be a single person."""
    rows = [{"m.a": 1 + n % 5, "m.b": 5, "years": n % 60, "move_seen_1": 1 + n % 5} for n in range(100)]
    found = shown_kinds(rows)
    withheld = {name: item.withheld for name, item in found.items() if item.withheld}
    assert withheld == {"mood": "derived", "mood_band": "derived", "old": "derived", "move.seen": "several"}
    assert not {"cause", "move.who", "move_seen_1"} & found.keys()


def test_a_computed_value_is_public_where_what_it_is_computed_from_is_not():
    text = KINDS.replace("      day: ", "      more: {type: text, ask: More?}\n      day: ")
    asked = instrument(text.replace("value: years > 30", "value: answered(more)"))
    rows = [{"more": "words"} if n % 2 else {"years": 3} for n in range(30)]
    found = {item.id: item for item in public_figures(frame_of(asked, rows), 10)}
    assert (found["old"].withheld, found["mood"].withheld) == ("", "derived")
    assert sorted(count for _, count in counts(found["old"].parts[0])) == [15, 15]


def test_groups_come_from_the_answers_to_one_variable():
    rows = [{"best.best": "xyz"[n % 3 % 2], "best.worst": "z", "years": n} for n in range(36)]
    asked = instrument(KINDS)
    release = next_release(None, counted(frame_of(asked, rows), "best.best"), policy())
    years = next(item for item in release.items if item.id == "years")
    assert years.groups == (("x", "X"), ("y", "Y"))
    assert (years.base, years.of("y").base) == (36, 12)


def test_public_figures_are_in_each_of_the_languages_by_their_codes():
    other = instrument(
        KINDS.replace("X, y: Y", "Eks, y: Ypsilon").replace("Low, 2: Lower", "Tief, 2: Tiefer").replace("Which?", "Welche?")
    )
    rows = [{"rank": ["x", "y"], "m.a": 1 + n % 2 * 3} for n in range(30)]
    found = {item.id: item for item in in_language(public_figures(frame_of(instrument(KINDS), rows), 10), other)}
    assert (found["rank"].ask, found["rank"].parts[0].label) == ("Welche?", "Eks")
    assert [label for label, _ in counts(found["m"].parts[0])] == ["Tief", "Tiefer", "Middle", "Higher", "High"]
    german = instrument(KINDS.replace("languages: [en]", "languages: [de]"))
    (rank,) = (item for item in in_language(found.values(), german) if item.id == "rank")
    assert [label for _code, label in rank.parts[0].codes] == ["1", "2", "–"]


def test_a_rating_of_vignettes_is_named_in_each_language_although_it_is_not_shown():
    other = instrument(KINDS.replace("How seen?", "Wie gesehen?"))
    found = {item.id: item for item in in_language(public_figures(frame_of(instrument(KINDS), [{"years": 1}] * 10), 10), other)}
    assert found["move.seen"].ask == "Wie gesehen?"


def test_an_item_is_known_by_the_versions_that_asked_it_alike():
    first = instrument("title: T\nsections: {s: {items: {q: {type: rating, ask: Q, scale: {1: A, 2: B}}}}}")
    second = instrument("title: T\nsections: {s: {items: {q: {type: rating, ask: Other?, scale: {1: A, 2: B}}}}}")
    frame = Frame([second, first])
    assert versions(frame.layout, ["second", "first"]) == {"q": {"second"}, "q_v1": {"first"}}


# --- stored by an earlier version of the service --------------------------------------------------------------

EARLIER = {
    "responses": 57, "shown": 50,
    "items": [{
        "id": "q", "item": "q", "section": "s", "ask": "Q?", "withheld": "", "unit": None, "figure": "distribution",
        "long_list": False,
        "parts": [{
            "name": "q", "label": "", "kind": "choice", "base": 50, "mean": None, "column": "", "measure": "nominal",
            "poles": None, "net": None,
            "cells": [{"code": "a", "label": "A", "share": 70, "spans": 1}, {"code": "b", "label": "B", "share": None, "spans": 1},
                      {"code": "c", "label": "C", "share": None, "spans": 1}],
        }],
    }],
    "views": {"q": [{"base": 40, "counts": {"a": 30, "b": 5, "c": 5}, "bases": {"a": 40, "b": 40, "c": 40}, "held": ["b", "c"], "together": []},
                    {"base": 57, "counts": {"a": 40, "b": 8, "c": 9}, "bases": {"a": 57, "b": 57, "c": 57}, "held": ["b", "c"], "together": []}]},
}  # fmt: skip


def read_earlier() -> Release:
    return read_release(json.loads(json.dumps(EARLIER)))


def test_a_release_of_an_earlier_version_is_shown_with_exact_counts():
    assert shown(read_earlier()) == {"a": 40, "b": 8, "c": 9}
    assert [row.value for row in draw(read_earlier().items[0]).rows] == ["70%", "14%", "16%"]


def test_sizes_that_an_earlier_version_has_shown_count_as_shown():
    assert next_release(read_earlier(), current({"a": 47, "b": 8, "c": 9}, n=90), policy()).responses == 90
    stays = next_release(read_earlier(), current({"a": 47, "b": 8, "c": 11}, n=90), policy())
    assert shown(stays) == {"a": 40, "b": 8, "c": 9}
    moves = next_release(read_earlier(), current({"a": 48, "b": 8, "c": 11}, n=90), policy())
    assert shown(moves) == {"a": 48, "b": 8, "c": 11}
    # Raised above what had come between its two views, the floor takes it down.
    assert shown(next_release(read_earlier(), current({"a": 40, "b": 8, "c": 9}), policy(20))) is None


# --- protected cells ------------------------------------------------------------------------------------------


def protected(counts: dict[str, int], **other: Any) -> dict[str, float | None] | None:
    return shown(next_release(None, current(counts, **other), policy(protect="cells"), is_closed=True))


def test_protected_cells_are_released_once_and_only_when_the_survey_has_closed():
    rules = policy(protect="cells")
    assert next_release(None, current({"a": 40, "b": 30}), rules) is None
    release = next_release(None, current({"a": 40, "b": 30}), rules, is_closed=True)
    assert shown(release) == {"a": 40, "b": 30}
    assert next_release(release, current({"a": 80, "b": 30}), rules, is_closed=True) is None


def test_small_cells_are_hidden_with_others_so_that_none_follows():
    assert protected({"a": 40, "b": 30, "c": 9}) == {"a": 40, "b": None, "c": None}
    assert protected({"a": 40, "b": 6, "c": 5}) == {"a": 40, "b": None, "c": None}
    assert protected({"a": 40, "b": 5, "c": 4}) == {"a": None, "b": None, "c": None}
    assert protected({"a": 12, "b": 9}, kind="flags", base=40) == {"a": 12, "b": None}
    assert protected({"a": 12, "b": 31}, kind="flags", base=40) == {"a": 12, "b": None}


def test_protected_cells_are_taken_down_when_one_may_have_become_too_small():
    rules = policy(protect="cells")
    release = next_release(None, current({"a": 40, "b": 12}), rules, is_closed=True)
    assert next_release(release, current({"a": 38, "b": 12}), rules, is_closed=True) is None
    assert shown(next_release(release, current({"a": 37, "b": 12}), rules, is_closed=True)) is None


def test_figures_that_were_public_are_taken_down_when_cells_are_protected():
    release = next_release(None, current({"a": 40, "b": 3}), policy())
    assert shown(next_release(release, current({"a": 40, "b": 3}), policy(protect="cells"))) is None
