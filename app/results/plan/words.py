"""Primary estimates in sentences that are made from their definition, in English: only researchers read them."""

from __future__ import annotations

from dataclasses import dataclass

from app.survey.codebook import Variable, codebook
from app.survey.labels.labelling import ResultLabels
from app.survey.labels.poles import pole_names
from app.survey.model import Code, Instrument, PlannedContrast, PrimaryEstimate

BASES = {
    "complete": "complete responses",
    "partial": "complete and partial responses",
    "all": "all responses begun, except those screened out",
}
LONGEST_LIST = 12  # answers of an item that are listed
METHODS = {
    ("mean", False): "Mean with the interval of Student’s t.",
    ("share", False): "Share with Wilson’s interval.",
    ("mean", True): "Difference of two independent means with Welch’s interval and Welch’s t-test.",
    ("share", True): "Difference of two independent shares with Newcombe’s interval (method 10); Pearson’s chi-square test, or"
    " Fisher’s exact test where expected counts are small.",
}
OF_RATINGS = (
    "Average marginal component effect (AMCE) by least squares on all attributes of the vignettes, with standard errors"
    " clustered by respondent (HC1) and Student’s t with one degree of freedom less than there are respondents."
)
WEIGHTED_METHODS = {
    ("mean", False): "Weighted mean with its linearised standard error and the interval of Student’s t.",
    ("share", False): "Weighted share with the interval of its logit on the linearised standard error (Korn and Graubard, 1999); at 0% and"
    " 100% Clopper and Pearson’s on Kish’s effective n.",
    ("mean", True): "Difference of two independent weighted means with linearised standard errors, Student’s t and Satterthwaite’s degrees"
    " of freedom.",
    ("share", True): "Difference of two independent weighted shares with the hybrid of their own intervals (Zou and Donner, 2008); Rao and"
    " Scott’s F, and no test where expected counts are small.",
}
WEIGHTED_RATINGS = " Respondents are weighted."
AS_GIVEN = " The weights are taken as given."


@dataclass(frozen=True, slots=True)
class AskedItem:
    """What respondents read: the question and its answers."""

    ask: str
    answers: tuple[str, ...] = ()
    note: str = ""


