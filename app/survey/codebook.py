"""The codebook: every variable of a survey's data, in the order in which it is asked.

First comes what was given to a response before it was asked anything (its language, its arms), then what it
was asked, then what was drawn for it (vignettes, orders), what follows from its answers (computed values,
scores), and what ended it early.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from app.survey.conditions.language import Condition
from app.survey.items.base import Answer, Item, Option, Statement
from app.survey.model import Code, Computed, Drawn, Instrument, Quota, Score, ScreenOut, Section
from app.survey.versions.comparability import Lines

#: What each missing reason means, as codebooks explain it.
REASON_MEANINGS = {
    "not_shown": "the item or option was not on the respondent's path, or not in the version answered",
    "skipped": "the item was shown and left unanswered",
    "declined": "the respondent chose not to say",
    "dont_know": "the respondent chose don't know",
    "not_applicable": "the respondent chose not applicable",
    "not_reached": "the respondent left before the item's page",
}
TRUTH = ((0, "No"), (1, "Yes"))
ENDED = "~ended"
LANGUAGE = "language"
IN_THEIR_WORDS = " (in their words)"  # after the label of an option, of the text beside it
Gates = tuple[Condition | None, ...]
#: Kinds of variables whose value is one of a few codes; the others have a column of values beside their reasons.
CODED_KINDS = ("choice", "flag", "rank")


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of the data.

    `kind` is choice (one of `codes`), flag (an option of a multiple_choice: chosen or not), rank (an option of a
    ranking: its place, one of `codes`), number, date (ISO 8601), text, or order (ids or codes with spaces
    between). `key` is the name under which the answer is stored; of flags and ranks, of the list of codes.
    `type` is the item's, or what it is instead of an item: language, arm, vignette, order, computed, score,
    ended.
    """

    name: str
    key: str
    item: str
    section: str  # "" for what is not asked
    type: str
    kind: str
    ask: str
    codes: tuple[tuple[Code, str], ...] = ()  # of an order: all that it holds
    statement: str | None = None  # the statement's text, in a matrix
    column: str | None = None  # the column's label, in a matrix with columns
    option: Code | None = None  # the option's code, for flags, ranks, sums and "please say" texts
    option_label: str | None = None
    part: str = ""  # the option or statement that it belongs to, as `<item>.<code or id>`
    base: str | None = None  # the conditions under which it is asked
    item_base: str | None = None  # those of its item, without that of its option or statement
    unless: tuple[str, ...] = ()  # screen-outs and quotas that may end the path before it
    apart: bool = False  # an option that may be missing although others of its item are not
    least: float | None = None
    most: float | None = None
    decimals: int | None = 0  # None for a computed number, which may have any
    unit: str | None = None
    precision: str | None = None  # of a date: day, month or year
    required: bool = False
    offers: tuple[tuple[str, str], ...] = ()  # reasons for not answering that it offers, each with its words or ""
    score: Score | None = None
    generation: str = ""  # of an older version that does not merge: the end of its name, _v1, _v2 ...
    measure: str = "nominal"  # nominal | ordinal | interval
    figure: str = "distribution"  # what the results of its item show (`items.base.Figure`)
    poles: tuple[str, str] | None = None  # the two ends of a bipolar pair
    net: tuple[int, int] | None = None  # of a net figure: the last code that counts against, the first that counts for
    group: str = ""  # variables of one group count only together: the item's id
    long_list: bool = False  # too many codes to show all of them in a chart
    below: tuple[float | None, ...] = ()  # of the bands of a score: what the scores of each are below

    @property
    def label(self) -> str:
        """What it holds, in one line."""
        parts = (self.ask, self.statement, self.column, self.option_label)
        return " – ".join(part for part in parts if part)

    @property
    def decline(self) -> bool:
        return "declined" in dict(self.offers)

    @property
    def is_coded(self) -> bool:
        return self.kind in CODED_KINDS

    @property
    def is_of_several(self) -> bool:
        """Whether it is one of the columns that hold one answer, a list of codes."""
        return self.kind in ("flag", "rank")

    @property
    def is_said(self) -> bool:
        """Whether it is what was said beside an option."""
        return self.kind == "text" and self.option is not None

    @property
    def may_be_missing(self) -> bool:
        """Whether it is asked or follows from what is: what is given is there wherever the version knows it."""
        return bool(self.section) or self.type in ("computed", "score")

    @property
    def is_derived(self) -> bool:
        """Whether it follows from the answers, and is not stored with them."""
        return self.type in ("computed", "score", "ended")


