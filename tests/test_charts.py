"""The description of a chart: researchers and the public get the same, but for what disclosure leaves out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from app.results.charts.chart import describe, describe_public
from app.results.charts.draw import draw
from app.results.findings import findings, with_findings
from app.results.frame.frame import Frame
from app.results.marginals import figures
from app.survey.model import Instrument
from tests.support.answers import given_response, instrument
from tests.support.figures import public_figures

ASKED = """
title: Charts
sections:
  s:
    items:
      status: {type: single_choice, ask: Where?, options: {left: Left, stayed: Stayed}}
      sure: {type: rating, ask: How sure?, scale: {1: Not, 2: A little, 3: Very}}
      years: {type: number, ask: How many years?, range: [0, 40]}
      seen: {type: matrix, ask: How seen?, scale: {1: No, 2: Yes}, statements: {failed: Failed, grew: Grew}}
"""


def counted(asked: Instrument, answers: Iterable[dict[str, Any]]) -> Frame:
    frame = Frame([asked])
    frame.take([given_response(asked, n, each, seq=n + 1) for n, each in enumerate(answers)])
    return frame


def answer(n: int) -> dict[str, Any]:
    return {
        "status": "left" if n % 4 else "stayed", "sure": n % 3 + 1, "years": n % 41,
        "seen.failed": n % 2 + 1, "seen.grew": 2 - n % 2,
    }  # fmt: skip


def test_public_charts_are_described_as_those_of_researchers_without_intervals():
    frame = counted(instrument(ASKED), map(answer, range(120)))
    ours = [describe(item) for item in figures(frame).items]
    public = [describe_public(item) for item in public_figures(frame, 10)]
    kinds = ["bars", "columns", "histogram", "stacks"]
    assert [chart.kind for chart in ours] == [chart.kind for chart in public] == kinds
    labels = [[[point.code for point in series.points] for series in chart.series] for chart in (*ours[:2], ours[3])]
    assert labels == [[[point.code for point in each.points] for each in chart.series] for chart in (*public[:2], public[3])]
    of_both = [[(point.count, point.base) for point in charts[1].first.points] for charts in (ours, public)]
    assert of_both[0] == of_both[1]
    assert {(point.low, point.high) for chart in public for each in chart.series for point in each.points} == {(None, None)}
    assert all(point.base == 120 and point.low is not None for each in ours[1].series for point in each.points)


def test_a_chart_writes_its_numbers_in_the_language_asked_for():
    """2, 4, 4, 6, each five times: mean 4, reach 2.09302 · √(40/19) / √20 = 0.679."""
    years = figures(counted(instrument(ASKED), [{"years": value} for value in (2, 4, 4, 6) * 5])).items[2]
    means = [draw(years, language).measures[0][1] for language in ("en", "de")]
    assert means == ["4.0 [3.3–4.7]", "4,0 [3,3–4,7]"]


# --- loops --------------------------------------------------------------------------------------------------

LOOP = """
title: Loop
sections:
  why:
    items:
      reasons: {type: multiple_choice, ask: Why?, options: {pay: Pay, rota: The rota}}
  each:
    for_each: reasons
    title: "{entry}"
    items:
      weight: {type: rating, ask: "How much does {entry} weigh?", scale: {1: A little, 2: Some, 3: A lot}}
      tools: {type: multiple_choice, ask: "What of {entry}?", options: {a: A, b: B}}
"""


def test_the_entries_of_a_loop_are_one_chart_of_entries_and_people():
    """20 people answer of both entries 3 and 3, 10 of one entry 1. Of 50 entries 40 are 3: 80 %. The sums of a person are
    2 of 2 and 0 of 1: G/(G-1) Σ(s - 0.8 m)² / 50² = 30/29 (20 · 0.4² + 10 · 0.8²) / 2500, √ is 0.06302, times t of 29
    (2.04523) is 0.1289."""
    asked = instrument(LOOP)
    both = {"reasons": ["pay", "rota"], "weight_pay": 3, "weight_rota": 3, "tools_pay": ["a"], "tools_rota": ["b"]}
    frame = counted(asked, [*[both] * 20, *[{"reasons": ["pay"], "weight_pay": 1, "tools_pay": ["a", "b"]}] * 10])
    items = {item.id: item for item in with_findings(figures(frame), findings(frame)).items}
    assert list(items) == ["reasons", "weight", "tools"]
    weight = describe(items["weight"])
    assert (weight.ask, weight.answered, weight.people, weight.entries) == ("How much does … weigh?", 50, 30, 2)
    points = [(point.count, point.base, point.share) for point in weight.first.points]
    assert points == [(10, 50, 0.2), (0, 50, 0.0), (40, 50, 0.8)]
    assert (weight.first.points[2].low, weight.first.points[2].high) == pytest.approx((0.8 - 0.1289, 0.8 + 0.1289), abs=1e-4)
    drawing = draw(items["weight"])
    assert drawing.counted.form % drawing.counted.values == "<b>50</b> entries of 30 people"
    tools = describe(items["tools"]).first.points
    assert [(point.code, point.count, point.base) for point in tools] == [("a", 30, 50), ("b", 30, 50)]
    assert tools[0].low < 0.6 < tools[0].high


def test_the_entries_of_a_few_people_have_no_interval():
    frame = counted(instrument(LOOP), [{"reasons": ["pay", "rota"], "weight_pay": 3, "weight_rota": 1}] * 9)
    weight = describe(with_findings(figures(frame), findings(frame)).items[1])
    assert [(point.share, point.low) for point in weight.first.points] == [(0.5, None), (0.0, None), (0.5, None)]
