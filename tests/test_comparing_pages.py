"""The pages that compare groups and cross questions: addresses, filters by clicking, faults in words, files."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest

from app.results.marginals import figures
from app.results.view import AskedView, View, read_view
from app.web.research.bar.controls import BarCounts, canonical, controls, item_links
from app.web.research.bar.weights import ShownResponses
from tests.support.answers import given_response, instrument
from tests.support.frames import Frame
from tests.support.research import researcher
from tests.support.respondent import respond
from tests.support.server import Server, offered

SURVEY = """
title: Leaving <script>alert(1)</script>
results: {floor: 10}
scales:
  growth: {1: Only failure, 2: Neither, 3: Only growth}
sections:
  now:
    title: Where you are
    items:
      status: {type: single_choice, ask: Where <b>are</b> you?, required: true, options: {practising: In practice, left: "Left 🙂 <i>", back: Came back}}
      why: {type: multiple_choice, ask: Why?, options: {burnout: Burnout, visa: =1+1}}
      years: {type: number, ask: How many years?, range: [0, 70]}
      own: {type: rating, ask: Failure or growth?, scale: growth}
      more: {type: text, ask: More?}
"""
ASKED = instrument(SURVEY)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A researcher, signed in, with 24 responses: of those who left most see growth."""
    folder = tmp_path_factory.mktemp("compared")
    with Server(offered(folder, leaving=SURVEY)) as server:
        for n in range(24):
            left = n % 2
            respond(server, "leaving", {"status": "left" if left else "practising", "why": ["burnout"] if n % 3 else ["visa"], "years": str(n), "own": "3" if left and n > 3 else "1"})
        client = researcher(server)
        yield client
        client.close()


def shown(client, path: str, status: int = 200) -> str:
    answered = client.get(f"/research/leaving{path}")
    assert answered.status_code == status, (path, answered.status_code)
    return answered.text


# --- the bar ------------------------------------------------------------------------------------------------


def bar(query: list[tuple[str, str]]):
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, n, {"status": "left", "years": n}) for n in range(3)])
    asked = read_view(query, ASKED, frame.layout)
    pick = dict(query).get("pick", "")
    tally = frame.tally(View()) if pick else None
    return controls("leaving", "compare", asked, frame.layout, {"now": "Where you are"}, BarCounts(ShownResponses(3), {"complete": 3}, 5, tally), query)


def test_a_chip_is_a_link_that_removes_itself_and_keeps_the_rest():
    found = bar([("only", "status:left,back"), ("by", "own"), ("base", "all")])
    (chip,) = found.chips
    assert chip.label == "Left 🙂 <i> or Came back" and chip.title == "Where <b>are</b> you?: Left 🙂 <i> or Came back"
    assert chip.remove == "/research/leaving/compare?base=all&by=own"


def test_bases_and_the_switch_of_careless_answering_keep_the_rest_of_the_view():
    found = bar([("only", "status:left"), ("by", "own"), ("base", "partial")])
    rest = "only=status%3Aleft&by=own"
    assert {base.among: (base.is_current, base.href.partition("?")[2]) for base in found.bases} == {
        "complete": (False, rest), "partial": (True, f"base=partial&{rest}"), "all": (False, f"base=all&{rest}"),
    }  # fmt: skip
    assert [(each.is_current, each.href.partition("?")[2]) for each in found.quality] == [
        (True, f"base=partial&{rest}"), (False, f"base=partial&{rest}&quality=careful"),
    ]  # fmt: skip
    assert found.all == "/research/leaving/compare?base=partial&by=own"
    assert found.not_split == "/research/leaving?base=partial&only=status%3Aleft"


def test_an_item_leads_to_the_other_pages_with_the_same_view():
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, n, {"status": "left", "own": 1}, seq=n + 1) for n in range(3)])
    view = View("all", (("status", ("left",)),), by="status")
    links = item_links("leaving", frame.layout, view, figures(frame).items)["own"]
    assert links == (
        ("Compare", "/research/leaving/compare?base=all&only=status%3Aleft&by=own"),
        ("Cross", "/research/leaving/crosstab?base=all&only=status%3Aleft&rows=own&columns=status"),
    )


def test_of_an_address_with_a_fault_nothing_that_was_written_is_lost():
    found = bar([("only", "status:left"), ("where", "years >"), ("by", "own")])
    assert found.faults and found.where == "years >"
    assert found.state == [("only", "status:left"), ("where", "years >"), ("by", "own")]
    assert found.chips[0].remove == "/research/leaving/compare?where=years+%3E&by=own"


