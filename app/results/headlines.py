"""The headlines of a survey's results: the charts of the first screen, each with its sentence.

A survey names them under `results: {headline: [...]}`. Without it they are the first score, the first vignette
experiment, and the items of `beside` or else the first scales.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from app.languages.catalogues import ENGLISH
from app.results.charts.captions import Message, count, english, number
from app.results.charts.chart import Chart, Series, describe, statements_kind
from app.results.charts.draw import DRAWN, begun
from app.results.charts.geometry import Drawing
from app.results.charts.lines import level, level_range, places_for
from app.results.charts.means import draw_means, written_mean
from app.results.charts.sentences.groups import TOO_FEW, about_groups
from app.results.charts.sentences.pairs import about_pair
from app.results.comparison import compare
from app.results.items import ItemFigures, Marginal
from app.results.marginals import Figures, GroupedFigures
from app.results.measures import Measure
from app.results.statistics.experiments.effects import ExperimentFinding
from app.results.statistics.intervals import Estimate
from app.survey.model import HeadlineChoice, Instrument

MOST, SCALES = 6, 3
ASKED_OF_MANY = 0.4  # of all respondents: a default headline is about no fewer

HeadlineKind = Literal["item", "pair", "groups"]


@dataclass(frozen=True, slots=True)
class Headline:
    kind: HeadlineKind
    item: str  # the id of the figures that it leads to
    drawing: Drawing  # with the question, the base and the chart; its id is that of no other chart of the page
    sentence: Message | None  # None while too few have answered
    differences: int = 0  # of groups: those that its sentence is corrected for

    @property
    def link(self) -> str:
        """The place of the item's own chart in the page."""
        return f"#figure-{self.item}"


def headlines(instrument: Instrument, figures: Figures, language: str = ENGLISH) -> tuple[Headline, ...]:
    """At most six; none of what nobody has answered. `instrument` is the newest version. Comparisons need the figures
    `split` by what they compare."""
    chosen = instrument.results.headline or tuple(map(HeadlineChoice, _by_default(instrument, figures)))
    found = (_headline(figures, each, language) for each in chosen[:MOST])
    return tuple(each for each in found if each is not None)


def splits_needed(instrument: Instrument) -> tuple[str, ...]:
    """The variables by which headlines compare."""
    return tuple(dict.fromkeys(choice.by for choice in instrument.results.headline if choice.by))


def with_split(figures: Figures, split: Mapping[str, GroupedFigures]) -> Figures:
    """The figures with those by groups that headlines compare."""
    if (plain := figures.unweighted) is not None:
        plain = replace(plain, split={by: each.unweighted for by, each in split.items()})
    return replace(figures, split=split, unweighted=plain)


def _headline(figures: Figures, choice: HeadlineChoice, language: str) -> Headline | None:
    if choice.pair:
        return _pair(figures, choice, language)
    if choice.by in figures.split:
        return _compared(figures.split[choice.by], choice, language)
    item = named(figures, choice.name)
    if item is None or not item.answered:
        return None
    chart = replace(describe(item), beside=())
    drawing = DRAWN[chart.kind](chart, language, begun(chart, language))
    sentence = _of_all_vignettes(item, drawing.sentence)
    return Headline("item", item.id, replace(drawing, id=f"{item.id}.headline", sentence=sentence), sentence)


def _of_all_vignettes(item: ItemFigures, said: Message | None) -> Message | None:
    """A primary estimate near it may be of the first vignette alone."""
    if said is None or not isinstance(item.finding, ExperimentFinding) or item.finding.first is None:
        return said
    return english("From all vignettes: %(said)s", said=said, attribute=said.values.get("attribute", ""))


# --- by name ------------------------------------------------------------------------------------------------


def named(figures: Figures, name: str) -> ItemFigures | None:
    """The figures of an item, as conditions call it: ratings of vignettes are `<vignette>_<rating>`; of a statement, its
    item with that statement alone."""
    for item in figures.items:
        if item.id == name or (item.of_vignettes and item.id.replace(".", "_", 1) == name and item.section):
            return item
        parts = tuple(part for part in item.parts if part.name == name)
        if parts:
            return replace(item, parts=parts, beside=(), ask=" – ".join(word for word in (item.ask, parts[0].label) if word))
    return None


# --- groups -------------------------------------------------------------------------------------------------


