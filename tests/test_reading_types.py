"""Reading the further item types: what people may type and choose, and what a browser would never send."""

from __future__ import annotations

import datetime
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.interview.form import Reading, fields_of
from app.survey.model import OFFERED, Section
from tests.support.answers import instrument
from tests.support.paths import read_section, walk

REASONS = "decline: true, dont_know: true, not_applicable: No debt"
SURVEY = """
title: The further types
sections:
  page:
    items:
      where: {type: dropdown, ask: Where?, REASONS, options: {no: Norway, de: Germany, other: {label: Other, please_say: true}}}
      poles: {type: semantic_differential, ask: How?, REASONS, points: 5, flip: true, pairs: {warm: [Cold, Warm], near: [Far, Near]}}
      support:
        type: matrix
        ask: Support?
        decline: true
        columns: {now: {label: Now, scale: {1: Low, 2: High}}, then: {label: Then, scale: {0: None, 9: Much}}}
        statements: {peers: Peers, family: Family}
      weight: {type: number, ask: How heavy?, range: [0, 5000], decimals: 3, REASONS}
      share: {type: slider, ask: How much?, range: [0, 100], step: 5, low: Nothing, high: All, REASONS}
      licence: {type: text, ask: Licence?, pattern: "[A-Z]{2}[0-9]{4}", example: AB1234, REASONS}
      born: {type: date, ask: When?, earliest: 1950-01-01, latest: today, REASONS}
      since: {type: date, ask: Which month?, precision: month, earliest: today - 2 months, latest: today + 30 days, REASONS}
      left: {type: date, ask: Which year?, precision: year, earliest: 1990-06-15, latest: today, REASONS}
      order: {type: ranking, ask: Rank, top: 3, REASONS, options: {pay: Pay, visa: Visa, rota: Rota, best: Best}}
      time: {type: constant_sum, ask: Hours, total: 100, REASONS, options: {clinic: Clinic, desk: Desk, home: Home}}
      values: {type: best_worst, ask: Values, best: Most, worst: Least, REASONS, options: {pay: Pay, visa: Visa, best: Best}}
""".replace("REASONS", REASONS)


def page_of(*items: str) -> Section:
    lines = "".join(f"      {item}\n" for item in items)
    return instrument(f"title: A\nsections:\n  page:\n    items:\n{lines}").sections[0]


ASKED = instrument(SURVEY)
PAGE = ASKED.sections[0]
ITEMS = [item.id for item in PAGE.items]
TODAY = {"today": "2026-11-22"}


def read(
    fields: dict[str, Any], *, asked: bool = True, section: Section = PAGE, language: str = "en", **more: Any
) -> Reading:
    """Reads a page on which all items are shown and have been asked about; `more` are further fields."""
    ids = [item.id for item in section.items]
    form = {name: [value] if isinstance(value, str) else value for name, value in (fields | more).items()}
    return read_section(section, {"shown": ids, "asked": ids if asked else [], **form}, TODAY, language)


def told(reading: Reading) -> list[tuple[str, str]]:
    return [(problem.field, problem.message) for problem in reading.problems]


def answer(item: str, fields: dict[str, Any], language: str = "en") -> Any:
    """What is read for an item (by its names, where it has several), or the message for it."""
    reading = read(fields, language=language)
    if reading.problems:
        (problem,) = reading.problems
        assert problem.item == item and not [name for name in fields if name in reading.skipped]
        return problem.message
    names = ASKED.item[item].names
    values = {name: reading.answers[name] for name in names}
    return values if len(names) > 1 else values[item]


def missing(reason: str) -> dict[str, str]:
    return {"missing": reason}


# --- what is left open, and what depends on it on the same page -------------------------------------------

OPEN = page_of(
    "m: {type: multiple_choice, ask: M?, options: {a: A, b: B}}",
    "none: {type: text, ask: Why none?, show_if: count(m) == 0}",
    "after: {type: text, ask: And?, show_if: asked(m)}",
)


def test_what_is_left_open_opens_what_depends_on_it_with_the_question_about_it():
    first = read_section(OPEN, {"shown": ["m"]}, {})
    assert (first.skipped, first.revealed, first.answers) == (["m"], ["none", "after"], {})
    assert first.pending == {"m": missing("skipped")}
    sent = {"shown": ["m", "none", "after"], "asked": ["m"], "none": ["No reason"], "after": ["x"]}
    again = read_section(OPEN, sent, {})
    assert again.answers == {"m": missing("skipped"), "none": "No reason", "after": "x"}
    assert (again.skipped, again.revealed, again.problems) == ([], [], [])


def test_what_is_answered_after_all_closes_what_depended_on_its_being_open():
    sent = {"shown": ["m", "none", "after"], "asked": ["m"], "m": ["a"], "none": ["x"], "after": ["y"]}
    assert read_section(OPEN, sent, {}).answers == {"m": ["a"], "after": "y"}


