"""One reader a type of item: from the form's fields to values by name, or to problems. None of them ever raises.

A reader is called with what is shown of its item, so what was not shown cannot be answered.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.interview.dates import Today, limits, to_precision
from app.interview.messages import N_, Problem
from app.interview.path import shown_names
from app.languages.formats import Ambiguous, read_number, write_date, write_number
from app.survey.model import (
    OFFERED,
    BestWorst,
    Bound,
    Code,
    ConstantSum,
    Date,
    Dropdown,
    Item,
    Matrix,
    MultipleChoice,
    Number,
    Option,
    Ranking,
    Rating,
    SemanticDifferential,
    SingleChoice,
    Slider,
    TextItem,
)
from app.survey.patterns import compile_pattern

Form = Mapping[str, Sequence[str]]
Values = dict[str, Any]
Parsed = tuple[Values, list[Problem]]

DECLINED = OFFERED["declined"]
REASONS = {sent: reason for reason, sent in OFFERED.items()}
#: Types whose reasons for not answering stand in a field of their own, `<item>~`.
BESIDE = (Number, TextItem, Date, Ranking, ConstantSum, BestWorst)
LONGEST_SAID = 200  # characters beside an option that asks to say more
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ue000\ue001\ud800-\udfff]")

ONE_ONLY = N_("Choose one answer only.")
NOT_OFFERED = N_("Choose one of the answers given.")
BOTH = N_("Give an answer or a reason for not answering, not both.")


@dataclass(frozen=True, slots=True)
class Page:
    """What readers need beside the item: the form, the language that it is in, the day on which the response began
    and the day of answering (where the instrument uses them), and the options and statements that are not shown."""

    form: Form
    language: str
    began: str | None = None
    hidden: frozenset[str] = frozenset()
    today: Today | None = None

    def sent(self, name: str) -> list[str]:
        values = self.form.get(name)
        return [value for value in values if value != ""] if values else []

    def options(self, item: Any) -> Sequence[Option]:
        """The options that are shown."""
        if not self.hidden:
            return item.options
        return [option for option in item.options if f"{item.id}.{option.code}" not in self.hidden]

    def number(self, value: float | Decimal, decimals: int | None = None) -> str:
        return write_number(value, self.language, decimals)


def missing(reason: str) -> dict[str, str]:
    return {"missing": reason}


def _problem(item: Item, template: str, name: str = "", **values: Any) -> Problem:
    return Problem(name or item.id, item.id, template, tuple(values.items()))


# --- choices ---------------------------------------------------------------------------------------------


def _pick(item: Item, name: str, page: Page, codes: Mapping[str, Code]) -> Parsed:
    """One of some codes, or a reason for giving none."""
    sent = page.sent(name)
    if not sent:
        return {}, []
    if len(sent) > 1 and len(set(sent)) > 1:
        return {}, [_problem(item, ONE_ONLY, name)]
    code = codes.get(sent[0])
    if code is not None:
        return {name: code}, []
    reason = REASONS.get(sent[0])
    if reason in item.offers:
        return {name: missing(reason)}, []
    unseen = f"{item.id}.{sent[0]}" in page.hidden
    return {}, [] if unseen else [_problem(item, NOT_OFFERED, name)]


def _codes(item: Any, page: Page) -> Mapping[str, Code]:
    """The codes that can be chosen, by how a form sends them."""
    return {str(option.code): option.code for option in page.options(item)} if page.hidden else item.codes


def _single_choice(item: SingleChoice, page: Page) -> Parsed:
    values, problems = _pick(item, item.id, page, _codes(item, page))
    return _with_said(item, values, [values.get(item.id)], page, problems)


def _multiple_choice(item: MultipleChoice, page: Page) -> Parsed:
    sent = page.sent(item.id)
    reasons = {value for value in sent if REASONS.get(value) in item.offers} if item.offers else ()
    codes = {item.codes.get(value) for value in sent if value not in reasons}
    if None in codes:
        return {}, [_problem(item, N_("Choose from the answers given."))]
    if reasons:
        both = codes or len(reasons) > 1
        return (
            ({}, [_problem(item, BOTH)]) if both else ({item.id: missing(REASONS[next(iter(reasons))])}, [])
        )
    chosen = [option for option in page.options(item) if option.code in codes]
    alone = next((option for option in chosen if option.exclusive), None) if len(chosen) > 1 else None
    if alone is not None:
        template = N_("“%(option)s” cannot be combined with other answers.")
        return {}, [_problem(item, template, option=alone.label.plain)]
    values = {item.id: [option.code for option in chosen]} if chosen else {}
    return _with_said(item, values, values.get(item.id, []), page, [])


def _with_said(
    item: SingleChoice | MultipleChoice,
    values: Values,
    chosen: Sequence[Any],
    page: Page,
    problems: list[Problem],
) -> Parsed:
    """Adds the words beside each chosen option that asks for them. Words beside an option that is not chosen are
    no answer: people untick an option and leave what they typed."""
    if len(item.keys) == len(item.names):
        return values, problems
    for option in page.options(item):
        if not option.please_say or option.code not in chosen:
            continue
        name = f"{item.id}.{option.code}"
        text = _clean_line(" ".join(page.sent(name)))
        if len(text) > LONGEST_SAID:
            problems = [*problems, _too_long(item, name, text, LONGEST_SAID)]
        values = values | {name: text or missing("skipped")}
    return values, problems


def _rating(item: Rating, page: Page) -> Parsed:
    return _pick(item, item.id, page, item.codes)


def _matrix(item: Matrix, page: Page) -> Parsed:
    values: Values = {}
    problems: list[Problem] = []
    for name in shown_names(item, page.hidden):
        scale = item.row[name].scale if item.columns else ()
        codes = {str(point.code): point.code for point in scale} if scale else item.codes
        value, problem = _pick(item, name, page, codes)
        values |= value
        problems += problem
    return values, problems


# --- what is typed, with reasons in a field beside it ----------------------------------------------------


def _beside(item: Item, page: Page, answered: object) -> Parsed | None:
    """The reason given in place of an answer; None where none was given."""
    boxes = page.form.get(f"{item.id}~")
    sent = {value for value in boxes if REASONS.get(value) in item.offers} if boxes else None
    if not sent:
        return None
    if answered or len(sent) > 1:
        return {}, [_problem(item, BOTH)]
    reason = missing(REASONS[sent.pop()])
    return {name: reason for name in shown_names(item, page.hidden)}, []


def _number(item: Number, page: Page) -> Parsed:
    sent = " ".join(" ".join(page.sent(item.id)).split())
    beside = _beside(item, page, sent)
    if beside is not None or not sent:
        return beside or ({}, [])
    plain = _plain(item, sent)
    if plain is not None:
        return {item.id: plain}, []
    try:
        number = read_number(sent, page.language)
    except Ambiguous as two:
        one, other = (page.number(reading, _typed_decimals(reading)) for reading in two.readings)
        template = N_(
            "This can mean %(one)s or %(other)s. Write it without a thousands separator."
        )
        return {}, [_problem(item, template, one=one, other=other)]
    wrong = _not_a_number(item, page) if number is None else _unfit(item, number, sent, page)
    if wrong is not None or number is None:
        return {}, [wrong] if wrong else []
    return {item.id: float(number) + 0.0 if item.decimals else int(number)}, []  # -0 is 0


def _plain(item: Number, sent: str) -> int | None:
    """A whole number that can be taken as it stands, as most are; None where it has to be looked at."""
    if (
        item.decimals
        or not (sent.isascii() and sent.isdecimal())
        or len(sent) > 15
        or isinstance(item, Slider)
    ):
        return None
    number = int(sent)
    return number if item.least <= number <= item.most else None


def _limits(item: Number, page: Page) -> Values:
    return {"least": page.number(item.least), "most": page.number(item.most)}


def _not_a_number(item: Number, page: Page) -> Problem:
    if not item.decimals:
        return _problem(item, N_("Enter a whole number from %(least)s to %(most)s."), **_limits(item, page))
    template = N_(
        "Enter a number from %(least)s to %(most)s. At most %(decimals)s digits after the decimal separator."
    )
    return _problem(item, template, **_limits(item, page), decimals=item.decimals)


def _typed_decimals(number: Decimal) -> int:
    return max(-int(number.as_tuple().exponent), 0)


def _unfit(item: Number, number: Decimal, sent: str, page: Page) -> Problem | None:
    """Why a number cannot be taken. One that was typed with signs in it is said as it was understood."""
    decimals = _typed_decimals(number)
    if decimals <= item.decimals and Decimal(str(item.least)) <= number <= Decimal(str(item.most)):
        return _off_step(item, number, page) if isinstance(item, Slider) else None
    written = page.number(number, decimals)
    if decimals > item.decimals > 0:
        template = N_("This was read as %(number)s. At most %(decimals)s digits after the decimal separator.")
        return _problem(item, template, number=written, decimals=item.decimals)
    if decimals > item.decimals:
        template = N_("This was read as %(number)s. Enter a whole number from %(least)s to %(most)s.")
        return _problem(item, template, number=written, **_limits(item, page))
    if sent.lstrip("-").isdecimal():
        return _problem(item, N_("The number must be from %(least)s to %(most)s."), **_limits(item, page))
    template = N_("This was read as %(number)s. The number must be from %(least)s to %(most)s.")
    return _problem(item, template, number=written, **_limits(item, page))


def _off_step(item: Slider, number: Decimal, page: Page) -> Problem | None:
    least, step = Decimal(str(item.least)), Decimal(str(item.step))
    beyond = (number - least) % step
    if not beyond:
        return None
    below = number - beyond
    above = min(below + step, Decimal(str(item.most)))
    template = N_("Only steps of %(step)s are allowed: enter %(below)s or %(above)s.")
    values = {"step": page.number(step), "below": page.number(below), "above": page.number(above)}
    return _problem(item, template, **values)


def _text(item: TextItem, page: Page) -> Parsed:
    sent = "\n".join(page.sent(item.id))
    text = _clean_line(sent) if item.lines == 1 else _clean(sent)
    beside = _beside(item, page, text)
    if beside is not None or not text:
        return beside or ({}, [])
    if len(text) > item.max_length:
        return {item.id: text}, [_too_long(item, item.id, text, item.max_length)]
    if item.pattern is not None and not compile_pattern(item.pattern).matches(text):
        return {item.id: text}, [_unlike_pattern(item)]
    return {item.id: text}, []


def _unlike_pattern(item: TextItem) -> Problem:
    if item.example is None:
        return _problem(item, N_("This does not have the required format."))
    return _problem(item, N_("Use the format of the example: %(example)s"), example=item.example)


def _clean(text: str) -> str:
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _clean_line(text: str) -> str:
    return " ".join(_clean(text).split())


def _too_long(item: Item, name: str, text: str, longest: int) -> Problem:
    template = N_("Shorten this to %(longest)s characters: it has %(length)s.")
    return _problem(item, template, name, longest=longest, length=len(text))


# --- dates -----------------------------------------------------------------------------------------------

PARTS = ("year", "month", "day")
PRECISION = {"year": 1, "month": 2, "day": 3}  # how many of PARTS
ABSENT = {
    "year": N_("Enter the year as well."),
    "month": N_("Choose the month as well."),
    "day": N_("Enter the day as well."),
}
WRONG_PART = {
    "year": N_("Enter the year with four digits."),
    "month": N_("Enter the month as a number from 1 to 12."),
    "day": N_("Enter the day as a number from 1 to 31."),
}
DIGITS = {"year": re.compile("[0-9]{4}"), "month": re.compile("0?[1-9]|1[0-2]"), "day": re.compile("0?[1-9]|[12][0-9]|3[01]")}  # fmt: skip


def _date(item: Date, page: Page) -> Parsed:
    parts = PARTS[: PRECISION[item.precision]]
    sent = {part: _digits(" ".join(page.sent(f"{item.id}.{part}"))) for part in parts}
    beside = _beside(item, page, any(sent.values()))
    if beside is not None or not any(sent.values()):
        return beside or ({}, [])
    problems = [
        _problem(item, (WRONG_PART if typed else ABSENT)[part], f"{item.id}.{part}")
        for part, typed in sent.items()
        if not DIGITS[part].fullmatch(typed)
    ]
    if problems:
        return {}, problems
    return _in_calendar(item, [int(typed) for typed in sent.values()], page)


def _digits(typed: str) -> str:
    """What is typed, with the digits of any script as ordinary ones."""
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in typed.strip())


def _in_calendar(item: Date, numbers: list[int], page: Page) -> Parsed:
    year, month, day = (*numbers, 1, 1)[:3]
    if not year:
        return {}, [_problem(item, WRONG_PART["year"], f"{item.id}.year")]
    longest = calendar.monthrange(year, month)[1]
    if day > longest:
        template = N_("This day does not exist: the month has %(days)s days.")
        return {}, [_problem(item, template, f"{item.id}.day", days=longest)]
    iso = to_precision(f"{year:04}-{month:02}-{day:02}", item)
    earliest, latest = limits(item, page.began, page.today)
    if earliest is not None and iso < earliest:
        return {}, [_out_of_limits(item, TOO_EARLY[_counts(item.earliest, page)], earliest, page)]
    if latest is not None and iso > latest:
        return {}, [_out_of_limits(item, TOO_LATE[_counts(item.latest, page)], latest, page)]
    return {item.id: iso}, []


#: Without and with the time zone from whose day a limit counts.
TOO_EARLY = (
    N_("The earliest date allowed is %(date)s."),
    N_("The earliest date allowed is %(date)s. Days are counted in the time zone %(zone)s."),
)
TOO_LATE = (
    N_("The latest date allowed is %(date)s."),
    N_("The latest date allowed is %(date)s. Days are counted in the time zone %(zone)s."),
)


def _counts(bound: Bound, page: Page) -> bool:
    """Whether a limit counts from a day of which the time zone is known."""
    return bound.fixed is None and page.today is not None


def _out_of_limits(item: Date, template: str, limit: str, page: Page) -> Problem:
    zone = {"zone": page.today.zone} if page.today is not None and "%(zone)s" in template else {}
    return _problem(item, template, date=write_date(limit, page.language), **zone)


# --- several fields that make one answer -----------------------------------------------------------------


def _ranking(item: Ranking, page: Page) -> Parsed:
    sent = {option.code: page.sent(f"{item.id}.{option.code}") for option in page.options(item)}
    beside = _beside(item, page, any(sent.values()))
    if beside is not None or not any(sent.values()):
        return beside or ({}, [])
    problems = []
    places: dict[int, list[Code]] = {}
    for code, values in sent.items():
        place = _place(values, item.top)
        if place is not None:
            places.setdefault(place, []).append(code)
        elif values:
            template = N_("Choose one rank from 1 to %(top)s.")
            problems.append(_problem(item, template, f"{item.id}.{code}", top=item.top))
    # Options that an answer has just hidden may have had places: the others then close up.
    problems += _shared(item, places) or ([] if problems or page.hidden else _gap(item, places))
    return ({}, problems) if problems else ({item.id: [places[place][0] for place in sorted(places)]}, [])


def _place(values: Sequence[str], top: int) -> int | None:
    named = set(values)
    return next((place for place in range(1, top + 1) if named == {str(place)}), None)


def _shared(item: Ranking, places: Mapping[int, Sequence[Code]]) -> list[Problem]:
    template = N_("Rank %(place)s is used more than once: give each rank to one answer.")
    return [
        _problem(item, template, f"{item.id}.{code}", place=place)
        for place, codes in sorted(places.items())
        for code in codes[1:]
    ]


def _gap(item: Ranking, places: Iterable[int]) -> list[Problem]:
    taken = set(places)
    free = next((place for place in range(1, max(taken)) if place not in taken), None)
    return (
        []
        if free is None
        else [_problem(item, N_("Rank %(place)s is not used."), place=free)]
    )


def _constant_sum(item: ConstantSum, page: Page) -> Parsed:
    names = shown_names(item, page.hidden)
    sent = {name: " ".join(page.sent(name)).strip() for name in names}
    beside = _beside(item, page, any(sent.values()))
    if beside is not None or not any(sent.values()):
        return beside or ({}, [])
    values, problems = {}, []
    for name, typed in sent.items():
        number = _part(typed, item.total, page.language)
        if number is None:
            template = N_("Enter a whole number from 0 to %(total)s.")
            problems.append(_problem(item, template, name, total=page.number(item.total)))
        else:
            values[name] = number
    problems = problems or _off_total(item, sum(values.values()), page)
    return ({}, problems) if problems else (values, [])


def _part(typed: str, total: int, language: str) -> int | None:
    """A part of a constant sum, 0 where nothing is typed; None for what cannot be one."""
    if not typed:
        return 0
    try:
        number = read_number(typed, language)
    except Ambiguous:
        return None
    whole = number is not None and not _typed_decimals(number) and 0 <= number <= total
    return int(number) if number is not None and whole else None


def _off_total(item: ConstantSum, added: int, page: Page) -> list[Problem]:
    if added == item.total:
        return []
    values = {
        "sum": page.number(added),
        "total": page.number(item.total),
        "off": page.number(abs(item.total - added)),
    }
    if added < item.total:
        return [
            _problem(item, N_("This adds up to %(sum)s. To reach %(total)s, %(off)s is missing."), **values)
        ]
    return [_problem(item, N_("This adds up to %(sum)s. That is %(off)s more than %(total)s."), **values)]


def _best_worst(item: BestWorst, page: Page) -> Parsed:
    beside = _beside(item, page, any(page.sent(name) for name in item.names))
    if beside is not None:
        return beside
    values: Values = {}
    problems: list[Problem] = []
    for name in item.names:
        value, problem = _one_of(item, name, page)
        values |= value
        problems += problem
    if len(values) == 2 and len(set(values.values())) == 1:
        return {}, [_problem(item, N_("Choose two different answers."), item.names[1])]
    return values, problems


def _one_of(item: BestWorst, name: str, page: Page) -> Parsed:
    sent = set(page.sent(name))
    if len(sent) > 1:
        return {}, [_problem(item, ONE_ONLY, name)]
    sent = {value for value in sent if f"{item.id}.{value}" not in page.hidden}
    if not sent:
        return {}, []
    code = item.codes.get(sent.pop())
    return ({}, [_problem(item, NOT_OFFERED, name)]) if code is None else ({name: code}, [])


#: By the type of the item.
READERS: dict[type[Item], Callable[[Any, Page], Parsed]] = {
    SingleChoice: _single_choice,
    Dropdown: _single_choice,
    MultipleChoice: _multiple_choice,
    Rating: _rating,
    Matrix: _matrix,
    SemanticDifferential: _matrix,
    Number: _number,
    Slider: _number,
    TextItem: _text,
    Date: _date,
    Ranking: _ranking,
    ConstantSum: _constant_sum,
    BestWorst: _best_worst,
}
