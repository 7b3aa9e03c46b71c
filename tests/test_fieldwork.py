"""The first figures of a dashboard: each mark is as long as the figure that it shows."""

from __future__ import annotations

import datetime

from hypothesis import given
from hypothesis import strategies as st

from app.results.charts.fieldwork import (
    MOST_COLUMNS,
    TALL,
    days_plot,
    fieldwork,
    minutes_of,
    pace_of,
    pages_plot,
)
from app.results.progress import FieldDay, PageReach, Progress
from app.results.statistics.values import Summary

TODAY = datetime.date(2026, 11, 27)


def going(complete: int = 0, partial: int = 0, break_off: int = 0, **more: object) -> Progress:
    begun = complete + partial + break_off
    return Progress(begun, complete, partial + break_off, partial, break_off, 0, 0, 0, **more)  # type: ignore[arg-type]


def each_day(*counts: tuple[int, int], until: datetime.date = TODAY) -> tuple[FieldDay, ...]:
    first = until - datetime.timedelta(days=len(counts) - 1)
    return tuple(FieldDay(first + datetime.timedelta(days=n), *count) for n, count in enumerate(counts))


def test_responses_are_split_by_how_they_ended() -> None:
    drawn = fieldwork(going(812, 91, 139), 1000, TODAY, {})
    assert drawn.filled == 81.2
    assert [(mark.shade, mark.x, mark.width) for mark in drawn.split] == [
        ("done", 0.0, 77.93), ("part", 77.93, 8.73), ("broke", 86.66, 13.34),
    ]  # fmt: skip
    assert drawn.shares == (("78%", "complete"), ("9%", "partial"), ("13%", "broke off"))


def test_nothing_is_drawn_before_the_first_response() -> None:
    drawn = fieldwork(going(), 1000, TODAY, {})
    assert (drawn.filled, drawn.split, drawn.shares, drawn.pace, drawn.quartiles, drawn.days.marks) == (0.0, (), (), "", None, ())


def test_a_full_sample_fills_its_bar_and_has_no_pace() -> None:
    drawn = fieldwork(going(1200, days=each_day(*[(50, 50)] * 24)), 1000, TODAY, {})
    assert (drawn.filled, drawn.pace) == (100.0, "")


def test_the_pace_is_that_of_the_last_seven_days() -> None:
    days = each_day((90, 90), *[(9, 10)] * 9)
    assert pace_of(days, 180, 250, TODAY) == "4 Dec"  # 70 more, 10 a day
    assert pace_of(days, 180, 251, TODAY) == "5 Dec"
    assert pace_of(days, 180, 10**7, TODAY) == ""  # in a hundred years nobody waits for it
    assert pace_of(days[-7:], 70, 250, TODAY) == ""  # no full week before today
    assert pace_of(days, 180, 250, TODAY + datetime.timedelta(days=30)) == ""  # nobody came
    assert fieldwork(going(180, days=days), 250, TODAY, {}, is_collecting=False).pace == ""


def test_minutes_show_the_middle_half_and_the_median() -> None:
    box, median = minutes_of(going(minutes=Summary(10, 9.5, 9.0, 3.0, (7.0, 13.0))))
    assert box is not None and (box.x, box.width, median) == (26.92, 23.08, 34.62)
    assert minutes_of(going(minutes=Summary(3, 0.0, 0.0, 0.0, (0.0, 0.0))))[1] == 0.0


def test_days_are_columns_and_many_days_weeks() -> None:
    drawn = days_plot(each_day((40, 20), (80, 60), (0, 5)))
    assert [(mark.shade, mark.height) for mark in drawn.marks] == [
        ("began", 25.0), ("done", 12.5), ("began", 50.0), ("done", 37.5), ("began", 0.0), ("done", 3.1),
    ]  # fmt: skip
    assert (drawn.unit, drawn.words[0].text, [tick.text for tick in drawn.ticks]) == ("day", "80", ["25 Nov", "27 Nov"])
    long = days_plot(each_day(*[(1, 1)] * (MOST_COLUMNS + 1)))
    assert (long.unit, len(long.marks)) == ("week", 14) and long.words[0].text == "7"


def test_pages_show_where_most_stopped_by_name() -> None:
    pages = [PageReach("now", 100, 100, 3), PageReach("cases", 97, 100, 12), PageReach(None, 85, 100, 6)]
    drawn = pages_plot(pages, {"now": "Now", "cases": "Someone moves on to another and better life"})
    assert [mark.height for mark in drawn.marks] == [12.5, 50.0, 25.0]
    assert drawn.words[0].text == "12 on page 2, Someone moves on to another …"
    many = [PageReach("p", 100, 100, 10 if place == 7 else 1) for place in range(24)]
    assert (pages_plot(many, {"p": "Where the cause lies"}).words[0].x, pages_plot(many, {"p": "Where the cause lies"}).words[0].anchor) == (100.0, "end")
    assert pages_plot([PageReach(None, 85, 100, 6)], {}).words[0].text == "6 at the end, not submitted"
    assert pages_plot([PageReach("now", 5, 5, 0)], {"now": "Now"}).words == ()


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=400))
def test_no_column_of_any_fieldwork_leaves_its_plot(counts: list[tuple[int, int]]) -> None:
    drawn = days_plot(each_day(*counts))
    for mark in drawn.marks:
        assert 0 <= mark.x and mark.x + mark.width <= 100 and 0 <= mark.height <= TALL
    assert bool(drawn.marks) == any(any(count) for count in counts)
