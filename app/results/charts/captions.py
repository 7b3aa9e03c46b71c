"""Messages of charts, which are translated where they are shown, and numbers in the format of a language."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_skeleton
from babel.numbers import format_decimal, format_percent

from app.languages.formats import GROUPED_FROM, MOST_DECIMALS, date_locale, locale_of, write_date
from app.results.statistics.intervals import Estimate
from app.results.statistics.rounding import nearest, percent_of
from app.results.statistics.values import Summary


class Message(NamedTuple):
    """A message of the catalogues with its values."""

    form: str
    values: dict[str, Any]


#: Below so many answers charts show counts and no intervals.
FEW = 10

Caption = Message | str
"""A message, or a text of the survey, which is shown as it is."""


def _(form: str, **values: Any) -> Message:
    """Marks a message for the catalogues. A percent sign is written twice, as everywhere there."""
    return Message(form, values)


def english(form: str, **values: Any) -> Message:
    """A message of researchers' pages, which are in English only: it is in no catalogue."""
    return Message(form, values)


def you(label: str) -> Message:
    """One's own answer, in a word."""
    return Message("%(you)s: %(label)s", {"you": _("You"), "label": label})




def method_of_shares(is_weighted: bool) -> str:
    """How the 95% intervals of shares are made, in a few words."""
    return "of the logit on linearised standard errors (weighted)" if is_weighted else "after Wilson"


def method_of_means(is_weighted: bool) -> str:
    return "after Student on linearised standard errors (weighted)" if is_weighted else "after Student"


#: Why there is no answer, beside the number of respondents.
MISSING_WORDS = {
    "not_shown": _("not shown"),
    "skipped": _("skipped"),
    "declined": _("declined"),
    "dont_know": _("don’t know"),
    "not_applicable": _("not applicable"),
    "not_reached": _("not reached"),
}


def percent(share: float, language: str, places: int = 0) -> str:
    """A share as percent."""
    return _percent(nearest(share, places + 2), language, places)


@lru_cache(maxsize=8192)
def _percent(rounded: Decimal, language: str, places: int) -> str:
    """Few shares differ once they are rounded: most are known."""
    pattern = locale_of(language).percent_formats[None].pattern
    digits = f"{pattern[: -len(_sign(pattern))]}{'.' + '0' * places if places else ''}{_sign(pattern)}"
    return format_percent(rounded, digits, locale_of(language), numbering_system="default")


def _sign(pattern: str) -> str:
    """What follows the digits: the percent sign, with a space or a mark of direction before it."""
    return pattern[pattern.rindex("0") + 1 :]


@lru_cache(maxsize=8192)
def number(value: float | None, language: str) -> str:
    """With at most two decimals below a hundred, and one from there on; below a tenth with two significant digits; – for
    none."""
    if value is None:
        return "–"
    places = decimals_for(value)
    return _written(value, "#,##0." + "#" * places, places, language)


def decimals_for(size: float | None, least: int = 2) -> int:
    """How many decimals numbers of this size need: two significant digits, and no more than `MOST_DECIMALS`."""
    if size is None or not math.isfinite(size) or not size:
        return least
    if abs(size) >= 100:
        return min(least, 1)
    return min(max(least, 1 - math.floor(math.log10(abs(size)))), MOST_DECIMALS)


def _written(value: float, digits: str, places: int, language: str) -> str:
    """Thousands are separated from ten thousand on: a smaller number may be a year."""
    return _formatted(nearest(value, places) + 0, digits, abs(value) >= GROUPED_FROM, language)  # no minus before zeros


@lru_cache(maxsize=8192)
def _formatted(rounded: float | Decimal, digits: str, is_grouped: bool, language: str) -> str:
    """As many values round to few numbers, most are known: that takes a tenth off a page of charts."""
    return format_decimal(rounded, digits, locale_of(language), group_separator=is_grouped, numbering_system="default")


@lru_cache(maxsize=8192)
def fixed(value: float | None, language: str, places: int = 2) -> str:
    """With this number of decimals, so that figures in a column can be compared; – for none."""
    if value is None:
        return "–"
    return _written(value, "#,##0" + ("." + "0" * places if places else ""), places, language)


def count(n: int, language: str) -> str:
    """Open dashboards write thousands of new counts a second, and CLDR's pattern takes twenty times as long as this."""
    return f"{n:,}".translate(_digits(language))


