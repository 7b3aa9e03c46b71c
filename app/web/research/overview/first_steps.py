"""What a survey's overview shows before the first response: its address, and what to do before it is shared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from litestar import Request
from markupsafe import Markup

from app.languages.catalogues import ENGLISH
from app.languages.formats import write_date
from app.survey.faults import Fault
from app.survey.model import Instrument
from app.web.respond.context import AppContext

QUIET_ZONE = 4  # modules around a QR code (ISO/IEC 18004)
SHOWN_PLACES = 4  # of texts that are not written yet


@dataclass(frozen=True, slots=True)
class FirstStep:
    """Something to do, or already done, before a survey is shared."""

    title: str
    what: str
    is_done: bool
    code: str = ""  # a command, or places in the file


@dataclass(frozen=True, slots=True)
class FirstSteps:
    address: str  # of the survey, for respondents
    steps: tuple[FirstStep, ...]
    results: str  # who will see figures, and from when on


def first_steps(context: AppContext, request: Request, instrument: Instrument) -> FirstSteps:
    survey = instrument.survey
    warnings = context.surveys.warnings.get(survey, [])
    return FirstSteps(
        context.address(request, f"/s/{survey}"), tuple(steps_of(instrument, warnings)), results_of(instrument)
    )


def steps_of(instrument: Instrument, warnings: list[Fault]) -> Iterator[FirstStep]:
    """What is still to do comes first."""
    file = f"{instrument.survey}.yaml"
    found = [*_texts_to_write(instrument, warnings), *_trials(file), _planned(instrument, file), _checked(file, warnings), _dates(instrument)]
    return iter(sorted(found, key=lambda step: step.is_done))


def _texts_to_write(instrument: Instrument, warnings: list[Fault]) -> Iterator[FirstStep]:
    unwritten = [fault for fault in warnings if fault.code == "placeholder"]
    if unwritten:
        places = ", ".join(f"{fault.file_name}:{fault.line}" for fault in unwritten[:SHOWN_PLACES])
        texts = "A text is" if len(unwritten) == 1 else f"{len(unwritten)} texts are"
        yield FirstStep("Replace the placeholders.", f"{texts} not written yet.", False, places)
    if missing := [name for name in ("institution", "contact", "ethics") if name not in instrument.about]:
        keys = ", ".join(f"{name}: …" for name in missing)
        yield FirstStep("Say who asks.", "Respondents look for it before they begin.", False, f"about: {{{keys}}}")


def _trials(file: str) -> Iterator[FirstStep]:
    yield FirstStep("Answer it once on a phone.", "In the preview, answers are deleted.", False, f"opinion preview {file}")
    yield FirstStep("See this page with responses.", "With simulated respondents, in a database of its own.", False, "opinion demo")


def _planned(instrument: Instrument, file: str) -> FirstStep:
    if instrument.analysis is None:
        what = "Name the estimates that answer your questions before data arrive; without them all results are exploratory."
        return FirstStep("Plan the analysis.", what, False, "analysis: {primary: …}")
    many = len(instrument.analysis.primary)
    what = f"{many} primary estimate{'s are' if many > 1 else ' is'} named and stored; the page Plan has the text to register."
    return FirstStep("Planned.", what, True, f"opinion plan {file}")


def _checked(file: str, warnings: list[Fault]) -> FirstStep:
    others = sum(fault.code != "placeholder" for fault in warnings)
    what = "Every question can be reached and every path ends"
    if not others:
        return FirstStep("Checked.", f"{what}.", True)
    few = "1 warning is" if others == 1 else f"{others} warnings are"
    return FirstStep("Checked, with warnings.", f"{what}; {few} worth a second look.", True, f"opinion check {file}")


def _dates(instrument: Instrument) -> FirstStep:
    opens, closes = (write_date(day, ENGLISH) if day else "" for day in (instrument.opens, instrument.closes))
    if closes:
        return FirstStep("Dated.", f"It is open {f'from {opens} ' if opens else ''}until {closes}.", True)
    since = f"from {opens} on" if opens else "now"
    return FirstStep("Decide when it ends.", f"It is open {since}, without a last day.", False, "closes: 2027-02-28")


def results_of(instrument: Instrument) -> str:
    policy = instrument.results
    if policy.show_to == "nobody":
        return "Only researchers see results of this survey."
    seen_by = "Everyone sees" if policy.show_to == "everyone" else "Respondents see"
    return f"{seen_by} summary figures, once {policy.floor} people have answered."


def qr_code(address: str) -> Markup:
    """As SVG without colours of its own; nothing of the address is in it but its modules."""
    import segno  # few pages need it

    written = BytesIO()
    segno.make(address, error="m", micro=False).save(
        written, kind="svg", xmldecl=False, svgns=False, nl=False, omitsize=True, border=QUIET_ZONE, svgclass=None, lineclass=None
    )
    return Markup(written.getvalue().decode())


def qr_file(address: str) -> bytes:
    """As an SVG file, black on white."""
    import segno

    written = BytesIO()
    segno.make(address, error="m", micro=False).save(
        written, kind="svg", border=QUIET_ZONE, scale=10, light="#fff", title=address
    )
    return written.getvalue()
