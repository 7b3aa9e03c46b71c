"""A survey's texts in a further language: what of a survey is text, the file that holds it, and both merged.

A translation file holds the survey's own tree with nothing but texts in it. It is merged into a copy of the survey,
which is then read like any survey, so a localised instrument passes the same checks as its original; what is wrong
with its texts is told at their place in the translation file.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.survey.documents.places import Document, Mark, MarkElsewhere, Path, read_yaml
from app.survey.faults import Fault, did_you_mean, one_of, printable
from app.survey.model import Instrument
from app.survey.versions.fingerprint import SAME_AS, TRANSLATED

#: Stands before each further language of a bundle. YAML allows it nowhere, so no survey can hold it.
PARTED = "\x1e"
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")

TEXT = "text"
EACH, ALONE, LISTED, UNSAID = "*", "=", "[]", "?"
Spec = Mapping[str, Any] | str
"""What of a mapping is text: for each key TEXT or what is inside; EACH for any key; ALONE names the key that a text
without a mapping stands for; LISTED that a list of codes stands for a mapping of them; UNSAID what the language puts
in for texts that are not there."""

POINTS: dict[str, Any] = {EACH: TEXT, SAME_AS: None}
LABELLED = {"label": TEXT, ALONE: "label"}
OPTION = LABELLED | {"hint": TEXT}
OPTIONS = {EACH: OPTION | {"group": TEXT, "options": {EACH: OPTION}}}
CHECK = {"say": TEXT}
ITEM: dict[str, Any] = {
    **dict.fromkeys(("ask", "hint", "decline", "dont_know", "not_applicable"), TEXT),
    **dict.fromkeys(("unit", "low", "high", "example", "best", "worst", "text"), TEXT),
    "check": CHECK | {EACH: CHECK},
    "options": OPTIONS,
    "scale": POINTS,
    "statements": {EACH: {"text": TEXT, ALONE: "text"}},
    "columns": {EACH: {"label": TEXT, "scale": POINTS}},
    "pairs": {EACH: {EACH: TEXT}},
    "attributes": {EACH: {EACH: TEXT}},
}
ITEM["ratings"] = {
    EACH: {name: ITEM[name] for name in ("ask", "hint", "decline", "dont_know", "not_applicable", "scale")}
}
ROSTER = {"add": TEXT, "yes": TEXT, "no": TEXT, UNSAID: {"yes": "Yes", "no": "No"}}
SURVEY: dict[str, Any] = {
    **dict.fromkeys(("title", "description", "consent", "thanks"), TEXT),
    "scales": {EACH: POINTS},
    "arms": {EACH: {EACH: LABELLED, LISTED: True}},
    "compute": {EACH: {"label": TEXT}},
    "scores": {EACH: {"label": TEXT, "bands": {EACH: LABELLED}}},
    "screen_out": {EACH: {"text": TEXT}},
    "quotas": {EACH: {"text": TEXT}},
    "sections": {EACH: {"title": TEXT, "roster": ROSTER, "items": {EACH: ITEM}}},
}  # fmt: skip

Parts = Callable[[Any, Spec], Iterator[tuple[Any, Any]]]


# --- what is text ----------------------------------------------------------------------------------------


def is_text(value: Any) -> bool:
    """Whether a value of YAML is one: a number is, as a label."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def inside(value: Any, spec: Spec) -> Iterator[tuple[Any, Any]]:
    """The parts of what is not a text itself, by key, with what is short spelt out."""
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list) and LISTED in spec:
        yield from ((code, {"label": str(code).replace("_", " ")}) for code in value if is_text(code))
    elif isinstance(value, list):
        yield from enumerate(value)
    elif ALONE in spec and is_text(value):
        yield spec[ALONE], value  # type: ignore[index]


def of_survey(value: Any, spec: Spec) -> Iterator[tuple[Any, Any]]:
    """The parts of something in a survey, with what the language puts in for texts that are not there."""
    yield from inside(value, spec)
    if isinstance(value, dict) and isinstance(spec, Mapping):
        yield from ((key, text) for key, text in spec.get(UNSAID, {}).items() if key not in value)


def spec_of(key: Any, spec: Spec) -> Spec | None:
    """What of a part is text; None where nothing is."""
    if isinstance(spec, str) or key in (EACH, ALONE, LISTED, UNSAID):
        return None
    return spec[key] if key in spec else spec.get(EACH)


def spec_at(path: Path) -> Spec:
    """What of a part of a survey is text."""
    spec: Spec | None = SURVEY
    for key in path:
        spec = spec_of(key, spec or {})
    return spec or {}


def texts_of(
    value: Any, spec: Spec = SURVEY, path: Path = (), parts: Parts = of_survey
) -> Iterator[tuple[Path, str]]:
    """Every text of a survey that has words, in order. A path always names the key, where the file may leave it out."""
    if spec == TEXT:
        if is_text(value) and str(value).strip():
            yield path, str(value)
        return
    for key, part in parts(value, spec):
        within = spec_of(key, spec)
        if within is not None:
            yield from texts_of(part, within, (*path, key), parts)


