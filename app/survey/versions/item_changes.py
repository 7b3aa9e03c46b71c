"""What has changed within one item between two versions of a survey."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.survey.items.base import Check, Item
from app.survey.items.difference import (
    Difference,
    moving,
    quoted,
    reworded,
    tree_of,
    wording_changes,
    words_of,
)
from app.survey.items.option_changes import option_changes
from app.survey.model import Section
from app.survey.texts import Text
from app.survey.versions.meanings import same_shape

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
    if _is_read_against_its_ends(old) != _is_read_against_its_ends(new):
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
    yield from _wording(new.id, old.ask, new.ask, new.is_asked)
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


def _is_read_against_its_ends(item: Item) -> bool:
    return any(answer.ends is not None for answer in item.answers())


def _wording(where: str, old: Text, new: Text, is_asked: bool) -> Iterator[Difference]:
    if is_asked:
        yield from wording_changes(where, old, new)
    elif reworded(old, new):
        what = f"the wording was {quoted(old)}"
        yield Difference("review", where, what, "later items may be understood differently")


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
            before = getattr(old, "options", None) or getattr(old, "scale", ())
            yield from option_changes(new.id, before, getattr(new, name), word)
    yield from new.changes(old)
