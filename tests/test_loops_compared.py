"""Groups compared by the entries of a loop, of which one respondent may give several."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from app.results.charts.chart import describe
from app.results.charts.compared import draw_compared
from app.results.charts.compared_file import HEAD, comparison_lines
from app.results.charts.sentences.groups import about_groups
from app.results.comparison import ComparedRow, Comparison, GroupValue, compare
from app.results.findings import compared_groups, findings, with_findings
from app.results.frame.frame import Frame
from app.results.marginals import figures
from app.results.statistics.cells import unweighted
from app.results.statistics.clusters import ClusteredMean, clustered_difference
from app.results.statistics.tests import holm, welch
from app.results.statistics.values import summary
from app.results.view import View
from app.web.http.templates import environment
from tests.support.answers import given_response, instrument
from tests.support.reference import FOLDER, exactly, rows_of
from tests.support.research import researcher
from tests.support.respondent import respond
from tests.support.server import Server, offered

LOOP = """
title: Leaving
weights: {rake: {specialty: {primary: 0.34, surgical: 0.19, other: 0.47}}}
sections:
  you:
    items:
      status: {type: single_choice, ask: Where are you?, options: {practising: In practice, left: Left, back: Came back}}
      specialty: {type: single_choice, ask: Specialty?, options: {primary: Primary, surgical: Surgical, other: Other}}
      reasons: {type: multiple_choice, ask: Why?, options: {pay: Pay, rota: The rota, kids: Children}}
  each:
    for_each: reasons
    title: "{entry}"
    items:
      weight: {type: rating, ask: "How much does {entry} weigh?", scale: {1: A little, 2: Some, 3: A lot}}
      hours: {type: number, ask: "Hours a week of {entry}?", range: [0, 60], decimals: 1, unit: hours}
      advise: {type: nps, ask: "Would you change {entry}?", low: No, high: "Yes"}
      ways: {type: multiple_choice, ask: "What of {entry}?", options: {a: Form, b: Content}}
      parts: {type: best_worst, ask: "Best and worst of {entry}?", best: Best, worst: Worst, options: {a: Form, b: Content, c: Rest}}
      words: {type: text, ask: "Say more of {entry}"}
