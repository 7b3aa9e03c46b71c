"""From the shape of an item to the item: one reader a type, and what all types share."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from app.survey.documents.places import Path
from app.survey.faults import did_you_mean, one_of
from app.survey.model import (
    OFFERED,
    BestWorst,
    Bound,
    Check,
    Code,
    ConstantSum,
    Date,
    Drawn,
    Dropdown,
    Item,
    Matrix,
    MatrixColumn,
    MultipleChoice,
    Note,
    Number,
    Option,
    Ranking,
    Rating,
    SemanticDifferential,
    Shuffle,
    SingleChoice,
    Slider,
    Statement,
    TextItem,
)
from app.survey.patterns import PatternFault, compile_pattern
from app.survey.scope import answers_of
from app.survey.source.context import RESERVED_ITEMS, Meaning
from app.survey.source.offering import settle, taken_if, waiting
from app.survey.source.shape import (
    BestWorstShape,
    ConstantSumShape,
    DateShape,
    DropdownShape,
    GroupShape,
    MatrixShape,
    MultipleChoiceShape,
    NoteShape,
    NumberShape,
    OptionShape,
    RankingShape,
    RatingShape,
    SemanticDifferentialShape,
    ShuffleShape,
    SingleChoiceShape,
    SliderShape,
    TextShape,
)
from app.survey.texts import Text

LARGEST_NUMBER = 10**15
DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
RELATIVE = re.compile(r"today(?:\s*([+-])\s*([0-9]{1,4})\s+(day|week|month|year)s?)?")
FROM = re.compile(r"([a-z][a-z0-9_]*)(?:\s+where\s+(not\s+selected|selected))?")
MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}

Common = dict[str, Any]


def read_item(m: Meaning, path: Path, key: Any, shape: Any) -> Item:
    """The item, whose names those after it can then use."""
    base = str(key)
    m.check_id(path, key, "item", RESERVED_ITEMS)
    name = m.named(base)
    check_doubled(m, path, name)
    common: Common = {"id": name, "show_if": m.condition((*path, "show_if"), shape.show_if)}
    if isinstance(shape, NoteShape):
        return Note(ask=m.said((*path, "text"), shape.text), **common)
    common |= {
        "ask": m.said((*path, "ask"), shape.ask),
        "hint": m.text((*path, "hint"), shape.hint),
        "required": shape.required,
        "offers": offers(m, path, shape),
        "identifying": shape.identifying,
        "sensitive": shape.sensitive,
    }
    item = READERS[type(shape)](m, path, shape, common)
    if getattr(shape, "shuffle", None):
        item = shuffled(m, path, shape.shuffle, item)
    item = replace(item, checks=tuple(checks(m, path, shape, item)))
    m.before.update({answer.name: answer for answer in answers_of(item)})
    m.items[name] = item
    if not m.rehearsing:
        settle(m, item)
    if item.show_if is not None or m.page_gate is not None:
        m.gated[name] = item.show_if
    m.continue_version(name, shape)
    return item


def check_doubled(m: Meaning, path: Path, name: str) -> None:
    first = m.first.setdefault(name, path)
    if first == path:
        return
    m.doubled.add(name)
    if (first, path) not in m.collisions:
        m.collisions.add((first, path))
        line = m.document.key(first)[0]
        m.fault(
            path,
            "duplicate-id",
            f'"{name}" is already used (on line {line})',
            "Give one of the two another id.",
            key=True,
            always=True,
        )


def offers(m: Meaning, path: Path, shape: Any) -> dict[str, Text | None]:
    """The reasons for not answering that an item offers."""
    keys = {"declined": "decline"}
    found = {}
    for reason in OFFERED:
        key = keys.get(reason, reason)
        said = getattr(shape, key)
        if said:
            found[reason] = None if said is True else m.said((*path, key), said)
    return found


def checks(m: Meaning, path: Path, shape: Any, item: Item) -> Iterator[Check]:
    several = (*path, "check", 0) in m.document.values
    for place, check in enumerate(shape.check):
        where: Path = (*path, "check", place) if several else (*path, "check")
        that = (*where, "that") if (*where, "that") in m.document.values else where
        if m.rehearsing:
            continue
        holds = m.parsed(that, check.that, m.scope(answers_of(item)))
        if holds is None:
            continue
        if not holds.names.intersection(item.names):
            m.fault(
                that, "bad-check", f'the check does not mention "{item.id}"',
                "Move it to the item that it checks, or use that item in it.",
            )  # fmt: skip
        yield Check(holds, m.text((*where, "say"), check.say), check.soft)


# --- random order ----------------------------------------------------------------------------------------


def shuffled(m: Meaning, path: Path, shape: ShuffleShape, item: Item) -> Item:
    parts = getattr(item, "statements", None) or getattr(item, "options", ())
    ids = [getattr(part, "id", None) or part.code for part in parts]
    staying = [
        part.code for part in parts if getattr(part, "exclusive", False) or getattr(part, "please_say", False)
    ]
    if any(getattr(part, "group", None) for part in parts) and shape.on:
        m.fault(
            (*path, "shuffle"),
            "bad-shuffle",
            "options in groups have a fixed order",
            "Remove `shuffle`.",
            key=True,
        )
    shuffle = shuffle_of(m, (*path, "shuffle"), shape, ids, staying)
    if shuffle is not None:
        m.drawn.append(order_of(item.id, f"Order of: {item.ask.plain}", shuffle, ids))
    return replace(item, shuffle=shuffle)


def order_of(of: str, label: str, shuffle: Shuffle, ids: Sequence[Code]) -> Drawn:
    return Drawn(f"{of}~order", "order", label, of=of, moving=shuffle.moving, whole=tuple(ids))


def shuffle_of(
    m: Meaning, path: Path, shape: ShuffleShape | None, ids: Sequence[Code], staying: Sequence[Code] = ()
) -> Shuffle | None:
    """What changes places; `staying` is what stays where nothing else is said."""
    if shape is None or not shape.on:
        return None
    for key, named in (("only", shape.only), ("except", shape.except_)):
        for place, name in enumerate(named or ()):
            if name not in ids:
                remedy = did_you_mean(name, ids) or f"There are: {one_of(ids)}."
                m.fault(
                    (*path, key, place), "bad-shuffle", f'"{name}" is not shuffled here', remedy
                )
    if shape.only is not None:
        moving = tuple(each for each in ids if each in shape.only)
    else:
        stays = staying if shape.except_ is None else shape.except_
        moving = tuple(each for each in ids if each not in stays)
    if len(moving) < 2:
        if set(shape.only or shape.except_ or ()) <= set(ids):
            m.fault(
                path, "bad-shuffle", "nothing is left to shuffle",
                "Leave two or more to shuffle, or remove `shuffle`.", key=True,
            )  # fmt: skip
        return None
    return Shuffle(moving)


# --- options ---------------------------------------------------------------------------------------------


class Written(NamedTuple):
    """An option as it stands in the file."""

    path: Path
    shape: OptionShape
    group: Text | None


def options_of(m: Meaning, path: Path, shape: Any) -> tuple[Option, ...]:
    if shape.options_from is not None:
        if shape.options is not None:
            m.fault(
                (*path, "options_from"),
                "bad-value",
                "there are both `options` and `options_from`",
                "Remove one of the two.",
                key=True,
            )
        return options_from(m, (*path, "options_from"), shape.options_from)
    if shape.options is None:
        m.fault(
            path,
            "missing-key",
            f'"{path[-1]}" has no "options"',
            "Add `options:` with `code: label` lines under it.",
            key=True,
        )
        return ()
    where: Path = (*path, "options")
    written = dict(written_options(m, where, shape.options))
    m.check_codes(where, {code: each.path for code, each in written.items()}, "option")
    several = isinstance(shape, MultipleChoiceShape)
    saying = isinstance(shape, MultipleChoiceShape | SingleChoiceShape | DropdownShape)
    return tuple(option(m, code, each, several, saying) for code, each in written.items())


def written_options(m: Meaning, path: Path, shapes: dict[Any, Any]) -> Iterator[tuple[Code, Written]]:
    seen: set[Any] = set()
    for code, shape in shapes.items():
        parts = [((*path, code), code, shape, None)]
        if isinstance(shape, GroupShape):
            heading = m.said((*path, code, "group"), shape.group)
            within: Path = (*path, code, "options")
            parts = [((*within, each), each, part, heading) for each, part in shape.options.items()]
        for place, each, part, group in parts:
            if each in seen:
                m.fault(
                    place,
                    "duplicate-key",
                    f'"{each}" is already the code of another option',
                    "Give one of the two another code.",
                    key=True,
                )
            else:
                seen.add(each)
                yield each, Written(place, part, group)


def option(m: Meaning, code: Code, written: Written, several: bool, saying: bool) -> Option:
    path, shape, group = written
    allowed = (("exclusive", several, "a multiple_choice"), ("please_say", saying, "a choice"))
    for key, fits, what in allowed:
        if getattr(shape, key) and not fits:
            noun = "exclusive options" if key == "exclusive" else "options that ask to say more"
            m.fault((*path, key), "bad-value", f"only {what} has {noun}", f"Remove `{key}`.", key=True)
    label = (*path, "label") if (*path, "label") in m.document.values else path
    return Option(
        code, m.said(label, shape.label), shape.please_say, shape.exclusive,
        m.text((*path, "hint"), shape.hint), group,
        waiting() if m.rehearsing and shape.show_if else m.condition((*path, "show_if"), shape.show_if),
    )  # fmt: skip


def options_from(m: Meaning, path: Path, source: str) -> tuple[Option, ...]:
    """The options of another item, each shown if it was chosen there (or was not, or was offered at all)."""
    said = FROM.fullmatch(" ".join(source.split()))
    if said is None:
        m.fault(path, "bad-options-from", f'"{source}" does not say which options to use', "Write it like `reasons where selected`, or `reasons where not selected`.")  # fmt: skip
        return ()
    other = chosen_item(m, path, said[1], "bad-options-from")
    if other is None:
        return ()
    taken = [each for each in other.options if said[2] is None or not each.exclusive]
    return tuple(
        replace(
            each, label=own_words(m, other, each), please_say=False, exclusive=False,
            show_if=taken_if(m, path, other, each, said[2]),
        )
        for each in taken
    )


def own_words(m: Meaning, item: Any, option: Option) -> Text:
    """An option's label, or what was said beside it where that is known."""
    if option.please_say and item.id in m.on_earlier_pages:
        return (
            Text(f"{{{item.id}.{option.code}|{option.label.plain}}}")
            if not set(option.label.plain) & set("{}|:")  # which a pipe reads as its own
            else option.label
        )
    return option.label


