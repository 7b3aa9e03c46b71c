"""The control bar of all pages about a survey's results: the base, the filters, and what splits the view into groups.

The address holds all of it: a chip is a link that removes its filter, everything else is a link or a form that sends the
view back (`show` redirects to the shortest address of what a form sends). It works without a script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import NamedTuple

from app.languages.catalogues import ENGLISH
from app.languages.direction import isolated
from app.results.charts.captions import count
from app.results.charts.lines import shortened
from app.results.crosstabs import row_names
from app.results.frame.counters import Tally
from app.results.frame.frame import Frame
from app.results.items import ItemFigures
from app.results.layout import Layout
from app.results.view import (
    AMONG,
    CAREFUL,
    AskedView,
    View,
    categories,
    chip_codes,
    group_names,
    written_view,
)
from app.survey.model import Code
from app.web.live.counting import ViewCounting
from app.web.live.frames import LiveFrame
from app.web.live.views import Fragments
from app.web.research.bar.choices import (
    ChoiceGroup,
    Name,
    condition_names,
    filter_names,
    grouped_choices,
    labels_of,
    question_of,
)
from app.web.research.bar.weights import (
    ShownResponses,
    WeightChoice,
    WeightReport,
    weight_choices,
    weight_report,
)
from app.web.research.files import Pairs, whom
from app.web.research.navigation import address, section_titles

BASE_LABELS = {"complete": "Complete", "partial": "With partial", "all": "All begun"}


class Chip(NamedTuple):
    label: str
    title: str  # in full, with the question
    remove: str  # the address without it


class FilterValue(NamedTuple):
    code: Code
    label: str
    n: int | None  # responses with it in the view without this filter; None where it is not counted
    is_chosen: bool


class PickedItem(NamedTuple):
    """The question to filter by, with its answers to choose from."""

    name: str
    label: str
    values: tuple[FilterValue, ...]
    is_exclusive: bool  # each response has one of them, so that their counts add up
    back: str  # the address without this choice


class Base(NamedTuple):
    among: str
    label: str
    n: int
    href: str
    is_current: bool


class QualityChoice(NamedTuple):
    """Whether responses with a sign of careless answering are in the view. `n` is how many have one, where it is known."""

    label: str
    href: str
    is_current: bool
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Controls:
    survey: str
    page: str  # "" | compare | crosstab
    state: Pairs  # the address's parameters, for forms that send them back
    chips: tuple[Chip, ...]
    picked: PickedItem | None
    where: str
    faults: tuple[str, ...]
    by: str
    by_label: str
    bases: tuple[Base, ...]
    quality: tuple[QualityChoice, ...]
    weights: tuple[WeightChoice, ...]  # none for a survey without weights
    weight_report: WeightReport | None
    n: int
    of: int
    sentence: str  # the view in words
    all: str  # the address without any filter
    without_where: str  # without the written condition
    not_split: str  # not split into groups: the overview
    layout: Layout
    titles: dict[str, str]  # of sections

    # Derived when a page is rendered: updates of an open page need none of them.

    @property
    def questions(self) -> tuple[ChoiceGroup, ...]:
        return grouped_choices(self.layout, filter_names(self.layout), self.titles)

    @property
    def names(self) -> tuple[Name, ...]:
        return condition_names(self.layout)

    @property
    def by_choices(self) -> tuple[ChoiceGroup, ...]:
        return grouped_choices(self.layout, group_names(self.layout), self.titles, self.by)

    def without(self, *names: str) -> Pairs:
        return [(name, value) for name, value in self.state if name not in names]


# --- addresses ----------------------------------------------------------------------------------------------


#: What a page has in its address besides the view.
PAGE_KEYS = ("rows", "columns", "percent")
VIEW_KEYS = ("base", "only", "where", "by", "quality", "weights")


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
    """The numbers in the bar: the responses of the view and of each base, and the answers to the picked question."""

    shown: ShownResponses
    bases: dict[str, int]
    stored: int
    picked: Tally | None = None
    has_weights: bool = False


async def control_bar(
    source: LiveFrame, views: ViewCounting, page: str, asked: AskedView, shown: ShownResponses, query: Pairs
) -> Controls:
    """The bar above the figures of a view. `query` is what the address says, as it is written."""
    pick = next((value for name, value in query if name == "pick"), "")
    frame, picked = source.loaded, None
    if pick in filter_names(frame.layout):
        picked = await views.count(source, replace(view_without(asked.view, pick), weights=""), Frame.tally)
    bases = dict(zip(AMONG, accumulate(frame.course.dispositions), strict=False))
    counted = BarCounts(shown, bases, frame.rows, picked, frame.instruments[0].weights is not None)
    return controls(source.survey, page, asked, frame.layout, section_titles(source), counted, query)


def controls(
    survey: str, page: str, asked: AskedView, layout: Layout, titles: dict[str, str], counted: BarCounts, query: Pairs
) -> Controls:  # fmt: skip
    view = asked.view
    further = [pair for pair in query if pair[0] in PAGE_KEYS]
    # An address with a fault is kept as it was written.
    state = [pair for pair in query if pair[0] in VIEW_KEYS and pair[1]] if asked.faults else written_view(view)
    state = [*state, *further]
    chips = tuple(_chip(survey, page, state, layout, pair) for pair in state if pair[0] == "only")
    by = categories(layout, view.by) if view.by else None
    by_label = layout.labels.text(by.label) if by else ""
    whole = counted.stored if view.chooses_dispositions else counted.bases.get(view.among, 0)
    return Controls(
        survey, page, state, chips,
        picked_item(survey, page, state, layout, next((value for name, value in query if name == "pick"), ""), view, counted.picked),
        asked.where, asked.faults, view.by, shortened(by_label) or "Nothing", _bases(survey, page, state, view, counted),
        _quality(survey, page, state, view, counted.shown.flagged),
        weight_choices(survey, page, state, view, counted.has_weights), weight_report(view, counted.shown),
        counted.shown.n, whole, sentence(view, chips, counted.shown, whole, by_label),
        address(survey, page, [pair for pair in state if pair[0] not in ("only", "where", "quality")]),
        address(survey, page, [pair for pair in state if pair[0] != "where"]),
        address(survey, "", [pair for pair in state if pair[0] in VIEW_KEYS and pair[0] != "by"]),
        layout, titles,
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


def _quality(survey: str, page: str, state: Pairs, view: View, flagged: int | None) -> tuple[QualityChoice, ...]:
    rest = [pair for pair in state if pair[0] != "quality"]
    return (
        QualityChoice("Included", address(survey, page, rest), not view.careful),
        QualityChoice("Left out", address(survey, page, [*rest, ("quality", CAREFUL)]), view.careful, flagged),
    )


def _base(among: str) -> Pairs:
    return [] if among == AMONG[0] else [("base", among)]


def _chip(survey: str, page: str, state: Pairs, layout: Layout, written: tuple[str, str]) -> Chip:
    """The chip of one filter as it is written in the address, also of one with a fault."""
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


def sentence(view: View, chips: Sequence[Chip], shown: ShownResponses, of: int, by: str) -> str:
    """62 of 512 complete responses: “Left”, weighted; by “Where are you?”."""
    filtered = [*(f"“{isolated(chip.label)}”" for chip in chips), *(["a written condition"] if view.where else [])]
    filtered += ["without signs of careless answering"] if view.careful else []
    found = f"{count(shown.n, ENGLISH)} of {whom(view, of)}: {' and '.join(filtered)}" if filtered else whom(view, shown.n)
    found += ", weighted" if view.weights and shown.is_weighted else ""
    return f"{found}; by “{isolated(shortened(by))}”" if by else found


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
    return replace(view, only=tuple(chip for chip in view.only if chip[0] != name), by="")


# --- while a page is open -------------------------------------------------------------------------------------


def bar_fragments(render: Callable[..., str], controls: Controls) -> Fragments:
    """The parts of the bar that change while a page is open, by the id of their element."""
    found = {f"base-{base.among}": f'<small id="base-{base.among}">{base.n:,}</small>' for base in controls.bases}
    return {
        **found,
        "shown": render("research/shown.html", controls=controls),
        "view-in-words": render("research/view_in_words.html", controls=controls),
        "filter-state": render("research/filter_state.html", fault="", stale=False),
        "weights": render("research/weights.html", controls=controls),
    }


# --- from one item to the other pages -----------------------------------------------------------------------


ItemLinks = dict[str, tuple[tuple[str, str], ...]]
"""By item, links to other pages: each a word and an address."""


def item_links(survey: str, layout: Layout, view: View, items: Iterable[ItemFigures]) -> ItemLinks:
    """By item: links to the page that compares everyone by its answers, and to the crosstab with it in the rows; none of the
    entries of a loop, which are several of one respondent."""
    splitting, rows, kept = set(group_names(layout)), set(row_names(layout)), written_view(replace(view, by=""))
    found = {}
    for item in items:
        links = []
        if item.id in splitting and not item.entries:
            links.append(("Compare", address(survey, "compare", [*kept, ("by", item.id)])))
        name = next((each for each in (item.id, item.parts[0].name) if each in rows), "")
        if name and name != view.by and not item.entries:
            links.append(("Cross", address(survey, "crosstab", [*kept, ("rows", name), *([("columns", view.by)] if view.by else [])])))
        found[item.id] = tuple(links)
    return found