@lru_cache(maxsize=64)
def _digits(language: str) -> dict[int, str]:
    """The digits and signs of a language, by those of English."""
    written = {sign: format_decimal(n, "#,##0", locale_of(language), numbering_system="default") for sign, n in enumerate(range(10), 48)}
    group, minus = (
        format_decimal(n, "#,##0", locale_of(language), numbering_system="default") for n in (1111, -1)
    )
    return {**written, ord(","): group[1:-3], ord("-"): minus[:-1]}


def interval(low: float | None, high: float | None, language: str, places: int = 1) -> str:
    """Both ends with a dash between; with spaces around it where one is negative."""
    if low is None or high is None:
        return "–"
    first, last = fixed(low, language, places), fixed(high, language, places)
    return f"{first} – {last}" if low < 0 or high < 0 else f"{first}–{last}"


def bracket(found: Estimate, language: str) -> str:
    """The interval of a share in whole percent, as it stands beside the share: [54–62]. Empty for none, and where the
    base is so small that an interval would look as if it said something."""
    if found.shown_interval is None:
        return ""
    low, high = found.shown_interval
    return f"[{count(int(percent_of(low)), language)}–{count(int(percent_of(high)), language)}]"


def mean_bracket(found: Estimate, language: str) -> str:
    """The interval of a mean, as it stands beside the mean: [3.10–3.74]."""
    if found.shown_interval is None:
        return ""
    return f"[{interval(*found.shown_interval, language, mean_places(found))}]"


NOISE = 1e-12  # what is left of a sum that is zero


def mean_places(found: Estimate) -> int:
    """How many decimals a mean has: so many that the width of its interval has two digits; two without an interval."""
    width = found.high - found.low if found.low is not None and found.high is not None else 0.0
    if width < NOISE:
        return decimals_for(0.0 if abs(found.value or 0.0) < NOISE else found.value)
    most = 2 if abs(found.value or 0) >= 0.1 else MOST_DECIMALS
    return min(max(1 - math.floor(math.log10(width)), 0), most)


def with_shown_interval(found: Estimate) -> Estimate:
    """Without its interval, where it is of so few respondents that none is shown."""
    return found if found.shown_interval is not None else found._replace(low=None, high=None)


def mean_and_interval(found: Estimate, language: str) -> str:
    """3.42 [3.10–3.74]; without the bracket where there is no interval."""
    written = mean_bracket(found, language)
    return f"{fixed(found.value, language, mean_places(found))} {written}" if written else number(found.value, language)


def measures(summary: Summary, language: str, mean: Estimate | None = None) -> tuple[tuple[Message, str], ...]:
    """Mean with its interval, median, standard deviation: those that there are."""
    if summary.mean is None:
        return ()
    found = [(_("mean"), mean_and_interval(mean or summary.interval, language))]
    if summary.median is not None:
        label = english("median, to the nearest class") if summary.from_classes else _("median")
        found.append((label, number(summary.median, language)))
    if summary.sd is not None:
        found.append((_("sd"), number(summary.sd, language)))
    return tuple(found)


@lru_cache(maxsize=4096)
def numerals(label: str, language: str) -> str:
    """A class of numbers ("2.5–4.9"), its digits and points as the language writes them."""
    if not all(sign.isdigit() or sign in "-–.<≤≥ " for sign in label):
        return label
    return label.translate(_signs(language))


@lru_cache(maxsize=64)
def _signs(language: str) -> dict[int, str]:
    tenths = format_decimal(0.5, "0.0", locale_of(language), numbering_system="default")
    zero = ord(tenths[0]) - ord("0")
    return {ord("."): tenths[1], **{ord("0") + digit: chr(ord("0") + digit + zero) for digit in range(10)}}


def date(iso: str, language: str) -> str:
    """An ISO day, month or year in words; several years as they are."""
    return numerals(iso, language) if "–" in iso else write_date(iso, language)


@lru_cache(maxsize=4096)
def short_date(iso: str, language: str) -> str:
    """As short as possible, for the label of a column: "22 Nov", "Nov 2026", "1990"."""
    if (len(iso) != 10 and len(iso) != 7) or "–" in iso:
        return numerals(iso.partition("–")[0], language)
    skeleton = "MMMd" if len(iso) == 10 else "yMMM"
    day = datetime.date.fromisoformat(f"{iso}-01"[:10])
    return format_skeleton(skeleton, day, locale=date_locale(language))


def language_name(tag: str, language: str) -> str:
    """The name of a language in another: "German" for `de` in English; the tag itself where it is unknown."""
    try:
        return Locale.parse(tag.replace("-", "_")).get_display_name(locale_of(language)) or tag
    except (ValueError, UnknownLocaleError):
        return tag
