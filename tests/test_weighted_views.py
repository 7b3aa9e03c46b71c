"""Weighted views: counters by raking cell, kept as responses arrive, from which sums of weights and of their squares follow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.frame import by_cell, kept, numbers, segments
from app.results.frame.by_cell import ValuesByCell
from app.results.frame.frame import Frame
from app.results.frame.numbers import Scale
from app.results.marginals import figures, grouped
from app.results.statistics.cells import unweighted
from app.results.view import View, read_view, written_view
from app.results.weights.wording import why_unweighted
from app.survey.model import Weights
from tests.support.answers import answers_to, given_response, instrument
from tests.support.frames import small_segments
from tests.support.reference import R, asked, changes

SURVEY = """
title: Weighted
weights: {rake: {status: {practising: 0.6, left: 0.4}, cause: {visa: 0.5, family: 0.5}}}
arms: {cause: [visa, family]}
sections:
  one:
    items:
      status: {type: single_choice, ask: Status?, decline: true, options: {practising: Practising, left: Left}}
      seen: {type: rating, ask: Seen?, scale: {1: Failure, 2: Neither, 3: Growth}}
      reasons: {type: multiple_choice, ask: Why?, options: {pay: Pay, visa: Visa}}
      years: {type: number, ask: Years?, range: [0, 70]}
      day: {type: date, ask: When?}
