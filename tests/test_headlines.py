"""The headlines of the first screen: those that a survey names, or else those that say most."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.results.findings import findings, with_findings
from app.results.frame.frame import Frame
from app.results.headlines import Headline, headlines, splits_needed
from app.results.marginals import figures, grouped, grouped_headlines
from app.results.statistics.cells import unweighted
from app.results.statistics.differences import PairedShares, paired_mean_difference, paired_share_difference
from app.results.statistics.intervals import mean_interval
from app.results.view import View
from app.survey.documents.places import read_yaml
from app.survey.versions.fingerprint import fingerprint
from app.web.http.templates import environment
from tests.support.answers import given_response, instrument

WRITTEN = environment(Path("templates")).from_string("{{ words|said }}")

SURVEY = """
title: Leaving
results: {show_to: respondents%s}
scales:
  view: {1: Only failure, 2: More failure than growth, 3: Neither, 4: More growth than failure, 5: Only growth}
scores:
  stigma: {label: Stigma seen, mean: [seen], to: [0, 100]}
  trust: {label: Trust, mean: [own], to: [0, 100]}
sections:
  s:
    items:
      status: {type: single_choice, ask: Where are you?, options: {in: In practice, left: Left}}
      norm: {type: rating, ask: What do others see?, scale: view}
      own: {type: rating, ask: And you?, scale: view}
      seen: {type: matrix, ask: How far?, scale: {1: Not, 2: Partly, 3: Fully}, statements: {failed: Failed, grew: Grew}}
      age: {type: number, ask: How old?, range: [20, 80]}
      only: {type: rating, ask: Only some?, scale: view, show_if: age > 75}
