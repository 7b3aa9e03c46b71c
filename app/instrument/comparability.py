"""Whether answers to two versions of a survey mean the same: what must not share a column of the data.

An option that was added, another label, another order or another condition leave what a code means as it is:
the versions' answers stay in one column, and `comparison` says what to look at. Apart go answers of another
kind, to a question in other words, on a scale that runs otherwise, in another unit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from app.instrument.model import (
    BestWorst,
    Code,
    Computed,
    ConstantSum,
    Date,
    Instrument,
    Item,
    Matrix,
    MatrixColumn,
    Number,
    Option,
    Ranking,
    SemanticDifferential,
    Statement,
    Vignette,
)
from app.instrument.texts import Text

WORDS = re.compile(r"\{[^{}]*\}|\w+")
LONG_ENOUGH = 5  # letters of a word in which one letter more or less is a slip, not another word
#: Types whose answers are of one kind; a type that is not here has a kind of its own.
SHAPES = {"dropdown": "single_choice", "rating": "single_choice", "slider": "number"}
SHAPES |= {"semantic_differential": "matrix"}


def breaks(old: Instrument, new: Instrument) -> frozenset[str]:
    """Ids of items, or names of single statements and of drawn and computed values, that both versions have and
    whose answers do not mean the same. A computed value is among them when one of those it rests on is."""
    old = old.in_language(new.language)
    pairs = ((old.item[item.id], item) for item in new.items() if item.id in old.item)
    found = {name for before, after in pairs for name in item_breaks(before, after)}
    found.update(_drawn(old, new), _vignettes(old, new))
    return frozenset(found | _computed(old, new, found))


def reworded(old: Text | None, new: Text | None) -> bool:
    """Whether one text has other words than the other. Markup, case, punctuation and slips of one letter in a
    long word are no other words."""
    if old is None or new is None:
        return old is not new
    if old.source == new.source:
        return False
    before, after = ([*WORDS.findall(text.plain.casefold())] for text in (old, new))
    return len(before) != len(after) or not all(map(_alike, before, after))


def _alike(old: str, new: str) -> bool:
    """Whether they are one word: equal, or long, of one first letter, and one letter apart."""
    if old == new:
        return True
    short, long = sorted((old, new), key=len)
    if len(long) < LONG_ENOUGH or len(long) - len(short) > 1 or old[0] != new[0] or not old.isalpha():
        return False
    at = next((place for place, letter in enumerate(short) if letter != long[place]), len(short))
    return short[at + (len(short) == len(long)) :] == long[at + 1 :]


def recoded(old: Sequence[Option], new: Sequence[Option]) -> bool:
    """Whether a code that both have has got a meaning that another code had: as when a scale is turned round,
    begins at another number, or is stretched."""
    before, after = _codes_by_label(old), _codes_by_label(new)
    codes_old, codes_new = {option.code for option in old}, {option.code for option in new}
    return any(
        before[label] != after[label] and (before[label] in codes_new or after[label] in codes_old)
        for label in before.keys() & after.keys()
    )


def _codes_by_label(options: Sequence[Option]) -> dict[str, Code]:
    """The code of each label that stands but once; a point that only shows its code has none."""
    plain = {option.code: option.label.plain for option in options}
    labels = {
        code: " ".join(label.casefold().split())
        for code, label in plain.items()
        if label not in ("", str(code))
    }
    often = Counter(labels.values())
    return {label: code for code, label in labels.items() if often[label] == 1}


# --- items -----------------------------------------------------------------------------------------------


def item_breaks(old: Item, new: Item) -> Iterator[str]:
    """Its id where none of its answers can be merged; else the names of those that cannot."""
    if old is new:
        return
    if not same_shape(old, new) or (new.names and reworded(old.ask, new.ask)) or _otherwise(old, new):
        yield new.id
    elif isinstance(old, Matrix) and isinstance(new, Matrix):
        yield from _rows(old, new)
    elif isinstance(old, BestWorst) and isinstance(new, BestWorst):
        poles = zip(new.names, (old.best, old.worst), (new.best, new.worst), strict=True)
        yield from (name for name, before, after in poles if reworded(before, after))


def same_shape(old: Item, new: Item) -> bool:
    """Whether both are answered alike, though perhaps in another form: a dropdown's answer is a single choice."""
    return SHAPES.get(old.type, old.type) == SHAPES.get(new.type, new.type)


