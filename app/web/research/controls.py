"""The control bar of all pages about a survey's results: whom they are about, split by what, in which base.

All of it is in the address: a chip is a link that removes itself, everything else a link or a form that sends the view
back (`show` makes the shortest address of what a form sends). It works without a script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from app.languages.catalogues import ENGLISH
from app.results.charts.captions import count
from app.results.charts.lines import shortened
from app.results.frame.counters import Tally
from app.results.frame.frame import Frame
from app.results.layout import Layout
from app.results.view import (
    AMONG,
    AskedView,
    View,
    categories,
    chip_codes,
    chip_names,
    group_names,
    written_view,
)
from app.survey.codebook import Variable
from app.survey.model import Code
from app.web.live.counting import ViewCounting
from app.web.live.frames import LiveFrame
from app.web.live.views import Fragments
from app.web.research.navigation import address, section_titles

BASE_LABELS = {"complete": "Complete", "partial": "With partial", "all": "All begun"}
#: Names of groups of variables that belong to no section.
APART = {
    "language": "About the response", "arm": "Assigned at random", "vignette": "Assigned at random",
    "computed": "Scores and computed values", "score": "Scores and computed values",
}  # fmt: skip
ABOUT = "About the response"

Pairs = list[tuple[str, str]]


class Chip(NamedTuple):
    label: str
    title: str  # in full, with the question
    remove: str  # the address without it


class Choice(NamedTuple):
    name: str
    label: str
    is_current: bool = False


class ChoiceGroup(NamedTuple):
    heading: str
    choices: tuple[Choice, ...]


class FilterValue(NamedTuple):
    code: Code
    label: str
    n: int | None  # responses with it in the view without this filter; None where it is not counted
    is_chosen: bool


class PickedItem(NamedTuple):
    """The question by which is filtered: its answers to choose from."""

    name: str
    label: str
    values: tuple[FilterValue, ...]
    is_exclusive: bool  # each response has one of them, so that their counts add up
    back: str


class Base(NamedTuple):
    among: str
    label: str
    n: int
    href: str
    is_current: bool


class Name(NamedTuple):
    """A name that a condition can use, with its codes."""

    name: str
    label: str
    codes: str


@dataclass(frozen=True, slots=True)
class Controls:
    survey: str
    page: str  # "" | compare | crosstab
    state: Pairs  # all that the address says, for forms that keep it
    chips: tuple[Chip, ...]
    questions: tuple[ChoiceGroup, ...]
    picked: PickedItem | None
    where: str
    faults: tuple[str, ...]
    names: tuple[Name, ...]
    by: str
    by_label: str
    by_choices: tuple[ChoiceGroup, ...]
    bases: tuple[Base, ...]
    n: int
    of: int
    sentence: str  # the view in words
    all: str  # the address without any filter
    without_where: str  # without the written condition
    not_split: str  # not split into groups: the overview

    def without(self, *names: str) -> Pairs:
        return [(name, value) for name, value in self.state if name not in names]


# --- addresses ----------------------------------------------------------------------------------------------


#: What a page has in its address besides the view.
PAGE_KEYS = ("rows", "columns", "percent")
VIEW_KEYS = ("base", "only", "where", "by")


def canonical(query: Iterable[tuple[str, str]], layout: Layout) -> Pairs:
    """The shortest address of what a form of the bar sends: a question with its chosen values becomes a chip, two numbers
    become a condition, and what is empty is left out."""
    sent = [(name, value.strip()) for name, value in query if value.strip()]
    picked = next((value for name, value in sent if name == "pick"), "")
    values = [value for name, value in sent if name == "value"]
    kept = [(name, value) for name, value in sent if name in (*VIEW_KEYS, *PAGE_KEYS)]
    if picked and values:
        kept = [pair for pair in kept if pair[0] != "only" or pair[1].partition(":")[0] != picked]
        kept.append(("only", f"{picked}:{','.join(dict.fromkeys(values))}"))
    limits = [(sign, value) for name, value in sent for key, sign in LIMITS if name == key]
    if picked in layout.numbers and limits:
        kept = _limited(kept, picked, limits)
    return [pair for pair in kept if pair != ("base", AMONG[0])]


LIMITS = (("least", ">="), ("most", "<="))


def _limited(kept: Pairs, name: str, limits: Sequence[tuple[str, str]]) -> Pairs:
    written = " and ".join(f"{name} {sign} {value.replace(',', '.')}" for sign, value in limits)
    before = next((value for key, value in kept if key == "where"), "")
    joined = f"({before}) and {written}" if before else written
    return [*(pair for pair in kept if pair[0] != "where"), ("where", joined)]


# --- the bar ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BarCounts:
    """What the bar says of numbers: the responses of the view and of each base, and of the picked question."""

    n: int
    bases: dict[str, int]
    picked: Tally | None = None


async def control_bar(
    source: LiveFrame, views: ViewCounting, page: str, asked: AskedView, n: int, query: Pairs
) -> Controls:
    """The bar above the figures of a view of `n` responses. `query` is what the address says, as it is written."""
    pick = next((value for name, value in query if name == "pick"), "")
    frame, picked = source.loaded, None
    if pick in filter_names(frame.layout):
        picked = await views.count(source, view_without(asked.view, pick), Frame.tally)
    counted = BarCounts(n, dict(zip(AMONG, accumulate(frame.course.dispositions), strict=False)), picked)
    return controls(source.survey, page, asked, frame.layout, section_titles(source), counted, query)


def controls(
    survey: str, page: str, asked: AskedView, layout: Layout, titles: dict[str, str], counted: BarCounts, query: Pairs
) -> Controls:  # fmt: skip
    view = asked.view
    further = [pair for pair in query if pair[0] in PAGE_KEYS]
    # Of an address with a fault nothing that was written is lost.
    state = [pair for pair in query if pair[0] in VIEW_KEYS and pair[1]] if asked.faults else written_view(view)
    state = [*state, *further]
    chips = tuple(_chip(survey, page, state, layout, pair) for pair in state if pair[0] == "only")
    by = categories(layout, view.by) if view.by else None
    by_label = layout.labels.text(by.label) if by else ""
    whole = counted.bases.get(view.among, 0)
    return Controls(
        survey, page, state, chips, grouped_choices(layout, filter_names(layout), titles),
        picked_item(survey, page, state, layout, next((value for name, value in query if name == "pick"), ""), view, counted.picked),
        asked.where, asked.faults, condition_names(layout), view.by, shortened(by_label) or "Nothing",
        grouped_choices(layout, group_names(layout), titles, view.by), _bases(survey, page, state, view, counted),
        counted.n, whole, sentence(view, chips, counted.n, whole, by_label),
        address(survey, page, [pair for pair in state if pair[0] not in ("only", "where")]),
        address(survey, page, [pair for pair in state if pair[0] != "where"]),
        address(survey, "", [pair for pair in state if pair[0] in ("base", "only", "where")]),
    )  # fmt: skip


def _bases(survey: str, page: str, state: Pairs, view: View, counted: BarCounts) -> tuple[Base, ...]:
    rest = [pair for pair in state if pair[0] != "base"]
    return tuple(
        Base(
            among, BASE_LABELS[among], counted.bases.get(among, 0), address(survey, page, [*_base(among), *rest]),
            among == view.among,
        )
        for among in AMONG
    )  # fmt: skip


def _base(among: str) -> Pairs:
    return [] if among == AMONG[0] else [("base", among)]


def _chip(survey: str, page: str, state: Pairs, layout: Layout, written: tuple[str, str]) -> Chip:
    """Of a filter as the address says it, also of one that has a fault."""
    name, _, listed = written[1].partition(":")
    known = {str(code): code for code in chip_codes(layout, name)}
    codes = [known[code] for code in listed.split(",") if code in known]
    labels = labels_of(layout, name, codes) or [written[1]]
    label = labels[0] if len(labels) == 1 else f"{shortened(labels[0], 28)} or {_others(labels)}"
    return Chip(
        shortened(label), f"{question_of(layout, name)}: {' or '.join(labels)}",
        address(survey, page, [pair for pair in state if pair != written]),
    )  # fmt: skip


def _others(labels: Sequence[str]) -> str:
    return shortened(labels[1], 28) if len(labels) == 2 else f"{len(labels) - 1} others"


def sentence(view: View, chips: Sequence[Chip], n: int, of: int, by: str) -> str:
    """62 of 512 complete responses: “Left”; split by “Where are you?”."""
    whom = {"complete": "complete", "partial": "complete and partial", "all": "begun"}[view.among]
    filtered = [*(f"“{chip.label}”" for chip in chips), *(["a written condition"] if view.where else [])]
    some = f"{count(n, ENGLISH)} of {count(of, ENGLISH)}" if filtered else count(n, ENGLISH)
    found = f"{some} {whom} responses"
    if filtered:
        found = f"{found}: {' and '.join(filtered)}"
    return f"{found}; by “{shortened(by)}”" if by else found


# --- what can be chosen -------------------------------------------------------------------------------------


def filter_names(layout: Layout) -> list[str]:
    """What the bar filters by: what a chip can name, without the single options of an item, and numbers."""
    flags = {name for options in layout.flags.values() for name in options.values()}
    known = [name for name in chip_names(layout) if name not in flags]
    return [*known, *(name for name in layout.numbers if layout.variable[name].section)]


def grouped_choices(
    layout: Layout, names: Iterable[str], titles: dict[str, str], current: str = ""
) -> tuple[ChoiceGroup, ...]:
    """By section, in the order of the survey."""
    wanted = set(names)
    found: dict[str, list[Choice]] = {}
    for name in _in_order(layout, wanted):
        heading = _heading(layout, name, titles)
        found.setdefault(heading, []).append(Choice(name, question_of(layout, name), name == current))
    return tuple(ChoiceGroup(heading, tuple(choices)) for heading, choices in found.items())


def _in_order(layout: Layout, wanted: set[str]) -> Iterator[str]:
    """Each at its place in the survey; an item of several options at that of its first."""
    seen = set()
    for variable in layout.variables:
        for name in (variable.item, variable.name):
            if name in wanted and name not in seen:
                seen.add(name)
                yield name
    yield from sorted(wanted - seen)


def _heading(layout: Layout, name: str, titles: dict[str, str]) -> str:
    variable = variable_of(layout, name)
    if variable is None:
        return ABOUT
    return titles.get(variable.section) or APART.get(variable.type) or ABOUT


def variable_of(layout: Layout, name: str) -> Variable | None:
    """A variable, or the first of an item's options."""
    if name in layout.variable:
        return layout.variable[name]
    options = layout.flags.get(name)
    return layout.variable[next(iter(options.values()))] if options else None


