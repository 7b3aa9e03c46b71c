"""Numbers and dates in each language's way, and patterns that cannot be made to hang."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.languages.formats import (
    Ambiguous,
    date_order,
    month_names,
    plain_number,
    plural_category,
    read_number,
    write_date,
    write_number,
)
from app.survey.patterns import PatternFault, compile_pattern

LANGUAGES = ["en", "de", "fr", "es", "ar", "fa", "de-CH", "pt-BR", "sv", "hi"]


@given(
    st.decimals(-(10**11), 10**11, places=4, allow_nan=False, allow_infinity=False),
    st.sampled_from(LANGUAGES),
    st.integers(0, 4),
)
def test_what_is_written_reads_as_the_same_number(number, language, decimals):
    number = round(number, decimals)
    assert read_number(write_number(number, language, decimals), language) == number
    assert read_number(write_number(number, language), language) == number
    assert read_number(plain_number(number, language), language) == number


@given(st.text(st.sampled_from("0123456789.,'- \u202f٣٫٬"), max_size=14), st.sampled_from(LANGUAGES))
def test_reading_is_by_the_digits_that_are_typed_and_by_no_others(text, language):
    """Whatever separators are understood as, no digit is lost, added or put elsewhere."""
    try:
        number = read_number(text, language)
    except Ambiguous as two:
        assert len(two.readings) == 2 and two.readings[0] * 1000 == two.readings[1]
        return
    if number is not None:
        digits = "".join(sign for sign in text.replace("٣", "3") if sign.isdigit())
        assert format(abs(number), "f").replace(".", "").lstrip("0") == digits.lstrip("0")


@pytest.mark.parametrize(
    ("number", "language", "written"),
    [
        (2019, "en", "2019"), (2019, "de", "2019"), (12345, "en", "12,345"), (12345, "de", "12.345"), (12345, "fr", "12\u202f345"),
        (1.5, "de", "1,5"), (0.1 + 0.2, "en", "0.3"), (-3, "en", "-3"), (1.0, "en", "1"), (1234.5, "fa", "۱۲۳۴٫۵"), (7, "ar", "7"), (7, "nonsense", "7"),
    ],
)  # fmt: skip
def test_number_is_written_as_the_language_does_and_a_year_stays_a_year(number, language, written):
    assert write_number(number, language) == written


def test_number_may_be_written_with_so_many_decimals():
    assert (
        write_number(1.5, "en", 2) == "1.50"
        and write_number(1.5, "de", 0) == "2"
        and write_number(Decimal("2.50"), "fr", 1) == "2,5"
    )


@pytest.mark.parametrize(
    ("iso", "language", "written"),
    [
        ("2026-11-22", "en", "22 November 2026"), ("2026-11-22", "en-US", "November 22, 2026"), ("2026-11-22", "de", "22. November 2026"), ("2026-11", "fr", "novembre 2026"),
        ("2026", "es", "2026"), ("2026-11-22", "fa", "۲۲ نوامبر ۲۰۲۶"), ("2026-02-30", "en", "2026-02-30"), ("soon", "en", "soon"), ("", "en", ""),
    ],
)  # fmt: skip
def test_date_is_written_as_the_language_does(iso, language, written):
    assert write_date(iso, language) == written


def test_months_and_the_order_of_a_date_are_the_language_s():
    assert (date_order("en"), date_order("de"), date_order("hu")) == (
        ("month", "day", "year"),
        ("day", "month", "year"),
        ("year", "month", "day"),
    )
    assert month_names("de")[2] == "März" and len(month_names("ar")) == 12


def test_plural_is_the_language_s_and_of_the_number_as_it_is_written():
    assert [plural_category(n, "ar") for n in (0, 1, 2, 3, 11, 100)] == [
        "zero",
        "one",
        "two",
        "few",
        "many",
        "other",
    ]
    assert (plural_category(1.0, "en"), plural_category(1.5, "en"), plural_category(1.5, "fr")) == (
        "one",
        "other",
        "one",
    )


# --- patterns --------------------------------------------------------------------------------------------


def test_pattern_takes_the_whole_text_or_nothing():
    pattern = compile_pattern("[A-Z]{2}|é+")
    assert pattern.matches("AB") and pattern.matches("éé")
    assert not pattern.matches("ABC") and not pattern.matches("AB\n") and not pattern.matches("")


@pytest.mark.parametrize(
    ("source", "remedy"),
    [("(?=a)", "Look-around"), (r"(a)\1", "Look-around"), ("(?<!a)b", "Look-around"), ("[", "Write a regular expression"),
     ("(", "Write a regular expression"), ("*", "Write a regular expression"), ("a{2000}", "Write a regular expression"),
     ("((a{500}){500}){500}", "Write a regular expression"), ("a" * 501, "at most 500")],
)  # fmt: skip
def test_pattern_that_cannot_stand_is_refused_with_a_remedy(source, remedy):
    with pytest.raises(PatternFault) as refused:
        compile_pattern(source)
    assert refused.value.what and remedy in refused.value.remedy


@pytest.mark.parametrize("source", ["(a+)+$", "(a|aa)+b", "(a*)*b", "([a-zA-Z]+)*1", "(.*a){20}"])
def test_no_pattern_hangs_on_any_text(source):
    pattern, began = compile_pattern(source), time.process_time()
    assert not pattern.matches("a" * 20_000 + "!")
    assert time.process_time() - began < 1


@given(st.text(max_size=20))
def test_any_pattern_is_compiled_or_refused(source):
    try:
        compile_pattern(source).matches("any \ud800 text")
    except PatternFault as refused:
        assert refused.what and refused.remedy
