"""The counters of a view are kept as responses arrive, and are at any time what counting all rows anew would give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.frame import counters, kept, segments
from app.results.frame.course import course_of
from app.results.frame.frame import Frame
from app.results.marginals import figures, grouped
from app.results.progress import progress
from app.results.view import View
from app.survey.conditions.language import filter_scope, parse_condition
from tests.support.answers import answers_to, given_response, instrument
from tests.support.frames import NEWER, small_segments

ASKED, LATER = instrument(), instrument(NEWER)


def where(source: str) -> View:
    return View("all", where=parse_condition(source, filter_scope(ASKED)))


VIEWS = [
    View(), View("partial"), View("all", by="status"), View("all", by="reasons.burnout"), View("all", by="disposition"),
    View("all", (("status", ("left", "other")), ("reasons", ("visa",)))), where("mean(seen) > 2.5 or years > 30"),
    View(where=where("missing(sure)").where, by="seen.failed"), where('disposition == "break_off"'),
]  # fmt: skip
CHANGE = st.tuples(
    st.integers(0, 14), answers_to(ASKED), st.sampled_from(["open", "complete", "complete", "screened_out", "withdrawn"])
)
#: A batch of changes, a look at every view, or a new version of the survey.
STEP = st.lists(CHANGE, min_size=1, max_size=8) | st.just("look") | st.just("adopt")


@given(st.lists(STEP, max_size=20))
def test_a_kept_view_is_what_is_counted_anew_after_any_changes(steps):
    with pytest.MonkeyPatch.context() as patch:
        small_segments(patch)
        patch.setattr(counters, "TEXTS_SHOWN", 3)
        patch.setattr(counters, "TEXTS_KEPT", 5)
        patch.setattr(counters, "SORTED_AT_ONCE", 6)
        frame, seq = Frame([ASKED]), 0
        for step in [*steps, "look"]:
            if step == "adopt":
                assert frame.adopt([LATER, ASKED])
            elif step == "look":
                for view in VIEWS:
                    check(frame, view)
            else:
                changes = [
                    given_response(ASKED, number, answers, state, seq + place, minutes=place, day=(seq + place) % 3)
                    for place, (number, answers, state) in enumerate(step, 1)
                ]
                frame.take(changes)
                seq += len(step)
        anew = course_of(frame.layout, frame.segments.tables())
        assert (frame.course.sums == anew.sums).all() and (frame.course.occurs | ~anew.occurs).all()
        for name in ("stopped", "minutes", "began", "completed"):
            assert getattr(frame.course, name) == getattr(anew, name)


def check(frame: Frame, view: View) -> None:
    known, fresh = frame.groups(view), frame.counted(view)
    assert frame.tally(view).same_as(fresh.whole)
    assert len(known) == len(fresh.groups)
    assert all(group.tally.same_as(tally) for group, tally in zip(known, fresh.groups, strict=True))


def taken(frame: Frame, numbers: range, **about) -> Frame:
    frame.take([given_response(ASKED, number, {"status": "left", "years": number % 50}, **about) for number in numbers])
    return frame


def test_what_is_new_is_counted_without_reading_what_is_stored(monkeypatch):
    frame = taken(Frame([ASKED]), range(1000))
    views = [View(), View("all", (("status", ("left",)),)), where("years > 20"), View(by="status")]
    before = [figures(frame, view).n for view in views]
    monkeypatch.setattr(segments.Segments, "tables", lambda self: pytest.fail("stored rows were read"))
    taken(frame, range(1000, 1100))
    assert [figures(frame, view).n - n for view, n in zip(views, before, strict=True)] == [100, 100, 58, 100]
    assert [group.figures.n for group in grouped(frame, views[-1]).groups] == [0, 1100, 0]


def test_the_views_read_last_are_kept_and_no_more_than_fifty():
    frame = taken(Frame([ASKED]), range(10))
    views = [where(f"years > {number}") for number in range(60)]
    for view in views:
        figures(frame, view)
        figures(frame, views[0])
    assert len(frame.kept.all) == 50 and views[0] in frame.kept.all and views[5] not in frame.kept.all


def test_a_view_that_nobody_reads_holds_on_to_changes_for_a_while_only(monkeypatch):
    monkeypatch.setattr(kept, "FAR_BEHIND", 500)
    frame = taken(Frame([ASKED]), range(10))
    for view in VIEWS[:3]:
        figures(frame, view)
    for batch in range(10):
        taken(frame, range(10 + 10 * batch, 20 + 10 * batch))
        figures(frame, VIEWS[1])
    assert list(frame.kept.all) == [VIEWS[1]]
    assert figures(frame, VIEWS[0]).n == 110


def test_counters_that_failed_half_way_are_not_used_again():
    frame = taken(Frame([ASKED]), range(100))
    view = where("years > 20")
    figures(frame, view)
    taken(frame, range(100, 200))

    def stop():
        raise TimeoutError

    with pytest.raises(TimeoutError):
        figures(frame, view, stop)
    assert view not in frame.kept.all and figures(frame, view).n == 116


def test_counters_are_not_lent_twice_at_a_time():
    frame = taken(Frame([ASKED]), range(10))
    with frame.counters() as mine, frame.counters() as other:
        assert mine is not other and mine.whole.same_as(other.whole)
    assert frame.kept.all[View()] is mine


def test_a_snapshot_is_counted_as_it_was_and_catches_up_later():
    frame = taken(Frame([ASKED]), range(100))
    view, early = where("years > 20"), frame.snapshot()
    taken(frame, range(100, 200))
    assert (figures(early, view).n, figures(early, view).seq) == (58, 99)
    assert (figures(frame, view).n, figures(frame, view).seq) == (116, 199)
    assert (figures(early, view).n, figures(early, view).seq) == (116, 199)  # never back to what was
    frame.adopt([LATER, ASKED])
    assert figures(early, view).n == 116 and figures(frame, view).n == 116


# --- how the fieldwork is going ----------------------------------------------------------------------------


PAGES = """
title: T
screen_out: {out: {when: a == "no", text: Thank you.}}
sections:
  one: {items: {a: {type: single_choice, ask: A?, options: {"yes": "Yes", "no": "No"}}}}
  words: {items: {hello: {type: note, text: Hello.}}}
  two: {show_if: a == "yes", items: {b: {type: rating, ask: B?, scale: {1: Low, 2: High}}}}
  three: {show_if: b == 2, items: {c: {type: text, ask: C?}}}
  four: {items: {d: {type: text, ask: D?}}}
