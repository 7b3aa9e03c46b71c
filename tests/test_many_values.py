"""A number with more values than are counted one by one: its mean stays exact, its quartiles are those of classes."""

from __future__ import annotations

import math
import random
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.charts.draw import draw
from app.results.frame import numbers
from app.results.frame.frame import Frame
from app.results.frame.numbers import CLASSES, Scale, scale_of
from app.results.marginals import figures
from app.results.view import View
from tests.support.answers import given_response, instrument

SURVEY = """
title: T
sections:
  s:
    items:
      income: {type: number, ask: How much?, range: [0, 10000000], decimals: 2}
      sex: {type: single_choice, ask: Which?, options: {w: Woman, m: Man}}
"""
ASKED = instrument(SURVEY)


def taken(frame: Frame, values: list[float], begin: int = 0, disposition: str = "complete", seq: int = 0) -> None:
    frame.take(
        given_response(ASKED, number, {"income": value, "sex": "wm"[number % 2]}, disposition, seq + number)
        for number, value in enumerate(values, begin)
    )


def incomes(count: int, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [round(min(chance.lognormvariate(10.5, 0.8), 1e7), 2) for _ in range(count)]


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(numbers, "MOST_VALUES", 50)


def test_mean_and_deviation_are_exact_and_quartiles_lie_within_a_class(few):
    values, frame = incomes(3000), Frame([ASKED])
    taken(frame, values)
    found = figures(frame).items[0].parts[0].summary
    width = frame.course.values.scales[0].width
    assert math.isclose(found.mean, statistics.fmean(values), rel_tol=1e-12)
    assert math.isclose(found.sd, statistics.stdev(values), rel_tol=1e-9)
    first, median, third = statistics.quantiles(values, method="inclusive")
    assert all(abs(mine - own) <= width for mine, own in zip((*found.quartiles, found.median), (first, third, median), strict=True))
    assert found.n == 3000 and found.from_classes
    assert "median, to the nearest class" in [label.form for label, _ in draw(figures(frame).items[0]).measures]


def test_below_the_limit_every_value_is_counted(few):
    frame = Frame([ASKED])
    taken(frame, [float(value) for value in range(50)] * 4)
    part = figures(frame).items[0].parts[0]
    assert [value for value, _ in part.values] == list(range(50)) and not part.summary.from_classes


def test_a_kept_view_changes_to_classes_with_the_survey(few):
    frame, views = Frame([ASKED]), [View(), View(by="sex"), View(only=(("sex", ("w",)),))]
    for begin in range(0, 300, 30):
        taken(frame, incomes(30, begin), begin)
        for view in views:
            assert frame.tally(view).same_as(frame.counted(view).whole), begin
            assert all(group.tally.same_as(tally) for group, tally in zip(frame.groups(view), frame.counted(view).groups, strict=True))
    assert frame.tally().numbers[0].scale is not None and frame.groups(views[1])[0].tally.numbers[0].scale is not None
    taken(frame, [0.0] * 200, 100, "withdrawn", 1000)
    assert frame.tally().n == 100 and frame.tally().same_as(frame.counted().whole)  # and stays in classes


@given(st.lists(st.floats(-1e9, 1e9).map(lambda value: round(value, 3)), min_size=2, max_size=50, unique=True))
def test_classes_hold_their_values_and_are_about_as_many_as_wanted(values):
    scale = scale_of(values)
    places = scale.places(np.array(values))
    assert all(abs(scale.middle(place) - value) <= scale.width * 0.500001 for place, value in zip(places, values, strict=True))
    assert CLASSES / 3 <= (max(values) - min(values)) / scale.width <= CLASSES * 1.000001


def test_values_far_beyond_are_in_the_last_class_and_in_the_mean():
    counts = numbers.NumberCounts(Scale(0.0, 1.0))
    counts.add({1e12: 1, -1e12: 1, 0.5: 2})
    assert counts.exact.mean == 0.25 and [n for _, n in counts.values] == [1, 2, 1]
    assert len(counts.counts) == 3
