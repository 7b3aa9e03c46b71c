"""What has changed within one item between two versions of a survey."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from app.survey.model import (
    BestWorst,
    Bound,
    Check,
    ConstantSum,
    Date,
    Item,
    Matrix,
    Note,
    Number,
    Option,
    Ranking,
    Section,
    SemanticDifferential,
    Slider,
    Statement,
    TextItem,
)
from app.survey.texts import Text
from app.survey.versions.difference import Difference, in_common, moving, order_differs, quoted, tree_of
from app.survey.versions.meanings import is_scale, reworded, same_shape, words_of

OTHER_PEOPLE = "the figures are about other people"
ANOTHER = "another question was asked"
OFFERED_AS = {"declined": "prefer not to say", "dont_know": "don't know", "not_applicable": "not applicable"}


def item_changes(old: Item, new: Item, home_old: Section, home_new: Section) -> Iterator[Difference]:
    """Every change of an item that both versions have, each home being the section it stands in. Those that are
    `apart` are another question, unless the file says otherwise."""
    if not same_shape(old, new):
        yield Difference(
            "breaks", new.id, f"the type was {old.type} and is {new.type}",
            "the way of answering has changed", apart=True,
        )  # fmt: skip
        return
    if isinstance(old, Slider) != isinstance(new, Slider):
        what = f"the type was {old.type} and is {new.type}"
        yield Difference("breaks", new.id, what, "a slider's values depend on its ends", apart=True)
    elif old.type != new.type:
        yield Difference(
            "review",
            new.id,
            f"the type was {old.type} and is {new.type}",
            "the same question has another form",
        )
    yield from _place(old, new, home_old, home_new)
    yield from _wording(new.id, old.ask, new.ask, isinstance(new, Note))
    if reworded(old.hint, new.hint):
        yield Difference("breaks", new.id, f"the hint was {quoted(old.hint)}", ANOTHER, apart=True)
    yield from _ways_out(old, new)
    yield from _checks(new.id, old.checks, new.checks)
    if moving(old.shuffle) != moving(new.shuffle):
        yield Difference(
            "review", new.id, "what is shuffled has changed", "options shown first are chosen more often"
        )
    if old.identifying != new.identifying:
        word = "is now" if new.identifying else "is no longer"
        yield Difference("safe", new.id, f"it {word} marked as identifying", "no answer is affected")
    if old.sensitive != new.sensitive:
        word = "is now" if new.sensitive else "is no longer"
        yield Difference("safe", new.id, f"it {word} marked as sensitive", "no answer is affected")
    yield from _answers(old, new)


def _place(old: Item, new: Item, home_old: Section, home_new: Section) -> Iterator[Difference]:
    if home_old.id != home_new.id:
        yield Difference("review", new.id, f"it was in {home_old.id}", "it is asked at another point")
    before, after = (
        (tree_of(home.show_if), tree_of(item.show_if)) for item, home in ((old, home_old), (new, home_new))
    )
    if before != after:
        what = f"it was asked {_if(old, home_old)} and is asked {_if(new, home_new)}"
        yield Difference("breaks", new.id, what, OTHER_PEOPLE)


def _if(item: Item, home: Section) -> str:
    written = [part.show_if.source.strip() for part in (home, item) if part.show_if is not None]
    return f"if {' and '.join(written)}" if written else "of everyone"


def _wording(where: str, old: Text | None, new: Text | None, is_note: bool = False) -> Iterator[Difference]:
    if not reworded(old, new):
        return
    what = f"the wording was {quoted(old)}"
    if is_note:
        yield Difference("review", where, what, "later items may be understood differently")
    else:
        yield Difference("breaks", where, what, ANOTHER, apart=True)


def _ways_out(old: Item, new: Item) -> Iterator[Difference]:
    differs = "the share of missing values will differ"
    if old.required != new.required:
        change = "it is now required" if new.required else "it is no longer required"
        yield Difference("review", new.id, change, differs)
    for reason, word in OFFERED_AS.items():
        if (reason in old.offers) != (reason in new.offers):
            offered = "it now offers" if reason in new.offers else "it no longer offers"
            yield Difference("review", new.id, f'{offered} "{word}"', differs)
        elif reworded(old.offers.get(reason), new.offers.get(reason)):
            what = f'the words for "{word}" have changed'
            yield Difference("breaks", new.id, what, "respondents who chose it chose something else", apart=True)


def _checks(where: str, old: Sequence[Check], new: Sequence[Check]) -> Iterator[Difference]:
    before, after = ([(check.that.tree, check.soft) for check in checks] for checks in (old, new))
    if before != after:
        yield Difference(
            "review", where, "its checks have changed", "one version accepted answers that the other refused"
        )
    elif [words_of(check.say) for check in old] != [words_of(check.say) for check in new]:
        yield Difference("safe", where, "the message of a check has changed", "the same answers are accepted")


# --- what is answered ------------------------------------------------------------------------------------


def _answers(old: Item, new: Item) -> Iterator[Difference]:
    for name, word in (("options", "option"), ("scale", "point")):
        if hasattr(new, name):
            yield from option_changes(new.id, getattr(old, name), getattr(new, name), word)
    match old, new:
        case Matrix(), Matrix():
            yield from _matrix(old, new)
        case Number(), Number():
            yield from _number(old, new)
        case TextItem(), TextItem():
            yield from _text(old, new)
        case Date(), Date():
            yield from _date(old, new)
        case Ranking(), Ranking():
            if old.top != new.top:
                yield Difference(
                    "breaks", new.id, f"the first {old.top} were requested and now the first {new.top}",
                    "not being among them has another meaning", apart=True,
                )  # fmt: skip
        case ConstantSum(), ConstantSum():
            yield from _sum(old, new)
        case BestWorst(), BestWorst():
            yield from _wording(f"{new.id}.best", old.best, new.best)
            yield from _wording(f"{new.id}.worst", old.worst, new.worst)


def option_changes(
    item: str, old: Sequence[Option], new: Sequence[Option], word: str
) -> Iterator[Difference]:
    """Changes of the options, points, arms or bands (`word`) that something has."""
    before, after = ({option.code: option for option in options} for options in (old, new))
    if _reversed(old, new):
        what = "the scale has the opposite direction"
        yield Difference("breaks", item, what, "the same code means the opposite", apart=True)
        return
    scale = is_scale(old) or is_scale(new)
    came, went = "respondents who would have chosen it chose another option before", "respondents who would choose it now choose another option"
    if scale:
        came = went = "each point is interpreted relative to the others"
    for code in after:
        if code not in before:
            yield Difference("breaks", f"{item}: {code}", f"the {word} is new", came, apart=scale)
    for code in before:
        if code not in after:
            yield Difference("breaks", f"{item}: {code}", f"the {word} is gone", went, apart=scale)
    for code in in_common(after, before):
        yield from _option(f"{item}: {code}", before[code], after[code])
    if order_differs(before, after):
        yield Difference(
            "review", item, f"the order of {word}s has changed", "options shown first are chosen more often"
        )


def _reversed(old: Sequence[Option], new: Sequence[Option]) -> bool:
    """Whether the codes have stayed and their labels have been turned round."""
    codes_old, codes_new = [o.code for o in old], [o.code for o in new]
    labels_old, labels_new = [words_of(o.label) for o in old], [words_of(o.label) for o in new]
    return sorted(map(str, codes_old)) == sorted(map(str, codes_new)) and len(set(labels_old)) > 1 and (
        dict(zip(codes_old, labels_old, strict=True)) == dict(zip(codes_new, reversed(labels_new), strict=True))
        and labels_old != list(reversed(labels_old))
    )  # fmt: skip


def _option(where: str, old: Option, new: Option) -> Iterator[Difference]:
    for name, word in (("label", "label"), ("hint", "hint"), ("group", "group heading")):
        was = getattr(old, name)
        if reworded(was, getattr(new, name)):
            what = f"the {word} was {quoted(was)}"
            yield Difference("breaks", where, what, "the same code means something else", apart=True)
    if tree_of(old.show_if) != tree_of(new.show_if):
        yield Difference("breaks", where, "its condition has changed", "it is offered to other people")
    if old.exclusive != new.exclusive:
        what = "it can now be combined with others" if old.exclusive else "it is now exclusive"
        yield Difference("review", where, what, "fewer or more options will be chosen with it")
    if old.please_say != new.please_say:
        what = "it now has a text field" if new.please_say else "it no longer has a text field"
        yield Difference("safe", where, what, "the texts are a separate variable")


def _matrix(old: Matrix, new: Matrix) -> Iterator[Difference]:
    before, after = ({statement.id: statement for statement in matrix.statements} for matrix in (old, new))
    yield from _parts(new.id, before, after, "statement", _statement)
    columns_old, columns_new = ({column.id: column for column in matrix.columns} for matrix in (old, new))
    yield from _parts(
        new.id,
        columns_old,
        columns_new,
        "column",
        lambda where, one, other: _wording(where, one.label, other.label),
    )
    for name in in_common(columns_new, columns_old):
        yield from option_changes(
            f"{new.id}.{name}", columns_old[name].scale, columns_new[name].scale, "point"
        )
    if isinstance(old, SemanticDifferential) and isinstance(new, SemanticDifferential):
        yield from _differential(old, new)


def _parts(item: str, old: Mapping, new: Mapping, word: str, compare: Callable[..., Iterator[Difference]]) -> Iterator[Difference]:  # fmt: skip
    for name in new:
        where = f"{item}.{name}"
        if name not in old:
            yield Difference("safe", where, f"the {word} is new", "earlier responses have no value for it")
        else:
            yield from compare(where, old[name], new[name])
    for name in old:
        if name not in new:
            yield Difference(
                "review", f"{item}.{name}", f"the {word} is gone", "later responses have no value for it"
            )
    if order_differs(old, new):
        yield Difference(
            "review", item, f"the order of {word}s has changed", f"earlier {word}s influence later ones"
        )


def _statement(where: str, old: Statement, new: Statement) -> Iterator[Difference]:
    if (words_of(old.text), words_of(old.right)) == (
        words_of(new.right),
        words_of(new.text),
    ) and new.right:
        what = "its poles have been swapped"
        yield Difference("breaks", where, what, "the same point means the opposite", apart=True)
        return
    yield from _wording(where, old.text, new.text)
    yield from _wording(where, old.right, new.right)
    if tree_of(old.show_if) != tree_of(new.show_if):
        yield Difference("breaks", where, "its condition has changed", OTHER_PEOPLE)


def _differential(old: SemanticDifferential, new: SemanticDifferential) -> Iterator[Difference]:
    if len(old.scale) != len(new.scale):
        what = f"there were {len(old.scale)} points and are {len(new.scale)}"
        yield Difference("breaks", new.id, what, "the same point lies elsewhere between the poles", True)
    if old.flip != new.flip:
        what = "poles now change sides at random" if new.flip else "poles no longer change sides at random"
        yield Difference("review", new.id, what, "the left side is chosen more often")


def _number(old: Number, new: Number) -> Iterator[Difference]:
    if (old.least, old.most) != (new.least, new.most):
        what = f"the range was {old.least} to {old.most} and is {new.least} to {new.most}"
        if isinstance(old, Slider) and isinstance(new, Slider):
            yield Difference("breaks", new.id, what, "each value is interpreted relative to the ends", apart=True)
        else:
            yield Difference("review", new.id, what, "values at the ends were refused in one of the two")
    if old.decimals != new.decimals:
        what = f"{old.decimals} decimals were accepted and now {new.decimals}"
        yield Difference("review", new.id, what, "one version's values are less precise")
    yield from _unit(new.id, old.unit, new.unit)
    if isinstance(old, Slider) and isinstance(new, Slider):
        if old.step != new.step:
            yield Difference("review", new.id, f"the step was {old.step}", "one version's values are less precise")
        if reworded(old.low, new.low) or reworded(old.high, new.high):
            what = f"the labels of its ends were {quoted(old.low)} and {quoted(old.high)}"
            yield Difference("breaks", new.id, what, "each value is interpreted relative to the ends", apart=True)


def _unit(where: str, old: Text | None, new: Text | None) -> Iterator[Difference]:
    if reworded(old, new):
        what = f"the unit was {quoted(old)}"
        yield Difference("breaks", where, what, "the same number means something else", apart=True)


def _text(old: TextItem, new: TextItem) -> Iterator[Difference]:
    if (old.lines, old.max_length) != (new.lines, new.max_length):
        yield Difference(
            "review", new.id, "the maximum length has changed", "texts may be longer or shorter"
        )
    if old.pattern != new.pattern:
        yield Difference(
            "review", new.id, "the pattern has changed", "one version accepted answers that the other refused"
        )
    if old.example != new.example:
        yield Difference("safe", new.id, "the example has changed", "the same answers are accepted")


def _date(old: Date, new: Date) -> Iterator[Difference]:
    if old.precision != new.precision:
        yield Difference(
            "breaks", new.id, f"a {old.precision} was requested and now a {new.precision}",
            "the dates have another precision", apart=True,
        )  # fmt: skip
    if (old.earliest, old.latest) != (new.earliest, new.latest):
        what = f"dates were accepted {_span(old)} and are now accepted {_span(new)}"
        yield Difference("review", new.id, what, "values at the ends were refused in one of the two")


def _span(date: Date) -> str:
    return f"from {_bound(date.earliest)} to {_bound(date.latest)}"


def _bound(bound: Bound) -> str:
    if bound.fixed is not None:
        return bound.fixed
    shift = [f"{count:+} {word}" for count, word in ((bound.days, "days"), (bound.months, "months")) if count]
    return " ".join(["the day of answering", *shift])


def _sum(old: ConstantSum, new: ConstantSum) -> Iterator[Difference]:
    if old.total != new.total:
        what = f"the parts added up to {old.total} and now to {new.total}"
        yield Difference("breaks", new.id, what, "the same number is another share", apart=True)
    yield from _unit(new.id, old.unit, new.unit)