def _compared(split: GroupedFigures, choice: HeadlineChoice, language: str) -> Headline | None:
    """A dot for each group, the highest first: of the share or the mean that differs most between them."""
    item = named(split.whole, choice.name)
    if item is None or not item.answered:
        return None
    found = compare(_only(split, choice.name), choice.by, "", floor=1)
    if not found.items:
        return None
    said, row = about_groups(found.items[0], found.is_direct), found.items[0].rows_by_size[0]
    places = places_for(row.measure, [value.value for value in row.values])

    def written(each: Estimate) -> tuple[str, str]:
        return ("–" if each.value is None else level(row.measure, each.value, places)), level_range(row.measure, each, places)

    known = [value for value in row.values if value.value.value is not None]
    known.sort(key=lambda value: value.value.value or 0.0, reverse=True)
    values = [(f"{value.group.label} ({count(value.value.n, language)})", value.value) for value in known]
    drawing = replace(begun(describe(item), language), id=f"{item.id}.headline", text_lists=(), sentence=said)
    drawing = draw_means(values, english(row.measure.kind), written, partial(_tick, row.measure), drawing, 1.0 if row.measure.kind == "share" else None)
    return Headline("groups", item.id, drawing, None if said == TOO_FEW else said, found.tested)


def _tick(measure: Measure, value: float) -> str:
    return level(measure, value, 0 if value == round(value) or measure.kind != "mean" else 1)


def _only(split: GroupedFigures, name: str) -> GroupedFigures:
    """Only the figures of one item, so that its differences are corrected for each other only."""

    def only(figures: Figures) -> Figures:
        item = named(figures, name)
        return replace(figures, items=(item,) if item else ())

    groups = tuple(replace(group, figures=only(group.figures)) for group in split.groups)
    return GroupedFigures(only(split.whole), groups)


# --- pairs --------------------------------------------------------------------------------------------------


def _pair(figures: Figures, choice: HeadlineChoice, language: str) -> Headline | None:
    """Two rows of one chart."""
    items = [(named(figures, name), label) for name, label in choice.pair]
    known = [(item, label) for item, label in items if item is not None and item.answered]
    if len(known) < 2:
        return None
    series = tuple(_labelled(describe(item), label) for item, label in known)
    said = about_pair(*series, figures.pairs.get(" ".join(name for name, _label in choice.pair)), language)
    first, second = (item for item, _label in known)
    chart = Chart(
        f"{first.id}.headline", first.ask, statements_kind(series), series, min(first.answered, second.answered),
        min(first.shown, second.shown), effective=min((each.effective for each in (first, second) if each.effective is not None), default=None),
    )  # fmt: skip
    drawing = replace(begun(chart, language), sentence=said)
    if series[0].kind == "number" or chart.kind == "table":
        drawing = draw_means([(each.label, each.summary.interval) for each in series], english("mean"), written_mean, partial(number, language=language), drawing)
    else:
        drawing = DRAWN[chart.kind](chart, language, drawing)
    return Headline("pair", second.id, drawing, said)


def _labelled(chart: Chart, label: str) -> Series:
    return replace(chart.first, label=label, column="")


# --- by default ---------------------------------------------------------------------------------------------


def _by_default(instrument: Instrument, figures: Figures) -> list[str]:
    """The names of the figures that say most about a survey of which nothing is known. What weights are raked to describes
    the sample, so that it comes last."""
    raked = {name.partition(".")[0] for name in instrument.weights.targets} if instrument.weights else set()
    many = [item for item in figures.items if item.answered and item.shown >= ASKED_OF_MANY * figures.n]
    scores = [item.id for item in many if item.score is not None and item.parts[0].kind == "number"]
    experiments = [item.id.replace(".", "_", 1) for item in figures.items if item.of_vignettes and item.section]
    beside = [name for name in instrument.results.beside if any(item.id == name for item in many)]
    scales = [item.id for item in many if item.section and not item.of_vignettes and _is_a_scale(item.parts[0]) and item.id not in raked]
    others = [item.id for item in many if item.section and item.parts[0].kind in ("choice", "flags", "number")]
    others.sort(key=lambda name: name in raked)
    first = [*scores[:1], *experiments[:1], *(beside or scales[:SCALES])]
    return list(dict.fromkeys([*first, *others[: max(SCALES - len(first), 0)]]))[:MOST]


def _is_a_scale(part: Marginal) -> bool:
    return part.kind == "choice" and part.measure == "ordinal"
