"""The analysis plan of a survey in full sentences: for its page, for printing, and as Markdown for a registry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.results.plan.size import PlannedSize, planned_size
from app.results.plan.words import AskedItem, PlanWords
from app.survey.model import AnalysisPlan, Instrument, PrimaryEstimate
from app.survey.texts import Text

NOT_WRITTEN = "Not stated in the plan."
#: The free texts of a plan, with their headings.
HEADINGS = {
    "population": "Population", "stopping": "Stopping rule", "exclusions": "Exclusions", "missing": "Missing data",
    "notes": "Notes",
}  # fmt: skip
BY_ITSELF = {
    "exclusions": "Responses that were screened out or withdrawn are in no estimate. Each estimate says which other responses"
    " it is about.",
    "missing": "A response without an answer to an item, or without a value of what is compared, is left out of that estimate."
    " Nothing is imputed. The number of missing answers is reported by reason.",
}
EXPLORATORY = "Every other figure, comparison and crosstab is exploratory and is reported as such."


@dataclass(frozen=True, slots=True)
class EstimateInWords:
    name: str
    question: str
    hypothesis: Text | None
    definition: str
    method: str
    asked: AskedItem
    size: str  # what it can show with the expected number of respondents


@dataclass(frozen=True, slots=True)
class PlanText:
    """One part of a plan: what the researchers wrote, and what holds by itself."""

    heading: str
    written: Text | None
    by_itself: str = ""


@dataclass(frozen=True, slots=True)
class PlanDocument:
    title: str
    survey: str
    plan: AnalysisPlan
    instrument: str  # the digest of the version
    version: int | None
    estimates: tuple[EstimateInWords, ...]
    correction: str
    sample: str
    texts: tuple[PlanText, ...]


def plan_document(instrument: Instrument) -> PlanDocument | None:
    """None for a survey without a plan."""
    plan = instrument.analysis
    if plan is None:
        return None
    words, tests = PlanWords(instrument), tested(plan)
    estimates = tuple(_in_words(instrument, words, each, tests) for each in plan.primary)
    texts = tuple(PlanText(heading, plan.texts.get(name), BY_ITSELF.get(name, "")) for name, heading in HEADINGS.items())
    return PlanDocument(
        instrument.title, instrument.survey, plan, instrument.digest, instrument.version, estimates, correction_of(tests),
        sample_of(instrument), tuple(each for each in texts if each.written is not None or each.heading != HEADINGS["notes"]),
    )  # fmt: skip


def tested(plan: AnalysisPlan) -> int:
    """How many of the primary estimates are tested: the contrasts."""
    return sum(each.contrast is not None for each in plan.primary)


def _in_words(instrument: Instrument, words: PlanWords, each: PrimaryEstimate, tests: int) -> EstimateInWords:
    return EstimateInWords(
        each.name, each.question, each.hypothesis, words.definition(each), words.method(each), words.asked(each),
        _size_in_words(planned_size(instrument, each, tests), tests, each),
    )  # fmt: skip


def correction_of(tests: int) -> str:
    if not tests:
        return f"No primary estimate is tested; each has its 95% interval. {EXPLORATORY}"
    if tests == 1:
        return f"One primary estimate is tested, two-sided at 5%, without correction. {EXPLORATORY}"
    return (
        f"The {tests} primary contrasts are tested two-sided at 5%, corrected for each other by Holm’s method (1979). A contrast"
        f" is clear if it holds after this correction, possible if only its own 95% interval excludes zero, and open otherwise."
        f" {EXPLORATORY}"
    )


def sample_of(instrument: Instrument) -> str:
    if instrument.sample is None:
        return "The survey does not state how many respondents are expected (`sample`)."
    return f"{instrument.sample:,} respondents are expected."


def _size_in_words(size: PlannedSize | None, tests: int, estimate: PrimaryEstimate) -> str:
    if size is None:
        return ""

    def amount(value: float) -> str:
        return f"{100 * value:.1f} percentage points" if size.is_share else f"{value:.2f} standard deviations"

    at = ", at shares near 50%" if size.is_share else ""
    at += "; fewer responses meet its condition, and can show less" if estimate.where is not None else ""
    at += "; weights, whose design effect is not known yet, make it less precise" if estimate.weighted else ""
    if size.alone is None or size.corrected is None:
        return f"With {size.assumed}, its 95% interval reaches {amount(size.reach)} to either side{at}."
    more = f" ({amount(size.corrected)} at the strictest step of Holm’s correction)" if tests > 1 else ""
    return f"With {size.assumed}, a difference of {amount(size.alone)}{more} is found with 80% power{at}."


# --- Markdown -----------------------------------------------------------------------------------------------


def plan_markdown(document: PlanDocument, seen: str = "") -> str:
    """As text to register. `seen` says when the service first read the plan, where it has."""
    return "\n\n".join(_markdown(document, seen)) + "\n"


def _markdown(document: PlanDocument, seen: str) -> Iterator[str]:
    yield f"# Analysis plan: {_line(document.title)}"
    version = f"version {document.version}, " if document.version else ""
    yield f"- Survey: {document.survey} ({version}digest {document.instrument})\n- Plan: digest {document.plan.digest}\n- {seen or 'Not yet served.'}"
    yield "## Research questions and primary estimates"
    for number, each in enumerate(document.estimates, 1):
        yield f"### {number}. {_line(each.question)}"
        if each.hypothesis is not None:
            yield f"Hypothesis: {each.hypothesis.plain.strip()}"
        yield f"**Estimate** (`{each.name}`). {each.definition}"
        yield f"**Analysis.** {each.method}"
        yield f"**Wording.** {'; '.join([each.asked.ask, *filter(None, (' | '.join(each.asked.answers), each.asked.note))])}"
        if each.size:
            yield f"**Sample size.** {each.size}"
    yield f"## Correction for several tests\n\n{document.correction}"
    yield f"## Sample size\n\n{document.sample}"
    for text in document.texts:
        written = text.written.source.replace("{{", "{").replace("}}", "}").strip() if text.written else NOT_WRITTEN
        yield f"## {text.heading}\n\n" + "\n\n".join(filter(None, (written, text.by_itself)))


def _line(text: str) -> str:
    return " ".join(text.split())