def chosen_item(m: Meaning, path: Path, written: str, code: str) -> Any:
    """The earlier item with options that is meant; None after saying why there is none."""
    name = m.named(written)
    item = m.items.get(name)
    if item is not None and isinstance(item, SingleChoice | MultipleChoice | Ranking):
        return item
    if name in m.broken:
        return None
    if name in m.before and m.before[name].kind == "loop":
        what = f'"{written}" is itself asked several times'
        remedy = f"Name one of its answers: {one_of(m.before[name].part_names)}."
    elif item is not None:
        what, remedy = (
            f'"{written}" has no options to choose',
            "Name a single_choice, a multiple_choice, a dropdown or a ranking.",
        )
    elif name in m.all_ids or (code == "bad-for-each" and is_roster(m, written)):
        what, remedy = f'"{written}" is not asked before this', "Move one of the two: it must come first."
    else:
        what = f'there is no item called "{written}"'
        item_of, said, _ = written.partition(" where ")
        remedy = did_you_mean(written, m.all_ids) or f"Items before it: {one_of(m.items) or 'none'}."
        remedy = f"Write {{item: {item_of}, where: selected}}." if said else remedy
    m.fault(path, code, what, remedy)
    return None


def is_roster(m: Meaning, section: str) -> bool:
    return section in m.survey.sections and m.survey.sections[section].roster is not None


