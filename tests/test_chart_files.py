"""A chart as a file: SVG that stands alone, and its figures as CSV, both of the view that they were asked for."""

from __future__ import annotations

import csv
import io
import json
import statistics
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from app.exports.chart import chart_csv
from app.results.charts.draw import draw
from app.results.charts.standalone import About, chart_svg
from app.results.charts.svg_sheet import width_of, wrapped
from app.results.findings import findings, with_findings
from app.results.frame.frame import Frame
from app.results.marginals import figures
from tests.support.answers import EVERYTHING, given_response, instrument
from tests.support.research import researcher
from tests.support.respondent import respond
from tests.support.server import Server

ABOUT = About("leaving", "Leaving", "complete responses", 40, "November 27, 2026")
SURVEY = """
title: Leaving
sections:
  now:
    items:
      status: {type: single_choice, ask: "Where are you, <b>now</b> & then?", options: {left: "=Left", stayed: Stayed}}
      sure: {type: rating, ask: How sure?, scale: {1: Not at all, 2: A little, 3: Very}}
"""


def everything(n: int = 40) -> Frame:
    """Answers to an item of each kind."""
    asked = instrument(EVERYTHING)
    frame = Frame([asked])
    frame.take([given_response(asked, each, answers(each), seq=each + 1) for each in range(n)])
    return frame


def answers(n: int) -> dict[str, object]:
    given = {f"move_{part}_{place}": level for place in (1, 2) for part, level in (("who", "doctor"), ("why", "rest"))}
    return given | {
        "cause": "family", "status": "left", "trained": 2.5 + n % 9, "left_years": n % 40, "day": f"2026-03-{1 + n % 20:02}",
        "reasons": ["pay", "visa"][: 1 + n % 2], "country": "de", "feels.warm": 1 + n % 5, "feels.open": 1 + n % 3,
        "best": ["pay", "time"], "time.clinic": 60, "time.home": 40, "values.best": "a", "values.worst": "c", "seen.failed": 1 + n % 3,
        "seen.grew": 3, "support.peers_now": 1, "support.peers_then": 2, "word": "Freedom", "move_ok_1": 1 + n % 3, "move_ok_2": 2,
        "weight_pay": 1 + n % 3,
    }  # fmt: skip


def test_every_chart_is_a_whole_svg_file_with_its_question_base_and_date():
    frame = everything()
    items = with_findings(figures(frame), findings(frame)).items
    kinds = set()
    for item in items:
        drawing = draw(item)
        root = ElementTree.fromstring(chart_svg(drawing, ABOUT))
        written = " ".join(root.itertext())
        kinds.add(drawing.kind)
        assert "Leaving · 40 complete responses · November 27, 2026" in written
        assert item.ask.split()[0] in written and root.get("width") and float(root.get("height", "0")) > 100
        assert {part.tag.partition("}")[2] for part in root.iter()} <= {"svg", "title", "desc", "rect", "text", "line", "circle", "path"}
    assert kinds == {"bars", "columns", "stacks", "profile", "paired", "effects", "texts"}


def test_what_a_survey_says_stays_text_in_an_svg_file():
    asked = instrument(SURVEY)
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"status": "left"}, seq=n + 1) for n in range(12)])
    written = chart_svg(draw(figures(frame).items[0]), ABOUT)
    assert "<b>" not in written and "&lt;b&gt;now&lt;/b&gt; &amp; then?" in written


def test_marks_lie_within_the_picture_and_words_are_wrapped_to_fit():
    root = ElementTree.fromstring(chart_svg(draw(figures(everything()).items[1]), ABOUT))
    for rect in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert 0 <= float(rect.get("x", "0")) and float(rect.get("x", "0")) + float(rect.get("width")) <= 960.1
    lines = wrapped("a rather long question about leaving " * 6, 400, 15)
    assert len(lines) > 2 and all(width_of(line, 15) <= 400 for line in lines)


def test_labels_of_200_letters_are_cut_in_an_svg_file():
    """Of columns after three lines, in the legend and the name of a share after one; nothing is wider than the picture."""
    long = "A point of a scale that somebody wanted to describe most precisely " * 3
    asked = instrument(
        "title: Long\nscales: {s: {1: '%s one', 2: '%s two', 3: '%s three'}}\nsections: {a: {items: {"
        "sure: {type: rating, ask: Sure?, scale: s}, seen: {type: matrix, ask: Seen?, scale: s, statements: {x: X, y: Y}}}}}" % (long, long, long)
    )
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"sure": 1 + n % 3, "seen.x": 1 + n % 3, "seen.y": 3}, seq=n + 1) for n in range(30)])
    for item, most in zip(figures(frame).items, (9, 3), strict=True):
        root = ElementTree.fromstring(chart_svg(replace(draw(item), sentence=None), ABOUT))
        texts = [(float(each.get("x", "0")), float(each.get("font-size", "0")), each.text or "") for each in root.iter("{http://www.w3.org/2000/svg}text")]
        assert sum("point of a scale" in text or "describe most" in text or text.endswith("…") for _x, _size, text in texts) <= most + 1
        assert all(width_of(text, size) <= 900 for _x, size, text in texts) and any(text.endswith("…") for _x, _size, text in texts)