"""


def answers(n: int) -> dict[str, Any]:
    return {
        "status": "left" if n % 3 else "in", "norm": 2 if n % 10 < 6 else 4, "own": 2 if n % 10 < 3 else 4,
        "seen.failed": 1 + n % 3, "seen.grew": 3 if n % 5 else 1, "age": 30 + n % 20,
    }  # fmt: skip


def of(results: str, given: Iterable[dict[str, Any]] = tuple(map(answers, range(210))), rows: bool = True) -> tuple[Headline, ...]:
    asked = instrument(SURVEY % results)
    frame = Frame([asked])
    frame.take([given_response(asked, n, each, seq=n + 1) for n, each in enumerate(given)])
    return headlines(asked, with_findings(figures(frame), findings(frame)) if rows else figures(frame))


def split(results: str, given: Iterable[dict[str, Any]]) -> tuple[Headline, ...]:
    asked = instrument(SURVEY % results)
    frame = Frame([asked])
    frame.take([given_response(asked, n, each, seq=n + 1) for n, each in enumerate(given)])
    groups = {by: grouped_headlines(frame, View(by=by)) for by in splits_needed(asked)}
    return headlines(asked, replace(figures(frame), split=groups))


def said(headline: Headline) -> str:
    return WRITTEN.render(words=headline.sentence, language="en") if headline.sentence else ""


def test_a_survey_names_items_statements_and_scores_as_its_headlines_in_order():
    found = of(", headline: [seen.grew, trust, status]")
    assert [(each.kind, each.item, each.link, each.drawing.id) for each in found] == [
        ("item", "seen", "#figure-seen", "seen.headline"),
        ("item", "trust", "#figure-trust", "trust.headline"),
        ("item", "status", "#figure-status", "status.headline"),
    ]
    assert found[0].drawing.ask == "How far? – Grew"
    assert [said(each) for each in found] == [
        "A majority (<b>80%</b>) answered “Fully”; 20% answered “Not”.",
        "The mean is <b>60.0</b> [56.9–63.1], on a scale from 0 to 100.",
        "A majority answered “Left” (<b>67%</b>); 33% answered “In practice”.",
    ]


def test_two_items_on_one_scale_make_one_headline_with_two_rows():
    (found,) = of(", headline: [{pair: {norm: Doctors I know, own: I myself}}]", rows=False)
    assert (found.kind, found.item, found.drawing.kind) == ("pair", "own", "stacks")
    assert [row.label for panel in found.drawing.panels for row in panel.rows] == ["I myself", "Doctors I know"]
    assert said(found) == (
        "“Doctors I know”: <b>60%</b> towards “failure”; “I myself”: <b>30%</b>, clearly fewer."
    )


def test_a_pair_is_compared_within_the_persons_who_answered_both():
    """Of 210, 63 see failure in both and 63 in others only: Newcombe's interval of the 126 less the 63. Three more
    answered one of the two."""
    more = [answers(n) for n in range(210)] + [{**answers(0), "own": {"missing": "skipped"}}] * 3
    (found,) = of(", headline: [{pair: {norm: Doctors I know, own: I myself}}]", more)
    difference = paired_share_difference(PairedShares(*map(unweighted, (63, 63, 0, 84))))
    assert (round(100 * difference.low), round(100 * difference.high)) == (24, 36)
    assert said(found) == (
        "“Doctors I know”: <b>61%</b> towards “failure”; “I myself”: <b>30%</b>, 30 percentage points fewer among "
        "the 210 who answered both [24–36]."
    )
    (turned,) = of(", headline: [{pair: {own: I myself, norm: Doctors I know}}]", more)
    assert said(turned).endswith("30 percentage points more among the 210 who answered both [24–36].")


def test_two_scores_are_compared_within_persons():
    """Each differs by the same on average as their means, and that is known more exactly than either mean."""
    apart = []
    for n in range(210):
        row = answers(n)
        stigma = ((row["seen.failed"] + row["seen.grew"]) / 2 - 1) / 2 * 100
        apart.append(stigma - (row["own"] - 1) / 4 * 100)
    plain = mean_interval(statistics.fmean(apart), statistics.stdev(apart), 210)
    asked = ", headline: [{pair: {stigma: In others, trust: Trust}}]"
    (found,) = of(asked)
    low, high = plain.low, plain.high
    assert said(found) == (
        "“In others” has a mean of <b>65.0</b>, “Trust” of <b>60.0</b>, "
        f"5.0 less among the 210 who have both [{low:.1f}–{high:.1f}]."
    )
    frame = Frame([instrument(SURVEY % asked)])
    frame.take([given_response(frame.instruments[0], n, answers(n), seq=n + 1) for n in range(210)])
    joint = findings(frame).found["stigma trust"]
    mean = paired_mean_difference(joint.apart)
    assert (mean.value, mean.low, mean.high, mean.n) == (pytest.approx(plain.value), pytest.approx(low), pytest.approx(high), 210)
    assert joint.counts == {}


def test_two_scores_make_one_headline_of_means():
    (found,) = of(", headline: [{pair: {stigma: In others, trust: Trust}}]", rows=False)
    assert (found.kind, found.drawing.kind, len(found.drawing.rows)) == ("pair", "dots", 2)
    assert said(found) == "“In others” has a mean of <b>65.0</b>, “Trust” of <b>60.0</b>: no clear difference."


def test_a_comparison_names_the_group_that_differs_only_where_that_is_clear():
    apart = [answers(n) | {"own": 2 if (n % 10 < 8) == (n % 3 > 0) else 4} for n in range(210)]
    (found,) = split(", headline: [{item: own, by: status}]", apart)
    assert (found.kind, found.item, found.drawing.kind) == ("groups", "own", "dots")
    assert [(row.label, row.value) for row in found.drawing.rows] == [("In practice (70)", "80%"), ("Left (140)", "20%")]
    assert said(found) == (
        "<b>20%</b> of “Left” lean towards “growth”, <b>60 percentage points</b> fewer than “In practice” [−70 to −47]."
    )
    (open_,) = split(", headline: [{item: own, by: status}]", map(answers, range(210)))
    assert said(open_) == "No clear difference."
    (score,) = split(", headline: [{item: trust, by: status}]", apart)
    assert [(row.value, row.interval) for row in score.drawing.rows] == [("65", "[60–70]"), ("35", "[32–38]")]
    assert said(score) == "“Left” has a mean of <b>35</b>, <b>30</b> less than “In practice” [−36 to −24]."
    assert (found.differences, score.differences) == (1, 1)


def test_the_axis_of_shares_of_groups_ends_at_100_percent():
    all_growth = [answers(n) | {"own": 4} for n in range(60)]
    (found,) = split(", headline: [{item: own, by: status}]", all_growth)
    assert found.drawing.ticks[-1] == (100.0, "100%")


def test_only_what_headlines_compare_is_split_and_as_in_a_comparison_of_all():
    asked = instrument(SURVEY % ", headline: [{item: seen.grew, by: status}, {item: own, by: status}, trust]")
    frame = Frame([asked])
    frame.take([given_response(asked, n, answers(n), seq=n + 1) for n in range(60)])
    some, everything = grouped_headlines(frame, View(by="status")), grouped(frame, View(by="status"))
    assert [item.id for item in some.whole.items] == ["own", "seen"]
    for place, group in enumerate(some.groups):
        known = {item.id: item for item in everything.groups[place].figures.items}
        assert all(known[item.id] == item for item in group.figures.items)


def test_of_groups_that_are_too_small_nothing_is_said():
    (found,) = split(", headline: [{item: own, by: status}]", map(answers, range(12)))
    assert found.sentence is None and len(found.drawing.rows) == 2


def test_unnamed_headlines_are_the_first_score_and_what_is_beside_or_first_scales():
    assert [each.item for each in of("")] == ["stigma", "norm", "own", "seen"]
    assert [each.item for each in of(", beside: [status, age]")] == ["stigma", "status", "age"]


def test_what_nobody_or_few_were_asked_is_no_headline_by_default():
    assert of("", []) == ()
    assert of(", headline: [only, own]", map(answers, range(30)))[0].item == "own"
    some = [answers(n) | ({"age": 80, "only": 1} if n == 1 else {}) for n in range(30)]
    assert "only" not in [each.item for each in of("", some)]
    assert [each.item for each in of(", headline: [only]", some)] == ["only"]


def test_headlines_and_groups_make_no_new_version_of_a_survey():
    root = [read_yaml((SURVEY % keys).encode(), "s").root for keys in ("", ", by: status, headline: [own, norm]")]
    assert fingerprint(root[0], {}) == fingerprint(root[1], {})


def test_a_headline_of_an_experiment_says_that_it_is_of_all_vignettes():
    survey = """
