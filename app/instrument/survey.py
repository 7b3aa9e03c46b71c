"""From the bytes of a survey file to an instrument, or to everything that is wrong with it."""

from __future__ import annotations

import datetime
import hashlib
import keyword
import re
from collections.abc import Iterator
from typing import Any

from app.errors import Fault, did_you_mean, one_of
from app.instrument.codebook import codebook
from app.instrument.columns import collisions
from app.instrument.condition import (
    FUNCTIONS,
    Condition,
    ConditionFault,
    Scope,
    Subject,
    UnsoundSubject,
    parse_condition,
    subjects,
)
from app.instrument.model import (
    Instrument,
    Item,
    Matrix,
    MultipleChoice,
    Note,
    Number,
    Option,
    Rating,
    ResultsPolicy,
    Section,
    SingleChoice,
    Statement,
    TextItem,
)
from app.instrument.places import Document, Path, read_yaml
from app.instrument.shape import (
    MatrixShape,
    MultipleChoiceShape,
    NoteShape,
    NumberShape,
    OptionShape,
    RatingShape,
    SectionShape,
    SurveyShape,
    TextShape,
    read_shape,
)
from app.instrument.texts import PipingFault, Text, pipes

ID = re.compile(r"[a-z][a-z0-9_]{0,62}")
SURVEY_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
#: Names that stand for something else among the researchers' addresses.
RESERVED_SURVEYS = ("account", "sign-out", "sign-out-everywhere")
#: Words that the addresses of a survey's pages need for themselves.
RESERVED_SECTIONS = ("submit", "done", "begin", "forget")
RESERVED_ITEMS = (*FUNCTIONS, *keyword.kwlist, "true", "false", "token", "version", "shown", "asked")
RESERVED_CODES = ("true", "false", "null")  # what reads the data would take them for something else
CODED = ("option", "point")
LARGEST_NUMBER = 10**15
LARGEST_CODE = 10_000
MOST_OPTIONS = 500


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def read_survey(source: bytes, survey: str, file: str | None = None) -> tuple[Instrument | None, list[Fault]]:
    """Reads the survey called `survey`. The instrument is None when there is any fault.

    Faults are sorted by place; `file` is the name they bear. Never raises for bad input.
    """
    document = read_yaml(source, file or f"{survey}.yaml")
    if not SURVEY_ID.fullmatch(survey):
        document.fault(
            (1, 1), "bad-file-name", f'"{survey}" cannot be a survey\'s id',
            "Name the file with small letters, digits and hyphens, such as leaving-practice.yaml.",
        )  # fmt: skip
    if survey in RESERVED_SURVEYS:
        document.fault(
            (1, 1),
            "reserved-id",
            f'"{survey}" has a meaning of its own',
            f"Name the file {survey}-survey.yaml.",
        )
    shaped = read_shape(document)
    instrument = None
    if shaped.survey is not None:
        instrument = _Meaning(document, shaped.survey, shaped.broken).instrument(survey, document.text)
    faults = sorted(set(document.faults))
    return (None if faults else instrument), faults