"""
ASKED = instrument(LOOP)
BY = View(by="status")
WRITTEN = environment(Path("templates")).from_string("{{ words|said }}")


def frame_of(rows: list[Mapping[str, Any]]) -> Frame:
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, number, answers, seq=number + 1) for number, answers in enumerate(rows)])
    return frame


def compared(rows: list[Mapping[str, Any]], view: View = BY) -> Comparison:
    return compare(compared_groups(frame_of(rows), view), view.by, "Where are you?", 10)


def entries(status: str, *levels: int, **more: Any) -> dict[str, Any]:
    """One respondent, who gives an entry for each level."""
    names = ("pay", "rota", "kids")[: len(levels)]
    return {"status": status, "reasons": list(names), **{f"weight_{name}": level for name, level in zip(names, levels, strict=True)}, **more}


def row(found: Comparison, name: str) -> ComparedRow:
    (one,) = [each for each in found.rows() if each.measure.name == name]
    return one


def of_group(found: Comparison, name: str, code: str) -> GroupValue:
    return next(value for value in row(found, name).values if value.group.code == code)


def item(found: Comparison, name: str):
    return next(each for each in found.items if each.figures.id == name)


# --- by R, and row by row -------------------------------------------------------------------------------------

BY_R = json.loads((FOLDER / "entries.json").read_text())
NAMES = {"high": "weight_pay", "hours": "hours_pay", "net": "advise_pay"}


@cache
def given() -> Frame:
    """`reference/entries.csv`, which R reads too."""
    found: dict[int, dict[str, Any]] = {}
    for line in rows_of("entries.csv"):
        mine = found.setdefault(int(line["id"]), {"status": line["status"], "specialty": line["specialty"], "reasons": []})
        if line["weight"] != "~not_shown":
            mine["reasons"].append(line["entry"])
        for name, kind in (("weight", int), ("hours", float), ("advise", int)):
            if not line[name].startswith("~"):
                mine[f"{name}_{line['entry']}"] = kind(line[name])
    return frame_of([{**answers, "reasons": answers["reasons"] or {"missing": "skipped"}} for answers in found.values()])


@pytest.mark.parametrize("weights", ["", "rake"])
@pytest.mark.parametrize("name", NAMES)
def test_groups_and_their_differences_to_the_rest_are_those_of_r(name, weights):
    found = compare(compared_groups(given(), View(by="status", weights=weights)), "status", "", 10)
    for code, wanted in BY_R["weighted" if weights else "unweighted"][name]["to_the_rest"].items():
        _agree(of_group(found, NAMES[name], code), wanted)
        assert wanted.get("contrast", wanted["error"]) == exactly(wanted["error"])  # the package's covariance of groups is 0


@pytest.mark.parametrize("weights", ["", "rake"])
@pytest.mark.parametrize("name", NAMES)
def test_a_group_differs_from_another_as_by_r(name, weights):
    view = View(by="status", weights=weights, only=(("status", ("practising", "left")),))
    found = compare(compared_groups(given(), view), "status", "", 10)
    assert found.is_direct
    _agree(of_group(found, NAMES[name], "left"), BY_R["weighted" if weights else "unweighted"][name]["left_with_practising"])


def _agree(mine: GroupValue, wanted: Mapping[str, Any]) -> None:
    group, found = wanted["group"], mine.difference
    assert (mine.value.n, mine.value.clusters) == (group["entries"], group["respondents"])
    assert (mine.value.value, mine.value.error, mine.value.low, mine.value.high) == exactly((group["value"], group["error"], *group["interval"]))
    assert found is not None and found.estimate[:3] == exactly((wanted["difference"], *wanted["interval"]))
    assert (found.estimate.error, found.p) == exactly((wanted["error"], wanted["p"]))


def test_a_share_and_its_difference_follow_from_the_rows_of_each_respondent():
    rng = np.random.default_rng(7)
    rows = [entries(status, *rng.integers(1, 4, size=rng.integers(1, 4)).tolist()) for status in ("left", "practising", "back") for _ in range(25)]
    mine = of_group(compared(rows), "weight_pay", "left")

    def by_hand(statuses: set[str]) -> tuple[float, float, int]:
        own = [[each[f"weight_{name}"] == 3 for name in each["reasons"]] for each in rows if each["status"] in statuses]
        share = sum(map(sum, own)) / sum(map(len, own))
        squares = sum(sum(value - share for value in each) ** 2 for each in own)
        return share, len(own) / (len(own) - 1) * squares / sum(map(len, own)) ** 2, len(own)

    (share, variance, n), (rest, other, others) = by_hand({"left"}), by_hand({"practising", "back"})
    df = (variance + other) ** 2 / (variance**2 / (n - 1) + other**2 / (others - 1))
    reach = stats.t.ppf(0.975, df) * math.sqrt(variance + other)
    assert mine.value.value == pytest.approx(share) and mine.value.error == pytest.approx(math.sqrt(variance))
    assert mine.difference.estimate[:3] == pytest.approx((share - rest, share - rest - reach, share - rest + reach))
    assert mine.difference.p == pytest.approx(2 * stats.t.sf(abs(share - rest) / math.sqrt(variance + other), df))


def test_of_one_entry_a_respondent_a_difference_of_means_is_welchs():
    first, second = ([1.0, 2, 4, 4, 5, 7, 8, 8, 9, 12], [2.0, 3, 3, 3, 4, 5, 5, 6, 6, 6, 7])
    mean = ClusteredMean(2)
    mean.add(np.array([[each] for each in (*first, *second)]), np.repeat([0, 1], [len(first), len(second)]))
    found, p = clustered_difference(mean.sample(np.array([1.0, 0])), mean.sample(np.array([0, 1.0])))
    wanted = stats.ttest_ind(first, second, equal_var=False)
    assert (found.low, found.high, p) == pytest.approx((*wanted.confidence_interval(), wanted.pvalue))
    ours = welch(*(summary((value, unweighted(1)) for value in each) for each in (first, second)))
    assert ours is not None and p == pytest.approx(ours.p)


# --- few, none, all -------------------------------------------------------------------------------------------


def test_of_fewer_than_ten_respondents_nothing_is_concluded_from_many_entries():
    rows = [*[entries("left", 3, 3, 1 + n % 3) for n in range(9)], *[entries("practising", 1, 3, 1), entries("practising", 1)] * 20]
    found = of_group(compared(rows), "weight_pay", "left")
    assert (found.value.n, found.value.clusters, found.value.low) == (27, 9, None)
    assert (found.difference.standing, found.difference.p, found.difference.estimate.low) == ("few", None, None)


def test_a_share_of_none_or_all_has_the_interval_of_independent_respondents():
    """0 of 20 people: Clopper and Pearson's upper end is 1 - 0.025^(1/20) = 0.1684. The difference allows for the share of
    both together, so that the variance of none is not 0."""
    rows = [*[entries("left", 1, 2)] * 20, *[entries("practising", 3, 1)] * 10, *[entries("practising", 1, 1)] * 10]
    found = of_group(compared(rows), "weight_pay", "left")
    assert (found.value.value, found.value.low) == (1 - 1, 0.0) and found.value.high == pytest.approx(0.16843, abs=1e-5)
    pooled = 10 / 80
    none = 20 / 19 * 20 * (0 - 2 * pooled) ** 2 / 40**2
    some = 20 / 19 * (10 * (1 - 2 * 0.25) ** 2 + 10 * (0 - 2 * 0.25) ** 2) / 40**2
    assert found.difference.estimate.error == pytest.approx(math.sqrt(none + some))


def test_a_share_that_every_respondent_has_alike_has_no_interval():
    rows = [*[entries("left", 3, 1)] * 20, *[entries("practising", 3, 3)] * 20]
    found = of_group(compared(rows), "weight_pay", "left")
    assert found.value[:3] == (0.5, None, None) and found.difference.estimate.value == -0.5
    assert found.difference.estimate.error > 0.05  # about the share of both together


def test_where_all_entries_of_both_groups_are_the_same_nothing_is_tested():
    rows = [*[entries(status, 3, 3, hours_pay=5) for status in ("left", "practising") for _ in range(12)]]
    found = compared(rows)
    assert of_group(found, "weight_pay", "left").difference.standing == "untested"
    assert of_group(found, "hours_pay", "left").difference.standing == "untested"


# --- with the rest of the page ----------------------------------------------------------------------------------


def strong() -> list[dict[str, Any]]:
    """Those who left say "a lot" of both entries, the others of one of two or of none; all of the same form."""
    left = [entries("left", 3, 3 if n % 5 else 1, ways_pay=["a"], ways_rota=["a", "b"] if n % 2 else ["b"]) for n in range(40)]
    return [*left, *[entries("practising", 1, 3 if n % 3 else 1, ways_pay=["a"], ways_rota=["b"]) for n in range(60)]]


def test_differences_of_entries_are_judged_with_all_others_of_the_page():
    found = compared(strong())
    values = [value.difference for each in found.rows() for value in each.values if value.difference]
    adjusted = holm([each.p for each in values])
    clear = [p is not None and p < 0.05 and (each.estimate.low > 0 or each.estimate.high < 0) for each, p in zip(values, adjusted, strict=True)]
    assert [each.standing == "clear" for each in values] == clear and any(clear)
    assert {"weight", "ways", "reasons"} <= {each.figures.id for each in found.items}


def test_entries_are_named_with_the_people_who_gave_them():
    weight = item(compared(strong()), "weight")
    drawing = draw_compared(weight, "to the rest", True)
    (block,) = drawing.blocks
    assert [line.n for line in block.lines] == ["120 of 60 people", "80 of 40 people"]
    assert drawing.base.startswith("Share of “A lot” · of entries, of which one person can give several · 95% intervals clustered by person")
    said = WRITTEN.render(words=about_groups(weight, True), language="en")
    assert said.startswith("<b>90%</b> of the entries of “Left” are “A lot”, <b>57 percentage points</b> more than “In practice”")


def test_the_file_has_entries_and_respondents():
    lines = [dict(zip(HEAD, line, strict=True)) for line in list(comparison_lines(compared(strong())))[1:]]
    mine = [line for line in lines if line["item"] == "weight"]
    assert [(line["group"], line["n"], line["respondents"]) for line in mine] == [("practising", 120, 60), ("left", 80, 40)]
    assert [(line["n"], line["respondents"]) for line in lines if line["measure"] == "reasons.pay"] == [(60, 60), (40, 40)]


def test_best_less_worst_and_net_of_entries_are_means_of_signs():
    mine = {"parts_pay.best": "a", "parts_pay.worst": "b", "parts_rota.best": "a", "parts_rota.worst": "c", "advise_pay": 10, "advise_rota": 3}
    rows = [*[entries("left", 1, 2, **mine)] * 12, *[entries("practising", 1, **{"parts_pay.best": "b", "parts_pay.worst": "a", "advise_pay": 7})] * 12]
    found = compared(rows)
    assert [of_group(found, f"parts.{code}", "left").value.value for code in "abc"] == [1.0, -0.5, -0.5]
    assert [of_group(found, "advise_pay", code).value.value for code in ("left", "practising")] == [0.0, 0.0]


def test_the_net_score_of_all_entries_has_an_interval_by_respondent():
    """10 people say 10 and 10 of two entries, 10 people 0 and 0: net 0, and its error that of 20 people, not of 40 entries."""
    rows = [entries("left", 1, 1, advise_pay=level, advise_rota=level) for level in (0, 10) for _ in range(10)]
    frame = frame_of(rows)
    (advise,) = (each for each in with_findings(figures(frame), findings(frame)).items if each.id == "advise")
    net = describe(advise).first.net
    assert (net.value, net.n, net.clusters, net.error) == (0.0, 40, 20, pytest.approx(math.sqrt(20 / 19 / 20)))
    assert advise.parts[0].net[:3] == (0.0, None, None)


def test_texts_of_entries_and_entries_that_split_the_view_are_left_out_and_say_why():
    rows = [entries("left", 3, 1, words_pay="Much")] * 10 + [entries("practising", 1, 2)] * 10
    assert [(each.item, each.why) for each in compared(rows).left_out if each.item == "words"] == [("words", "texts and dates")]
    split = {each.item: each.why for each in compared(rows, View(by="weight_pay")).left_out}
    assert split["weight"] == "an answer of theirs splits the groups"


def test_what_arrives_and_is_withdrawn_changes_groups_as_if_counted_anew():
    frame, rows = frame_of(strong()), strong()
    compared_groups(frame, BY)  # its sums stay in memory
    later = [entries("left", 1, 1, 1), entries("back", 2, hours_pay=7)]
    frame.take([given_response(ASKED, 500 + n, answers, seq=500 + n) for n, answers in enumerate(later)])
    frame.take([given_response(ASKED, 0, rows[0], "withdrawn", seq=600)])
    anew = frame_of([*rows[1:], *later])
    for weights in ("", "rake"):
        one, other = (compare(compared_groups(each, View(by="status", weights=weights)), "status", "", 10) for each in (frame, anew))
        mine, others = ({(row.measure.name, value.group.code): value.value for row in each.rows() for value in row.values} for each in (one, other))
        assert mine.keys() == others.keys()
        for name, value in mine.items():
            assert [each or 0 for each in value] == pytest.approx([each or 0 for each in others[name]]), name


ROSTER = """
title: Posts
sections:
  you: {items: {status: {type: single_choice, ask: Where are you?, options: {practising: In practice, left: Left}}}}
  posts:
    title: "Post {entry.number}"
    roster: {most: 3, entry: post, add: Another post?}
    items:
      post: {type: text, ask: What was it?}
      years: {type: number, ask: For how many years?, range: [0, 50]}
