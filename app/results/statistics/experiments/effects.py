"""What an experiment has shown: effects of levels, means at levels, and effects by group.

An effect is the average marginal component effect (AMCE) of a level: how much higher a rating is, in points of its scale,
with that level instead of the reference level, on average over the other attributes. J. Hainmueller, D. J. Hopkins and
T. Yamamoto (2014), "Causal inference in conjoint analysis", Political Analysis 22, 1-30. The reference is the level that
the survey names first. Of an arm of the survey it is the difference of means from the first arm.

Where something has no estimate, `reason` says why in a sentence; charts then show the sentence instead of a mark.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.results.statistics.intervals import Estimate
from app.results.statistics.tests import Test

Code = int | str


@dataclass(frozen=True, slots=True)
class Effect:
    """One level against the reference level, or one group's effect less another's.

    `estimate` is in points, with its 95 % interval and standard error; of its `n` judgements and its `clusters`
    respondents see `judgements` and `respondents`. Of fewer than 10 respondents at either level there is no interval, and
    no p.
    """

    level: str  # labels
    against: str
    estimate: Estimate  # value None where it is not identified
    df: float | None = None  # of Student's t: respondents less one; Satterthwaite's between small groups
    p: float | None = None
    adjusted: float | None = None  # p adjusted by Holm over the family
    family: int = 0  # how many effects were adjusted together: those of one rating, from the same vignettes
    judgements: tuple[int, int] = (0, 0)  # at the level, and at the reference level
    respondents: tuple[int, int] = (0, 0)  # who judged each of them
    detectable: float | None = None
    """The least effect that is found in 80 of 100 such studies, as large and as precise as this: H. S. Bloom (1995), "Minimum
    detectable effects", Evaluation Review 19, 547-556."""
    detectable_adjusted: float | None = None  # the same with Holm's correction, were no other effect found
    reason: str = ""

    @property
    def is_clear(self) -> bool:
        """Whether it differs from 0 after correction for all effects of its family."""
        return self.adjusted is not None and self.adjusted < 0.05


@dataclass(frozen=True, slots=True)
class LevelEffects:
    """One level of an attribute, with the mean rating at it, and its effect; None for the reference level."""

    code: Code
    label: str
    mean: Estimate  # the marginal mean; `n` are judgements, `clusters` respondents
    effect: Effect | None
    reason: str = ""  # why there is no mean


@dataclass(frozen=True, slots=True)
class AttributeEffects:
    """All levels of one attribute, the reference level first, and the test that none of them has an effect."""

    id: str
    label: str
    levels: tuple[LevelEffects, ...]
    joint: Test | None  # Wald's F, with respondents less one as the degrees of freedom of its denominator

    @property
    def effects(self) -> tuple[Effect, ...]:
        return tuple(level.effect for level in self.levels if level.effect is not None)


@dataclass(frozen=True, slots=True)
class RatingEffects:
    """All effects on one rating, from all vignettes that respondents judged or from the first of each alone."""

    judgements: int
    respondents: int
    mean: float | None  # of all judgements
    attributes: tuple[AttributeEffects, ...]
    predicted: bool = False
    """Whether the means at levels are predicted by the additive model, all levels of the other attributes weighted equally,
    because some combinations are excluded; else they are the means of the judgements at each level."""
    weighted: bool = False
    notes: tuple[str, ...] = ()  # what is not identified, or left out, and why: sentences


@dataclass(frozen=True, slots=True)
class GroupEffects:
    """The effects in one group alone, as they are when results are filtered to it."""

    code: Code
    label: str
    all: RatingEffects
    first: RatingEffects | None


@dataclass(frozen=True, slots=True)
class AttributeInteraction:
    """How the effects of one attribute differ between groups. `differences` has for each group but the first, for each level
    but the reference level, the group's effect less the first group's; the labels of an `Effect` are those of the groups."""

    id: str
    label: str
    differences: tuple[tuple[str, tuple[Effect, ...]], ...]  # by the label of the level: one for each further group
    joint: Test | None  # that this attribute's effects are the same in all groups


@dataclass(frozen=True, slots=True)
class Interaction:
    """Whether effects differ between groups: one additive model in which each group has its own effects."""

    attributes: tuple[AttributeInteraction, ...]
    joint: Test | None  # that all effects are the same in all groups
    groups: tuple[str, ...] = ()  # the labels of those compared; the first is the reference
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupedEffects:
    """The effects on one rating by what splits the view."""

    by: str  # the name of the variable
    label: str
    groups: tuple[GroupEffects, ...]
    all: Interaction | None  # None where fewer than two groups have enough respondents
    first: Interaction | None


@dataclass(frozen=True, slots=True)
class ExperimentFinding:
    """What one rating of a vignette shows: from all judged vignettes, and from the first alone, which is a comparison between
    persons. `first` is None where each respondent sees one vignette: then `all` is the same."""

    name: str  # the id of the rating's figures: `<vignette>.<rating>`
    all: RatingEffects
    first: RatingEffects | None
    split: GroupedEffects | None = None  # where the view is split into groups
    lead: str = ""
    """The attribute that sentences are about: that of the first primary estimate of the rating in the analysis plan, else the
    first as written."""
    is_main: bool = True  # the rating of the first primary estimate, else the first of its vignette
    order: AttributeEffects | None = None
    """What the turn at which a vignette was shown does to its rating, against the first turn, apart from what it showed: each
    respondent's order is random. None where each sees one."""


@dataclass(frozen=True, slots=True)
class ArmEffects:
    """What an arm of the survey does to one outcome: the difference of each arm from the first."""

    arm: str  # the name of the variable
    outcome: str  # the name of the answer, such as `own` or `seen.failed`, or of the score
    label: str  # of the outcome
    effects: AttributeEffects
    weighted: bool = False
    notes: tuple[str, ...] = ()
