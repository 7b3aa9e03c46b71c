"""The switch between unweighted and weighted figures, and what pages say about the weights."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from tests.support.research import researcher
from tests.support.respondent import respond
from tests.support.server import Server, offered

SURVEY = """
title: Weighted
weights: {rake: {field: {surgery: 0.5, other: 0.5}}}
results: {show_to: everyone}
sections:
  one:
    title: You
    items:
      field: {type: single_choice, ask: Your field?, options: {surgery: Surgery, other: Another}}
      own: {type: single_choice, ask: Failure?, required: true, options: {"yes": "Yes", "no": "No"}}
      years: {type: number, ask: Years?, range: [0, 50]}
"""
MARKS = {0x2068: None, 0x2069: None}
NOBODY_YET = SURVEY.replace("surgery: 0.5, other: 0.5", "surgery: 0.3, other: 0.4, research: 0.3").replace("other: Another", "other: Another, research: Research")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """10 of surgery all say yes, 30 others all say no; two do not say their field."""
    folder = tmp_path_factory.mktemp("weighted")
    with Server(offered(folder, weighted=SURVEY, early=NOBODY_YET, plain=SURVEY.replace("weights:", "# weights:"))) as server:
        for n in range(42):
            answers = {"field": "surgery" if n < 10 else "other", "own": "yes" if n < 10 else "no", "years": str(n)}
            respond(server, "weighted", answers if n < 40 else {"own": "no"})
        for _ in range(12):
            respond(server, "early", {"field": "other", "own": "no", "years": "3"})
        respond(server, "plain", {"own": "no"})
        client = researcher(server)
        yield client
        client.close()


def shown(client, path: str, status: int = 200) -> str:
    answered = client.get(f"/research/{path}")
    assert answered.status_code == status, (path, answered.status_code)
    return unescape(answered.text)


def report(page: str) -> str:
    found = re.search(r'<div class="weights" id="weights">(.*?)</div>', page, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[1])).strip().replace(" :", ":").translate(MARKS)


def test_a_link_switches_weights_on_and_off_and_the_address_holds_it(client):
    page = shown(client, "weighted?only=own:yes")
    assert 'href="/research/weighted?only=own%3Ayes&weights=rake"' in page and report(page) == ""
    weighted = shown(client, "weighted?only=own:yes&weights=rake")
    assert 'href="/research/weighted?only=own%3Ayes"' in weighted
    assert "10 of 42 complete responses: “Yes”, weighted" in weighted.replace("\u2068", "").replace("\u2069", "")


@pytest.mark.parametrize("path", ["weighted?", "weighted/compare?by=own&", "weighted/crosstab?rows=own&columns=field&"])
def test_every_page_reports_the_raking_and_what_is_not_claimed(client, path):
    said = report(shown(client, f"{path}weights=rake"))
    assert said.startswith(
        "Weighted to the population’s shares of “Your field?”: raking converged, weights from 0.67 to 2.00, design effect 1.33 (40 responses count like "
        "30); 2 without a weight are left out. Weights are taken as given; respondents chose to take part, so that intervals hold "
    )
    assert "Raking converged after" in said and "2 complete responses have no weight, because an answer to “Your field?” is missing." in said
    assert "The variance of raking itself" in said and "Respondents chose to take part." in said and "are never weighted" in said


def test_while_a_target_has_nobody_figures_are_unweighted_and_the_page_says_why(client):
    for path in ("early?", "early/compare?by=own&", "early/crosstab?rows=own&columns=field&"):
        page = shown(client, f"{path}weights=rake")
        why = "No complete response to “Your field?” is “Surgery” or “Research”, which have targets. Wait for one, or combine codes."
        assert report(page) == f"These figures are not weighted. {why}"
        assert "12 complete responses" in page and ", weighted" not in page


def test_what_is_said_about_weights_follows_while_the_page_is_open(client):
    live = re.search(r'data-live="([^"]+)"', client.get("/research/weighted?weights=rake").text)[1]
    with client.stream("GET", unescape(live).replace("seen=", "seen=0&before=")) as events:
        for line in events.iter_lines():
            if line.startswith("data: ") and "Weighted to the population" in line:
                break
    assert "design effect 1.33" in json.loads(line.removeprefix("data: "))["weights"]


def test_a_survey_without_weights_has_no_switch_and_refuses_the_address_in_words(client):
    assert "weights=rake" not in shown(client, "plain")
    assert "This survey has no weights." in shown(client, "plain?weights=rake", 422)
    assert 'is "rake" or left out' in shown(client, "weighted?weights=jack", 422)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("chart/own.csv?", "weighted-own-weighted.csv"), ("chart/own.svg?", "weighted-own-weighted.svg"),
        ("compare.csv?by=own&", "weighted-by-own-weighted.csv"), ("crosstab.csv?rows=own&columns=field&", "weighted-own-by-field-weighted.csv"),
    ],
)  # fmt: skip
def test_files_of_weighted_figures_say_so_in_their_names_and_inside(client, path, name):
    answered = client.get(f"/research/weighted/{path}weights=rake")
    assert answered.status_code == 200 and name in answered.headers["content-disposition"] and "weighted" in answered.text
    early = client.get(f"/research/early/{path}weights=rake")
    assert "-weighted" not in early.headers["content-disposition"]


def test_a_file_of_responses_has_weights_whatever_the_switch(client):
    lines = client.get("/research/weighted/export.csv").text.splitlines()
    assert lines[0].endswith(",weight") and len(lines) == 43
    assert sum(float(line.rpartition(",")[2] or 0) for line in lines[1:]) == pytest.approx(40)
    codebook = client.get("/research/weighted/codebook.md").text
    assert "field: surgery = 50 %, other = 50 %" in codebook and "Raking converged" in codebook


def test_the_public_page_is_not_weighted_and_says_so(client):
    assert "not weighted to a population" in client.get("/results/weighted?weights=rake").text
    assert "not weighted to a population" not in client.get("/results/plain").text


def test_weights_that_cannot_be_read_are_not_said_to_be_used(client):
    page = shown(client, "weighted?weights=raked", 422)
    assert "All responses are shown, not weighted." in page
    assert "All responses are shown." in shown(client, "plain?where=nonsense+%3D%3D+1", 422)
