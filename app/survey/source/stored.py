"""Versions of a survey as they were stored: read again although the rules for new ones may have become stricter."""

from __future__ import annotations

from functools import cached_property

from app.survey.documents.places import read_yaml
from app.survey.model import Instrument
from app.survey.source.reading import read_survey
from app.survey.translations.merging import kept_as, unbundle
from app.survey.versions.fingerprint import fingerprint

#: Faults that a stored version may have. None of them changes what is asked of whom, or what an answer means: the ids
#: were valid when people answered, and where a translation no longer fits, the original's words are used.
FORGIVEN = (
    "bad-analysis", "bad-dates", "bad-file-name", "bad-language", "bad-weights", "duplicate-column", "empty-key", "reserved-id",
    "translation-not-declared", "translation-not-there", "translation-superfluous",
)  # fmt: skip


class StoredVersion:
    """A version of a survey. What its source says is read when it is first needed, and only once.

    `source` is a bundle (see `bundle`). `instrument`, where it is known already, is what that source says.
    """

    def __init__(
        self, survey: str, digest: str, number: int, source: str, instrument: Instrument | None = None
    ) -> None:
        self.survey, self.digest, self.number, self.source = survey, digest, number, source
        if instrument is not None:
            self.instrument = instrument

    @cached_property
    def instrument(self) -> Instrument | None:
        """None if it can no longer be read."""
        return read_stored(self.source, self.survey, self.digest, self.number)

    @cached_property
    def fingerprint(self) -> str:
        """Known whether or not it can still be read as a survey."""
        main, others = unbundle(self.source)
        roots = {language: read_yaml(text.encode(), language).root for language, text in others.items()}
        return fingerprint(read_yaml(main.encode(), "").root, roots)

    @cached_property
    def title(self) -> str:
        """Found without reading the rest as a survey; the survey's id if there is none."""
        root = read_yaml(unbundle(self.source)[0].encode(), "").root
        title = root.get("title") if isinstance(root, dict) else None
        return str(title or self.survey)


def read_stored(
    source: str, survey: str, digest: str | None = None, version: int | None = None
) -> Instrument | None:
    """The instrument of a bundle, or None if it can no longer be read.

    `digest` and `version` are those under which it is stored; without them the digest is that of the bundle.
    A language in which something is no longer understood is left out; the survey's first language replaces it.
    """
    main, others = unbundle(source)
    files = {language: (text.encode(), f"{survey}.{language}.yaml") for language, text in others.items()}
    instrument, faults = read_survey(main.encode(), survey, None, files, FORGIVEN)
    if instrument is None and others:
        unsound = {fault.file for fault in faults if not fault.is_warning and fault.code not in FORGIVEN}
        files = {language: file for language, file in files.items() if file[1] not in unsound}
        instrument, _ = read_survey(main.encode(), survey, None, files, FORGIVEN)
    return instrument and kept_as(instrument, source, digest, version)