def test_a_picked_question_offers_its_answers_with_the_responses_of_each():
    picked = bar([("pick", "status")]).picked
    assert [(value.label, value.n) for value in picked.values] == [("In practice", 0), ("Left 🙂 <i>", 3), ("Came back", 0)]
    assert picked.is_exclusive and bar([("pick", "why")]).picked.is_exclusive is False
    assert bar([("pick", "no_such")]).picked is None


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ([("pick", "status"), ("value", "left"), ("value", "back")], [("only", "status:left,back")]),
        ([("pick", "status"), ("only", "status:left"), ("value", "back")], [("only", "status:back")]),
        ([("pick", "status"), ("only", "status:left")], [("only", "status:left")]),
        ([("pick", "years"), ("least", "5"), ("most", "7,5")], [("where", "years >= 5 and years <= 7.5")]),
        ([("pick", "years"), ("least", "5"), ("where", "own == 1 or own == 2")], [("where", "(own == 1 or own == 2) and years >= 5")]),
        ([("base", "complete"), ("where", " "), ("by", "own"), ("page", "compare")], [("by", "own")]),
        ([("rows", "own"), ("columns", "status"), ("percent", "rows")], [("rows", "own"), ("columns", "status"), ("percent", "rows")]),
    ],
)  # fmt: skip
def test_what_a_form_sends_becomes_the_shortest_address(sent, kept):
    frame = Frame([ASKED])
    assert canonical(sent, frame.layout) == kept


def test_the_view_is_said_in_words():
    assert bar([]).sentence == "3 complete responses"
    assert bar([("only", "status:left"), ("by", "own")]).sentence == "3 of 3 complete responses: “Left 🙂 <i>”; by “Failure or growth?”"
    assert bar([("where", 'disposition == "partial"')]).sentence == "3 of 5 responses: a written condition"
    assert AskedView(View()).faults == ()


# --- pages --------------------------------------------------------------------------------------------------


def test_groups_are_compared_and_a_filter_reaches_every_figure(client):
    page = unescape(shown(client, "/compare?by=status"))
    assert "“Left 🙂 <i>” compared with “In practice”" in page
    assert "<b>83%</b> of “Left 🙂 <i>” answered “Only growth”, <b>83 percentage points</b> more than “In practice”" in page
    narrowed = shown(client, "/compare?by=status&where=years+%3C+12")
    assert re.search(r'id="shown"><b>12</b> of 24', narrowed)
    assert "Fewer than 10 people" in unescape(narrowed)


def test_nothing_of_a_survey_or_an_address_is_html(client):
    for path in ("/compare?by=status", "/crosstab?rows=own&columns=status", "/compare?by=<script>alert(1)", "/crosstab?rows=<b>are&columns=🙂"):
        page = client.get(f"/research/leaving{path}").text
        assert "<script>alert" not in page and "🙂 <i>" not in page and "<b>are" not in page, path
        assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/compare?by=nothing", 'Nothing called "nothing" can split results into groups.'),
        ("/compare?by=years", "can split results into groups"),
        ("/compare?by=status&only=status:lfet", 'has no code "lfet". Did you mean "left"?'),
        ("/compare?by=status&base=none", 'There is no base "none".'),
        ("/crosstab?rows=own&columns=own", "A question crossed with itself says nothing."),
        ("/crosstab?rows=more&columns=own", 'Nothing called "more" can be the rows.'),
        ("/crosstab?rows=own&columns=🙂", 'Nothing called "🙂" can be the columns.'),
    ],
)
def test_a_bad_address_is_answered_with_a_message_and_not_a_fault(client, path, words):
    assert words in unescape(shown(client, path, 422))


def test_a_group_of_nobody_is_named_and_not_compared(client):
    page = unescape(shown(client, "/compare?by=status"))
    assert "nobody in “Came back”" in page
    alone = unescape(shown(client, "/compare?by=status&only=status:back"))
    assert "Nobody to compare" in alone


def test_a_crosstab_has_counts_shares_intervals_and_its_test(client):
    page = unescape(shown(client, "/crosstab?rows=own&columns=status"))
    assert "24 of 24 answered both" in page and "χ²" in page and "Cramér’s V" in page
    assert "<b>83%</b>" in page and "[55–95]" in page
    assert "2<abbr" in page  # a cell of two people is marked
    means = unescape(shown(client, "/crosstab?rows=years&columns=status"))
    assert "Welch" in means and "<th scope=\"row\" dir=\"auto\">In practice</th>" in means