# --- reasons for not answering ---------------------------------------------------------------------------


def reason_fields(item: Any, sent: str) -> dict[str, list[str]]:
    return {f"{item.id}~": [sent]} if item.reasons_beside else {name: [sent] for name in item.names}


@pytest.mark.parametrize("reason", OFFERED)
@pytest.mark.parametrize(
    "item", [item for item in PAGE.items if len(item.offers) == 3], ids=lambda item: item.id
)
def test_each_reason_is_an_answer_under_every_name(item, reason):
    reading = read(reason_fields(item, OFFERED[reason]))
    assert reading.problems == []
    assert {name: reading.answers[name] for name in item.names} == dict.fromkeys(item.names, missing(reason))


@pytest.mark.parametrize("sent", ["~dont_know", "~skipped", "~", "~DECLINED"])
def test_a_reason_not_offered_is_a_problem_of_choices_and_no_answer_in_a_field(sent):
    assert told(read({"support.peers_now": sent})) == [
        ("support.peers_now", "Choose one of the answers given.")
    ]
    plain = page_of(
        "a: {type: number, ask: A?, range: [0, 9]}", "b: {type: dropdown, ask: B?, options: {x: X, y: Y}}"
    )
    reading = read({"a~": sent, "b": sent}, section=plain)
    assert reading.answers == {"a": missing("skipped")}
    assert told(reading) == [("b", "Choose one of the answers given.")]


BOTH = "Give an answer or a reason for not answering, not both."
ANSWERED = {
    "weight": {"weight": "1"}, "share": {"share": "0"}, "licence": {"licence": "AB1234"}, "born": {"born.day": "1"},
    "since": {"since.year": "2026"}, "left": {"left.year": "x"}, "order": {"order.pay": "1"},
    "time": {"time.desk": "0"}, "values": {"values.worst": "pay"},
}  # fmt: skip


@pytest.mark.parametrize("item", ANSWERED)
def test_answer_and_reason_or_two_reasons_at_once_are_a_problem(item):
    assert answer(item, ANSWERED[item] | {f"{item}~": "~declined"}) == BOTH
    assert answer(item, {f"{item}~": ["~declined", "~dont_know"]}) == BOTH
    assert answer(item, {f"{item}~": ["~declined", "~declined", "~x", ""]}) in (
        missing("declined"),
        dict.fromkeys(ASKED.item[item].names, missing("declined")),
    )


# --- choices ---------------------------------------------------------------------------------------------


def test_dropdown_is_read_as_a_single_choice():
    reading = read({"where": "other", "where.other": "Peru"})
    assert (reading.answers["where"], reading.answers["where.other"]) == ("other", "Peru")
    assert answer("where", {"where": ["no", "de"]}) == "Choose one answer only."
    assert answer("where", {"where": "xx"}) == "Choose one of the answers given."
    for sent, stored in ((None, missing("skipped")), ("no", "no"), ("~declined", missing("declined"))):
        reading = read({"where.other": "Peru"} | ({"where": sent} if sent else {}))
        assert (reading.answers["where"], reading.answers.get("where.other")) == (stored, None)


def test_pair_is_read_as_it_was_written_whatever_was_flipped():
    form = {"poles.warm": "5", "poles.near": "1"}
    flipped = read_section(
        PAGE, {"shown": ITEMS, "asked": ITEMS} | {k: [v] for k, v in form.items()}, {"poles~poles": ["warm"]}
    )
    assert answer("poles", form) == {"poles.warm": 5, "poles.near": 1}
    assert flipped.answers["poles.warm"] == 5
    assert answer("poles", {"poles.warm": "6"}) == "Choose one of the answers given."
    assert answer("poles", {"poles.warm": "0"}) == "Choose one of the answers given."


def test_each_column_of_a_matrix_has_its_own_scale():
    form = {"support.peers_now": "2", "support.peers_then": "9", "support.family_now": "~declined"}
    assert answer("support", form) == {
        "support.peers_now": 2, "support.peers_then": 9,
        "support.family_now": missing("declined"), "support.family_then": missing("skipped"),
    }  # fmt: skip
    assert told(read({"support.peers_now": "9"})) == [
        ("support.peers_now", "Choose one of the answers given.")
    ]
    assert told(read({"support.peers_then": ["0", "9"]})) == [
        ("support.peers_then", "Choose one answer only.")
    ]


def test_multiple_choice_takes_one_reason_or_answers():
    section = page_of(
        "a: {type: multiple_choice, ask: A?, decline: true, dont_know: true, options: {x: X, y: Y}}"
    )
    assert read({"a": "~dont_know"}, section=section).answers == {"a": missing("dont_know")}
    assert told(read({"a": ["~dont_know", "~declined"]}, section=section)) == [("a", BOTH)]
    assert told(read({"a": ["~dont_know", "x"]}, section=section)) == [("a", BOTH)]
    assert told(read({"a": ["~not_applicable"]}, section=section)) == [
        ("a", "Choose from the answers given.")
    ]


