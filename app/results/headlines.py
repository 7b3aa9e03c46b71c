"""The headlines of a survey's results: the charts of the first screen, each with its sentence.

A survey names them under `results: {headline: [...]}`. Without it they are the first score, the first vignette
experiment, and the items of `beside` or else the first scales.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from app.languages.catalogues import ENGLISH
from app.results.charts.captions import Message
from app.results.charts.chart import Chart, Series, describe, statements_kind
from app.results.charts.draw import DRAWN, begun
from app.results.charts.geometry import Drawing
from app.results.charts.means import draw_means
from app.results.charts.sentences.pairs import about_pair
from app.results.items import ItemFigures, Marginal
from app.results.marginals import Figures
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

    @property
    def link(self) -> str:
        """The place of the item's own chart in the page."""
        return f"#figure-{self.item}"


def headlines(
    instrument: Instrument, figures: Figures, language: str = ENGLISH
) -> tuple[Headline, ...]:
    """At most six; none of what nobody has answered. `instrument` is the newest version."""
    chosen = instrument.results.headline or tuple(map(HeadlineChoice, _by_default(instrument, figures)))
    found = (_headline(figures, each, language) for each in chosen[:MOST])
    return tuple(each for each in found if each is not None)


def _headline(figures: Figures, choice: HeadlineChoice, language: str) -> Headline | None:
    if choice.pair:
        return _pair(figures, choice, language)
    item = _named(figures, choice.name)
    if item is None or not item.answered:
        return None
    chart = replace(describe(item), beside=())
    drawing = DRAWN[chart.kind](chart, language, begun(chart, language))
    return Headline("item", item.id, replace(drawing, id=f"{item.id}.headline"), drawing.sentence)


# --- by name ------------------------------------------------------------------------------------------------


def _named(figures: Figures, name: str) -> ItemFigures | None:
    """The figures of an item, as conditions call it: ratings of vignettes are `<vignette>_<rating>`; of a statement, its
    item with that statement alone."""
    for item in figures.items:
        if item.id == name or (item.of_vignettes and item.id.replace(".", "_", 1) == name and item.section):
            return item
        parts = tuple(part for part in item.parts if part.name == name)
        if parts:
            return replace(item, parts=parts, beside=(), ask=" – ".join(word for word in (item.ask, parts[0].label) if word))
    return None


# --- pairs --------------------------------------------------------------------------------------------------


def _pair(figures: Figures, choice: HeadlineChoice, language: str) -> Headline | None:
    """Two rows of one chart."""
    items = [(_named(figures, name), label) for name, label in choice.pair]
    known = [(item, label) for item, label in items if item is not None and item.answered]
    if len(known) < 2:
        return None
    series = tuple(_labelled(describe(item), label) for item, label in known)
    said = about_pair(*series, figures.pairs.get(" ".join(name for name, _label in choice.pair)), language)
    first, second = (item for item, _label in known)
    chart = Chart(
        f"{first.id}.headline", first.ask, statements_kind(series), series, min(first.answered, second.answered),
        min(first.shown, second.shown),
    )  # fmt: skip
    drawing = replace(begun(chart, language), sentence=said)
    if series[0].kind == "number" or chart.kind == "table":
        drawing = draw_means([(each.label, each.summary.interval) for each in series], False, language, drawing)
    else:
        drawing = DRAWN[chart.kind](chart, language, drawing)
    return Headline("pair", second.id, drawing, said)


def _labelled(chart: Chart, label: str) -> Series:
    return replace(chart.first, label=label, column="")


# --- by default ---------------------------------------------------------------------------------------------


def _by_default(instrument: Instrument, figures: Figures) -> list[str]:
    """The names of the figures that say most about a survey of which nothing is known."""
    many = [item for item in figures.items if item.answered and item.shown >= ASKED_OF_MANY * figures.n]
    scores = [item.id for item in many if item.score is not None and item.parts[0].kind == "number"]
    experiments = [item.id.replace(".", "_", 1) for item in figures.items if item.of_vignettes and item.section]
    beside = [name for name in instrument.results.beside if any(item.id == name for item in many)]
    scales = [item.id for item in many if item.section and not item.of_vignettes and _is_a_scale(item.parts[0])]
    others = [item.id for item in many if item.section and item.parts[0].kind in ("choice", "flags", "number")]
    first = [*scores[:1], *experiments[:1], *(beside or scales[:SCALES])]
    return list(dict.fromkeys([*first, *others[: max(SCALES - len(first), 0)]]))[:MOST]


def _is_a_scale(part: Marginal) -> bool:
    return part.kind == "choice" and part.measure == "ordinal"