def test_a_filter_that_leaves_few_marks_the_table_as_not_for_publication(client):
    page = shown(client, "/crosstab?rows=own&columns=status&where=years+%3C+1")
    assert "All of this is about fewer people than may be published" in page


def test_a_table_too_thin_for_a_test_says_what_to_do_and_links_the_comparison(tmp_path):
    with Server(offered(tmp_path, leaving=SURVEY)) as server:
        for n in range(6):
            respond(server, "leaving", {"status": ("left", "practising", "back")[n % 3], "own": str(1 + n % 2)})
        client = researcher(server)
        page = unescape(shown(client, "/crosstab?rows=own&columns=status&only=status:left,practising,back"))
        one = unescape(shown(client, "/crosstab?rows=own&columns=status&only=own:1"))
        client.close()
    assert "No test: fewer than 5 are expected in 6 of 6 cells, the least being 1.0. Filter to larger groups and to answers" in page
    assert re.search(r'<a href="/research/leaving/compare\?only=[^"]*by=status">Compare the groups</a>', page)
    assert "all respondents are in one category" in one and "Filter to larger groups" not in one and ">Compare the groups<" not in one


def test_of_a_view_of_nobody_no_empty_table_or_list_of_groups_is_shown(client):
    page = shown(client, "/crosstab?rows=own&columns=status&where=years+%3E+60")
    assert "Nobody in this view has answered both questions." in page
    assert "<table" not in page[page.index('id="crossed"') :] and "Could it be chance?" not in page and "Table as CSV" not in page
    compared = shown(client, "/compare?by=status&where=years+%3E+60")
    assert "Nobody to compare" in compared and "<ul>\n</ul>" not in compared


def test_the_file_of_a_table_has_a_line_for_each_cell_and_runs_nothing(client):
    answered = client.get("/research/leaving/crosstab.csv?rows=why&columns=status")
    lines = list(csv.DictReader(io.StringIO(answered.content.decode("utf-8-sig"))))
    assert len(lines) == 6 and {line["row_label"] for line in lines} == {"Burnout", "'=1+1"}
    assert sum(int(line["n"]) for line in lines) == 24
    assert [line["under_floor"] for line in lines if line["row"] == "visa"] == ["1", "1", "0"]


def test_the_file_of_a_comparison_has_a_line_for_each_group_and_its_difference(client):
    answered = client.get("/research/leaving/compare.csv?by=status")
    assert "leaving-by-status.csv" in answered.headers["content-disposition"]
    lines = [line for line in csv.DictReader(io.StringIO(answered.content.decode("utf-8-sig"))) if line["item"] == "own"]
    assert [(line["group"], line["n"], line["value"], line["counted"]) for line in lines] == [
        ("practising", "12", "0.0", "Only growth"), ("left", "12", "0.833333", "Only growth"),
    ]  # fmt: skip
    assert (lines[1]["difference"], lines[1]["how_sure"], lines[1]["compared_with"]) == ("0.833333", "clear", "In practice")
    assert client.get("/research/leaving/compare.csv").status_code == client.get("/research/leaving/compare.csv?by=x").status_code == 422


def test_pages_and_files_are_for_those_who_are_signed_in(client):
    with client.__class__(base_url=client.base_url) as stranger:
        for path in ("/compare", "/compare/live?by=status", "/compare.csv?by=status", "/crosstab", "/crosstab/live?rows=own&columns=status", "/crosstab.csv?rows=own&columns=status", "/show"):
            assert stranger.get(f"/research/leaving{path}").status_code in (303, 401), path


def test_a_section_that_nobody_in_the_view_was_asked_says_so_in_one_line(tmp_path):
    routed = SURVEY + '  later:\n    title: Later\n    show_if: status == "left"\n    items:\n      regret: {type: rating, ask: Regret?, scale: growth}\n'
    with Server(offered(tmp_path, leaving=routed)) as server:
        respond(server, "leaving", {"status": "practising", "own": "1"})
        respond(server, "leaving", {"status": "left", "own": "1", "regret": "2"})
        client = researcher(server)
        assert "Nobody in this view was asked these questions." not in shown(client, "")
        page = shown(client, "?only=status:practising")
        assert page.count("Nobody in this view was asked these questions.") == 1
        client.close()