# --- numbers ---------------------------------------------------------------------------------------------

WEIGHT = "Enter a number from 0 to 5000. At most 3 digits after the decimal separator."
NUMBERS = [
    ("en", "1.5", 1.5), ("en", "1,5", 1.5), ("de", "1,5", 1.5), ("de", "1.5", 1.5), ("fr", "1,5", 1.5), ("ar", "١٫٥", 1.5),
    ("ar", "١,٥", 1.5), ("ar", "١،٥", 1.5), ("fa", "۱٫۵", 1.5), ("en", "7", 7.0), ("en", ".5", 0.5), ("en", "0.125", 0.125), ("de", "0.125", 0.125),
    ("en", "1.234", 1.234), ("de", "1.234", 1234.0), ("en", "1,234", 1234.0), ("de", "1,234", 1.234), ("fr", "1,234", 1.234),
    ("fr", "1 234,5", 1234.5), ("fr", "1\u202f234,5", 1234.5), ("de", "1.234,5", 1234.5), ("en", "1,234.5", 1234.5), ("de", "1,234.5", 1234.5), ("de-CH", "1’234.5", 1234.5),
    ("fr", "1.234", "This can mean 1,234 or 1234. Write it without a thousands separator."),
    ("en", "5001", "The number must be from 0 to 5000."), ("en", "-1", "The number must be from 0 to 5000."),
    ("de", "5.001", "This was read as 5001. The number must be from 0 to 5000."),
    ("en", "12,345", "This was read as 12,345. The number must be from 0 to 5000."),
    ("en", "1.2345", "This was read as 1.2345. At most 3 digits after the decimal separator."),
    ("de", "1,2345", "This was read as 1,2345. At most 3 digits after the decimal separator."),
    ("en", "1..5", WEIGHT), ("en", "1.5.2", WEIGHT), ("en", "1,23,4", WEIGHT), ("en", "5.", WEIGHT), ("en", "nan", WEIGHT), ("en", "inf", WEIGHT),
    ("en", "1e3", WEIGHT), ("en", "1_0", WEIGHT), ("en", "½", WEIGHT), ("en", "0x1", WEIGHT), ("en", "1.5 kg", WEIGHT), ("en", "." * 5000, WEIGHT),
    ("en", "9" * 5000, WEIGHT), ("en", "1." + "0" * 5000, WEIGHT), ("en", "\x00", WEIGHT), ("en", "\ud800", WEIGHT), ("en", "٣½", WEIGHT),
]  # fmt: skip


@pytest.mark.parametrize(("language", "typed", "wanted"), NUMBERS)
def test_number_is_read_in_the_language_s_way_or_told_how_it_was_understood(language, typed, wanted):
    found = answer("weight", {"weight": typed}, language)
    assert (found, type(found)) == (wanted, type(wanted))


def test_number_without_decimals_is_whole_and_never_taken_for_another():
    section = page_of("a: {type: number, ask: A?, range: [0, 100000]}")
    whole = "Enter a whole number from 0 to 100,000."
    assert read({"a": "12,000"}, section=section).answers == {"a": 12_000}
    assert told(read({"a": "12.000"}, section=section)) == [("a", f"This was read as 12.000. {whole}")]
    assert told(read({"a": "1.5"}, section=section)) == [("a", f"This was read as 1.5. {whole}")]
    (value,) = read({"a": "12.000"}, section=section, language="de").answers.values()
    assert (value, type(value)) == (12_000, int)


def test_slider_takes_a_typed_number_on_its_steps():
    assert (answer("share", {"share": "0"}), answer("share", {"share": "35"})) == (0, 35)
    assert answer("share", {"share": "37"}) == "Only steps of 5 are allowed: enter 35 or 40."
    assert answer("share", {"share": "101"}) == "The number must be from 0 to 100."
    assert answer("share", {"share": "5.0"}) == "This was read as 5.0. Enter a whole number from 0 to 100."
    fine = page_of("a: {type: slider, ask: A?, range: [0.5, 2], step: 0.1, decimals: 1}")
    assert read({"a": "0.8"}, section=fine).answers == {"a": 0.8}
    assert read({"a": "0,8"}, section=fine, language="de").answers == {"a": 0.8}


def test_range_that_is_no_whole_number_is_kept_exactly():
    section = page_of("a: {type: number, ask: A?, range: [0.1, 0.3], decimals: 1}")
    assert [read({"a": typed}, section=section).answers.get("a") for typed in ("0.1", "0.3", "0.0")] == [
        0.1,
        0.3,
        None,
    ]


# --- texts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["ab1234", "AB123", "AB12345", "xAB1234", "AB1234\u0660", "=AB1234", "A" * 200]
)
def test_text_unlike_its_pattern_is_told_the_example(typed):
    assert answer("licence", {"licence": typed}) == "Use the format of the example: AB1234"