# --- one reader a type -----------------------------------------------------------------------------------


def choice(kind: type[Item]) -> Callable[..., Item]:
    def read(m: Meaning, path: Path, shape: Any, common: Common) -> Item:
        return kind(options=options_of(m, path, shape), **common)  # type: ignore[call-arg]

    return read


def rating(m: Meaning, path: Path, shape: RatingShape, common: Common) -> Rating:
    return Rating(scale=m.scale_of((*path, "scale"), shape.scale), **common)


def matrix(m: Meaning, path: Path, shape: MatrixShape, common: Common) -> Matrix:
    if shape.scale is not None and shape.columns is not None:
        m.fault(
            (*path, "columns"),
            "bad-value",
            "there are both `scale` and `columns`",
            "Remove one of the two.",
            key=True,
        )
    if shape.scale is None and not shape.columns:
        remedy = "Add `scale:` with the name of a scale, or with `1: label` lines under it."
        m.fault(path, "missing-key", f'"{path[-1]}" has no "scale"', remedy, key=True)
    scale = m.scale_of((*path, "scale"), shape.scale) if shape.scale is not None else ()
    columns = tuple(
        MatrixColumn(str(key), m.said((*path, "columns", key, "label"), each.label), m.scale_of((*path, "columns", key, "scale"), each.scale))
        for key, each in (shape.columns or {}).items()
    )  # fmt: skip
    for key in shape.columns or ():
        m.check_id((*path, "columns", key), key, "column")
    return Matrix(scale=scale, statements=statements(m, path, shape), columns=columns, **common)