@dataclass(frozen=True)
class Codebook:
    survey: str
    title: str
    variables: tuple[Variable, ...]

    @cached_property
    def variable(self) -> dict[str, Variable]:
        return {variable.name: variable for variable in self.variables}


def codebook(instrument: Instrument) -> Codebook:
    drawn = [_drawn(each) for each in instrument.drawn]
    languages = [_language(instrument.languages)] if len(instrument.languages) > 1 else []
    arms = [each for each in drawn if each.type == "arm"]
    asked = [each for section in instrument.sections for each in _asked(instrument, section)]
    further = [each for each in drawn if each.type != "arm"]
    worked_out = [_computed(instrument, each) for each in instrument.computed]
    variables = (*languages, *arms, *asked, *further, *worked_out, *_ended(instrument))
    return Codebook(instrument.survey, instrument.title, variables)


def _asked(instrument: Instrument, section: Section) -> Iterator[Variable]:
    unless = tuple(_endings_before(instrument, section))
    for item in section.items:
        for variable in _variables(section, item):
            yield replace(variable, unless=unless) if unless else variable


def _endings_before(instrument: Instrument, section: Section) -> Iterator[str]:
    """Screen-outs and quotas that depend on something asked before a section, or given, and so may keep one from it."""
    before = instrument.sections[: instrument.sections.index(section)]
    asked_later = {name for each in instrument.sections[len(before) :] for name in each.names}
    for ending in (*instrument.screen_outs, *instrument.quotas):
        if before and not ending.when.names <= asked_later:
            yield ending.id


# --- what is asked ---------------------------------------------------------------------------------------


def _variables(section: Section, item: Item) -> Iterator[Variable]:
    gates = (section.show_if, item.show_if)
    common = Variable(
        item.id, item.id, item.id, section.id, item.type, "choice", item.ask.plain,
        item_base=_base(*gates), required=item.required, figure=item.figure,
        offers=tuple((reason, words.plain if words else "") for reason, words in item.offers.items()),
    )  # fmt: skip
    for answer in item.answers():
        variable = _of_answer(common, answer, gates)
        if answer.is_list:
            yield from (_of_option(variable, answer, option, gates) for option in answer.options)
        else:
            yield variable


def _of_answer(common: Variable, answer: Answer, gates: Gates) -> Variable:
    """The one variable of an answer; of a list of codes, what the variables of its options have in common."""
    variable = replace(
        common, name=answer.name, key=answer.name, kind=answer.kind, codes=_codes(answer.options),
        base=_base(*gates, answer.shown_if), measure=answer.measure, group=answer.group, net=answer.net,
        long_list=answer.long_list, part=f"{common.item}.{answer.part_id}" if answer.part else "",
        column=answer.column.plain if answer.column else None,
        option_label=answer.heading.plain if answer.heading else None,
        unit=answer.unit.plain if answer.unit else None,
    )  # fmt: skip
    if answer.kind == "number":
        variable = replace(variable, least=answer.least, most=answer.most, decimals=answer.decimals)
    if answer.precision:
        variable = replace(variable, precision=answer.precision)
    if answer.statement is not None:
        variable = _of_statement(variable, answer.statement)
    return _about_option(variable, answer, answer.option) if answer.option is not None else variable


def _of_statement(variable: Variable, statement: Statement) -> Variable:
    """A bipolar pair's poles are the labels of its first and last point."""
    left, right = statement.text.plain, statement.right.plain if statement.right else ""
    if statement.right is None:
        return replace(variable, statement=left)
    codes = [(code, str(code)) for code, _ in variable.codes]
    codes = [(codes[0][0], left), *codes[1:-1], (codes[-1][0], right)]
    return replace(variable, statement=f"{left} … {right}", codes=tuple(codes), poles=(left, right))


