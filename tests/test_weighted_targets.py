"""What weights are raked to has the population's shares, whatever was answered: nothing is estimated or claimed of it."""

from __future__ import annotations

import csv
import io
from typing import Any

from app.exports.chart import chart_csv
from app.results.charts.captions import Message
from app.results.charts.draw import draw
from app.results.charts.standalone import About, chart_svg
from app.results.frame.frame import Frame
from app.results.items import ItemFigures
from app.results.marginals import figures, grouped
from app.results.view import View
from tests.support.answers import given_response, instrument

SURVEY = """
title: Leaving
weights: {%srake: {field: {primary: 0.34, other: 0.66}, years: {1: 0.2, 2: 0.3, 3: 0.3, 4: 0.2}}}
sections:
  now:
    items:
      field: {type: single_choice, ask: Which field?, options: {primary: Primary care, other: Other}}
      years: {type: rating, ask: How many years?, scale: {1: Few, 2: Some, 3: Many, 4: Most}}
      seen: {type: single_choice, ask: How is it seen?, options: {failure: A failure, growth: Growth}}
"""
ABOUT = About("leaving", "Leaving", "complete responses", 120, "2026-11-27")
SET = "Set by the weights: the population’s shares."


def frame(trim: str = "") -> Frame:
    asked = instrument(SURVEY % trim)
    found = Frame([asked])
    found.take([
        given_response(asked, n, {"field": "primary" if n % 2 else "other", "years": 1 + n % 5 % 4, "seen": "growth" if n % 3 else "failure"}, seq=n + 1)
        for n in range(120)
    ])  # fmt: skip
    return found


def items(view: View, of: Frame | None = None) -> dict[str, ItemFigures]:
    return {item.id: item for item in figures(of or frame(), view).items}


def said(caption: Any) -> str:
    return caption.form % {name: said(value) for name, value in caption.values.items()} if isinstance(caption, Message) else str(caption)


def rows_of(item: ItemFigures) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(chart_csv([("", 120, item)], ABOUT).decode("utf-8-sig"))))


def test_targets_of_weights_are_drawn_without_interval_and_claim_nothing():
    found = items(View(weights="rake"))
    field, seen = draw(found["field"]), draw(found["seen"])
    assert said(field.sentence) == SET and "failure" in said(seen.sentence)
    assert [(row.value, row.interval, row.whisker) for row in field.rows] == [("34%", "", None), ("66%", "", None)]
    assert all(row.interval and row.whisker for row in seen.rows)
    assert [said(each) for each in field.head] == ["Answer", "n", "%"] and [len(line) for line in field.body] == [3, 3]
    assert len(seen.head) == 4 and all(len(line) == 4 for line in seen.body)
    assert "interval" not in said(field.rows[0].marks[0].hint) and "interval" in said(seen.rows[0].marks[0].hint)


def test_the_mean_of_a_target_has_no_interval_either():
    years, plain = (draw(items(View(weights=each))["years"]) for each in ("rake", ""))
    assert said(years.sentence) == SET
    assert all(mark.whisker is None for mark in years.columns) and all(mark.whisker for mark in plain.columns)
    assert dict((said(word), value) for word, value in years.measures)["mean"] == "2.5"
    assert "[" in dict((said(word), value) for word, value in plain.measures)["mean"]


def test_files_of_a_target_have_no_interval_and_say_why():
    found = items(View(weights="rake"))
    for name in ("field", "years"):
        rows = [row for row in rows_of(found[name]) if row["statistic"] != "missing"]
        assert rows and all(row["low"] == row["high"] == row["error"] == "" for row in rows), rows
        assert {row["method"] for row in rows} == {"set by the weights"}
    assert all(row["low"] for row in rows_of(found["seen"]) if row["statistic"] == "share")
    svg = chart_svg(draw(found["field"]), ABOUT)
    assert "Set by the weights" in svg and "95% intervals" not in svg and "95% intervals" in chart_svg(draw(found["seen"]), ABOUT)


def test_shares_of_a_part_of_the_responses_are_no_targets():
    """Of those who see growth, of those with some years of work, and without weights."""
    of = frame()
    filtered = View(weights="rake", only=(("seen", ("growth",)),))
    group = grouped(of, View(weights="rake", by="seen")).groups[0].figures.items[0]
    for item in (items(filtered, of)["field"], group, items(View(), of)["field"], figures(of, View(weights="rake")).unweighted.items[0]):
        assert item.id == "field" and not item.is_target
        assert all(row.interval for row in draw(item).rows) and said(draw(item).sentence) != SET


def test_trimmed_weights_say_by_how_much_they_miss_the_population():
    field = draw(items(View(weights="rake"), frame("trim: [0.9, 1.1], "))["field"])
    assert said(field.sentence).startswith("Set by the weights, which miss the population’s shares by up to ")
    assert not any(row.interval for row in field.rows)
