"""From the bytes of a survey file to an instrument, or to everything that is wrong with it."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from zoneinfo import available_timezones

from app.survey.analysis.reachable import check_reachable
from app.survey.analysis.reading import read_analysis
from app.survey.codebook import codebook
from app.survey.columns import collisions
from app.survey.documents.places import Document, read_yaml
from app.survey.faults import Fault
from app.survey.items.context import RESERVED_ITEMS, SurveyContext
from app.survey.items.flips import flip_of
from app.survey.items.scales import scale
from app.survey.model import Instrument
from app.survey.source.logic import read_arms, read_computed, read_quotas, read_screen_outs
from app.survey.source.results import check_poll, results
from app.survey.source.sections import read_sections
from app.survey.source.shape_reading import read_shape
from app.survey.texts import Text
from app.survey.translations.checks import LANGUAGE
from app.survey.translations.merging import MergedDocument, in_languages, read_translations
from app.survey.versions.comparability import WHOLE
from app.survey.versions.fingerprint import fingerprint
from app.survey.warnings.advice import advise, advise_on_translation
from app.survey.weights.reading import read_weights

NONE: Mapping[str, tuple[bytes, str]] = {}
SURVEY_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
#: Names with another meaning among the researchers' addresses.
RESERVED_SURVEYS = ("account", "sign-out", "sign-out-everywhere")


def read_survey(
    source: bytes,
    survey: str,
    file: str | None = None,
    translations: Mapping[str, tuple[bytes, str]] = NONE,
    forgiven: Collection[str] = (),
) -> tuple[Instrument | None, list[Fault]]:
    """Reads the survey called `survey`. The instrument is None when there is any fault that is not a warning.

    Faults are sorted by place; `file` is the name they bear. `translations` gives the file of each further language,
    with the name that its faults have. `forgiven` are codes of faults that are reported but tolerated.
    Never raises for bad input.
    """
    document = read_yaml(source, file or f"{survey}.yaml")
    check_name(document, survey)
    instrument = read_document(document, survey)
    localised, others, faults = read_translations(
        document, translations, survey, lambda merged: read_document(merged, survey, instrument)
    )
    faults = sorted({*document.faults, *faults})
    if instrument is None or any(not fault.is_warning and fault.code not in forgiven for fault in faults):
        return None, faults
    instrument = replace(instrument, fingerprint=fingerprint(document.root, others))
    return in_languages(instrument, localised, translations), faults


def check_name(document: Document, survey: str) -> None:
    if not SURVEY_ID.fullmatch(survey):
        document.fault(
            (1, 1), "bad-file-name", f'"{survey}" cannot be a survey\'s id',
            "Use lower-case letters, digits and hyphens in the file name, such as leaving-practice.yaml.",
        )  # fmt: skip
    if survey in RESERVED_SURVEYS:
        document.fault(
            (1, 1),
            "reserved-id",
            f'"{survey}" is a reserved word',
            f"Name the file {survey}-survey.yaml.",
        )


def read_document(document: Document, survey: str, original: Instrument | None = None) -> Instrument | None:
    """The instrument that a document means, whatever is wrong with it; None where it is no survey at all.

    `original` is of a translation: its vignettes are dealt alike in every language.
    """
    shaped = read_shape(document)
    if shaped.survey is None:
        return None
    meaning = SurveyContext(document, shaped.survey, shaped.broken)
    if original is not None:
        meaning.designs = {vignette.id: vignette.design for vignette in original.vignettes}
    return read_instrument(meaning, survey, original)


def read_instrument(m: SurveyContext, survey: str, original: Instrument | None = None) -> Instrument:
    """What a well-shaped survey means. All that makes no sense is among the document's faults."""
    for _ in read_arms(m):
        pass
    for _ in read_sections(m):
        pass
    m.everything = dict(m.before)
    m.rehearsing = False
    m.start()
    shape = m.survey
    check_dates(m)
    check_time_zone(m)
    check_access(m)
    check_languages(m)
    if not shape.sections and not m.document.root.get("sections"):
        m.fault(("sections",), "too-few", "the survey has no section", "Add one with its items.", key=True)
    m.drawn += read_arms(m)
    read_scales(m)
    if shape.same_as:
        m.same_as[WHOLE] = shape.same_as
    read_computed(m)
    instrument = Instrument(
        survey=survey,
        digest=hashlib.sha256(m.document.text.encode()).hexdigest(),
        source=m.document.text,
        title=shape.title,
        description=m.text(("description",), shape.description),
        language=shape.languages[0] if shape.languages else "en",
        privacy=shape.privacy,
        consent=m.text(("consent",), shape.consent),
        about={key: m.said(("about", key), text) for key, text in shape.about or () if text is not None},
        opens=shape.opens,
        closes=shape.closes,
        time_zone=shape.time_zone,
        sections=tuple(read_sections(m)),
        results=results(m),
        thanks=thanks(m),
        languages=tuple(shape.languages) or ("en",),
        screen_outs=tuple(read_screen_outs(m)),
        quotas=tuple(read_quotas(m)),
        shuffle=m.shuffle,
        drawn=tuple(m.drawn),
        computed=tuple(computed for _, computed in m.computed),
        vignettes=tuple(m.vignettes),
        loops=tuple(answer for answer in m.before.values() if answer.kind == "loop"),
        sample=shape.sample,
        analysis=read_analysis(m),
        weights=read_weights(m),
        poll=shape.poll, followed_by=tuple(shape.followed_by),
        uses_today=m.uses_today,
        same_as=m.same_as,
        scale_same_as=m.scale_same_as,
        scale_poles=m.scale_poles,
        flips=m.flips,
    )
    check_columns(m, instrument)
    check_poll(m)
    check_sound(m, instrument)
    return instrument