def _about_option(variable: Variable, answer: Answer, option: Option) -> Variable:
    """A part of a sum, or a text beside an option."""
    if not answer.beside:
        return replace(
            variable, option=option.code, option_label=option.label.plain, apart=option.show_if is not None
        )
    label = f"{option.label.plain}{IN_THEIR_WORDS}"
    return replace(variable, name=f"{answer.name}.text", option=option.code, option_label=label)


def _of_option(common: Variable, answer: Answer, option: Option, gates: Gates) -> Variable:
    """Whether one option of a list was chosen, or its rank."""
    name = f"{common.item}.{option.code}"
    ranked = answer.kind == "ranks"
    return replace(
        common, name=name, part=name, kind="rank" if ranked else "flag", codes=ranks(answer) if ranked else (),
        option=option.code, option_label=option.label.plain, base=_base(*gates, option.show_if),
        apart=option.show_if is not None,
    )  # fmt: skip


def _codes(options: Sequence[Option]) -> tuple[tuple[Code, str], ...]:
    return tuple((option.code, option.label.plain or str(option.code)) for option in options)


def ranks(answer: Answer) -> tuple[tuple[Code, str], ...]:
    """The ranks that an option can have; 0 where not all options are ranked."""
    places = tuple((place, ordinal(place)) for place in range(1, answer.most + 1))
    rest = f"not among the first {answer.most}" if answer.most > 1 else "not the first"
    return (*places, (0, rest)) if answer.most < len(answer.options) else places


def ordinal(number: int) -> str:
    """As English writes it: 1st, 2nd, 11th."""
    if number // 10 % 10 == 1:
        return f"{number}th"
    return f"{number}{('th', 'st', 'nd', 'rd')[number % 10] if number % 10 < 4 else 'th'}"


def _base(*conditions: Condition | None) -> str | None:
    written = [condition.source.strip() for condition in conditions if condition is not None]
    return " and ".join(f"({each})" for each in written) if len(written) > 1 else (written or [None])[0]


# --- what is assigned and derived ----------------------------------------------------------------------


def _language(languages: Sequence[str]) -> Variable:
    codes = tuple((code, code) for code in languages)
    return Variable(
        LANGUAGE, LANGUAGE, LANGUAGE, "", LANGUAGE, "choice", "The language of the answers", codes
    )


def _drawn(drawn: Drawn) -> Variable:
    name = drawn.name
    if drawn.kind == "order":
        codes = tuple((code, str(code)) for code in drawn.whole)
        return Variable(name, name, name, "", "order", "order", drawn.label, codes)
    kind = "arm" if not drawn.of else "vignette"
    if drawn.kind == "number":
        return Variable(name, name, name, "", kind, "number", drawn.label)
    return Variable(name, name, name, "", kind, "choice", drawn.label, _codes(drawn.options))


def _computed(instrument: Instrument, computed: Computed) -> Variable:
    name, score = computed.name, computed.score
    common = Variable(
        name, name, name, "", "score" if score else "computed", "number", computed.label, decimals=None, score=score,
        measure="interval",
    )  # fmt: skip
    match computed.kind:
        case "choice":
            return replace(
                common, kind="choice", codes=_codes(computed.options), measure=_measure(computed.options),
                below=computed.below,
            )  # fmt: skip
        case "truth":
            return replace(common, kind="choice", codes=TRUTH, measure="nominal")
        case "date":
            return replace(common, kind="date", precision=computed.precision)
    least, most = (score.to or score.range or (None, None)) if score else (None, None)
    return replace(common, least=least, most=most)


def _measure(options: Sequence[Option]) -> str:
    """Whole numbers that someone has computed are in order; 0 and 1 say no and yes."""
    codes = {option.code for option in options}
    return "ordinal" if codes != {0, 1} and all(isinstance(code, int) for code in codes) else "nominal"


def _ended(instrument: Instrument) -> Iterator[Variable]:
    endings = (*instrument.screen_outs, *instrument.quotas)
    if endings:
        codes = tuple((ending.id, _ending_label(ending)) for ending in endings)
        yield Variable(
            ENDED, ENDED, ENDED, "", "ended", "choice", "What ended the response before its last page", codes
        )