def question_of(layout: Layout, name: str) -> str:
    """What a name stands for, in the words of the survey."""
    variable = variable_of(layout, name)
    if variable is None:
        found = categories(layout, name)
        return layout.labels.text(found.label) if found else name
    return layout.labels.text(variable.label if name in layout.variable else variable.ask)


def labels_of(layout: Layout, name: str, codes: Iterable[Code]) -> list[str]:
    """The labels of a chip's codes."""
    if name in layout.flags and name not in layout.variable:
        options = layout.flags[name]
        return [layout.labels.text(layout.variable[options[code]].option_label or str(code)) for code in codes]
    found = categories(layout, name)
    known = {each.code: each.label for each in found.all} if found else {}
    return [layout.labels.text(known.get(code, str(code))) for code in codes]


def condition_names(layout: Layout) -> tuple[Name, ...]:
    """What a written condition can name, in the order of the survey."""
    wanted = {*chip_names(layout), *layout.numbers, *layout.dates, *layout.texts}
    return tuple(
        Name(name, question_of(layout, name), " ".join(map(str, chip_codes(layout, name)[:40])))
        for name in _in_order(layout, {name for name in wanted if "~" not in name})
    )


def picked_item(
    survey: str, page: str, state: Pairs, layout: Layout, name: str, view: View, tally: Tally | None
) -> PickedItem | None:
    codes = chip_codes(layout, name) if name in filter_names(layout) else ()
    if not codes and name not in layout.numbers:
        return None
    chosen = {code for each, several in view.only if each == name for code in several}
    labels = labels_of(layout, name, codes)
    values = tuple(
        FilterValue(code, label, count_of(tally, layout, name, code), code in chosen)
        for code, label in zip(codes, labels, strict=True)
    )
    return PickedItem(name, question_of(layout, name), values, name not in layout.flags, address(survey, page, state))


def count_of(tally: Tally | None, layout: Layout, name: str, code: Code) -> int | None:
    """How many responses of a tally have a code."""
    if tally is None:
        return None
    column = layout.flags[name][code] if name in layout.flags else name
    slot = layout.slot.get(column)
    if slot is None:
        return None
    physical = 1 if name in layout.flags else layout.coded[slot].codes.index(code)
    return int(tally.codes[int(layout.offsets[slot]) + physical])


def view_without(view: View, name: str) -> View:
    """The view without its filter by one question, and not split."""
    return View(view.among, tuple(chip for chip in view.only if chip[0] != name), view.where)


# --- while one looks ----------------------------------------------------------------------------------------


def bar_fragments(render: Callable[..., str], controls: Controls) -> Fragments:
    """What moves in the bar, by the id of its element."""
    found = {f"base-{base.among}": f'<small id="base-{base.among}">{base.n:,}</small>' for base in controls.bases}
    return {
        **found,
        "shown": render("research/shown.html", controls=controls),
        "view-in-words": render("research/view_in_words.html", controls=controls),
        "filter-state": render("research/filter_state.html", fault="", stale=False),
    }