def translated_texts(root: Any) -> Iterator[tuple[Path, str]]:
    """Every text of a translation file."""
    return texts_of(root, parts=inside)


def written(path: Path) -> str:
    """A path as a translation file's `translated` and messages write it. No id holds a dot."""
    return ".".join(map(str, path))


def mark_of(text: str) -> str:
    """What tells a text from any other: the first eight digits of its SHA-256."""
    return hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).hexdigest()[:8]


def needs_translating(path: Path, text: str, root: Any) -> bool:
    """False for numbers and the like, and for arms that have no labels of their own."""
    if path[0] == "arms" and isinstance(root["arms"].get(path[1]), list):
        return False
    return any(letter.isalpha() for letter in text)


# --- what is kept ----------------------------------------------------------------------------------------


def bundle(main: str, others: Mapping[str, str]) -> str:
    """A survey's source with its translations by language, as it is stored; without any, the source as it is."""
    return main + "".join(f"{PARTED}{language}\n{others[language]}" for language in sorted(others))


def unbundle(kept: str) -> tuple[str, dict[str, str]]:
    """The source and the translations of which a bundle was made."""
    main, *others = kept.split(PARTED)
    parts = (other.partition("\n") for other in others)
    return main, {language: source for language, _, source in parts}


# --- a survey with its texts in another language ---------------------------------------------------------


@dataclass
class Merged(Document):
    """A survey's document with a translation's texts in it.

    `taken` says for each text that was taken from the translation where it stands there.
    """

    translation: Document = field(default_factory=lambda: Document("", []))
    taken: dict[Path, Path] = field(default_factory=dict)

    def accepts(self, mark: Mark, code: str) -> bool:
        if isinstance(mark, MarkElsewhere):
            return self.translation.accepts(mark, code)
        return super().accepts(mark, code)

    def inside(self, path: Path, offset: int) -> Any:
        if path not in self.taken:
            return super().inside(path, offset)
        return MarkElsewhere.of(self.translation.inside(self.taken[path], offset), self.translation.file)