class _Meaning:
    """Turns a well-shaped survey into an instrument, and reports all that does not make sense."""

    def __init__(self, document: Document, survey: SurveyShape, broken: frozenset[str]):
        self.document, self.survey, self.broken = document, survey, broken
        self.before: dict[str, Subject] = {}  # what the items before this one can be called
        self.on_earlier_pages: set[str] = set()
        self.all_ids = {str(name) for section in survey.sections.values() for name in section.items}
        self.notes = frozenset(
            str(name)
            for section in survey.sections.values()
            for name, item in section.items.items()
            if isinstance(item, NoteShape)
        )
        self.first: dict[str, Path] = {}  # where each item's id stands
        self.doubled: set[str] = set()

    def fault(self, path: Path, code: str, what: str, remedy: str, key: bool = False) -> None:
        mark = self.document.key(path) if key else self.document.at(path)
        self.document.fault(mark, code, what, remedy)

    def instrument(self, survey: str, source: str) -> Instrument:
        shape = self.survey
        self.check_dates()
        self.check_not_yet()
        if not shape.sections and not self.document.root.get("sections"):
            self.fault(
                ("sections",), "too-few", "the survey has no section", "Add one with its items.", key=True
            )
        for name in shape.scales:
            self.check_id(("scales", name), name, "scale")
            self.scale(("scales", name), shape.scales[name])
        instrument = Instrument(
            survey=survey,
            digest=hashlib.sha256(source.encode()).hexdigest(),
            source=source,
            title=shape.title,
            description=self.text(("description",), shape.description),
            language=shape.languages[0] if shape.languages else "en",
            privacy=shape.privacy,
            consent=self.text(("consent",), shape.consent),
            thanks=self.text(("thanks",), shape.thanks),
            opens=shape.opens,
            closes=shape.closes,
            results=self.results(),
            sections=tuple(self.sections()),
        )
        self.check_columns(instrument)
        return instrument

    def check_columns(self, instrument: Instrument) -> None:
        for name, first, second in collisions(codebook(instrument).variables):
            if second.item in self.doubled:
                continue
            itself = first is not None and first.item == second.item
            other = f"for {first.item}" if first else "for the response itself"
            self.fault(
                ("sections", second.section, "items", second.item),
                "duplicate-column",
                f'"{second.item}" would have the column {name} in the data{" twice" if itself else f", which is there {other}"}',
                "Give one of its options or statements another id."
                if itself
                else f"Give {second.item} another id.",
                key=True,
            )

    # the survey as a whole

    def check_dates(self) -> None:
        dates = {}
        for key in ("opens", "closes"):
            written = getattr(self.survey, key)
            if written is None:
                continue
            try:
                if len(written) != 10:
                    raise ValueError
                dates[key] = datetime.date.fromisoformat(written)
            except ValueError:
                self.fault((key,), "bad-date", f'"{written}" is not a date', "Write it like 2027-02-28.")
        if len(dates) == 2 and dates["closes"] < dates["opens"]:
            self.fault(
                ("closes",), "bad-dates", "the survey closes before it opens", "Exchange the two dates."
            )

    def check_not_yet(self) -> None:
        if self.survey.access == "invited":
            self.fault(
                ("access",), "not-yet", "invitations are not part of this version", "Write `access: open`."
            )
        if len(self.survey.languages) != 1:
            self.fault(
                ("languages",),
                "not-yet",
                "a survey has one language in this version",
                "Write `languages: [en]`.",
            )
        for index, language in enumerate(self.survey.languages):
            if not re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", language):
                self.fault(
                    ("languages", index),
                    "bad-language",
                    f'"{language}" is not a language code',
                    "Write it like en, de or pt-BR.",
                )

    def results(self) -> ResultsPolicy:
        shape = self.survey.results
        every = shape.release_every if shape.release_every is not None else shape.floor
        if every < shape.floor:
            self.fault(
                ("results", "release_every"), "bad-value",
                f"results released every {every} responses would show groups smaller than the floor of {shape.floor}",
                f"Write {shape.floor} or more.",
            )  # fmt: skip
        return ResultsPolicy(shape.show_to, shape.floor, every)

    def sections(self) -> Iterator[Section]:
        for name, shape in self.survey.sections.items():
            path: Path = ("sections", name)
            self.check_id(path, name, "section", RESERVED_SECTIONS)
            if not shape.items and not any(str(broken) in self.broken for broken in self.raw_items(path)):
                self.fault(
                    path,
                    "too-few",
                    f'section "{name}" has no items',
                    "Add one, or remove the section.",
                    key=True,
                )
            yield self.section(path, str(name), shape)

    def raw_items(self, path: Path) -> Any:
        items = self.document.root.get("sections", {}).get(path[1], {}).get("items")
        return items if isinstance(items, dict) else ()

    def section(self, path: Path, name: str, shape: SectionShape) -> Section:
        self.on_earlier_pages = set(self.before)
        show_if = self.condition((*path, "show_if"), shape.show_if)
        title = self.text((*path, "title"), shape.title)
        items = tuple(self.item((*path, "items", key), key, item) for key, item in shape.items.items())
        return Section(name, title, items, show_if)

    # items

    def check_id(self, path: Path, name: Any, what: str, reserved: tuple[str, ...] = ()) -> None:
        if not isinstance(name, str) or not ID.fullmatch(name):
            self.fault(
                path,
                "bad-id",
                f'"{name}" cannot be the {"code" if what in CODED else "id"} of {_a(what)}',
                "Use small letters, digits and underscores, beginning with a letter"
                + (", or a whole number." if what in CODED else "."),
                key=True,
            )
        elif name in reserved:
            self.fault(
                path,
                "reserved-id",
                f'"{name}" has a meaning of its own',
                f"Give the {what} another id, such as {name}_1.",
                key=True,
            )

    def item(self, path: Path, key: Any, shape: Any) -> Item:
        name = str(key)
        self.check_id(path, key, "item", RESERVED_ITEMS)
        first = self.first.setdefault(name, path)
        if first != path:
            self.doubled.add(name)
            line = self.document.key(first)[0]
            self.fault(
                path,
                "duplicate-id",
                f'another item is called "{name}" (on line {line})',
                "Give one of the two another id.",
                key=True,
            )
        common: dict[str, Any] = {"id": name, "show_if": self.condition((*path, "show_if"), shape.show_if)}
        if isinstance(shape, NoteShape):
            return Note(ask=self.said((*path, "text"), shape.text), **common)
        common |= {
            "ask": self.said((*path, "ask"), shape.ask),
            "hint": self.text((*path, "hint"), shape.hint),
            "required": shape.required,
            "offers": {"declined": None} if shape.decline else {},
        }
        item = self.typed(path, shape, common)
        self.before.update({subject.name: subject for subject in subjects(item)})
        return item

    def typed(self, path: Path, shape: Any, common: dict[str, Any]) -> Item:
        if isinstance(shape, MatrixShape):
            scale, statements = self.scale_of((*path, "scale"), shape.scale), self.statements(path, shape)
            return Matrix(scale=scale, statements=statements, **common)
        if isinstance(shape, RatingShape):
            return Rating(scale=self.scale_of((*path, "scale"), shape.scale), **common)
        if isinstance(shape, NumberShape):
            return self.number(path, shape, common)
        if isinstance(shape, TextShape):
            longest = shape.max_length or (200 if shape.lines == 1 else 2000)
            return TextItem(lines=shape.lines, max_length=longest, **common)
        several = isinstance(shape, MultipleChoiceShape)
        options = self.options((*path, "options"), shape.options, several)
        return (
            MultipleChoice(options=options, **common) if several else SingleChoice(options=options, **common)
        )

    def number(self, path: Path, shape: NumberShape, common: dict[str, Any]) -> Number:
        least, most = shape.range
        if least >= most:
            self.fault(
                (*path, "range"),
                "bad-value",
                "the range's least is not below its most",
                f"Write [{most}, {least}]." if least > most else "Leave room between them.",
            )
        if max(abs(least), abs(most)) > LARGEST_NUMBER:
            self.fault(
                (*path, "range"),
                "bad-value",
                "the range is too wide to be kept exactly",
                "Stay below 1000000000000000.",
            )
        return Number(least=least, most=most, unit=self.text((*path, "unit"), shape.unit), **common)

    def statements(self, path: Path, shape: MatrixShape) -> tuple[Statement, ...]:
        where: Path = (*path, "statements")
        if not shape.statements:
            self.fault(where, "too-few", "the matrix has no statements", "Add `id: text` lines.")
        for key in shape.statements:
            self.check_id((*where, key), key, "statement", RESERVED_ITEMS)
        return tuple(
            Statement(str(key), self.said((*where, key), text)) for key, text in shape.statements.items()
        )

    # options and scales

    def options(self, path: Path, shapes: dict[Any, OptionShape], several: bool) -> tuple[Option, ...]:
        self.check_codes(path, shapes, "option")
        for code, shape in shapes.items():
            if shape.exclusive and not several:
                self.fault(
                    (*path, code, "exclusive"),
                    "bad-value",
                    "only a multiple_choice has exclusive options",
                    "Leave `exclusive` out.",
                    key=True,
                )
        return tuple(
            Option(
                code,
                self.said(self.label_path((*path, code)), shape.label),
                shape.please_say,
                shape.exclusive,
            )
            for code, shape in shapes.items()
        )

    def label_path(self, path: Path) -> Path:
        return (*path, "label") if (*path, "label") in self.document.values else path

    def check_codes(self, path: Path, codes: dict[Any, Any], what: str) -> None:
        if len(codes) < 2:
            self.fault(
                path,
                "too-few",
                f"there {'is one' if codes else 'is no'} {what} to choose from",
                "Give two or more.",
            )
        if len(codes) > MOST_OPTIONS:
            self.fault(path, "too-large", f"there are more than {MOST_OPTIONS} {what}s", "Group them.")
        for code in codes:
            if not isinstance(code, int):
                self.check_id((*path, code), code, what, RESERVED_CODES)
            elif abs(code) > LARGEST_CODE:
                remedy = f"Stay between -{LARGEST_CODE} and {LARGEST_CODE}."
                self.fault((*path, code), "bad-value", f"{code} is too large for a code", remedy, key=True)
        if len({isinstance(code, int) for code in codes}) == 2:
            first = isinstance(next(iter(codes)), int)
            odd = next(code for code in codes if isinstance(code, int) is not first)
            self.fault(
                (*path, odd),
                "bad-value",
                f"some {what}s have numbers as codes and some have words",
                "Use one kind throughout.",
                key=True,
            )

    def scale_of(self, path: Path, scale: Any) -> tuple[Option, ...]:
        if isinstance(scale, str):
            if scale in self.survey.scales:
                return self.scale(("scales", scale), self.survey.scales[scale], report=False)
            known = did_you_mean(scale, self.survey.scales) or (
                f"Scales: {one_of(self.survey.scales)}."
                if self.survey.scales
                else "Define it under `scales:`, or write its `1: label` lines here."
            )
            self.fault(path, "unknown-scale", f'no scale is called "{scale}"', known)
            return ()
        return self.scale(path, scale)

    def scale(self, path: Path, points: Any, report: bool = True) -> tuple[Option, ...]:
        if not isinstance(points, dict):
            if report:
                self.fault(
                    path,
                    "not-a-mapping",
                    f'"{path[-1]}" is not a scale',
                    "Write one `1: label` a line under it, or name a scale.",
                )
            return ()
        if report:
            self.check_codes(path, points, "point")
        return tuple(Option(code, self.point((*path, code), label, report)) for code, label in points.items())

    def point(self, path: Path, label: Any, report: bool) -> Text:
        """A point of a scale may go without a label; it then shows its number."""
        if label is None:
            return Text("")
        if isinstance(label, bool | dict | list):
            if report:
                self.fault(path, "not-text", "a point's label is not a text", "Put it in quotes.")
            return Text("")
        return self.said(path, str(label)) if report else Text(str(label))

    # texts and conditions

    def text(self, path: Path, source: str | None) -> Text | None:
        return None if source is None else self.said(path, source)

    def said(self, path: Path, source: str) -> Text:
        text = Text(source)
        try:
            names = pipes(source)
        except PipingFault as error:
            self.document.fault(
                self.document.inside(path, error.offset), "bad-piping", str(error),
                "Pipe an answer with its item's id, {like_this}; write {{ and }} for braces themselves.",
            )  # fmt: skip
            return text
        for name, offset in names:
            self.check_pipe(path, name, offset)
        if names and not text.keeps_its_pipes():
            self.fault(
                path,
                "bad-piping",
                "an answer is piped into the address of a link",
                "Pipe it into the words of a text only.",
            )
        return text

    def check_pipe(self, path: Path, name: str, offset: int) -> None:
        mark = self.document.inside(path, offset)
        subject = self.before.get(name)
        item = name.split(".")[0]
        if item in self.broken:
            return
        if item in self.notes:
            self.document.fault(
                mark, "bad-piping", f'"{item}" is a note, which has no answer', "Pipe an item that asks."
            )
        elif subject is not None and subject.kind == "matrix":
            self.document.fault(
                mark,
                "bad-piping",
                f'"{name}" is a matrix',
                f"Pipe one of its statements: {one_of(subject.statements)}.",
            )
        elif subject is not None and name not in self.on_earlier_pages:
            self.document.fault(
                mark,
                "piping-asked-later",
                f'"{name}" is asked on the same page',
                "Move the item that pipes it to a later section.",
            )
        elif subject is None and item in self.all_ids and item not in self.before:
            self.document.fault(
                mark,
                "piping-asked-later",
                f'"{name}" is not asked before this page',
                "Pipe only what comes on an earlier page.",
            )
        elif subject is None:
            known = (
                did_you_mean(name, [*self.before, *self.all_ids, *self.broken])
                or "Write {{ and }} for braces themselves."
            )
            self.document.fault(mark, "piping-unknown-name", f'no item is called "{name}"', known)

    def condition(self, path: Path, source: str | None) -> Condition | None:
        if source is None:
            return None
        asked = {name.split(".")[0] for name in self.before}
        later = frozenset(self.all_ids - asked - self.notes)
        try:
            return parse_condition(source, Scope(self.before, later, self.notes, self.broken))
        except UnsoundSubject:
            return None
        except ConditionFault as error:
            for each in (error, *error.further):
                mark = self.document.inside(path, each.offset)
                self.document.fault(mark, each.code, each.what, each.remedy)
            return None