def test_text_like_its_pattern_is_kept():
    assert answer("licence", {"licence": "  AB1234 "}) == "AB1234"


def test_no_text_keeps_a_pattern_busy():
    section = page_of('a: {type: text, ask: A?, max_length: 20000, pattern: "(a+)+(b|c)?d", example: aad}')
    began = time.process_time()
    assert len(read({"a": "a" * 20_000 + "!"}, section=section).problems) == 1
    assert time.process_time() - began < 0.5


# --- dates -----------------------------------------------------------------------------------------------


def day(year: str, month: str, of_month: str, item: str = "born") -> dict[str, str]:
    return {f"{item}.year": year, f"{item}.month": month, f"{item}.day": of_month}


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (day("2026", "11", "22"), "2026-11-22"), (day("1950", "1", "1"), "1950-01-01"), (day("1999", "01", "09"), "1999-01-09"),
        (day(" 2020 ", "2", "29"), "2020-02-29"), (day("٢٠٢٠", "٢", "٢٩"), "2020-02-29"),
        (day("2026", "2", "30"), "This day does not exist: the month has 28 days."),
        (day("2025", "2", "29"), "This day does not exist: the month has 28 days."),
        (day("2025", "4", "31"), "This day does not exist: the month has 30 days."),
        (day("2026", "11", "23"), "The latest date allowed is 22 November 2026."),
        (day("1949", "12", "31"), "The earliest date allowed is 1 January 1950."),
        (day("0000", "1", "1"), "Enter the year with four digits."), (day("26", "1", "1"), "Enter the year with four digits."),
        (day("20266", "1", "1"), "Enter the year with four digits."), (day("-2026", "1", "1"), "Enter the year with four digits."),
        (day("²026", "1", "1"), "Enter the year with four digits."),
        (day("2020", "13", "1"), "Enter the month as a number from 1 to 12."), (day("2020", "0", "1"), "Enter the month as a number from 1 to 12."),
        (day("2020", "Feb", "1"), "Enter the month as a number from 1 to 12."),
        (day("2020", "1", "32"), "Enter the day as a number from 1 to 31."), (day("2020", "1", "0"), "Enter the day as a number from 1 to 31."),
        (day("2020", "1", "1.5"), "Enter the day as a number from 1 to 31."), (day("2020", "1", "9" * 5000), "Enter the day as a number from 1 to 31."),
        (day("2020", "", "1"), "Choose the month as well."), (day("2020", "1", ""), "Enter the day as well."), (day("", "1", "1"), "Enter the year as well."),
        (day("2020", "1", "\x00"), "Enter the day as a number from 1 to 31."),
        (day("", "", ""), missing("skipped")), (day(" ", "", " "), missing("skipped")),
    ],
)  # fmt: skip
def test_date_is_read_or_told_what_is_wrong_with_it(fields, wanted):
    assert answer("born", fields) == wanted


def test_each_part_of_a_date_that_is_wrong_is_told_at_its_field():
    assert told(read(day("20", "", "40"))) == [
        ("born.year", "Enter the year with four digits."),
        ("born.month", "Choose the month as well."),
        ("born.day", "Enter the day as a number from 1 to 31."),
    ]


@pytest.mark.parametrize(
    ("item", "fields", "wanted"),
    [
        ("since", {"since.year": "2026", "since.month": "9"}, "2026-09"),
        ("since", {"since.year": "2026", "since.month": "12"}, "2026-12"),
        (
            "since",
            {"since.year": "2026", "since.month": "8"},
            "The earliest date allowed is September 2026.",
        ),
        (
            "since",
            {"since.year": "2027", "since.month": "1"},
            "The latest date allowed is December 2026.",
        ),
        ("since", {"since.year": "2026", "since.month": "9", "since.day": "99"}, "2026-09"),
        ("left", {"left.year": "1990"}, "1990"),
        ("left", {"left.year": "1989"}, "The earliest date allowed is 1990."),
        ("left", {"left.year": "2027"}, "The latest date allowed is 2026."),
    ],
)
def test_limits_of_a_date_hold_to_its_precision(item, fields, wanted):
    assert answer(item, fields) == wanted


def test_limits_are_written_in_the_language():
    assert (
        answer("born", day("2026", "11", "23"), "de")
        == "The latest date allowed is 22. November 2026."
    )


@pytest.mark.parametrize(
    ("today", "month", "of_month", "problems"),
    [("2026-03-31", "2", "28", 0), ("2026-03-31", "2", "27", 1), ("2026-05-31", "4", "30", 0), ("2026-05-31", "4", "29", 1)],
)  # fmt: skip
def test_limit_counted_in_months_falls_on_the_last_day_of_a_short_month(today, month, of_month, problems):
    section = page_of("a: {type: date, ask: A?, earliest: today - 1 months}")
    form = {"shown": ["a"], "a.year": ["2026"], "a.month": [month], "a.day": [of_month]}
    assert len(read_section(section, form, {"today": today}).problems) == problems