"""


def test_entries_of_a_roster_are_compared_like_those_of_other_loops():
    asked, frame = instrument(ROSTER), Frame([instrument(ROSTER)])
    rows = [{"status": "left" if n % 2 else "practising", "posts_more_1": "yes", "years_1": n % 5, "years_2": 10 + n % 2} for n in range(40)]
    frame.take([given_response(asked, number, answers) for number, answers in enumerate(rows)])
    found = compare(compared_groups(frame, BY), "status", "", 10)
    left = of_group(found, "years_1", "left")
    assert (left.value.value, left.value.n, left.value.clusters) == (6.5, 40, 20) and left.difference.p is not None


# --- pages ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A researcher, signed in, with 24 respondents who give two entries each."""
    with Server(offered(tmp_path_factory.mktemp("loops"), leaving=LOOP)) as server:
        for n in range(24):
            level = "3" if n % 2 else "1"
            status = "left" if n % 2 else "practising"
            respond(server, "leaving", {"status": status, "specialty": ("primary", "other", "surgical")[n % 3], "reasons": ["pay", "rota"], "weight_pay": level, "weight_rota": "3" if n % 5 else "1"})
        client = researcher(server)
        yield client
        client.close()


def test_the_page_of_a_comparison_shows_entries_weighted_and_not(client):
    for weights in ("", "&weights=rake"):
        answered = client.get(f"/research/leaving/compare?by=status{weights}")
        page = unescape(answered.text)
        figure = page[page.index('id="item-weight"') :]
        figure = figure[: figure.index("</figure>")]
        assert "24 of 12 people" in figure and "of the entries of “Left” are “A lot”" in figure
        assert "of entries, of which one person can give several" in figure and 'class="diff clear"' in figure
        assert "Overview<" in figure and "Cross<" not in figure
    assert "errors are clustered by respondent (Liang and Zeger, 1986)" in page


def test_the_overview_does_not_offer_a_table_of_entries_and_a_crosstab_says_why(client):
    page = client.get("/research/leaving").text
    figure = page[page.index('id="item-weight"') :]
    assert "rows=weight" not in figure[: figure.index("</article>")] and "rows=status" in page
    answered = client.get("/research/leaving/crosstab?rows=weight&columns=status")
    assert answered.status_code == 422
    assert '"weight" is asked again for each entry of a loop, and a table counts every respondent once. Choose one entry, such as "weight_pay"' in unescape(answered.text)
    assert client.get("/research/leaving/crosstab?rows=weight_pay&columns=status").status_code == 200
