"""What a weighted view draws and says: as if each response were there as often as it weighs, and never unweighted in silence."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from app.exports.chart import chart_csv
from app.results.charts.crossed import draw_crossed
from app.results.charts.draw import draw
from app.results.charts.geometry import Drawing
from app.results.charts.standalone import About
from app.results.comparison import compare
from app.results.crosstabs import crosstab
from app.results.findings import findings, with_findings
from app.results.frame.frame import Frame
from app.results.items import ItemFigures
from app.results.marginals import figures, grouped
from app.results.view import View
from app.survey.model import Weights
from tests.support.answers import EVERYTHING, given_response, instrument
from tests.support.figures import public_figures


def said(caption: Any) -> str:
    return caption if isinstance(caption, str) else caption.form % {name: said(value) for name, value in caption.values.items()}


WEIGHTED = View(weights="rake")
PEOPLE = 240


def answers(n: int) -> dict[str, object]:
    """Of an item of each kind; those of the second arm answer otherwise than those of the first."""
    shift, n = n % 2, n // 2
    given = {f"move_{part}_{place}": level for place in (1, 2) for part, level in (("who", "doctor"), ("why", ("pay", "rest")[n % 2]))}
    return given | {
        "cause": ("family", "burnout")[shift], "status": ("left", "stayed", "stayed")[n % (3 + shift) % 3],
        "trained": 2.5 + n % 9, "left_years": n % 29 + 9 * shift, "day": f"2026-03-{1 + n % 13 + 5 * shift:02}",
        "reasons": ["pay", "visa"][: 1 + n % (3 - shift) % 2], "country": ("de", "fr")[n % (2 + shift) % 2],
        "feels.warm": 1 + n % 5, "feels.open": 1 + n % (3 + shift), "best": (["pay", "time"], ["time", "rank"], ["rank", "pay"])[n % (3 - shift)],
        "time.clinic": 60 + 40 * (n % (2 + shift) == 1), "time.desk": 0, "time.home": 40 - 40 * (n % (2 + shift) == 1), "values.best": "ac"[n % (3 - shift) % 2],
        "values.worst": "ca"[n % (3 - shift) % 2], "seen.failed": 1 + n % (3 - shift), "seen.grew": 1 + n // 3 % 3,
        "support.peers_now": 1 + n % (2 + shift), "support.peers_then": 1 + n % (2 + shift) % 2, "word": "Freedom",
        "move_ok_1": 1 + n % (3 - shift), "move_ok_2": 2, "move_sure_1": 1, "move_sure_2": 2,
        "weight_pay": 1 + n % (3 - shift), **({"weight_visa": 1 + n // 3 % 3} if 1 + n % (3 - shift) % 2 > 1 else {}),
    }  # fmt: skip


@cache
def weighted() -> Frame:
    """As many of either arm, of which the second is to count three times as much."""
    asked = replace(instrument(EVERYTHING), weights=Weights({"cause": {"family": 0.25, "burnout": 0.75}}))
    return taken(asked, ((n, 1) for n in range(PEOPLE)))


@cache
def repeated() -> Frame:
    """The same responses, those of the second arm three times: without weights."""
    return taken(instrument(EVERYTHING), ((n, 3 if n % 2 else 1) for n in range(PEOPLE)))


def taken(asked: Any, people: Iterator[tuple[int, int]]) -> Frame:
    frame = Frame([asked])
    each = (n for n, times in people for _ in range(times))
    frame.take([given_response(asked, place, answers(n), seq=place + 1) for place, n in enumerate(each)])
    return frame


@cache
def items(is_weighted: bool) -> dict[str, ItemFigures]:
    frame, view = (weighted(), WEIGHTED) if is_weighted else (repeated(), View())
    return {item.id: item for item in with_findings(figures(frame, view), findings(frame, view)).items}


def drawn(drawing: Drawing) -> list[Any]:
    """The positions of all marks, and the values in words; not intervals, hints and counts. The axis is as long as the
    longest interval needs, so that lengths are compared with each other."""
    longest = max((mark.width for row in drawing.rows for mark in row.marks), default=1)
    rows = [*drawing.rows, *drawing.tail, *(row for panel in drawing.panels for row in panel.rows)]
    return [
        *((mark.x, mark.width, mark.label, mark.shade) for mark in drawing.columns),
        *((row.label, row.value, row.start, row.dot) for row in rows),
        *((round(mark.width / longest, 2), mark.label, mark.shade) for row in rows for mark in row.marks), drawing.summary,
        *(re.findall(r"[0-9.]+%", " ".join(map(said, line))) for line in drawing.body),
    ]  # fmt: skip


#: What is counted or assigned, and so has no weight.
COUNTED = {"cause", "word", "status_other", "move.who", "move.why"}


@pytest.mark.parametrize("name", [name for name in items(True)])
def test_a_weighted_chart_is_that_of_responses_as_often_as_they_weigh(name):
    item, plain = items(True)[name], items(False)[name]
    drawing = draw(item)
    if name in COUNTED or not item.answered:
        assert item.effective is None
        assert said(drawing.counted).endswith("not weighted") or item.parts[0].kind == "text" or not item.answered
        return
    assert drawn(drawing) == drawn(draw(plain))
    assert said(drawing.counted).endswith("weighted (effective n 192)") or item.answered != PEOPLE
    assert said(drawing.counted).endswith(", weighted" if item.of_vignettes else ")") and ", weighted" in said(drawing.counted)
    assert all(cell.count.design == PEOPLE for part in item.parts for cell in part.cells)


def test_every_kind_of_chart_is_among_those_that_are_compared():
    kinds = {draw(item).kind for name, item in items(True).items() if name not in COUNTED}
    assert kinds >= {"bars", "columns", "stacks", "profile", "paired", "effects"}
    assert {"reasons", "left_years", "day", "time", "best", "values", "stigma", "weight"} <= items(True).keys() - COUNTED


def test_entries_of_loops_have_intervals_of_weighted_respondents():
    mean, plain = (items(is_weighted)["weight"].finding.means[0] for is_weighted in (True, False))
    assert mean.value == pytest.approx(plain.value)
    assert mean.effective == pytest.approx(192) and mean.clusters == PEOPLE < plain.clusters
    assert mean.error > plain.error  # as many as there are, not as many as they weigh


def test_counts_of_respondents_stay_beside_weighted_shares():
    status = items(True)["status"]
    cells = {cell.code: cell for cell in status.parts[0].cells}
    assert sum(cell.count.n for cell in cells.values()) == PEOPLE and status.answered == PEOPLE
    assert cells["left"].share != pytest.approx(cells["left"].count.n / PEOPLE, abs=0.01)
    bar = draw(status).rows[0].marks[0]
    assert "weighted (" in said(bar.hint) and "people)" in said(bar.hint)


def test_groups_of_a_weighted_view_differ_as_repeated_responses_do():
    pairs = []
    for frame, view in ((weighted(), WEIGHTED), (repeated(), View())):
        found = compare(grouped(frame, replace(view, by="country")), "country", "", 10)
        pairs.append({(row.measure.name, value.group.code): (value.value.value, value.difference and value.difference.estimate.value)
                      for row in found.rows() for value in row.values})  # fmt: skip
    mine, others = pairs
    assert mine.keys() == others.keys() and len(mine) > 20
    for key, (value, difference) in mine.items():
        assert (value or 0, difference or 0) == pytest.approx((others[key][0] or 0, others[key][1] or 0)), key


@pytest.mark.parametrize("rows", ["status", "reasons", "left_years", "stigma", "seen.failed"])
def test_a_weighted_crosstab_has_the_shares_and_means_of_repeated_responses(rows):
    mine, others = (crosstab(frame, view, rows, "country") for frame, view in ((weighted(), WEIGHTED), (repeated(), View())))
    assert mine.is_weighted and mine.both < others.both and mine.effective < mine.both
    if mine.means is not None:
        assert [each.mean for each in mine.means.groups] == pytest.approx([each.mean for each in others.means.groups])
        return
    if mine.rows.measure == "ordinal":
        stacks = [[line.segments for block in draw_crossed(found, 10).blocks for line in block.lines] for found in (mine, others)]
        assert stacks[0] == stacks[1] and stacks[0]
    cells = [[cell for row in (found.table.cells if found.table else [row.cells for row in found.options]) for cell in row] for found in (mine, others)]
    for one, other in zip(*cells, strict=True):
        assert (one.of_column.value, one.of_row.value, one.of_all.value) == pytest.approx(
            (other.of_column.value, other.of_row.value, other.of_all.value)
        )


def test_the_csv_of_a_weighted_chart_says_how_each_row_is_made():
    about = About("leaving", "Leaving", "complete responses", PEOPLE, "November 27, 2026")
    found = {}
    for name in ("status", "stigma", "move.ok", "weight"):
        rows = csv.DictReader(io.StringIO(chart_csv([("", PEOPLE, items(True)[name])], about).decode("utf-8-sig")))
        found |= {(name, row["statistic"]): row for row in rows if row["error"] or row["statistic"] == "missing" or name == "weight"}
    assert found["status", "share"]["method"] == "of the logit on linearised standard errors (weighted)"
    assert float(found["status", "share"]["effective_n"]) == pytest.approx(192)
    assert found["status", "share"]["exact_low"] == "" and float(found["status", "share"]["error"]) > 0
    assert found["stigma", "mean"]["method"] == "after Student on linearised standard errors (weighted)"
    assert found["weight", "share"]["method"] == "cluster-robust by respondent (weighted)"
    assert found["move.ok", "effect"]["method"] == "cluster-robust by respondent (weighted)"
    assert {row["method"] for key, row in found.items() if key[1] == "missing"} == {"not weighted"}


def test_public_figures_are_never_weighted():
    plain = taken(instrument(EVERYTHING), ((n, 1) for n in range(PEOPLE)))
    assert public_figures(weighted(), 10) == public_figures(plain, 10)
