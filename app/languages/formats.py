"""How languages write numbers and dates (CLDR, by Babel), and how what people type is read.

Languages are the tags that a survey names (`en`, `pt-BR`); one that CLDR does not know is taken for English.
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

#: Where the ten digits of a script begin: Arabic, Persian, Devanagari, Bengali, and the wide ones of East Asia.
ZEROS = {"arab": 0x660, "arabext": 0x6F0, "deva": 0x966, "beng": 0x9E6, "fullwide": 0xFF10}
TO_LATIN = {zero + digit: str(digit) for zero in ZEROS.values() for digit in range(10)}
#: Other signs that people type for those of the grammar below; marks of direction are taken out.
SIGNS = {"\u2212": "-", "\u2019": "'", "\u066c": "'", "\u060c": ",", "\u200e": "", "\u200f": "", "\u061c": ""}
TYPED = str.maketrans(TO_LATIN | SIGNS)

WHOLE = re.compile(r"-? ?[0-9]{1,15}")
MOST_DECIMALS = 6  # shown of a number that may have any
#: From here thousands stand apart: below it a number may well be a year.
GROUPED_FROM = 10_000


class Ambiguous(ValueError):
    """A number that the language reads in neither of the two ways that it can be read."""

    def __init__(self, readings: tuple[Decimal, ...]):
        super().__init__(*readings)
        self.readings = readings


class _Grammar(NamedTuple):
    """One way to write a number: what stands between thousands, and what before the decimals."""

    group: str
    point: str
    pattern: re.Pattern[str]


def _grammar(group: str, point: str) -> _Grammar:
    apart = re.escape(group)
    whole = (
        rf"[1-9][0-9]{{0,2}}(?:{apart}[0-9]{{3}}){{1,4}}|[1-9][0-9]?(?:{apart}[0-9]{{2}})+{apart}[0-9]{{3}}"
    )
    decimals = rf"{re.escape(point)}[0-9]{{1,10}}" if point else ""
    return _Grammar(group, point, re.compile(f"(?:{whole if group else '[0-9]{0,15}'}){decimals}"))


GRAMMARS = [
    _grammar(group, point)
    for group in ("", " ", "'", ",", ".")
    for point in ("", ".", ",", "\u066b")
    if (group or point) and group != point
]


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale("en")


@lru_cache(maxsize=64)
def separators(language: str) -> tuple[str, str]:
    """What stands between thousands, and what before the decimals."""
    symbols = locale_of(language).number_symbols["latn"]
    group = symbols["group"].translate(TYPED)
    return " " if group.isspace() else group, symbols["decimal"]


def read_number(text: str, language: str) -> Decimal | None:
    """The number that is typed, with as many decimals as were typed; None for what is not one number.

    The digits may be of any script of ZEROS. Of what can be read in two ways ("1.234") the language's is taken; where
    it has neither, Ambiguous is raised. What can be read in one way only is read so in every language ("1,5").
    """
    typed = " ".join(text.split()).translate(TYPED)
    if WHOLE.fullmatch(typed):
        return Decimal(typed.replace(" ", ""))
    sign = "-" if typed.startswith("-") else ""
    rest = typed.removeprefix("-").removeprefix(" ")
    found = [grammar for grammar in GRAMMARS if grammar.pattern.fullmatch(rest)]
    values = {_value(grammar, sign + rest): grammar for grammar in found}
    if len(values) > 1:
        group, point = separators(language)
        values = {
            value: g for value, g in values.items() if (g.point == point if g.point else g.group == group)
        }
        if len(values) != 1:
            raise Ambiguous(tuple(_value(grammar, sign + rest) for grammar in found))
    return next(iter(values), None)


def _value(grammar: _Grammar, typed: str) -> Decimal:
    digits = typed.replace(grammar.group, "") if grammar.group else typed
    return Decimal(digits.replace(grammar.point, ".") if grammar.point else digits)


def write_number(value: float | Decimal, language: str, decimals: int | None = None) -> str:
    """A number as the language writes it: with so many decimals, or with those it has (at most six)."""
    number, locale = Decimal(str(value)), locale_of(language)
    if abs(number) < 1 and not round(number, MOST_DECIMALS if decimals is None else decimals):
        number = Decimal(0)  # no minus before zeros
    fraction = "." + "#" * MOST_DECIMALS if decimals is None else "." + "0" * decimals if decimals else ""
    written = format_decimal(
        number,
        f"#,##0{fraction}",
        locale,
        group_separator=abs(number) >= GROUPED_FROM,
        numbering_system="default",
    )
    return _own_digits(written, locale)


def plain_number(value: float, language: str) -> str:
    """A number as it may be typed in that language: nothing between thousands, ordinary digits."""
    return format(Decimal(str(value)) + 0, "f").replace(".", separators(language)[1])


def _own_digits(text: str, locale: Locale) -> str:
    zero = ZEROS.get(locale.default_numbering_system)
    return text.translate({ord("0") + digit: chr(zero + digit) for digit in range(10)}) if zero else text


def date_locale(language: str) -> Locale:
    """For dates, English without a region is that of no country: 5 March 2026, for respondents and researchers."""
    return locale_of("en-001" if language == "en" else language)


@lru_cache(maxsize=4096)
def write_date(iso: str, language: str) -> str:
    """An ISO date, month or year as the language writes it; anything else as it is."""
    locale = date_locale(language)
    try:
        day = datetime.date.fromisoformat(iso + "-01-01"[len(iso) - 4 :] if len(iso) < 10 else iso)
    except ValueError:
        return iso
    if len(iso) == 4:
        return _own_digits(iso, locale)
    written = (
        format_date(day, "long", locale) if len(iso) == 10 else format_skeleton("yMMMM", day, locale=locale)
    )
    return _own_digits(written, locale)


@lru_cache(maxsize=64)
def month_names(language: str) -> tuple[str, ...]:
    """The twelve months, standing alone."""
    names = locale_of(language).months["stand-alone"]["wide"]
    return tuple(names[month] for month in range(1, 13))


@lru_cache(maxsize=64)
def date_order(language: str) -> tuple[str, ...]:
    """In which order day, month and year are written."""
    pattern = re.sub("'[^']*'", "", locale_of(language).date_formats["long"].pattern)
    places = {
        "day": pattern.find("d"),
        "month": re.search("[ML]", pattern),
        "year": re.search("[yu]", pattern),
    }
    found = {
        name: place if isinstance(place, int) else place.start() if place else 99
        for name, place in places.items()
    }
    return tuple(sorted(found, key=found.__getitem__))


def plural_category(number: float | Decimal, language: str) -> str:
    """CLDR's category of a number as it is written without needless decimals: zero one two few many other."""
    exact = Decimal(str(number))
    return locale_of(language).plural_form(int(exact) if exact == exact.to_integral_value() else exact)


@lru_cache(maxsize=64)
def own_name(language: str) -> str:
    """What a language is called by those who speak it; its tag where CLDR does not know it."""
    try:
        name = Locale.parse(language.replace("-", "_")).get_display_name() or language
    except (ValueError, UnknownLocaleError):
        return language
    return name[0].upper() + name[1:]
