"""A date in fields of its own for day, month and year, stored as ISO 8601 to its precision: 2026-11-22, 2026-11 or
2026."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Self

from pydantic import Field, WithJsonSchema

from app.languages.catalogues import N_
from app.languages.formats import write_date
from app.survey.documents.places import Path
from app.survey.items.answer import Answer
from app.survey.items.base import Item
from app.survey.items.context import SurveyContext
from app.survey.items.difference import Difference
from app.survey.items.fields import Fields, Page, Parsed, Problem, Today, problem, reason_beside
from app.survey.items.shapes import Filled, ItemShape, Line
from app.survey.items.simulated import Sheet

TYPE_DATE = 7.0  # seconds
DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
RELATIVE = re.compile(r"today(?:\s*([+-])\s*([0-9]{1,4})\s+(day|week|month|year)s?)?")
MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}

FIELDS = ("year", "month", "day")
PRECISION = {"year": 1, "month": 2, "day": 3}  # how many of FIELDS
LENGTH = {"year": 4, "month": 7, "day": 10}  # of a date in characters
ABSENT = {
    "year": N_("Enter the year as well."),
    "month": N_("Choose the month as well."),
    "day": N_("Enter the day as well."),
}
WRONG_FIELD = {
    "year": N_("Enter the year with four digits."),
    "month": N_("Enter the month as a number from 1 to 12."),
    "day": N_("Enter the day as a number from 1 to 31."),
}
DIGITS = {
    "year": re.compile("[0-9]{4}"),
    "month": re.compile("0?[1-9]|1[0-2]"),
    "day": re.compile("0?[1-9]|[12][0-9]|3[01]"),
}
#: Without and with the time zone from whose day a limit counts.
TOO_EARLY = (
    N_("The earliest date allowed is %(date)s."),
    N_("The earliest date allowed is %(date)s. Days are counted in the time zone %(zone)s."),
)
TOO_LATE = (
    N_("The latest date allowed is %(date)s."),
    N_("The latest date allowed is %(date)s. Days are counted in the time zone %(zone)s."),
)


AnyDay = Annotated[Line, WithJsonSchema({"type": ["string", "integer"]})]


class DateShape(ItemShape):
    called = "a date"
    needed = ("precision",)

    type: Literal["date"]
    precision: Filled[Literal["day", "month", "year"]] = Field(
        "day", description="day, month or year (default: day)."
    )
    earliest: Filled[AnyDay | None] = Field(
        None, description="The earliest date allowed: 2020-01-01, today, or today - 6 months."
    )
    latest: Filled[AnyDay | None] = Field(
        None, description="The latest date allowed: 2030-12-31, today, or today + 30 days."
    )


@dataclass(frozen=True, slots=True)
class Bound:
    """The first or last date that is accepted: a date, or the day of answering with something added."""

    fixed: str | None = None  # YYYY-MM-DD, whatever the precision of the item
    days: int = 0  # from the day of answering, where it is not fixed
    months: int = 0

    def day(self, today: str | None) -> str | None:
        """The day that it is; None where it counts from a day that is not known. Where a month is too short for it,
        the last day of that month."""
        if self.fixed or not today:
            return self.fixed
        start = datetime.date.fromisoformat(today)
        months = start.year * 12 + start.month - 1 + self.months
        year, month = min(max(months // 12, 1), 9999), months % 12 + 1
        day = datetime.date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
        ordinal = min(max(day.toordinal() + self.days, 1), datetime.date.max.toordinal())
        return datetime.date.fromordinal(ordinal).isoformat()

    def __str__(self) -> str:
        if self.fixed is not None:
            return self.fixed
        shift = [f"{count:+} {word}" for count, word in ((self.days, "days"), (self.months, "months")) if count]
        return " ".join(["the day of answering", *shift])


@dataclass(frozen=True, kw_only=True)
class Date(Item):
    precision: str = "day"  # day | month | year
    earliest: Bound = Bound("1900-01-01")
    latest: Bound = Bound("2100-12-31")
    type = "date"
    shape = DateShape
    reasons_beside = True
    sent_as_stored = False

    @classmethod
    def read(cls, m: SurveyContext, path: Path, shape: Any, common: dict[str, Any]) -> Self:
        plain = cls(**common, precision=shape.precision)
        earliest = _bound(m, (*path, "earliest"), shape.earliest, last=False) or plain.earliest
        latest = _bound(m, (*path, "latest"), shape.latest, last=True) or plain.latest
        if _comes_after(earliest, latest):
            what = "the latest date comes before the earliest"
            m.fault((*path, "latest"), "bad-dates", what, "Swap the two dates.")
        return replace(plain, earliest=earliest, latest=latest)

    def _asked(self) -> Iterator[Answer]:
        least, most = (self.to_precision(bound.fixed) for bound in (self.earliest, self.latest))
        yield Answer(
            self.id, "date", "interval", reason_with=self.id, least=least, most=most, precision=self.precision
        )

    def to_precision(self, iso: str | None) -> str | None:
        return iso[: LENGTH[self.precision]] if iso else None

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it is typed in."""
        return FIELDS[: PRECISION[self.precision]]

    def date_limits(self, began: str | None, today: Today | None) -> tuple[str | None, str | None]:
        """The first and the last date that are accepted. What counts from a day counts from the day on which the
        response began or from the day of answering, whichever accepts more: a date once accepted stays valid."""
        days = [day for day in (began, today.day if today else None) if day]
        first, last = (min(days), max(days)) if days else (None, None)
        return self.to_precision(self.earliest.day(first)), self.to_precision(self.latest.day(last))

    # from a form and back

    def from_form(self, page: Page) -> Parsed:
        sent = {field: _digits(" ".join(page.sent(f"{self.id}.{field}"))) for field in self.fields}
        beside = reason_beside(self, page, any(sent.values()))
        if beside is not None or not any(sent.values()):
            return beside or ({}, [])
        problems = [
            problem(self, (WRONG_FIELD if typed else ABSENT)[field], f"{self.id}.{field}")
            for field, typed in sent.items()
            if not DIGITS[field].fullmatch(typed)
        ]
        if problems:
            return {}, problems
        return self._in_calendar([int(typed) for typed in sent.values()], page)

    def _in_calendar(self, numbers: list[int], page: Page) -> Parsed:
        year, month, day = (*numbers, 1, 1)[:3]
        if not year:
            return {}, [problem(self, WRONG_FIELD["year"], f"{self.id}.year")]
        longest = calendar.monthrange(year, month)[1]
        if day > longest:
            template = N_("This day does not exist: the month has %(days)s days.")
            return {}, [problem(self, template, f"{self.id}.day", days=longest)]
        iso = f"{year:04}-{month:02}-{day:02}"[: LENGTH[self.precision]]
        earliest, latest = self.date_limits(page.began, page.today)
        if earliest is not None and iso < earliest:
            return {}, [self._out_of_limits(TOO_EARLY[_counts(self.earliest, page)], earliest, page)]
        if latest is not None and iso > latest:
            return {}, [self._out_of_limits(TOO_LATE[_counts(self.latest, page)], latest, page)]
        return {self.id: iso}, []

    def _out_of_limits(self, template: str, limit: str, page: Page) -> Problem:
        zone = {"zone": page.today.zone} if page.today is not None and "%(zone)s" in template else {}
        return problem(self, template, date=write_date(limit, page.language), **zone)

    def to_form(self, name: str, value: Any, language: str) -> Fields:
        parts = str(value).split("-")
        return {f"{name}.{field}": [digits] for field, digits in zip(FIELDS, parts, strict=False)}

    def demand(self, name: str, page: Page) -> Problem:
        return problem(self, N_("Enter a date."), name)

    # simulated respondents and versions

    def simulated(self, sheet: Sheet) -> Fields:
        today = sheet.known.get("today")
        earliest, latest = (
            datetime.date.fromisoformat(str(bound.day(today))).toordinal()
            for bound in (self.earliest, self.latest)
        )
        day = earliest + round(sheet.person.chance.random() * max(latest - earliest, 0))
        iso = datetime.date.fromordinal(day).isoformat()
        return self.to_form(self.id, self.to_precision(iso), sheet.person.language)

    def seconds(self) -> float:
        return TYPE_DATE

    def changes(self, old: Date) -> Iterator[Difference]:
        if old.precision != self.precision:
            yield Difference(
                "breaks", self.id, f"a {old.precision} was requested and now a {self.precision}",
                "the dates have another precision", apart=True,
            )  # fmt: skip
        if (old.earliest, old.latest) != (self.earliest, self.latest):
            before, now = (f"from {date.earliest} to {date.latest}" for date in (old, self))
            what = f"dates were accepted {before} and are now accepted {now}"
            yield Difference("review", self.id, what, "values at the ends were refused in one of the two")