# --- ranking ---------------------------------------------------------------------------------------------


def test_ranking_is_kept_in_its_order():
    assert answer("order", {"order.visa": "1", "order.pay": "3", "order.best": "2"}) == [
        "visa",
        "best",
        "pay",
    ]


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"order.pay": "1", "order.visa": "1"}, [("order.visa", "Rank 1 is used more than once: give each rank to one answer.")]),
        ({"order.pay": "2", "order.visa": "2", "order.rota": "2"},
         [("order.visa", "Rank 2 is used more than once: give each rank to one answer."),
          ("order.rota", "Rank 2 is used more than once: give each rank to one answer.")]),
        ({"order.pay": "1", "order.visa": "3"}, [("order", "Rank 2 is not used.")]),
        ({"order.pay": "2"}, [("order", "Rank 1 is not used.")]),
        ({"order.pay": "4"}, [("order.pay", "Choose one rank from 1 to 3.")]),
        ({"order.pay": "0"}, [("order.pay", "Choose one rank from 1 to 3.")]),
        ({"order.pay": "first"}, [("order.pay", "Choose one rank from 1 to 3.")]),
        ({"order.pay": "01"}, [("order.pay", "Choose one rank from 1 to 3.")]),
        ({"order.pay": "1" * 5000}, [("order.pay", "Choose one rank from 1 to 3.")]),
        ({"order.pay": ["1", "2"]}, [("order.pay", "Choose one rank from 1 to 3.")]),
    ],
)  # fmt: skip
def test_ranking_that_is_none_is_a_problem_at_its_place(fields, wanted):
    reading = read(fields)
    assert told(reading) == wanted and "order" not in reading.answers


def test_ranking_with_fewer_places_is_asked_about_once_and_then_kept():
    first = read({"order.pay": "1"}, asked=False)
    assert "order" in first.skipped and first.answers["order"] == ["pay"]
    assert read({"order.pay": "1"}).answers["order"] == ["pay"]


def test_required_ranking_wants_every_place():
    section = page_of("a: {type: ranking, ask: A?, top: 2, required: true, options: {x: X, y: Y, z: Z}}")
    message = "Give each rank from 1 to 2 to an answer."
    assert told(read({"a.x": "1"}, section=section)) == told(read({}, section=section)) == [("a", message)]
    assert read({"a.x": "1", "a.z": "2"}, section=section).answers == {"a": ["x", "z"]}


def test_ranking_names_that_are_no_options_are_let_be():
    assert answer("order", {"order.x": "1", "order.__class__": "1", "order": "pay"}) == missing("skipped")


# --- constant sum ----------------------------------------------------------------------------------------


def sums(clinic: Any = "", desk: Any = "", home: Any = "") -> dict[str, Any]:
    return {"time.clinic": clinic, "time.desk": desk, "time.home": home}


def kept(clinic: Any, desk: Any, home: Any) -> dict[str, Any]:
    return {"time.clinic": clinic, "time.desk": desk, "time.home": home}


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (sums("60", "30", "10"), kept(60, 30, 10)), (sums("100"), kept(100, 0, 0)), (sums(" 50 ", "٥٠"), kept(50, 50, 0)),
        (sums(), kept(*[missing("skipped")] * 3)), (sums(" ", "", " "), kept(*[missing("skipped")] * 3)),
        (sums("60", "30"), "This adds up to 90. To reach 100, 10 is missing."),
        (sums("0"), "This adds up to 0. To reach 100, 100 is missing."),
        (sums("60", "30", "11"), "This adds up to 101. That is 1 more than 100."),
        (sums("100", "100", "100"), "This adds up to 300. That is 200 more than 100."),
    ],
)  # fmt: skip
def test_sum_is_kept_when_it_is_right_and_told_what_is_missing_or_too_much(fields, wanted):
    assert answer("time", fields) == wanted


@pytest.mark.parametrize(
    "typed", ["x", "-1", "101", "50.5", "50.0", "1e2", "½", "9" * 5000, ["50", "50"], "\x00", "1 2"]
)
def test_part_of_a_sum_that_is_no_whole_number_is_told_at_its_field(typed):
    assert told(read(sums("50", typed))) == [("time.desk", "Enter a whole number from 0 to 100.")]


def test_parts_are_read_in_the_language_s_way():
    section = page_of("a: {type: constant_sum, ask: A?, total: 5000, options: {x: X, y: Y}}")
    assert read({"a.x": "1.000", "a.y": "4.000"}, section=section, language="de").answers == {
        "a.x": 1000,
        "a.y": 4000,
    }
    assert told(read({"a.x": "1.000", "a.y": "4,000"}, section=section)) == [
        ("a.x", "Enter a whole number from 0 to 5000.")
    ]


def test_required_sum_says_what_it_waits_for():
    section = page_of("a: {type: constant_sum, ask: A?, required: true, options: {x: X, y: Y}}")
    reading = read({}, section=section)
    assert told(reading) == [("a", "Enter whole numbers that add up to 100.")]


