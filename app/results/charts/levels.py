"""Ratings of vignettes: the effect of each level and the mean at it, and the answers by the position of the vignette."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.results.charts.captions import (
    Message,
    _,
    count,
    english,
    fixed,
    interval,
    mean_places,
    with_shown_interval,
)
from app.results.charts.chart import Chart, statements_kind
from app.results.charts.effects import draw_coefficients, effect_words, what_marks_mean
from app.results.charts.geometry import Drawing, Line
from app.results.charts.sentences.levels import ends_of
from app.results.charts.stacks import draw_stacks, draw_table
from app.results.statistics.experiments.effects import ExperimentFinding, LevelEffects


def draw_levels(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    draw = draw_stacks if statements_kind(chart.series) == "stacks" else draw_table
    each = draw(chart, language, replace(drawing, id=f"{chart.id}.each", text_lists=(), missing=(), asked_of=None, sentence=None))
    finding = chart.finding
    if not isinstance(finding, ExperimentFinding) or not any(level.mean.value is not None for a in finding.all.attributes for level in a.levels):
        return each.add(id=chart.id, missing=drawing.missing, sentence=drawing.sentence)
    alone = finding.first.attributes if finding.first is not None else ()
    drawing = draw_coefficients(finding.all.attributes, alone, ends_of(chart.first), finding.all.mean, drawing)
    return drawing.add(
        further=(each,), is_wide=finding.is_main, samples=_samples(finding, language), notes=tuple(_notes(finding)),
        head=(_("Level"), _("Mean"), _("95%% interval"), _("Ratings"), _("Respondents"), english("Effect"), english("Effect, first vignette alone")),
        body=tuple(_lines(finding, language)),
    )  # fmt: skip


def _samples(finding: ExperimentFinding, language: str) -> tuple[tuple[str, str], ...]:
    people = count(finding.all.respondents, language)
    if finding.first is None:
        return ((f"{people} vignettes", "one for each respondent"),)
    return (
        ("All vignettes", f"{count(finding.all.judgements, language)}, of {people} respondents"),
        ("The first alone", f"{count(finding.first.judgements, language)}, one for each respondent"),
    )


def _notes(finding: ExperimentFinding) -> Iterator[Message]:
    found = finding.all
    yield english("Effects are in points of the rating, against the level that is marked as the reference.")
    yield from what_marks_mean(found.attributes)
    if found.predicted:
        yield english(
            "Some combinations of levels are never shown. The mean at a level is therefore predicted by the additive model, all"
            " levels of the other attributes weighted equally."
        )
    if finding.is_main:  # the others are beside it
        yield english(
            "Least squares on all attributes (average marginal component effects; J. Hainmueller, D. J. Hopkins and T. Yamamoto,"
            " 2014); 95%% intervals allow for several ratings of one respondent (cluster-robust after K.-Y. Liang and S. L. Zeger,"
            " 1986; Student’s t by respondents)."
        )
    first = finding.first.notes if finding.first is not None else ()
    yield from (english("%(reason)s", reason=note) for note in found.notes)
    yield from (english("First vignette alone: %(reason)s", reason=note) for note in first if note not in found.notes)


def _lines(finding: ExperimentFinding, language: str) -> Iterator[Line]:
    """The rows of the table. The first vignette alone is a comparison between respondents."""
    first = {attribute.id: attribute.levels for attribute in (finding.first or finding.all).attributes}
    for attribute in finding.all.attributes:
        alone = {level.code: level for level in first.get(attribute.id, ())}
        for level in attribute.levels:
            mean = with_shown_interval(level.mean)
            places = mean_places(mean)
            yield (
                f"{attribute.label}: {level.label}", fixed(mean.value, language, places), interval(mean.low, mean.high, language, places),
                count(mean.n, language), count(mean.clusters, language), effect_text(level), effect_text(alone.get(level.code)),
            )  # fmt: skip


def effect_text(level: LevelEffects | None) -> str:
    """+0.37 [+0.28 to +0.47]; of the reference level 0."""
    if level is None:
        return "–"
    return " ".join(effect_words(level.effect)).strip() if level.effect is not None else "0"
