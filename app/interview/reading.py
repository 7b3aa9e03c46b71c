"""Reading a page's form: fields as the browser sent them become answers, or problems. Never raises."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.instrument.model import (
    Code,
    Item,
    Matrix,
    MultipleChoice,
    Note,
    Number,
    Rating,
    Section,
    SingleChoice,
    TextItem,
)
from app.interview.path import Answers

Form = Mapping[str, Sequence[str]]

DECLINED = "~declined"
LONGEST_SAID = 200  # characters beside an option that asks to say more
#: Spaces may stand between thousands: what else stands apart is not one number.
WHOLE_NUMBER = re.compile(r"-? ?(?:[0-9]{1,15}|[0-9]{1,3}(?: [0-9]{3}){1,4})")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ue000\ue001\ud800-\udfff]")


def missing(reason: str) -> dict[str, str]:
    return {"missing": reason}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a field cannot be accepted: a sentence for the respondent, with the values it names."""

    field: str
    item: str
    template: str
    values: tuple[tuple[str, Any], ...] = ()

    @property
    def message(self) -> str:
        return self.template % dict(self.values) if self.values else self.template


@dataclass(slots=True)
class Reading:
    """What a page's form says.

    `answers` are the names to set and `cleared` those to remove; both only of items that are on the path
    and were displayed. `skipped` are ids of optional items left open that have not been asked about yet;
    `revealed` are ids of items that these answers put on the path and that the respondent has not seen.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    cleared: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    revealed: list[str] = field(default_factory=list)

    def applied(self, answers: Answers) -> dict[str, Any]:
        """The response's answers with this page's in them."""
        kept = {name: value for name, value in answers.items() if name not in self.cleared}
        return kept | self.answers


def read_section(section: Section, form: Form, earlier: Answers) -> Reading:
    """Reads a section's form; `earlier` holds the answers on the path before this section."""
    reading = Reading()
    known = dict(earlier)
    shown, asked = set(form.get("shown", ())), set(form.get("asked", ()))
    for item in section.items:
        if item.show_if is not None and item.show_if.holds(known) is not True:
            continue
        if isinstance(item, Note):
            continue
        if item.id not in shown:
            reading.revealed.append(item.id)
            continue
        _read_item(item, form, reading, item.id in asked)
        for name in item.keys:
            if name in reading.answers:
                known[name] = reading.answers[name]
    return reading


def _read_item(item: Item, form: Form, reading: Reading, asked: bool) -> None:
    values, problems = _READERS[type(item)](item, form)
    reading.problems += problems
    open_names = [name for name in item.names if name not in values]
    if open_names and not problems:
        if item.required:
            reading.problems += [_required(item, name) for name in open_names]
        elif asked:
            values |= {name: missing("skipped") for name in open_names}
        else:
            reading.skipped.append(item.id)
    reading.answers |= values
    for name in item.keys:
        if name not in values:
            reading.cleared.add(name)


def _required(item: Item, name: str) -> Problem:
    match item:
        case MultipleChoice():
            text = "Choose one answer or more."
        case Number():
            text = "Enter a number."
        case TextItem():
            text = "Write an answer."
        case _:
            text = "Choose an answer."
    return Problem(name, item.id, text)


# --- one reader a type: (item, form) -> the values by name, and the problems ------------------------------

Values = dict[str, Any]
Parsed = tuple[Values, list[Problem]]


def _sent(form: Form, name: str) -> list[str]:
    return [value for value in form.get(name, ()) if value != ""]


def _pick(item: Item, name: str, form: Form) -> Parsed:
    sent = _sent(form, name)
    if not sent:
        return {}, []
    if len(set(sent)) > 1:
        return {}, [Problem(name, item.id, "Choose one answer only.")]
    if sent[0] == DECLINED and item.decline:
        return {name: missing("declined")}, []
    code = item.codes.get(sent[0])
    if code is None:
        return {}, [Problem(name, item.id, "Choose one of the answers given.")]
    return {name: code}, []


def _single_choice(item: SingleChoice, form: Form) -> Parsed:
    values, problems = _pick(item, item.id, form)
    said = _all_said(item, form)
    if not said:
        return values, problems
    typed = [code for code, text in said.items() if text]
    if not values and not problems and typed:
        values = {item.id: typed[0]}  # what was typed beside an option chooses it
    return _with_said(item, values, [values.get(item.id)], said, problems)


