"""What a form sends for an item, and why it may not be accepted: what all item types share in reading it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from app.languages.catalogues import N_
from app.languages.formats import write_number
from app.survey.codes import Code
from app.survey.items.answer import OFFERED, Option
from app.survey.texts import Text

Form = Mapping[str, Sequence[str]]
Fields = dict[str, list[str]]
Values = dict[str, Any]

#: The reason for not answering that each value of a form means.
REASONS = {sent: reason for reason, sent in OFFERED.items()}
LONGEST_SAID = 200  # characters beside an option that asks to say more
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ue000\ue001\ud800-\udfff]")

ONE_ONLY = N_("Choose one answer only.")
NOT_OFFERED = N_("Choose one of the answers given.")
BOTH = N_("Give an answer or a reason for not answering, not both.")


class Today(NamedTuple):
    """The day on which a page is answered (YYYY-MM-DD), and the time zone that decides which day it is."""

    day: str
    zone: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a field cannot be accepted: a sentence for the respondent, with the values it names.

    `values` are already written in the respondent's language. `say` is the researcher's own sentence, which replaces
    the template and may pipe answers. `confirmed_by` is of a soft check: what the form's `confirmed` must hold for it
    to be accepted as it is.
    """

    field: str
    item: str
    template: str
    values: tuple[tuple[str, Any], ...] = ()
    say: Text | None = None
    confirmed_by: str = ""

    @property
    def message(self) -> str:
        """The sentence in English, or in the researcher's words."""
        if self.say is not None:
            return self.say.plain
        return self.template % dict(self.values) if self.values else self.template


Parsed = tuple[Values, list[Problem]]


@dataclass(frozen=True, slots=True)
class Page:
    """What reading needs besides the item: the form, the language that it is in, the day on which the response began
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


def problem(item: Any, template: str, name: str = "", **values: Any) -> Problem:
    """A problem of an item, or of its field called `name`."""
    return Problem(name or item.id, item.id, template, tuple(values.items()))


# --- choices ---------------------------------------------------------------------------------------------


def pick(item: Any, name: str, page: Page, codes: Mapping[str, Code]) -> Parsed:
    """One of some codes, or a reason for giving none."""
    sent = page.sent(name)
    if not sent:
        return {}, []
    if len(sent) > 1 and len(set(sent)) > 1:
        return {}, [problem(item, ONE_ONLY, name)]
    code = codes.get(sent[0])
    if code is not None:
        return {name: code}, []
    reason = REASONS.get(sent[0])
    if reason in item.offers:
        return {name: missing(reason)}, []
    unseen = f"{item.id}.{sent[0]}" in page.hidden
    return {}, [] if unseen else [problem(item, NOT_OFFERED, name)]


def with_said(
    item: Any, values: Values, chosen: Sequence[Any], page: Page, problems: list[Problem]
) -> Parsed:
    """Adds the text beside each chosen option that asks for one. A text beside an option that is not chosen is no
    answer: people deselect an option and leave what they typed."""
    if len(item.keys) == len(item.names):
        return values, problems
    for option in page.options(item):
        if not option.please_say or option.code not in chosen:
            continue
        name = f"{item.id}.{option.code}"
        text = clean_line(" ".join(page.sent(name)))
        if len(text) > LONGEST_SAID:
            problems = [*problems, too_long(item, name, text, LONGEST_SAID)]
        values = values | {name: text or missing("skipped")}
    return values, problems


# --- what is typed, with reasons in a field beside it ----------------------------------------------------


def reason_beside(item: Any, page: Page, answered: object) -> Parsed | None:
    """The reason given in place of an answer; None where none was given."""
    boxes = page.form.get(f"{item.id}~")
    sent = {value for value in boxes if REASONS.get(value) in item.offers} if boxes else None
    if not sent:
        return None
    if answered or len(sent) > 1:
        return {}, [problem(item, BOTH)]
    reason = missing(REASONS[sent.pop()])
    return {name: reason for name in item.shown_names(page.hidden)}, []


def typed_decimals(number: Decimal) -> int:
    return max(-int(number.as_tuple().exponent), 0)


def clean(text: str) -> str:
    """A text as it is stored: in Unicode's composed form (NFC), in which José typed on any device is the same word."""
    text = text if text.isascii() else unicodedata.normalize("NFC", text)
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def clean_line(text: str) -> str:
    return " ".join(clean(text).split())


def too_long(item: Any, name: str, text: str, longest: int) -> Problem:
    template = N_("Shorten this to %(longest)s characters: it has %(length)s.")
    return problem(item, template, name, longest=longest, length=len(text))
