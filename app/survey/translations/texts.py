"""Which parts of a survey are text, and each text by its path."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from app.survey.documents.places import Path
from app.survey.items.registry import SHAPES
from app.survey.items.shapes import ALONE, EACH, LABELLED, POINTS, TEXT

ABOUT = ("institution", "contact", "ethics", "data", "support", "debriefing")
LISTED, UNSAID = "[]", "?"
Spec = Mapping[str, Any] | str
"""What of a mapping is text: for each key TEXT or what is inside; EACH for any key; ALONE names the key that a text
without a mapping stands for; LISTED that a list of codes stands for a mapping of them; UNSAID what the language puts
in for texts that are not there."""

#: Of items: what the shapes of all types say of their keys.
ITEM: dict[str, Any] = {key: spec for shape in SHAPES.values() for key, spec in shape.texts.items()}
ROSTER = {"add": TEXT, "yes": TEXT, "no": TEXT, UNSAID: {"yes": "Yes", "no": "No"}}
SURVEY: dict[str, Any] = {
    **dict.fromkeys(("title", "description", "consent", "thanks"), TEXT),
    "about": dict.fromkeys(ABOUT, TEXT),
    "scales": {EACH: POINTS},
    "arms": {EACH: {EACH: LABELLED, LISTED: True}},
    "compute": {EACH: {"label": TEXT}},
    "scores": {EACH: {"label": TEXT, "bands": {EACH: LABELLED}}},
    "screen_out": {EACH: {"text": TEXT}},
    "quotas": {EACH: {"text": TEXT}},
    "sections": {EACH: {"title": TEXT, "roster": ROSTER, "items": {EACH: ITEM}}},
}  # fmt: skip

Parts = Callable[[Any, Spec], Iterator[tuple[Any, Any]]]


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