def _multiple_choice(item: MultipleChoice, form: Form) -> Parsed:
    sent = _sent(form, item.id)
    said = _all_said(item, form)
    codes = {item.codes.get(value) for value in sent if value != DECLINED}
    declined = DECLINED in sent
    if None in codes or (declined and not item.decline):
        return {}, [Problem(item.id, item.id, "Choose from the answers given.")]
    if declined and codes:
        return {}, [Problem(item.id, item.id, "Choose answers, or prefer not to say: not both.")]
    if declined:
        return {item.id: missing("declined")}, []
    codes |= {code for code, text in said.items() if text}
    chosen = [option for option in item.options if option.code in codes]
    alone = next((option for option in chosen if option.exclusive), None)
    if alone is not None and len(chosen) > 1:
        template = "“%(option)s” cannot be combined with other answers."
        return {}, [Problem(item.id, item.id, template, (("option", alone.label.plain),))]
    values = {item.id: [option.code for option in chosen]} if chosen else {}
    return _with_said(item, values, values.get(item.id, []), said, [])


def _all_said(item: SingleChoice | MultipleChoice, form: Form) -> dict[Code, str]:
    """What was typed beside each option that asks for it."""
    if len(item.keys) == len(item.names):
        return {}
    return {
        option.code: _clean_line(" ".join(_sent(form, f"{item.id}.{option.code}")))
        for option in item.options
        if option.please_say
    }


def _with_said(
    item: SingleChoice | MultipleChoice,
    values: Values,
    chosen: Sequence[Any],
    said: dict[Code, str],
    problems: list[Problem],
) -> Parsed:
    for code, text in said.items():
        if code not in chosen:
            continue
        name = f"{item.id}.{code}"
        if len(text) > LONGEST_SAID:
            problems = [*problems, _too_long(item, name, text, LONGEST_SAID)]
        values = values | {name: text or missing("skipped")}
    return values, problems


def _rating(item: Rating, form: Form) -> Parsed:
    return _pick(item, item.id, form)


def _matrix(item: Matrix, form: Form) -> Parsed:
    values: Values = {}
    problems: list[Problem] = []
    for name in item.names:
        value, problem = _pick(item, name, form)
        values |= value
        problems += problem
    return values, problems


def _with_declining(item: Item, form: Form, value: Any) -> Parsed | None:
    """The answer where one declines in a box beside the field; None where the box is not ticked."""
    if not (item.decline and DECLINED in form.get(f"{item.id}~", ())):
        return None
    if value:
        return {}, [Problem(item.id, item.id, "Answer, or prefer not to say: not both.")]
    return {item.id: missing("declined")}, []


def _number(item: Number, form: Form) -> Parsed:
    sent = " ".join(" ".join(_sent(form, item.id)).split()).replace("\u2212", "-")
    declined = _with_declining(item, form, sent)
    if declined is not None or not sent:
        return declined or ({}, [])
    limits = (("least", item.least), ("most", item.most))
    if not WHOLE_NUMBER.fullmatch(sent):
        return {}, [Problem(item.id, item.id, "Enter a whole number from %(least)s to %(most)s.", limits)]
    number = int(sent.replace(" ", ""))
    if not item.least <= number <= item.most:
        return {}, [Problem(item.id, item.id, "The number must be from %(least)s to %(most)s.", limits)]
    return {item.id: number}, []


def _text(item: TextItem, form: Form) -> Parsed:
    sent = "\n".join(_sent(form, item.id))
    text = _clean_line(sent) if item.lines == 1 else _clean(sent)
    declined = _with_declining(item, form, text)
    if declined is not None or not text:
        return declined or ({}, [])
    problems = [_too_long(item, item.id, text, item.max_length)] if len(text) > item.max_length else []
    return {item.id: text}, problems


def _clean(text: str) -> str:
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _clean_line(text: str) -> str:
    return " ".join(_clean(text).split())


def _too_long(item: Item, name: str, text: str, longest: int) -> Problem:
    template = "Shorten this to %(longest)s characters: it has %(length)s."
    return Problem(name, item.id, template, (("longest", longest), ("length", len(text))))


_READERS: dict[type[Item], Any] = {
    SingleChoice: _single_choice,
    MultipleChoice: _multiple_choice,
    Rating: _rating,
    Matrix: _matrix,
    Number: _number,
    TextItem: _text,
}


# --- and back: stored answers as the form's fields --------------------------------------------------------


def fields_of(section: Section, answers: Answers) -> dict[str, list[str]]:
    """The form's fields that would give these answers again, `asked` for what was skipped included."""
    fields: dict[str, list[str]] = {}
    asked = []
    for item in section.items:
        for name in item.keys:
            value = answers.get(name)
            if value is None:
                continue
            kind = type(value)
            if kind is dict:
                if value.get("missing") == "skipped" and name in item.names:
                    asked.append(item.id)
                elif value.get("missing") == "declined":
                    fields[f"{name}~" if isinstance(item, Number | TextItem) else name] = [DECLINED]
            else:
                fields[name] = [str(part) for part in value] if kind is list else [str(value)]
    if asked:
        fields["asked"] = list(dict.fromkeys(asked))
    return fields
