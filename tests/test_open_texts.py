"""Open answers: all of them, searched, with the words used most, and never beside what identifies their authors."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from app.results.charts.draw import draw
from app.results.charts.open_texts import AT_ONCE, OpenTexts, WordCounts, Words, open_texts
from app.results.charts.stop_words import STOP_WORDS, stop_words
from app.results.findings import findings, with_findings
from app.results.frame.frame import Frame
from app.results.marginals import figures
from app.results.view import View
from app.survey.conditions.language import filter_scope, parse_condition
from tests.support.answers import given_response, instrument

ASKED = instrument("""
title: Leaving
languages: [en]
results: {floor: 3}
scores: {calm: {label: Calm, mean: [sure, sound]}}
sections:
  s:
    items:
      status: {type: single_choice, ask: Where?, identifying: true, options: {left: Left, stayed: Stayed}}
      sure: {type: rating, ask: Sure?, scale: {1: Not, 2: Very}}
      sound: {type: rating, ask: Sound?, identifying: true, scale: {1: Not, 2: Very}}
      other: {type: single_choice, ask: Which?, options: {a: A, b: {label: Another, please_say: true}}}
      words: {type: text, ask: In your words?, lines: 3}
""")


def frame_of(rows: list[dict[str, object]]) -> Frame:
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, n, row, seq=n + 1) for n, row in enumerate(rows)])
    return frame


def texts(frame: Frame, view: View | None = None, search: str = "", page: int = 1) -> OpenTexts | None:
    return open_texts(frame, view or View(), "words", search, page, floor=3)


def written(found: OpenTexts | None) -> list[tuple[str, str]]:
    return [(each.text, each.group) for each in found.texts] if found else []


WROTE = [
    {"words": "Freedom, and a Loss", "sure": 1}, {"words": "A loss of time", "sure": 1}, {"words": "freedom at last", "sure": 1},
    {"words": "Nobody asked", "sure": 2}, {"words": {"missing": "skipped"}, "sure": 2},
]  # fmt: skip


def test_all_answers_are_there_in_the_order_of_the_alphabet_and_can_be_searched():
    frame = frame_of(WROTE)
    found = texts(frame)
    assert (found.answered, found.found) == (4, 4)
    assert [text for text, _ in written(found)] == ["A loss of time", "freedom at last", "Freedom, and a Loss", "Nobody asked"]
    assert [text for text, _ in written(texts(frame, search="  LOSS "))] == ["A loss of time", "Freedom, and a Loss"]
    assert texts(frame, search="(").found == 0  # a letter, not a pattern


def test_more_answers_than_fit_on_a_page_are_on_the_next():
    frame = frame_of([{"words": f"answer {n:04}"} for n in range(AT_ONCE + 7)])
    assert (len(texts(frame).texts), len(texts(frame, page=2).texts), texts(frame, page=3).texts) == (AT_ONCE, 7, ())
    assert written(texts(frame, page=2))[0] == (f"answer {AT_ONCE:04}", "")


def test_an_answer_has_its_group_where_the_group_is_as_large_as_the_floor():
    assert written(texts(frame_of(WROTE), View(by="sure"))) == [
        ("A loss of time", "Not"), ("freedom at last", "Not"), ("Freedom, and a Loss", "Not"), ("Nobody asked", ""),
    ]  # fmt: skip


def test_answers_are_never_beside_what_identifies():
    """Neither as a group nor by a filter, nor by a score of which it is a part, nor in a chart of the dashboard."""
    frame = frame_of([{**row, "status": "left"} for row in WROTE])
    views = [View(by="status"), View(only=(("status", ("left",)),))]
    views += [View(where=parse_condition(source, filter_scope(ASKED))) for source in ('status == "left"', "calm >= 0")]
    assert [texts(frame, view) for view in views] == [None] * 4
    for view in views:
        *_, item = [each for each in figures(frame, view).items if each.id == "words"]
        assert item.answered in (0, 4) and item.parts[0].texts == ()
        assert [each.texts for each in draw(item).text_lists] == [()]
    assert len(figures(frame).items[4].parts[0].texts) == 4


def test_a_filter_that_leaves_few_people_shows_no_answers():
    frame = frame_of(WROTE)
    assert texts(frame, View(only=(("sure", (2,)),))) is None
    assert texts(frame, View(only=(("sure", (1,)),))).found == 3
    few, enough = (figures(frame, View(only=(("sure", (code,)),))).items for code in (2, 1))
    assert [each.parts[0].texts for each in few if each.id == "words"] == [()]
    assert [len(each.parts[0].texts) for each in enough if each.id == "words"] == [3]


def test_words_and_pairs_are_counted_once_an_answer_without_those_that_say_nothing():
    found = texts(frame_of([*WROTE, {"words": "freedom freedom at last"}]))
    assert found.words == (("freedom", 3), ("last", 2), ("loss", 2))
    assert texts(frame_of([{"words": "a long way home"}, {"words": "the long way"}])).pairs == (("long way", 2),)


def test_each_language_has_words_that_are_not_counted():
    assert set(STOP_WORDS) == {"en", "de", "fr", "es", "ar"}
    assert {"the", "nicht"} <= stop_words(["en", "de-CH"]) and "nicht" not in stop_words(["en", "xx"])
    assert stop_words(["ar"]) & {"من", "في"}


def test_the_words_of_short_answers_are_counted_as_they_come_and_go():
    asked = instrument("title: T\nsections: {s: {items: {word: {type: text, ask: In a word?, max_length: 30}, more: {type: text, ask: More?}}}}")
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"word": word, "more": word}, seq=n + 1) for n, word in enumerate(["Loss", "loss", "Freedom", "a loss"])])
    assert findings(frame).found["word"] == WordCounts((("loss", 3),), 2) and "more" not in findings(frame).found
    frame.take([given_response(asked, 0, {}, "withdrawn", seq=9), given_response(asked, 8, {"word": "freedom!"}, seq=10)])
    assert findings(frame).found["word"] == WordCounts((("freedom", 2), ("loss", 2)), 2)
    word, _more = with_findings(figures(frame), findings(frame)).items
    assert [(row.label, row.value) for row in draw(word).rows] == [("freedom", "2"), ("loss", "2")]


def test_words_of_short_answers_are_not_shown_where_answers_are_not():
    asked = instrument("""
title: T
results: {floor: 3}
sections:
  s:
    items:
      age: {type: single_choice, ask: Age?, identifying: true, options: {young: Young, old: Old}}
      sure: {type: rating, ask: Sure?, scale: {1: Not, 2: Very}}
      word: {type: text, ask: In a word?, max_length: 30}
""")
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"age": "old", "sure": 1 + (n > 1), "word": "Loss"}, seq=n + 1) for n in range(6)])
    old, few, enough = (View(only=(chip,)) for chip in (("age", ("old",)), ("sure", (1,)), ("sure", (2,))))
    assert ["word" in findings(frame, view).found for view in (old, View(by="age"), few, enough)] == [False, False, False, True]


@given(st.lists(st.text(max_size=40), max_size=20))
def test_whatever_was_written_is_counted_in_no_more_answers_than_there_are(rows):
    counted = Words(pl.Series(rows, dtype=pl.String), stop_words(["en"]))
    assert all(2 <= n <= len(rows) for _word, n in (*counted.most_used(), *counted.most_used_pairs()))