def _ending_label(ending: ScreenOut | Quota) -> str:
    condition = ending.when.source.strip()
    if isinstance(ending, Quota):
        return f"quota of {ending.most} was full: {condition}"
    return f"screened out: {condition}"


# --- versions --------------------------------------------------------------------------------------------


class MergedCodebook(NamedTuple):
    """One codebook for the versions of a survey, and of each version the column of each of its variables."""

    codebook: Codebook
    columns: tuple[dict[str, str], ...]


def merged(instruments: Sequence[Instrument]) -> MergedCodebook:
    """One codebook for these versions, newest first.

    Older codes follow the newer ones. A variable whose answers do not mean the same (`comparability.Lines`) is
    separate under the name `<name>_v<n>`, n being the number of the newest version that has it.
    """
    merging = _Merging(instruments)
    columns = tuple(merging.columns(place) for place in range(len(instruments)))
    newest = instruments[0]
    return MergedCodebook(Codebook(newest.survey, newest.title, merging.variables()), columns)


class _Merging:
    """Takes in the variables of one version after the other, newest first."""

    def __init__(self, instruments: Sequence[Instrument]):
        self.instruments = instruments
        self.several_languages = any(len(instrument.languages) > 1 for instrument in instruments)
        self.union: dict[str, Variable] = {}
        self.lines = Lines(instruments)
        #: Of each item's generation, the options that each version offers one by one.
        self.offered: dict[tuple[str, str], list[set[str]]] = {}

    def columns(self, place: int) -> dict[str, str]:
        """The column of each variable of a version, once that version is taken in."""
        found = {}
        offered: dict[tuple[str, str], set[str]] = {}
        for variable in self._variables(self.instruments[place]):
            generation = self._generation(variable, place)
            name = found[variable.name] = f"{variable.name}{generation}"
            own = replace(variable, name=name, generation=generation)
            self.union[name] = _widened(self.union[name], own) if name in self.union else own
            if variable.is_of_several:
                offered.setdefault((variable.item, generation), set()).add(name)
        for key, names in offered.items():
            self.offered.setdefault(key, []).append(names)
        return found

    def variables(self) -> tuple[Variable, ...]:
        """All of them. An option that not every version offered may be missing although the others are not."""
        lacking = {
            name for versions in self.offered.values() for name in set.union(*versions) - set.intersection(*versions)
        }  # fmt: skip
        return tuple(
            replace(variable, apart=True) if variable.name in lacking else variable
            for variable in self.union.values()
        )

    def _variables(self, instrument: Instrument) -> tuple[Variable, ...]:
        """Where one version can be answered in several languages, those of one language have the variable too."""
        variables = codebook(instrument).variables
        if self.several_languages and len(instrument.languages) < 2:
            return (_language([instrument.language]), *variables)
        return variables

    def _generation(self, variable: Variable, place: int) -> str:
        """What a variable's name ends in among those of newer versions."""
        known = variable.key in self.lines.known[place]
        suffix = generation = self.lines.suffix(variable.key if known else variable.item, place)
        while (other := self.union.get(f"{variable.name}{generation}")) is not None and (
            _nature(other) != _nature(variable) or other.generation != generation
        ):
            generation += suffix or f"_v{self.lines.versions[place][0]}"
        return generation


def _nature(variable: Variable) -> tuple[str, str, bool, bool]:
    return variable.kind, variable.key, bool(variable.section), variable.is_derived


def _widened(known: Variable, older: Variable) -> Variable:
    """The newer one, able to hold what the older one holds: its codes come after the newer ones."""
    codes = dict(known.codes)
    further = tuple((code, label) for code, label in older.codes if code not in codes)
    apart = known.apart or older.apart
    decimals = None if None in (known.decimals, older.decimals) else max(known.decimals, older.decimals)
    if not further and (apart, decimals) == (known.apart, known.decimals):
        return known
    return replace(known, codes=(*known.codes, *further), apart=apart, decimals=decimals)