def _otherwise(old: Item, new: Item) -> bool:
    """Whether the same codes or numbers stand for something else."""
    for name in ("options", "scale"):
        if recoded(getattr(old, name, ()), getattr(new, name, ())):
            return True
    match old, new:
        case SemanticDifferential(), SemanticDifferential():
            return len(old.scale) != len(new.scale)
        case Number(), Number():
            return reworded(old.unit, new.unit)
        case Date(), Date():
            return old.precision != new.precision
        case Ranking(), Ranking():
            return old.top != new.top
        case ConstantSum(), ConstantSum():
            return old.total != new.total or reworded(old.unit, new.unit)
    return False


def _rows(old: Matrix, new: Matrix) -> Iterator[str]:
    for name, row in new.row.items():
        before = old.row.get(name)
        if before is None:
            continue
        if (
            _statement(before.statement, row.statement)
            or _column(before.column, row.column)
            or recoded(before.scale, row.scale)
        ):
            yield name


def _statement(old: Statement, new: Statement) -> bool:
    return reworded(old.text, new.text) or reworded(old.right, new.right)


def _column(old: MatrixColumn | None, new: MatrixColumn | None) -> bool:
    return reworded(old.label if old else None, new.label if new else None)


# --- what is drawn and what is computed ------------------------------------------------------------------


def _drawn(old: Instrument, new: Instrument) -> Iterator[str]:
    for name, after in new.drawn_by_name.items():
        before = old.drawn_by_name.get(name)
        if before is None or after.kind != "choice":
            continue
        if recoded(before.options, after.options) or (after.of and relabelled(before.options, after.options)):
            yield name


def relabelled(old: Sequence[Option], new: Sequence[Option]) -> list[Code]:
    """The codes that both have whose labels are other words."""
    labels = {option.code: option.label for option in old}
    return [each.code for each in new if each.code in labels and reworded(labels[each.code], each.label)]


def _vignettes(old: Instrument, new: Instrument) -> Iterator[str]:
    known = {vignette.id: vignette for vignette in old.vignettes}
    for vignette in new.vignettes:
        before = known.get(vignette.id)
        if before is None:
            continue
        if designed_anew(before, vignette):
            yield vignette.block
        if told_otherwise(old, new, vignette):
            yield from (name for rating in vignette.ratings for name in rating_items(vignette, rating))


def designed_anew(old: Vignette, new: Vignette) -> bool:
    """Whether a block's number stands for other vignettes."""
    return old.design != new.design or old.each_sees != new.each_sees


def told_otherwise(old: Instrument, new: Instrument, vignette: Vignette) -> bool:
    """Whether a vignette's text has other words."""
    before, after = (each.item.get(f"{vignette.id}_text_1") for each in (old, new))
    return before is not None and after is not None and reworded(before.ask, after.ask)


def rating_items(vignette: Vignette, rating: str) -> Iterator[str]:
    """The ids of the items that ask for one rating, one for each vignette that a respondent sees."""
    return (f"{vignette.id}_{rating}_{place}" for place in range(1, vignette.each_sees + 1))


def _computed(old: Instrument, new: Instrument, broken: set[str]) -> set[str]:
    homes = {name: item.id for item in new.items() for name in item.names}

    def rests_on_broken(computed: Computed) -> bool:
        return any(name in broken or homes.get(name) in broken for name in computed.names)

    both = (
        (old.computed_by_name[name], after)
        for name, after in new.computed_by_name.items()
        if name in old.computed_by_name
    )
    return {
        after.name for before, after in both
        if (before.tree, before.kind) != (after.tree, after.kind)
        or recoded(before.options, after.options)
        or rests_on_broken(after)
    }  # fmt: skip