title: Moves
results: {headline: [move_seen]}
sections:
  one:
    items:
      move:
        type: vignette
        text: "{who} moves."
        attributes: {who: {doctor: A doctor, lawyer: A lawyer}}
        each_sees: EACH
        design: random
        ratings: {seen: {ask: How seen?, scale: {1: Bad, 2: Neither, 3: Good}}}
"""

    def rated(n: int) -> dict[str, Any]:
        shown = {f"move_who_{at}": "doctor" if (n + at) % 2 else "lawyer" for at in (1, 2)}
        return shown | {f"move_seen_{at}": (2 if shown[f"move_who_{at}"] == "doctor" else 1) + n // (2 * at) % 2 for at in (1, 2)}

    for each_sees, begins in ((2, "From all vignettes: “A lawyer” is judged"), (1, "“A lawyer” is judged")):
        asked = instrument(survey.replace("EACH", str(each_sees)))
        frame = Frame([asked])
        frame.take([given_response(asked, n, {key: value for key, value in rated(n).items() if int(key[-1]) <= each_sees}, seq=n + 1) for n in range(60)])
        (found,) = headlines(asked, with_findings(figures(frame), findings(frame)))
        assert said(found).startswith(begins) and said(replace(found, sentence=found.drawing.sentence)) == said(found)