# --- best and worst --------------------------------------------------------------------------------------


def test_best_and_worst_are_two_different_options():
    assert answer("values", {"values.best": "pay", "values.worst": "best"}) == {
        "values.best": "pay",
        "values.worst": "best",
    }
    assert told(read({"values.best": "pay", "values.worst": "pay"})) == [
        ("values.worst", "Choose two different answers.")
    ]


@pytest.mark.parametrize(
    ("sent", "message"),
    [("x", "Choose one of the answers given."), (["pay", "visa"], "Choose one answer only."), ("~declined", "Choose one of the answers given."), ("a" * 9999, "Choose one of the answers given.")],
)  # fmt: skip
def test_best_that_is_no_option_is_a_problem_at_its_field(sent, message):
    assert told(read({"values.best": sent, "values.worst": "visa"})) == [("values.best", message)]


def test_best_without_worst_is_asked_about_once_and_the_rest_is_skipped():
    first = read({"values.best": "pay"}, asked=False)
    assert "values" in first.skipped
    assert answer("values", {"values.best": "pay"}) == {
        "values.best": "pay",
        "values.worst": missing("skipped"),
    }


def test_required_best_and_worst_name_what_is_open():
    section = page_of(
        "a: {type: best_worst, ask: A?, required: true, best: B, worst: W, options: {x: X, y: Y, z: Z}}"
    )
    assert told(read({"a.best": "x"}, section=section)) == [("a.worst", "Choose an answer.")]


# --- checks ----------------------------------------------------------------------------------------------

CHECKED = instrument(
    """
title: A
sections:
  page:
    items:
      qualified: {type: number, ask: Qualified?, range: [1950, 2030]}
      left:
        type: number
        ask: Left?
        range: [1950, 2030]
        decline: true
        check:
          - left >= qualified
          - {that: left - qualified < 40, say: "That is long: 100 %.", soft: true}
          - {that: left - qualified > 0, soft: true}
"""
).sections[0]


def checked(qualified: str, left: str, *confirmed: str, **more: Any) -> list[tuple[str, str]]:
    reading = read(
        {"qualified": qualified, "left": left, "confirmed": list(confirmed)} | more, section=CHECKED
    )
    return [(problem.message, problem.confirmed_by) for problem in reading.problems]


DISAGREES = ("This does not agree with another answer. Correct one of them.", "")
LONG = ("That is long: 100 %.", "left:1")
UNUSUAL = ("This is unusual. Correct it, or send it again as it is.", "left:2")


def test_answers_that_do_not_agree_are_a_problem():
    assert checked("2000", "2010") == []
    assert checked("2010", "2000") == [DISAGREES, UNUSUAL]


def test_soft_check_asks_once_and_is_then_let_go():
    assert checked("1960", "2020") == [LONG]
    assert checked("1960", "2020", "left:1") == []
    assert checked("2000", "2000") == [UNUSUAL]
    assert checked("2000", "2000", "left:1") == [UNUSUAL]


def test_hard_check_cannot_be_confirmed():
    assert checked("2010", "2000", "left:0", "left:1", "left:2") == [DISAGREES]


def test_check_waits_until_everything_it_speaks_of_is_known():
    assert checked("", "2000") == checked("x", "2000", "left:2")[1:] == []
    assert checked("2010", "", **{"left~": "~declined"}) == []


def test_check_is_left_out_where_the_answer_itself_is_wrong():
    assert [message for message, _ in checked("2010", "1900")] == ["The number must be from 1950 to 2030."]


def test_what_was_confirmed_is_not_asked_again_when_the_page_is_opened_again():
    fields = fields_of(CHECKED, {"qualified": 1960, "left": 2020})
    assert fields["confirmed"] == ["left:1"]
    assert read(fields, section=CHECKED).problems == []


# --- options and statements that come and go --------------------------------------------------------------

PARTS = """
title: A
sections:
  before: {items: {kind: {type: single_choice, ask: Kind?, options: {a: A, b: B}}}}
  page:
    items:
      more: {type: single_choice, ask: More?, options: {yes: "Yes", no: "No"}}
      one: {type: single_choice, ask: One?, required: true, options: {x: X, y: {label: Y, show_if: more == "yes"}, z: {label: Z, show_if: kind == "a"}}}
      many: {type: multiple_choice, ask: Many?, options: {x: X, y: {label: Y, please_say: true, show_if: more == "yes"}}}
      rows: {type: matrix, ask: Rows?, scale: {1: No, 2: "Yes"}, statements: {s: S, t: {text: T, show_if: more == "yes"}}}
      part: {type: constant_sum, ask: Sum?, options: {x: X, w: W, y: {label: Y, show_if: more == "yes"}}}
      ranks: {type: ranking, ask: Rank?, options: {x: X, w: W, y: {label: Y, show_if: more == "yes"}}}
      best: {type: best_worst, ask: Best?, best: B, worst: W, options: {x: X, w: W, y: {label: Y, show_if: more == "yes"}}}
      drop: {type: dropdown, ask: Drop?, options: {x: X, y: {label: Y, show_if: more == "yes"}}}
      gone: {type: multiple_choice, ask: Gone?, required: true, options: {x: {label: X, show_if: more == "yes"}, y: {label: Y, show_if: more == "yes"}}}
"""
COMING = instrument(PARTS)
COMING_PAGE = COMING.section["page"]
COMING_IDS = [item.id for item in COMING_PAGE.items]
SEEN = ["one.y", "many.y", "rows.t", "part.y", "ranks.y", "best.y", "gone.x", "gone.y"]