def check_sound(m: SurveyContext, instrument: Instrument) -> None:
    """What can be asked only of a survey without a fault."""
    if isinstance(m.document, MergedDocument):
        advise_on_translation(m)
    elif all(fault.is_warning for fault in m.document.faults):
        check_reachable(m, instrument)
        advise(m, instrument)


def read_scales(m: SurveyContext) -> None:
    for name, points in m.survey.scales.items():
        m.check_id(("scales", name), name, "scale")
        scale(m, ("scales", name), points)
        flip_of(m, ("scales", name), points)


def thanks(m: SurveyContext) -> Text | None:
    """What is said at the end may pipe whatever was asked."""
    m.on_earlier_pages = set(m.before)
    return m.text(("thanks",), m.survey.thanks)


def check_columns(m: SurveyContext, instrument: Instrument) -> None:
    for name, first, second in collisions(codebook(instrument).variables):
        if second.item in m.doubled or second.item in RESERVED_ITEMS:
            continue
        worked_out = first is not None and first.item in {computed.name for computed in instrument.computed}
        itself = first is not None and first.item == second.item and not worked_out
        part = "the text beside an option of " if first and first.is_said else "a part of " if first and first.part else ""
        other = f"for {part}{first.item}" if first else "for the response itself"
        other += ", which is computed" * worked_out
        path = m.first.get(second.item, ("sections", second.section, "items", second.item))
        m.fault(
            path,
            "duplicate-column",
            f'"{second.item}" would have the column {name} in the data{" twice" if itself else f", which is already used {other}"}',
            "Give one of its options or statements another id." if itself else f"Give {path[-1]} another id.",
            key=True,
        )


def check_dates(m: SurveyContext) -> None:
    dates = {}
    for key in ("opens", "closes"):
        written = getattr(m.survey, key)
        if written is None:
            continue
        try:
            if len(written) != 10:
                raise ValueError
            dates[key] = datetime.date.fromisoformat(written)
        except ValueError:
            m.fault((key,), "bad-date", f'"{written}" is not a date', "Write it like 2027-02-28.")
    if len(dates) == 2 and dates["closes"] < dates["opens"]:
        m.fault(("closes",), "bad-dates", "the survey closes before it opens", "Swap the two dates.")


def check_time_zone(m: SurveyContext) -> None:
    zone = m.survey.time_zone
    if zone is None or zone in time_zones():
        return
    close = get_close_matches(zone, time_zones(), n=1) or close_by_city(zone)
    remedy = f"Did you mean {close[0]}?" if close else "Write it like Europe/Berlin, or leave it out."
    m.fault(("time_zone",), "bad-time-zone", f'"{zone}" is not the name of a time zone', remedy)


@cache
def time_zones() -> frozenset[str]:
    """The names in the IANA's database: the system's, or that of the package tzdata. Two of them name no place."""
    return frozenset(available_timezones()) - {"localtime", "Factory"}


def close_by_city(zone: str) -> list[str]:
    """Zones whose city is what was written, or nearly so: Berlin is found in Europe/Berlin."""
    cities = {name.rpartition("/")[2].lower(): name for name in sorted(time_zones()) if "/" in name}
    return [cities[city] for city in get_close_matches(zone.replace(" ", "_").lower(), cities, n=1)]


def check_access(m: SurveyContext) -> None:
    if m.survey.access == "invited":
        m.fault(("access",), "not-yet", "this version does not support invitations", "Write `access: open`.")


def check_languages(m: SurveyContext) -> None:
    if not m.survey.languages:
        m.fault(("languages",), "too-few", "`languages` is empty", "Write `languages: [en]`.")
    for index, language in enumerate(m.survey.languages):
        if not LANGUAGE.fullmatch(language):
            m.fault(
                ("languages", index),
                "bad-language",
                f'"{language}" is not a language code',
                "Write it like en, de or pt-BR.",
            )
