"""What an arm does to an outcome, as a coefficient plot. Only researchers see it: in English."""

from __future__ import annotations

from app.languages.catalogues import ENGLISH
from app.results.charts.captions import Message, count, english, fixed, interval, mean_places
from app.results.charts.effects import draw_coefficients, effect_words, what_marks_mean
from app.results.charts.geometry import Drawing
from app.results.charts.sentences.levels import about_arm
from app.results.statistics.experiments.effects import ArmEffects


def arm_id(found: ArmEffects) -> str:
    """That of its chart; no item has it."""
    return f"arm.{found.arm}.{found.outcome}"


def draw_arm(found: ArmEffects) -> Drawing:
    answered = sum(level.mean.n for level in found.effects.levels)
    counted = english("<b>%(n)s</b> answered, weighted" if found.weighted else "<b>%(n)s</b> answered", n=count(answered, ENGLISH))
    drawing = Drawing(arm_id(found), found.label, "effects", answered, sentence=about_arm(found.effects), counted=counted)
    drawing = draw_coefficients([found.effects], (), None, None, drawing)
    lines = []
    for level in found.effects.levels:
        places = mean_places(level.mean)
        effect = " ".join(effect_words(level.effect)).strip() if level.effect else "0"
        lines.append((level.label, fixed(level.mean.value, ENGLISH, places), interval(level.mean.low, level.mean.high, ENGLISH, places), count(level.mean.n, ENGLISH), effect))
    return drawing.add(
        head=("Arm", "Mean", "95% interval", "n", "Difference from the first arm"), body=tuple(lines), notes=tuple(_notes(found)),
        values=english("difference"),
    )  # fmt: skip


def _notes(found: ArmEffects) -> list[Message]:
    notes = [english("Differences of means from the first arm, with Welch’s intervals; corrected together with all outcomes of this arm."), *what_marks_mean([found.effects])]
    notes += [english("%(reason)s", reason=note) for note in found.notes]
    return notes + [english("%(label)s: %(reason)s", label=level.label, reason=level.effect.reason) for level in found.effects.levels if level.effect and level.effect.reason]