def come(fields: dict[str, Any], seen: list[str] = SEEN, kind: str = "b", asked: bool = True) -> Reading:
    form = {name: [value] if isinstance(value, str) else value for name, value in fields.items()}
    about = {"shown": [*COMING_IDS, *seen], "asked": COMING_IDS if asked else []}
    return read_section(COMING_PAGE, about | form, {"kind": kind})


ALL_Y = {
    "one": "y", "many": ["x", "y"], "many.y": "said", "rows.s": "1", "rows.t": "2", "part.x": "60", "part.y": "40",
    "ranks.y": "1", "ranks.x": "2", "ranks.w": "3", "best.best": "y", "best.worst": "x", "drop": "y", "gone": "x",
}  # fmt: skip


def test_options_and_statements_that_are_shown_are_read():
    reading = come({"more": "yes"} | ALL_Y)
    assert (reading.problems, reading.skipped, reading.revealed) == ([], [], [])
    assert reading.answers["rows.t"] == 2 and reading.answers["ranks"] == ["y", "x", "w"]
    assert (reading.answers["one"], reading.answers["drop"], reading.answers["part.y"]) == ("y", "y", 40)


def test_what_is_hidden_cannot_be_answered():
    reading = come({"more": "no"} | ALL_Y | {"part.w": "40"})
    assert [problem.field for problem in reading.problems] == ["one"]
    assert reading.answers["ranks"] == ["x", "w"]  # it closes up where the first has gone
    assert reading.answers["many"] == ["x"] and "many.y" not in reading.answers
    assert {name: value for name, value in reading.answers.items() if name.startswith(("rows", "part", "best"))} == {
        "rows.s": 1, "part.x": 60, "part.w": 40, "best.best": missing("skipped"), "best.worst": "x",
    }  # fmt: skip
    assert reading.answers["drop"] == missing("skipped")
    assert not [name for name in reading.answers if name.startswith("gone")]


def test_option_that_depends_on_an_earlier_page_was_there_to_be_seen():
    assert come({"more": "no", "one": "z"}, kind="a").answers["one"] == "z"
    assert [problem.field for problem in come({"more": "no", "one": "z"}, kind="b").problems] == ["one"]
    assert [problem.field for problem in come({"more": "no"}, kind="a").problems] == ["one"]


def test_unseen_statements_and_parts_of_a_sum_are_revealed_and_not_skipped():
    reading = come({"more": "yes"} | ALL_Y | {"rows.t": "", "part.w": "40", "part.y": ""}, seen=[])
    assert {"rows", "part"} <= set(reading.revealed)
    assert "rows.t" not in reading.answers and "part.y" not in reading.answers
    assert (reading.answers["rows.s"], reading.answers["part.x"]) == (1, 60)
    assert reading.problems == [] and reading.skipped == []


def test_an_unanswered_item_with_an_unseen_option_is_revealed():
    reading = come({"more": "yes", "rows.s": "1", "rows.t": "1"}, seen=[])
    assert {"one", "many", "ranks", "best", "gone"} <= set(reading.revealed)
    assert [problem.field for problem in reading.problems] == []
    assert not {"one", "many", "ranks", "best.best"} & set(reading.answers)


def test_answer_stands_when_an_option_comes_up_beside_it():
    reading = come({"more": "yes", "one": "x", "many": "x", "ranks.x": "1", "ranks.w": "2"}, seen=[])
    assert (reading.answers["one"], reading.answers["many"], reading.answers["ranks"]) == (
        "x",
        ["x"],
        ["x", "w"],
    )
    assert not {"one", "many", "ranks"} & set(reading.revealed)


def test_what_is_hidden_keeps_the_answer_it_once_had():
    reading = come({"more": "no", "one": "x"})
    assert (
        "rows.t" not in reading.cleared
        and "part.y" not in reading.cleared
        and "rows.s" not in reading.cleared
    )