class PlanWords:
    """Sentences about the primary estimates of one instrument."""

    def __init__(self, instrument: Instrument):
        self.instrument, variables = instrument, codebook(instrument).variables
        self.labels = ResultLabels((instrument,), variables)
        self.variables: dict[str, Variable] = {}
        for variable in variables:
            self.variables.setdefault(variable.name, variable)
            self.variables.setdefault(variable.key, variable)

    def variable(self, estimate: PrimaryEstimate) -> Variable:
        return self.variables[f"{estimate.item}_1" if estimate.rating else estimate.item]

    def label(self, estimate: PrimaryEstimate) -> str:
        """What is estimated, quoted."""
        variable = self.variable(estimate)
        return _quoted(self.labels.text(" – ".join(part for part in (variable.ask, variable.statement, variable.column) if part)))

    def definition(self, estimate: PrimaryEstimate) -> str:
        """What is estimated, of whom, in one sentence."""
        return f"{self._quantity(estimate)}, {self.base(estimate)}."

    def brief(self, estimate: PrimaryEstimate) -> str:
        """What is estimated and of whom, without what is compared."""
        said = self._measure(estimate)
        if estimate.rating:
            said += f", {self._vignettes(estimate)}"
        return f"{said[0].upper()}{said[1:]}, {self.base(estimate)}"

    def method(self, estimate: PrimaryEstimate) -> str:
        kind = "share" if estimate.share else "mean"
        if estimate.rating:
            return OF_RATINGS + (WEIGHTED_RATINGS + AS_GIVEN if estimate.weighted else "")
        is_contrast = estimate.contrast is not None
        return WEIGHTED_METHODS[kind, is_contrast] + AS_GIVEN if estimate.weighted else METHODS[kind, is_contrast]

    def base(self, estimate: PrimaryEstimate) -> str:
        said = f"among {BASES[estimate.base]}"
        if estimate.where is not None:
            asked = self.labels.asked_of(estimate.where.source.strip())
            words = asked.words if asked is not None else ""
            said += f" of those {words}" if words else f" for which `{estimate.where.source.strip()}` holds"
        said += ", without responses that have a sign of careless answering" if estimate.careful else ""
        return said + (", weighted by the survey’s weights" if estimate.weighted else "")

    def _quantity(self, estimate: PrimaryEstimate) -> str:
        contrast = estimate.contrast
        if estimate.rating and contrast is not None:
            first, second = self.sides(estimate)
            by = contrast.by.replace("_", " ")
            return f"The effect of {first} instead of {second} ({by}) on {self._measure(estimate)}, {self._vignettes(estimate)}"
        said = f"The {self._measure(estimate)}"
        if contrast is None:
            return said
        first, second = self.sides(estimate)
        return f"{said} {self._where(contrast, first)} less that {self._where(contrast, second, again=True)}"

    def _vignettes(self, estimate: PrimaryEstimate) -> str:
        return f"from {'the first vignette' if estimate.vignettes == 'first' else 'all vignettes'} of each respondent"

    def _measure(self, estimate: PrimaryEstimate) -> str:
        variable, label = self.variable(estimate), self.label(estimate)
        if not estimate.share:
            return f"the rating {label}" if estimate.rating else f"mean of {label}"
        if variable.type == "computed" and set(dict(variable.codes)) == {0, 1}:
            return f"share of responses for which {label} holds"
        answers = _listed([_quoted(self._code_label(variable, code, estimate.item)) for code in estimate.share])
        if variable.kind == "flag":
            return f"share of those who chose {answers} for {label}"
        return f"share of {answers} among the answers to {label}"

    def _where(self, contrast: PlannedContrast, label: str, again: bool = False) -> str:
        variable = self.variables[contrast.by]
        if variable.type == "arm":
            return f"in the arm {label}"
        question = "" if again else f" to {_quoted(self.labels.text(variable.label))}"
        return f"of those with {label}{question}" if not variable.section else f"of those who answered {label}{question}"

    def sides(self, estimate: PrimaryEstimate) -> tuple[str, str]:
        """The two that are compared, each quoted: the first less the second."""
        contrast = estimate.contrast
        assert contrast is not None
        by = contrast.by if estimate.rating is None else f"{estimate.rating[0]}_{contrast.by}_1"
        labels = dict(self.variables[by].codes)
        return _quoted(self.labels.text(labels[contrast.first])), _quoted(self.labels.text(labels[contrast.second]))

    def ends(self, estimate: PrimaryEstimate) -> tuple[str, str] | None:
        """What the lowest and the highest code of the scale mean, where they have words."""
        variable = self.variable(estimate)
        labels = [self.labels.text(label) for _, label in sorted((code, label) for code, label in variable.codes if isinstance(code, int))]
        if len(labels) < 2 or not labels[0] or not labels[-1]:
            return None
        return pole_names(labels[0], labels[-1]) if self.labels.has_poles(variable) else (labels[0], labels[-1])

    def poles(self, estimate: PrimaryEstimate) -> tuple[str, str] | None:
        return self.ends(estimate) if self.labels.has_poles(self.variable(estimate)) else None

    def _code_label(self, variable: Variable, code: Code, item: str) -> str:
        labels = dict(variable.codes)
        if variable.kind == "flag":
            each = next(each for each in self.variables.values() if each.key == item and each.option == code)
            return self.labels.text(each.option_label or str(code))
        return self.labels.text(labels.get(code, str(code)))

    def asked(self, estimate: PrimaryEstimate) -> AskedItem:
        """What respondents read; of a score how it is made."""
        variable = self.variable(estimate)
        if variable.score is not None:
            return AskedItem(self.labels.text(variable.ask), tuple(self._parts(variable)), self._made(variable))
        if variable.kind == "flag":
            flags = [each for each in self.variables.values() if each.key == estimate.item and each.kind == "flag"]
            found = [each.option_label or str(each.option) for each in dict.fromkeys(flags)]
        else:
            found = [label for _, label in variable.codes]
        listed = [self.labels.text(label) for label in found[:LONGEST_LIST]]
        note = f"and {len(found) - LONGEST_LIST} further answers" if len(found) > LONGEST_LIST else ""
        if variable.kind == "number" and variable.least is not None and variable.most is not None:
            note = f"a number from {variable.least:g} to {variable.most:g}"
        return AskedItem(self.label(estimate)[1:-1], tuple(listed), self._case(estimate) or note)

    def _case(self, estimate: PrimaryEstimate) -> str:
        """The text of a vignette, with the names of its attributes in brackets."""
        if estimate.rating is None:
            return ""
        vignette = next(each for each in self.instrument.vignettes if each.id == estimate.rating[0])
        said = self.instrument.item[f"{vignette.id}_text_1"].ask.plain
        for attribute in vignette.attributes:
            said = said.replace(f"{{{vignette.id}_{attribute.id}_1}}", f"[{attribute.id.replace('_', ' ')}]")
        return f"about: {self.labels.text(said)}"

    def _parts(self, variable: Variable) -> list[str]:
        assert variable.score is not None
        parts = [self.variables[name] for name in variable.score.parts if name in self.variables]
        asks = {part.ask for part in parts}
        labels = [(part.statement or part.ask) if len(asks) == 1 and part.statement else part.label for part in parts]
        reverse = [" (reversed)" if name in variable.score.reverse else "" for name in variable.score.parts if name in self.variables]
        return [*(self.labels.text(part.ask) for part in parts[:1] if len(asks) == 1 and part.statement),
                *(self.labels.text(label) + end for label, end in zip(labels, reverse, strict=True))]  # fmt: skip

    def _made(self, variable: Variable) -> str:
        assert variable.score is not None
        how = {"mean": "The mean", "sum": "The sum", "sum_prorated": "The sum, missing parts counted as the mean of the others,", "count": "The number of answers"}
        said = f"{how[variable.score.how]} of {len(variable.score.parts)} parts, of which {variable.score.at_least} must be answered"
        return f"{said}; from {variable.score.to[0]:g} to {variable.score.to[1]:g}." if variable.score.to else f"{said}."


def _quoted(text: str) -> str:
    return f"“{text}”"


def _listed(parts: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