def statements(m: Meaning, path: Path, shape: MatrixShape) -> tuple[Statement, ...]:
    where: Path = (*path, "statements")
    check_some(m, where, shape.statements, "the matrix has no statements", "Add `id: text` lines.")
    for key in shape.statements:
        m.check_id((*where, key), key, "statement", RESERVED_ITEMS)
    return tuple(
        Statement(
            str(key),
            m.said(
                (*where, key, "text") if (*where, key, "text") in m.document.values else (*where, key),
                each.text,
            ),
            show_if=m.condition((*where, key, "show_if"), each.show_if),
        )
        for key, each in shape.statements.items()
    )


def check_some(m: Meaning, path: Path, there: Any, what: str, remedy: str) -> None:
    if not there:
        m.fault(path, "too-few", what, remedy)


def semantic_differential(
    m: Meaning, path: Path, shape: SemanticDifferentialShape, common: Common
) -> SemanticDifferential:
    where: Path = (*path, "pairs")
    check_some(m, where, shape.pairs, "there are no pairs", "Add `id: [left pole, right pole]` lines.")
    for key in shape.pairs:
        m.check_id((*where, key), key, "pair", RESERVED_ITEMS)
    pairs = tuple(
        Statement(str(key), m.said((*where, key, 0), left), m.said((*where, key, 1), right))
        for key, (left, right) in shape.pairs.items()
    )
    if shape.flip:
        ids = tuple(pair.id for pair in pairs)
        label = f"Pairs with exchanged poles: {common['ask'].plain}"
        name = common["id"]
        m.drawn.append(Drawn(f"{name}~poles", "order", label, of=name, moving=ids, whole=ids))
    points = tuple(Option(code, Text("")) for code in range(1, shape.points + 1))
    return SemanticDifferential(scale=points, statements=pairs, flip=shape.flip, **common)


def bounds(m: Meaning, path: Path, shape: NumberShape | SliderShape) -> dict[str, Any]:
    """The limits of a number, and how it is written."""
    least, most = shape.range
    where: Path = (*path, "range")
    if least >= most:
        m.fault(
            where,
            "bad-value",
            "the minimum of the range is not below its maximum",
            f"Write [{most}, {least}]." if least > most else "Use two different numbers.",
        )
    if max(abs(least), abs(most)) * 10**shape.decimals > LARGEST_NUMBER:
        m.fault(
            where,
            "bad-value",
            "the range is too wide to be stored exactly",
            f"Stay below {LARGEST_NUMBER // 10**shape.decimals}.",
        )
    for place, limit in enumerate((least, most)):
        if round(limit, shape.decimals) != limit:
            remedy = (
                "Write it in digits, without decimals."
                if not shape.decimals
                else f"Give it {shape.decimals} decimals at most."
            )
            code = "bad-value" if shape.decimals else "not-a-number"
            m.fault((*where, place), code, f'"range" has more decimals than the number, {limit}', remedy + " For decimals, set `decimals`." * (not shape.decimals))  # fmt: skip
    kind = float if shape.decimals else int
    unit = m.text((*path, "unit"), shape.unit)
    return {"least": kind(least), "most": kind(most), "decimals": shape.decimals, "unit": unit}


def number(m: Meaning, path: Path, shape: NumberShape, common: Common) -> Number:
    return Number(**bounds(m, path, shape), **common)


def slider(m: Meaning, path: Path, shape: SliderShape, common: Common) -> Slider:
    limits = bounds(m, path, shape)
    step = 10**-shape.decimals if shape.step is None else shape.step
    # In units of the last decimal, in which all three are whole numbers.
    width, one_step = (round(each * 10**shape.decimals) for each in (limits["most"] - limits["least"], step))
    if not 0 < one_step <= width or round(step, shape.decimals) != step or width % one_step:
        m.fault(
            (*path, "step"), "bad-value", f"steps of {step} do not divide the range from {limits['least']} to {limits['most']}",
            "Choose a step that divides the range and has no more decimals than the number.",
        )  # fmt: skip
    return Slider(
        step=step, low=m.text((*path, "low"), shape.low), high=m.text((*path, "high"), shape.high), **limits, **common
    )  # fmt: skip


