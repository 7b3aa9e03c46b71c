"""What has changed in the options of an item, the points of a scale, arms or bands between two versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.survey.items.answer import Option
from app.survey.items.difference import (
    Difference,
    in_common,
    order_differs,
    quoted,
    reworded,
    tree_of,
    words_of,
)


def is_scale(options: Sequence[Option]) -> bool:
    """Whether the codes are numbers: then each point has its meaning among all of them."""
    return bool(options) and all(isinstance(option.code, int) for option in options)


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