def read(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def test_a_charts_csv_has_each_figure_with_its_base_and_interval():
    """9 of 12 chose "=Left": 75 %, after Wilson 46.77 to 91.11 %."""
    asked = instrument(SURVEY)
    frame = Frame([asked])
    rows = [{"status": "left" if n < 9 else "stayed", "sure": 1 + n % 3} for n in range(12)]
    frame.take([given_response(asked, n, each, seq=n + 1) for n, each in enumerate(rows)])
    status, sure = figures(frame).items
    left, *_ = read(chart_csv([("", 12, status)], ABOUT))
    assert (left["statistic"], left["code"], left["label"], left["count"], left["n"]) == ("share", "left", "'=Left", "9", "12")
    assert float(left["value"]) == 0.75
    assert (float(left["low"]), float(left["high"])) == pytest.approx((0.4677, 0.9111), abs=1e-4)
    assert (left["base"], left["date"], left["responses"]) == ("complete responses", "November 27, 2026", "12")
    mean = next(row for row in read(chart_csv([("", 12, sure)], ABOUT)) if row["statistic"] == "mean")
    assert (mean["value"], mean["n"], mean["low"] < mean["high"]) == ("2", "12", True)


def test_a_charts_csv_has_exact_intervals_standard_errors_and_the_ends_of_scales():
    """9 of 12, exact: 42.81 to 94.51 %, as R's binom.test gives it. From 1 to 5 in turn."""
    asked = instrument(SURVEY.replace("3: Very}", "3: Rather, 4: Very, 5: Quite}"))
    frame = Frame([asked])
    rows = [{"status": "left" if n < 9 else "stayed", "sure": 1 + n % 5} for n in range(12)]
    frame.take([given_response(asked, n, each, seq=n + 1) for n, each in enumerate(rows)])
    status, sure = figures(frame).items
    left, *_ = read(chart_csv([("", 12, status)], ABOUT))
    assert (float(left["exact_low"]), float(left["exact_high"])) == pytest.approx((0.4281, 0.9451), abs=1e-4)
    found = {row["statistic"]: row for row in read(chart_csv([("", 12, sure)], ABOUT))}
    given = [row["sure"] for row in rows]
    assert float(found["mean"]["error"]) == pytest.approx(statistics.stdev(given) / 12**0.5)
    assert float(found["two highest"]["value"]) == pytest.approx(sum(each > 3 for each in given) / 12)
    assert float(found["two lowest"]["value"]) == pytest.approx(sum(each < 3 for each in given) / 12)


def test_a_charts_csv_has_the_reliability_of_scores_and_the_total_of_ticks():
    items = {item.id: item for item in with_findings(figures(everything()), findings(everything())).items}
    score = {row["statistic"]: row for row in read(chart_csv([("", 40, items["stigma"])], ABOUT))}
    # One of its two parts is always the same: they have nothing in common.
    assert (score["alpha"]["value"], score["alpha"]["n"], score["alpha without it"]["value"]) == ("0", "40", "")
    several = {row["statistic"]: row for row in read(chart_csv([("", 40, items["reasons"])], ABOUT))}
    assert (several["total"]["value"], several["total"]["n"]) == ("1.5", "40")


def test_every_chart_can_be_written_as_csv():
    frame = everything()
    for item in with_findings(figures(frame), findings(frame)).items:
        rows = read(chart_csv([("", 40, item), ("Left", 20, item)], ABOUT))
        assert {row["item"] for row in rows} == {item.id} and {row["group"] for row in rows} == {"", "Left"}
        assert all(row["low"] <= row["value"] for row in rows if row["statistic"] == "share" and row["low"] == "0")


def test_files_of_charts_obey_the_view_and_are_for_researchers_only(tmp_path):
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY)
    with Server(tmp_path) as server:
        for n in range(4):
            respond(server, "leaving", {"status": "left" if n < 3 else "stayed", "sure": "1" if n < 3 else "3"})
        address = "/research/leaving/chart/sure"
        assert server.client().get(f"{address}.csv").status_code in (303, 401)
        client = researcher(server)
        whole, some = client.get(f"{address}.csv"), client.get(f"{address}.csv?only=status:left")
        assert [row["count"] for row in read(whole.content)[:3]] == ["3", "0", "1"]
        assert [row["count"] for row in read(some.content)[:3]] == ["3", "0", "0"]
        assert read(some.content)[0]["base"] == "complete responses of those who chose “=Left”"
        further = client.get(f"{address}.csv?where=disposition+%3D%3D+%22complete%22&quality=careful")
        without = "without those that have a sign of careless answering"
        assert read(further.content)[0]["base"] == f'responses for which disposition == "complete", {without}'
        split = read(client.get(f"{address}.csv?by=status").content)
        assert {(row["group"], row["responses"]) for row in split} == {("", "4"), ("'=Left", "3"), ("Stayed", "1")}
        picture = client.get(f"{address}.svg?only=status:left")
        assert picture.headers["content-type"] == "image/svg+xml" and "attachment" in picture.headers["content-disposition"]
        assert "3 complete responses of those who chose" in picture.text
        wrong = [client.get(f"/research/leaving/chart/{file}").status_code for file in ("nothing.svg", "sure.exe", "sure", ".csv")]
        assert wrong == [404, 404, 404, 404]
        refused = client.get(f"{address}.svg?by=nothing")
        assert refused.status_code == 422 and json.dumps("nothing")[1:-1] in refused.text
