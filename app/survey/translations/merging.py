"""A survey in a further language: its stored form, and the survey with its translations merged.

A translation file has the survey's own structure with nothing but texts in it. It is merged into a copy of the survey,
which is then read like any survey, so that a localised instrument passes the same checks as its original; faults of its
texts are reported at their position in the translation file.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.survey.documents.places import Document, Mark, MarkElsewhere, Path, read_yaml
from app.survey.faults import Fault
from app.survey.model import Instrument
from app.survey.translations.checks import check_languages, check_tree, warn
from app.survey.translations.texts import texts_of, translated_texts

#: Separates the languages of a bundle. YAML allows it nowhere, so no survey can contain it.
PARTED = "\x1e"


def bundle(main: str, others: Mapping[str, str]) -> str:
    """A survey's source with its translations by language, as it is stored; without any, the source as it is."""
    return main + "".join(f"{PARTED}{language}\n{others[language]}" for language in sorted(others))


def unbundle(kept: str) -> tuple[str, dict[str, str]]:
    """The source and the translations of which a bundle was made."""
    main, *others = kept.split(PARTED)
    parts = (other.partition("\n") for other in others)
    return main, {language: source for language, _, source in parts}


@dataclass
class MergedDocument(Document):
    """A survey's document with a translation's texts in it.

    `taken` says for each text that was taken from the translation where it stands there.
    """

    translation: Document = field(default_factory=lambda: Document("", []))
    taken: dict[Path, Path] = field(default_factory=dict)

    def accepts(self, mark: Mark, code: str, path: Path = ()) -> bool:
        if isinstance(mark, MarkElsewhere):
            return self.translation.accepts(mark, code, path)
        return super().accepts(mark, code, path)

    def inside(self, path: Path, offset: int) -> Any:
        if path not in self.taken:
            return super().inside(path, offset)
        return MarkElsewhere.of(self.translation.inside(self.taken[path], offset), self.translation.file)


def merge(original: Document, translation: Document) -> MergedDocument:
    """The survey in another language: its texts where the translation has them, its own elsewhere."""
    merged = MergedDocument(
        original.file, original.lines, original.text, copy.deepcopy(original.root), original.keys,
        dict(original.values), original.spans, translation=translation,
    )  # fmt: skip
    own = dict(texts_of(original.root))
    for path, text in translated_texts(translation.root):
        if path in own:
            _put(merged.root, path, text)
            where = path[:-1] if path[:-1] in original.spans else path
            merged.taken[where] = path if path in translation.values else path[:-1]
            merged.values[where] = MarkElsewhere.of(translation.at(path), translation.file)
    return merged


def _put(root: Any, path: Path, text: str) -> None:
    """Replaces a text where it stands, under its key or without one."""
    for place, key in enumerate(path[:-1]):
        if isinstance(root[key], list) and path[0] == "arms":
            root[key] = {code: {"label": str(code).replace("_", " ")} for code in root[key]}
        if not isinstance(root[key], dict | list) and place == len(path) - 2:
            root[key] = text
            return
        root = root[key]
    root[path[-1]] = text


def read_translations(
    original: Document,
    sources: Mapping[str, tuple[bytes, str]],
    survey: str,
    read: Callable[[Document], Instrument | None],
) -> tuple[dict[str, Instrument], dict[str, Any], list[Fault]]:
    """The instrument in each further language, the values of each file, and all that is wrong with these alone.

    `sources` gives each language's file, with its name; `read` makes an instrument of a document and reports in it
    what is wrong. Faults of the original are reported in it as before; only those of its languages are added.
    """
    translations = {language: read_yaml(source, file) for language, (source, file) in sources.items()}
    known = set(original.faults)
    check_languages(original, translations, survey)
    localised, faults = {}, []
    for language, translation in translations.items():
        check_tree(original.root, translation)
        if isinstance(translation.root, dict) and isinstance(original.root, dict):
            merged = merge(original, translation)
            instrument = read(merged)
            faults += [fault for fault in merged.faults if fault not in known and not fault.is_warning]
            faults += [
                fault for fault in merged.faults if fault.is_warning and fault.file == translation.file
            ]
            warn(original, translation, language)
            if instrument is not None:
                localised[language] = replace(instrument, language=language)
        faults += translation.faults
    return localised, {language: each.root for language, each in translations.items()}, faults


def in_languages(
    instrument: Instrument, localised: Mapping[str, Instrument], sources: Mapping[str, tuple[bytes, str]]
) -> Instrument:
    """The instrument with its translations: one source and one digest stand for all of them."""
    if not sources:
        return instrument
    others = {language: source.decode("utf-8-sig", "replace") for language, (source, _) in sources.items()}
    return kept_as(replace(instrument, translations=localised), bundle(instrument.source, others))


def kept_as(
    instrument: Instrument, source: str, digest: str | None = None, version: int | None = None
) -> Instrument:
    """The instrument and its translations with one source and one digest for all of them."""
    shared = {
        "source": source, "digest": digest or hashlib.sha256(source.encode()).hexdigest(), "version": version,
        "fingerprint": instrument.fingerprint,
    }  # fmt: skip
    translations = {language: replace(other, **shared) for language, other in instrument.translations.items()}
    return replace(instrument, translations=translations, **shared)