@given(st.data())
def test_what_is_read_is_on_the_path(data):
    sent = st.sampled_from(["x", "y", "z", "w", "1", "2", "3", "60", "40", "100", "yes", "no", ""])
    names = [*COMING_PAGE.names, *ALL_Y, "more"]
    fields = data.draw(st.dictionaries(st.sampled_from(names), st.lists(sent, max_size=2), max_size=12))
    reading = come(fields, data.draw(st.lists(st.sampled_from(SEEN))), asked=data.draw(st.booleans()))
    if not reading.problems:
        answers = {"kind": "b"} | reading.answers
        assert walk(COMING, answers).answers == answers


# --- and back --------------------------------------------------------------------------------------------


def read_back(answers: dict[str, Any], language: str) -> Reading:
    fields = fields_of(PAGE, answers, language)
    return read_section(PAGE, {"shown": ITEMS, **fields}, TODAY, language)


def reasons(name: str) -> list[Any]:
    item = next(item for item in PAGE.items if name in item.names)
    return [missing(reason) for reason in item.offers]


@st.composite
def whole_answers(draw: st.DrawFn) -> dict[str, Any]:
    """Answers to everything on the page, as they are stored."""
    codes = ["pay", "visa", "rota", "best"]
    hours = draw(st.integers(0, 100))
    desk = draw(st.integers(0, 100 - hours))
    best = draw(st.permutations(["pay", "visa", "best"]))
    answers: dict[str, Any] = {
        "where": draw(st.sampled_from(["no", "de"])), "poles.warm": draw(st.integers(1, 5)), "poles.near": draw(st.integers(1, 5)),
        "support.peers_now": draw(st.sampled_from([1, 2])), "support.peers_then": draw(st.sampled_from([0, 9])),
        "support.family_now": missing("declined"), "support.family_then": missing("skipped"),
        "weight": draw(st.integers(0, 5_000_000)) / 1000, "share": draw(st.integers(0, 20)) * 5, "licence": draw(st.from_regex("[A-Z]{2}[0-9]{4}", fullmatch=True)),
        "born": draw(st.dates(datetime.date(1950, 1, 1), datetime.date(2026, 11, 22))).isoformat(),
        "since": draw(st.sampled_from(["2026-09", "2026-11", "2026-12"])), "left": str(draw(st.integers(1990, 2026))),
        "order": draw(st.permutations(codes))[: draw(st.integers(1, 3))],
        **kept(hours, desk, 100 - hours - desk), "values.best": best[0], "values.worst": best[1],
    }  # fmt: skip
    for item in PAGE.items:
        if item.id != "support" and draw(st.booleans()):
            reason = draw(st.sampled_from([*reasons(item.names[0]), missing("skipped")]))
            answers |= dict.fromkeys(item.names, reason)
    return answers


@given(whole_answers(), st.sampled_from(["en", "de", "fr", "ar", "fa", "de-CH", "es"]))
def test_stored_answers_as_fields_give_the_same_answers_in_every_language(answers, language):
    reading = read_back(answers, language)
    assert (reading.answers, reading.problems, reading.skipped) == (answers, [], [])


NAMES = [*PAGE.names, *ITEMS, *ALL_Y, "born.day", "born.month", "born.year", "left.year", "since.month", "order.pay", "order.visa",
         "order.rota", "time~", "order~", "values~", "born~", "weight~", "where.other", "confirmed", "x", ""]  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(["1", "2", "3", "5", "100", "60", "40", "pay", "visa", "best", "no", "other", "1.5", "1,5", "1.234", "2020", "02", "30", "AB1234"]),
    st.sampled_from([*OFFERED.values(), "~", "", " ", "\x00", "\ud83d", "9" * 400, "a" * 300, "٣", "²", "１"]),
    st.text(max_size=12),
)  # fmt: skip
FORMS = st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES, max_size=3), max_size=16)


@given(FORMS, st.sampled_from(["en", "de", "fr", "ar", "xx", ""]), st.booleans())
def test_any_form_is_read_and_what_is_read_reads_the_same_again(form, language, asked):
    reading = read_section(PAGE, form | {"shown": ITEMS, "asked": ITEMS if asked else []}, TODAY, language)
    assert all(problem.message and problem.item in ITEMS for problem in reading.problems)
    named = {problem.item for problem in reading.problems}
    assert not reading.cleared & set(reading.answers) and not set(reading.skipped) & named
    answers = {name: value for name, value in reading.answers.items() if name.split(".")[0] not in named}
    assert {name: read_back(answers, language).answers.get(name) for name in answers} == answers
    assert walk(ASKED, TODAY | answers).answers == TODAY | answers


def test_five_thousand_fields_and_values_are_read_at_once():
    form = {f"order.{number}": ["1"] for number in range(5000)} | {
        "order.pay": ["1"] * 5000,
        "weight": ["1"] * 5000,
    }
    form |= {"shown": [*ITEMS, *map(str, range(5000))], "asked": ITEMS * 500, "confirmed": ["x:1"] * 5000}
    began = time.process_time()
    reading = read_section(PAGE, form, TODAY)
    assert reading.answers["order"] == ["pay"] and time.process_time() - began < 0.2
