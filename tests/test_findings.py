"""What is found from rows, reliability, ratings by level, pairs and quality, is kept as responses arrive."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.findings import Findings, findings, with_findings
from app.results.frame import segments
from app.results.frame.frame import Frame
from app.results.marginals import figures
from app.results.view import View
from app.survey.conditions.language import filter_scope, parse_condition
from tests.support.answers import given_response, instrument
from tests.support.frames import small_segments

ASKED = instrument("""
title: T
results: {headline: [{pair: {own: I, norm: Others}}, {pair: {strain: Strain, calm: Calm}}]}
scales: {five: {1: A, 2: B, 3: C, 4: D, 5: E}}
scores:
  strain: {label: Strain, mean: [m.a, m.b, m.c, m.d], reverse: [m.b], at_least: 2}
  calm: {label: Calm, mean: [m.b, m.d], at_least: 1}
sections:
  one:
    items:
      status: {type: single_choice, ask: Where?, options: {in: In, left: Left}}
      m: {type: matrix, ask: M?, scale: five, statements: {a: A, b: B, c: C, d: D}}
      own: {type: rating, ask: You?, scale: five}
      norm: {type: rating, ask: Others?, scale: five}
  cases:
    items:
      move:
        type: vignette
        text: "{who} leaves {why}."
        attributes: {who: {doctor: A doctor, nurse: A nurse}, why: {pay: for pay, rest: to rest}}
        each_sees: 2
        blocks: 2
        ratings: {ok: {ask: Is it right?, scale: five}}
""")
RATED = ("m.a", "m.b", "m.c", "m.d", "own", "norm", "move_ok_1", "move_ok_2")
ANSWERS = st.fixed_dictionaries(
    {"status": st.sampled_from(["in", "left"])}
    | {name: st.sampled_from([1, 2, 2, 2, 5, {"missing": "skipped"}]) for name in RATED}
    | {f"move_{name}_{at}": st.sampled_from(levels) for at in (1, 2) for name, levels in (("who", ["doctor", "nurse"]), ("why", ["pay", "rest"]))}
)  # fmt: skip
STATES = st.sampled_from(["complete", "complete", "complete", "open", "withdrawn"])
VIEWS = (
    View(), View("all"), View(by="status"), View(careful=True), View(where=parse_condition('status == "left"', filter_scope(ASKED)), careful=True),
)  # fmt: skip
CHANGES = st.lists(st.tuples(st.integers(0, 15), ANSWERS, STATES, st.sampled_from([1, 2, 8, 9, 30])), max_size=8)


def test_reliability_is_of_the_parts_as_the_score_counts_them():
    """"Not applicable" counts as 1, so that all four respondents are complete, and alpha is that of 1 and 2 as answered."""
    survey = """
title: T
scores: {cost: {label: Cost, mean: [m], not_applicable: 1}}
sections:
  one:
    items:
      m: {type: matrix, ask: M?, not_applicable: true, scale: {1: A, 2: B, 3: C}, statements: {a: A, b: B}}
"""
    answered = [(1, 2), (2, 1), (3, 3), (1, 1)]
    found = []
    for absent in ({"missing": "not_applicable"}, 1):
        asked = instrument(survey)
        frame = Frame([asked])
        frame.take([
            given_response(asked, number, {name: absent if code == 1 else code for name, code in zip(("m.a", "m.b"), codes, strict=True)}, "complete", number + 1)
            for number, codes in enumerate(answered)
        ])  # fmt: skip
        cost = findings(frame).found["cost"]
        found.append((cost.n, cost.alpha, next(each for each in figures(frame).items if each.id == "cost").parts[0].summary.mean))
    assert found[0] == found[1] and found[0][0] == 4


@given(st.lists(CHANGES | st.integers(0, len(VIEWS) - 1), max_size=12))
def test_kept_findings_are_those_of_a_frame_that_never_kept_any(steps):
    with pytest.MonkeyPatch.context() as patch:
        small_segments(patch)
        frame, seq = Frame([ASKED]), 0
        for step in [*steps, *range(len(VIEWS))]:
            if isinstance(step, int):
                kept, counted, fresh = kept_and_fresh(frame, VIEWS[step])
                assert flat(kept) == [pytest.approx(each, rel=1e-9, abs=1e-9) if isinstance(each, float) else each for each in flat(fresh)]
                assert counted == (kept.quality.n - kept.quality.any if VIEWS[step].careful else kept.quality.n)
                continue
            frame.take(
                [given_response(ASKED, number, answers, state, seq + at, minutes=minutes)
                 for at, (number, answers, state, minutes) in enumerate(step, 1)]
            )  # fmt: skip
            seq += len(step)


def kept_and_fresh(frame: Frame, view: View) -> tuple[Findings, int, Findings]:
    kept, counted = findings(frame, view), figures(frame, view).n
    frame.recount()
    return kept, counted, findings(frame, view)


def flat(found: Any) -> list[Any]:
    """All the numbers and words in it, in order. Sums of fractions depend on the order of their parts in the last digits."""
    if is_dataclass(found):
        found = [getattr(found, each.name) for each in fields(found)]
    elif isinstance(found, dict):
        found = sorted(found.items())
    if isinstance(found, (list, tuple)):
        return [one for each in found for one in flat(each)]
    return [found]


def taken(frame: Frame, numbers: range, **about) -> Frame:
    """Every tenth of them has one answer to all four statements; the minutes are 8, or as given."""
    frame.take(
        [given_response(ASKED, n, {"m.a": 1 + n % 4, "m.b": 1 + n % 3, "m.c": 1 + n % 4, "m.d": 5} if n % 10 else dict.fromkeys(RATED, 2),
                        seq=n + 1, **about) for n in numbers]
    )  # fmt: skip
    return frame


def test_findings_include_the_latest_response_without_reading_what_is_stored(monkeypatch):
    frame = taken(Frame([ASKED]), range(100))
    before = findings(frame).found["strain"]
    monkeypatch.setattr(segments.Segments, "tables", lambda self: pytest.fail("stored rows were read"))
    after = findings(taken(frame, range(100, 101))).found["strain"]
    assert (before.n, after.n) == (100, 101) and after.alpha != before.alpha


def test_a_view_leaves_out_who_answered_carelessly_and_says_how_many():
    frame = taken(Frame([ASKED]), range(100))
    found = findings(frame, View(careful=True))
    assert (found.quality.n, found.quality.straight_lining, found.quality.any) == (100, 10, 10)
    assert (figures(frame, View(careful=True)).n, found.found["strain"].n) == (90, 90)
    assert figures(frame).n == 100
    assert with_findings(figures(frame), findings(frame)).quality == found.quality


def test_speeding_follows_the_median_of_all_complete_responses():
    """With a median of 8 minutes 2 are too few; once it is 5, they are not."""
    frame = taken(taken(Frame([ASKED]), range(1, 10)), range(11, 14), minutes=2)
    careful = View(careful=True)
    assert (figures(frame, careful).n, findings(frame, careful).quality.speeding) == (9, 3)
    taken(frame, range(21, 30), minutes=4)
    taken(frame, range(31, 34), minutes=5)
    assert frame.fast_limit == 1
    assert (figures(frame, careful).n, findings(frame, careful).quality.speeding) == (24, 0)