def text(m: Meaning, path: Path, shape: TextShape, common: Common) -> TextItem:
    longest = shape.max_length or (200 if shape.lines == 1 else 2000)
    if shape.pattern is not None:
        check_pattern(m, path, shape, longest)
    elif shape.example is not None:
        m.fault((*path, "example"), "bad-value", "there is an `example`, but no `pattern`", "Add `pattern`, or give the example in `hint`.", key=True)  # fmt: skip
    return TextItem(
        lines=shape.lines, max_length=longest, pattern=shape.pattern, example=shape.example, **common
    )


def check_pattern(m: Meaning, path: Path, shape: TextShape, longest: int) -> None:
    where: Path = (*path, "pattern")
    try:
        pattern = compile_pattern(shape.pattern or "")
    except PatternFault as error:
        m.fault(where, "bad-pattern", error.what, error.remedy)
        return
    if shape.example is None:
        m.fault(where, "bad-pattern", "the pattern has no example to show to respondents", "Add `example:` with a text that matches it.", key=True)  # fmt: skip
    elif len(shape.example) > longest:
        m.fault((*path, "example"), "bad-pattern", f"the example is longer than {longest} characters, the maximum length", f"Write `max_length: {len(shape.example)}` or more.")  # fmt: skip
    elif not pattern.matches(shape.example):
        m.fault((*path, "example"), "bad-pattern", f'the pattern does not match its example, "{shape.example}"', "Correct one of the two; the whole text must match.")  # fmt: skip


def date(m: Meaning, path: Path, shape: DateShape, common: Common) -> Date:
    standing = Date(**common, precision=shape.precision)
    earliest = bound(m, (*path, "earliest"), shape.earliest, last=False) or standing.earliest
    latest = bound(m, (*path, "latest"), shape.latest, last=True) or standing.latest
    if _comes_after(earliest, latest):
        m.fault(
            (*path, "latest"),
            "bad-dates",
            "the latest date comes before the earliest",
            "Swap the two dates.",
        )
    return replace(standing, earliest=earliest, latest=latest)


def _comes_after(bound: Bound, other: Bound) -> bool:
    """Whether it does on any day of answering. Months are of several lengths: within three days it may or may not."""
    if bound.fixed and other.fixed:
        return bound.fixed > other.fixed
    if bound.fixed or other.fixed:
        return False
    months, days = bound.months - other.months, bound.days - other.days
    return months * 30.4375 + days > (3 if months else 0)


def bound(m: Meaning, path: Path, written: str | None, last: bool) -> Bound | None:
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
        m.fault(
            path,
            "bad-date",
            f'"{written}" is not a date',
            "Write it like 2027-02-28, today, or today - 6 months.",
        )
        return None


def ranking(m: Meaning, path: Path, shape: RankingShape, common: Common) -> Ranking:
    options = options_of(m, path, shape)
    top = shape.top or len(options)
    if options and top > len(options):
        m.fault((*path, "top"), "bad-value", f"{top} cannot be ranked: there are {len(options)} options", f"Write {len(options)} or less.")  # fmt: skip
    return Ranking(options=options, top=top, **common)


def constant_sum(m: Meaning, path: Path, shape: ConstantSumShape, common: Common) -> ConstantSum:
    unit = m.text((*path, "unit"), shape.unit)
    return ConstantSum(options=options_of(m, path, shape), total=shape.total, unit=unit, **common)


def best_worst(m: Meaning, path: Path, shape: BestWorstShape, common: Common) -> BestWorst:
    best, worst = m.said((*path, "best"), shape.best), m.said((*path, "worst"), shape.worst)
    return BestWorst(options=options_of(m, path, shape), best=best, worst=worst, **common)


READERS: dict[type, Callable[[Meaning, Path, Any, Common], Item]] = {
    SingleChoiceShape: choice(SingleChoice),
    MultipleChoiceShape: choice(MultipleChoice),
    DropdownShape: choice(Dropdown),
    RatingShape: rating,
    MatrixShape: matrix,
    SemanticDifferentialShape: semantic_differential,
    NumberShape: number,
    SliderShape: slider,
    TextShape: text,
    DateShape: date,
    RankingShape: ranking,
    ConstantSumShape: constant_sum,
    BestWorstShape: best_worst,
}