"""
ASKED = instrument(SURVEY)
VIEWS = [
    View(weights="rake"), View("all", by="status", weights="rake"), View(only=(("status", ("left",)),), by="seen", weights="rake"),
]  # fmt: skip
CODES = {"specialty": ("primary", "surgical", "other"), "stage": ("training", "specialist", "senior")}
CHANGE = st.tuples(st.integers(0, 14), answers_to(ASKED), st.sampled_from(["open", "complete", "complete", "withdrawn"]))


@given(st.lists(st.lists(CHANGE, min_size=1, max_size=8) | st.just("look"), max_size=15))
def test_counters_by_cell_are_what_counting_anew_gives_after_any_changes(steps):
    with pytest.MonkeyPatch.context() as patch:
        small_segments(patch)
        frame, seq = Frame([ASKED]), 0
        for step in [*steps, "look"]:
            if step == "look":
                for view in VIEWS:
                    with frame.counters(view) as known:
                        fresh = frame.counted(view)
                        assert known.without == fresh.without
                        for mine, others in zip((known.whole, *known.groups), (fresh.whole, *fresh.groups), strict=True):
                            assert mine.same_as(others) and mine.by_cell.same_as(others.by_cell)
                            assert mine.by_cell.codes.sum(axis=1).tolist() == mine.codes.tolist()
            else:
                frame.take([given_response(ASKED, number, answers, state, seq + place) for place, (number, answers, state) in enumerate(step, 1)])
                seq += len(step)
        cells = frame.last.cells.copy()
        frame.recount()
        assert cells.tolist() == frame.last.cells.tolist()


def taken(frame: Frame, numbers: range) -> Frame:
    frame.take([
        given_response(ASKED, number, {"status": "left" if number % 3 else "practising", "cause": "visa" if number % 4 else "family",
                                       "seen": 1 + number % 3, "years": number % 50}) for number in numbers
    ])  # fmt: skip
    return frame


def test_what_is_new_is_weighted_without_reading_what_is_stored(monkeypatch):
    frame = taken(Frame([ASKED]), range(1000))
    before = figures(frame, VIEWS[0])
    monkeypatch.setattr(segments.Segments, "tables", lambda self: pytest.fail("stored rows were read"))
    found = figures(taken(frame, range(1000, 1100)), VIEWS[0])
    assert (before.n, found.n) == (1000, 1100)
    status = next(item for item in found.items if item.id == "status").parts[0]
    assert [cell.share for cell in status.cells] == pytest.approx([0.6, 0.4])


@given(st.lists(st.tuples(st.integers(-5, 5).map(float) | st.sampled_from([0.5, 2.25, 1e7]), st.integers(0, 3)), min_size=1, max_size=30))
def test_many_values_are_counted_like_few(pairs):
    """Whole numbers of a narrow range, others, and values put into classes."""
    values, cells = [value for value, _ in pairs], np.array([cell for _, cell in pairs])
    for scale in (None, Scale(1.0, 2.0)):
        few, many = ValuesByCell(4, scale), ValuesByCell(4, scale)
        few.add(values, cells, 1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(by_cell, "FEW", 0)
            many.add_column(pl.Series(values, dtype=pl.Float64), cells)
        assert many.same_as(few)


def test_counters_by_cell_stay_within_their_memory(monkeypatch):
    """The views read last stay; one that is larger than all that is allowed stays while it is read."""
    frame = taken(Frame([ASKED]), range(100))
    figures(frame, VIEWS[0])
    size = frame.kept.sizes[VIEWS[0]]
    monkeypatch.setattr(kept, "MOST_BYTES", 3 * size)
    views = [View(only=(("seen", (code,)),), weights="rake") for code in (1, 2, 3)]
    for view in (View(), *views, VIEWS[0], views[2]):
        figures(frame, view)
    assert set(frame.kept.all) == {View(), views[1], VIEWS[0], views[2]}
    monkeypatch.setattr(kept, "MOST_BYTES", size // 2)
    figures(frame, VIEWS[0])
    assert [*frame.kept.sizes] == [VIEWS[0]] and View() in frame.kept.all


def test_sums_of_weights_and_of_their_squares_are_those_of_r():
    found = Frame([replace(asked(), weights=Weights({name: dict(zip(codes, R["weighted"]["targets"][name], strict=True)) for name, codes in CODES.items()}))])
    found.take(changes())
    parts = {part.name: part for item in figures(found, View(weights="rake")).items for part in item.parts}
    for name, variable, code in (("status left", "status", "left"), ("m.failed 5", "m.failed", 5), ("own 7", "own", 7)):
        wanted = R["weighted"]["given"]["shares"][name]
        cell = next(each for each in parts[variable].cells if each.code == code)
        assert (*cell.count[:3], *cell.base[:3]) == pytest.approx((*wanted["hits"], wanted["n"], *wanted["sums"]), rel=1e-6)


def test_groups_are_weighted_by_the_same_weights_and_add_up():
    found = grouped(taken(Frame([ASKED]), range(1000)), VIEWS[1])
    whole, groups = found.whole.items[1].parts[0].cells, [group.figures.items[1].parts[0].cells for group in found.groups]
    for place, cell in enumerate(whole):
        assert cell.count.w == pytest.approx(sum(each[place].count.w for each in groups))
    assert found.whole.items[0].parts[0].cells[0].base.w == pytest.approx(1000)


def test_a_number_of_too_many_values_has_its_weighted_mean_and_error_from_sums(monkeypatch):
    known = figures(taken(Frame([ASKED]), range(1000)), VIEWS[0])
    monkeypatch.setattr(numbers, "MOST_VALUES", 20)
    frame = taken(Frame([ASKED]), range(15))
    figures(frame, VIEWS[0])  # values one by one, which are put into classes later
    found = figures(taken(frame, range(15, 1000)), VIEWS[0])
    exactly, by_classes = (next(item for item in each.items if item.id == "years").parts[0] for each in (known, found))
    assert by_classes.exact is not None and exactly.exact is None
    for name in ("n", "mean", "sd", "error", "effective"):
        assert getattr(by_classes.summary, name) == pytest.approx(getattr(exactly.summary, name), rel=1e-9), name


def test_responses_without_a_weight_are_left_out_and_counted():
    frame = taken(Frame([ASKED]), range(100))
    frame.take([
        given_response(ASKED, 200, {"cause": "visa", "status": {"missing": "declined"}, "seen": 1}),
        given_response(ASKED, 201, {"cause": "visa", "status": "left", "seen": 1}, "open"),
    ])  # fmt: skip
    found = figures(frame, View("all", weights="rake"))
    assert (found.n, found.without_weight, found.weighting.without) == (100, 2, 1)


def test_other_targets_apply_to_the_responses_there_are():
    """They make no new version."""
    frame = taken(Frame([ASKED]), range(100))
    figures(frame, VIEWS[0])
    assert frame.adopt([replace(ASKED, weights=Weights({"status": {"practising": 0.9, "left": 0.1}}))])
    found = figures(frame, VIEWS[0])
    assert [cell.share for cell in found.items[1].parts[0].cells] == pytest.approx([0.9, 0.1])
    assert frame.adopt([replace(ASKED, weights=None)]) and frame.weighting() is None


def test_who_answered_a_version_with_another_code_prevents_weights_and_is_named():
    older = instrument(SURVEY.replace("left: 0.4", "left: 0.2, gone: 0.2").replace("left: Left", "left: Left, gone: Gone"))
    newer = instrument(SURVEY)
    frame = Frame([newer, older])
    frame.take([given_response(older, n, {"status": "gone" if n == 1 else "left" if n % 2 else "practising", "cause": "visa" if n % 3 else "family"}) for n in range(30)])
    found = figures(frame, VIEWS[0])
    assert not found.is_weighted
    why = "Some complete responses to “Status?” are “Gone”, without a target. Offer the answer again and give it a share, or rake to another variable."
    assert why_unweighted(found.weighting) == why


def test_the_switch_is_in_the_address_of_a_view():
    layout = Frame([ASKED]).layout
    assert read_view([("weights", "rake"), ("by", "status")], ASKED, layout).view == View(by="status", weights="rake")
    assert written_view(View(by="status", weights="rake")) == [("by", "status"), ("weights", "rake")]
    assert "has no weights" in read_view([("weights", "rake")], replace(ASKED, weights=None), layout).faults[0]
    assert read_view([("weights", "jack")], ASKED, layout).faults == ('"weights" is "rake" or left out, not "jack".',)


def test_without_weights_to_be_had_the_figures_are_unweighted_and_say_why():
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, 1, {"status": "left", "cause": "visa", "seen": 3})])
    found = figures(frame, VIEWS[0])
    assert found.n == 1 and not found.is_weighted and found.weighting is not None
    assert [cell.count for cell in found.items[1].parts[0].cells] == [unweighted(0), unweighted(1)]