def merge(original: Document, translation: Document) -> Merged:
    """The survey in another language: its texts where the translation has them, its own elsewhere."""
    merged = Merged(
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


# --- what is wrong with a translation --------------------------------------------------------------------


def check_tree(original: Any, translation: Document, spec: Spec = SURVEY) -> None:
    """Reports what a translation holds that the survey does not have, or that is no text."""
    if not isinstance(translation.root, dict):
        if not translation.faults:
            translation.fault(
                translation.at(()), "not-a-mapping", "the file is not a translation",
                "Write the survey's keys with translated texts; `opinion translate` creates the file.",
            )  # fmt: skip
        return
    rest = {key: value for key, value in translation.root.items() if key != TRANSLATED}
    _check(original, rest, spec, (), translation)


def _check(original: Any, value: Any, spec: Spec, path: Path, translation: Document) -> None:
    if value is None:  # not translated yet
        return
    if spec == TEXT:
        _check_text(original, value, path, translation)
        return
    if not isinstance(value, dict | list) and not (ALONE in spec and is_text(value)):
        remedy = "Write the same keys there as in the survey, with their texts."
        translation.fault(translation.at(path), "not-a-mapping", f'"{path[-1]}" contains no texts', remedy)
        return
    parts = dict(of_survey(original, spec))
    for key, part in inside(value, spec):
        within = spec_of(key, spec)
        if key not in parts or within is None:
            _superfluous((*path, key), key in parts, parts, spec, translation)
        else:
            _check(parts[key], part, within, (*path, key), translation)


def _check_text(original: Any, value: Any, path: Path, translation: Document) -> None:
    if not is_text(value):
        translation.fault(
            translation.at(path), "not-text", f'"{path[-1]}" is not a text',
            "Put a text that begins with { or [, or is true or false, in quotes.",
        )  # fmt: skip
    elif not is_text(original) and original is not None:
        what = f'"{written(path)}" has no text of its own in the survey'
        remedy = "Remove it, or add a text in the survey."
        translation.fault(translation.key(path), "translation-superfluous", what, remedy)


def _superfluous(
    path: Path, is_there: bool, parts: Mapping[Any, Any], spec: Spec, translation: Document
) -> None:
    name = written(path)
    if is_there:
        what, remedy = f'"{name}" is not a text', "Remove it: a translation contains only texts."
    else:
        texts = [key for key in parts if spec_of(key, spec) is not None]
        what = f'the survey has no "{name}"'
        remedy = did_you_mean(path[-1], texts) or f"Remove it. Its keys there are: {one_of(texts)}."
    translation.fault(translation.key(path), "translation-superfluous", what, remedy)


def stale_texts(original: Any, translation: Any) -> dict[Path, str]:
    """The texts of a translation that were made from a text that has changed since, with what it reads now."""
    made = made_from(translation)
    own, other = dict(texts_of(original)), dict(translated_texts(translation))
    return {
        path: own[path] for path in other if path in own and _is_stale(made, path, own[path], other[path])
    }


def made_from(root: Any) -> dict[str, str]:
    """What a translation file keeps of the texts it was made from, by path: `<original> <translation>`."""
    kept = root.get(TRANSLATED) if isinstance(root, dict) else None
    return {str(path): str(marks) for path, marks in kept.items()} if isinstance(kept, dict) else {}


def _is_stale(made: Mapping[str, str], path: Path, own: str, other: str) -> bool:
    """When the original changed and the translation did not. A translation changed since is taken for a new one."""
    was, _, then = made.get(written(path), "").partition(" ")
    return bool(was) and was != mark_of(own) and then in ("", mark_of(other))


def warn(original: Document, translation: Document, language: str) -> None:
    """Reports in the translation what it lacks, and what in it is older than the survey."""
    for fault in (*_missing(original, translation, language), *_stale(original, translation, language)):
        if not translation.accepts((fault.line, 1), fault.code):
            translation.fault((fault.line, fault.column), fault.code, fault.what, fault.remedy)


def missing_texts(original: Any, translation: Any) -> dict[Path, str]:
    """The survey's texts that a translation does not hold."""
    there = {path for path, _ in translated_texts(translation)}
    return {
        path: text
        for path, text in texts_of(original)
        if path not in there and needs_translating(path, text, original)
    }


def _missing(original: Document, translation: Document, language: str) -> Iterator[Fault]:
    """One warning a text, or one for all of a part of which nothing is there."""
    groups: dict[Path, list[str]] = {}
    for path, text in missing_texts(original.root, translation.root).items():
        if _is_misplaced(path, original.root, translation.root):
            continue  # a fault tells of what stands in its place
        groups.setdefault(_absent(path, translation.root), []).append(text)
    for path, texts in groups.items():
        what = f'"{written(path)}" is not translated'
        what += f' ("{printable(texts[0], 60)}")' if len(texts) == 1 else f" ({len(texts)} texts)"
        remedy = f"Respondents see the original text. `opinion translate {original.file} {language}` adds the missing texts."
        yield Fault(translation.file, *translation.at(path), "translation-missing", what, remedy)


def _absent(path: Path, root: Any) -> Path:
    """The longest way along a path that is there, and the first key that is not."""
    for length, key in enumerate(path[:-1], 1):
        root = root.get(key) if isinstance(root, dict) else None
        if root is None:
            return path[:length]
    return path


def _is_misplaced(path: Path, original: Any, root: Any) -> bool:
    """Whether something that is no text stands where a text belongs, or a key that was meant for its own."""
    for key in path:
        if not isinstance(root, dict):
            return root is not None
        own = original if isinstance(original, dict) else {}
        if key not in root:
            return any(did_you_mean(other, [key]) for other in root if other not in own)
        original, root = own.get(key), root[key]
    return root is not None


def _stale(original: Document, translation: Document, language: str) -> Iterator[Fault]:
    for path, text in stale_texts(original.root, translation.root).items():
        what = f'"{written(path)}" has changed since it was translated; it now reads "{printable(text, 80)}"'
        remedy = f"Translate it again. If the translation is still correct: `opinion translate {original.file} {language} --keep {written(path)}`."
        yield Fault(translation.file, *translation.at(path), "translation-stale", what, remedy)


def check_languages(original: Document, translations: Mapping[str, Document], survey: str) -> None:
    """Reports languages that have no file, and files of languages that the survey does not name."""
    named = original.root.get("languages") if isinstance(original.root, dict) else None
    languages = [str(each) for each in named] if isinstance(named, list) and named else ["en"]
    for index, language in enumerate(languages):
        if language in languages[:index]:
            original.fault(
                original.at(("languages", index)), "bad-language", f'"{language}" is listed twice', "Remove one."
            )  # fmt: skip
        elif index and language not in translations and LANGUAGE.fullmatch(language):
            original.fault(
                original.at(("languages", index)), "translation-not-there",
                f"there is no file {survey}.{language}.yaml beside the survey",
                f"`opinion translate {original.file} {language}` creates one with every text to translate.",
            )  # fmt: skip
    for language, translation in translations.items():
        if language not in languages[1:]:
            own = language == languages[0]
            translation.fault(
                (1, 1), "translation-not-declared",
                f"the survey {'is itself in' if own else 'does not list'} {language}",
                "Remove this file." if own else f"Write `languages: [{', '.join([*languages, language])}]` in the survey.",
            )  # fmt: skip


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