def _digits(typed: str) -> str:
    """What is typed, with the digits of any script as ordinary ones."""
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in typed.strip())


def _counts(bound: Bound, page: Page) -> bool:
    """Whether a limit counts from a day of which the time zone is known."""
    return bound.fixed is None and page.today is not None


def _comes_after(bound: Bound, other: Bound) -> bool:
    """Whether it does on any day of answering. Months are of several lengths: within three days it may or may not."""
    if bound.fixed and other.fixed:
        return bound.fixed > other.fixed
    if bound.fixed or other.fixed:
        return False
    months, days = bound.months - other.months, bound.days - other.days
    return months * 30.4375 + days > (3 if months else 0)


def _bound(m: SurveyContext, path: Path, written: str | None, last: bool) -> Bound | None:
    """`last` fills a date without day or month up to its end."""
    if written is None:
        return None
    relative = RELATIVE.fullmatch(" ".join(written.split()))
    if relative is not None:
        m.uses_today = True
        sign, count, unit = (1 if relative[1] == "+" else -1), int(relative[2] or 0), relative[3] or "day"
        return Bound(days=sign * count * DAYS.get(unit, 0), months=sign * count * MONTHS.get(unit, 0))
    parts = DATE.fullmatch(written)
    try:
        if parts is None:
            raise ValueError
        year, month = int(parts[1]), int(parts[2] or (12 if last else 1))
        day = int(parts[3] or (calendar.monthrange(year, month)[1] if last else 1))
        return Bound(datetime.date(year, month, day).isoformat())
    except ValueError:
        remedy = "Write it like 2027-02-28, today, or today - 6 months."
        if re.fullmatch(r"[a-z][a-z0-9_]*", written):
            sign = "<=" if last else ">="
            remedy = f"Write a date; a limit that depends on an answer is a check: `check: {path[-2]} {sign} {written}`."
        m.fault(path, "bad-date", f'"{written}" is not a date', remedy)
        return None
