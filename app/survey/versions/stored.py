"""Versions of a survey as they were stored: read again although the rules for new ones may have become stricter."""

from __future__ import annotations

from app.survey.documents.places import read_yaml
from app.survey.documents.translation import kept_as, unbundle
from app.survey.model import Instrument
from app.survey.source.reading import read_survey
from app.survey.versions.fingerprint import fingerprint

#: What a kept version is forgiven. None of it changes what is asked of whom, or what an answer means: the ids were
#: good when people answered, and a translation that no longer fits leaves the original's words.
FORGIVEN = (
    "bad-dates", "bad-file-name", "bad-language", "duplicate-column", "empty-key", "reserved-id", "translation-not-declared",
    "translation-not-there", "translation-superfluous",
)  # fmt: skip


def read_kept(
    source: str, survey: str, digest: str | None = None, version: int | None = None
) -> Instrument | None:
    """The instrument of a bundle (see `bundle`), or None where it can no longer be read.

    `digest` and `version` are those under which it is stored; without them the digest is that of the bundle.
    A language in which something is no longer understood is left out; the survey's own then stands in for it.
    """
    main, others = unbundle(source)
    files = {language: (text.encode(), f"{survey}.{language}.yaml") for language, text in others.items()}
    instrument, faults = read_survey(main.encode(), survey, None, files, FORGIVEN)
    if instrument is None and others:
        unsound = {fault.file for fault in faults if not fault.is_warning and fault.code not in FORGIVEN}
        files = {language: file for language, file in files.items() if file[1] not in unsound}
        instrument, _ = read_survey(main.encode(), survey, None, files, FORGIVEN)
    return instrument and kept_as(instrument, source, digest, version)


def stored_fingerprint(source: str) -> str:
    """The fingerprint of a bundle, whether or not it can still be read as a survey."""
    main, others = unbundle(source)
    roots = {language: read_yaml(text.encode(), language).root for language, text in others.items()}
    return fingerprint(read_yaml(main.encode(), "").root, roots)


def stored_title(source: str) -> str | None:
    """The title in a bundle, without reading the rest as a survey."""
    root = read_yaml(unbundle(source)[0].encode(), "").root
    title = root.get("title") if isinstance(root, dict) else None
    return None if title is None else str(title)