"""


def test_each_page_says_how_many_came_and_how_many_stopped_there():
    asked = instrument(PAGES)
    skipped = {"missing": "skipped"}
    frame = Frame([asked])
    rows = [
        ({}, "open"),  # on the first page
        ({"a": "yes"}, "open"), ({"a": "yes"}, "open"),  # on page two, or on the note before it
        ({"a": "yes", "b": 1}, "open"),  # has no page three: on page four
        ({"a": "yes", "b": 2, "c": skipped}, "open"),
        ({"a": "yes", "b": 2, "c": "x", "d": "y"}, "open"),  # has yet to submit
        ({"a": "yes", "b": 1, "d": skipped}, "complete"),
        ({"a": "no"}, "screened_out"),
    ]  # fmt: skip
    frame.take([given_response(asked, number, *row) for number, row in enumerate(rows)])
    pages = {page.section: (page.came, page.possible, page.stopped) for page in progress(frame).pages}
    assert pages == {"one": (8, 8, 1), "two": (6, 7, 2), "three": (2, 6, 0), "four": (4, 7, 2), None: (2, 7, 1)}
    (four,) = [page for page in progress(frame).pages if page.section == "four"]
    assert (four.reach, four.loss) == (4 / 7, 2 / 4)


def test_days_go_from_the_first_to_the_last_and_minutes_have_quartiles():
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, n, {"status": "left"}, day=day, minutes=m) for n, (day, m) in enumerate([(0, 4), (0, 6), (3, 9), (3, 20)])])
    frame.take([given_response(ASKED, 9, {}, "open", seq=9, day=4), given_response(ASKED, 10, {}, "withdrawn", seq=10, day=9)])
    going = progress(frame)
    assert [(day.day.isoformat(), day.begun, day.complete) for day in going.days] == [
        ("2026-12-01", 2, 2), ("2026-12-02", 0, 0), ("2026-12-03", 0, 0), ("2026-12-04", 2, 2), ("2026-12-05", 1, 0),
    ]  # fmt: skip
    assert (going.minutes.median, going.minutes.quartiles) == (7.5, (5.5, 11.75))  # R: quantile(c(4, 6, 9, 20))
    assert progress(Frame([ASKED])).days == ()

