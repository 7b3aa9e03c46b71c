"""Reading the shape of a survey file: every fault of shape is reported, and the rest is read."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.survey.analysis.shape import PrimaryEstimateShape
from app.survey.documents.places import MOST_FAULTS, Document, Path
from app.survey.faults import did_you_mean
from app.survey.items.registry import SHAPES
from app.survey.other_tools import key_of
from app.survey.source.shape import HOW, QuotaShape, ScoreShape, SectionShape, SurveyShape
from app.survey.source.shape_faults import data_path, report, written_at


class Shaped(NamedTuple):
    """`broken` holds the ids of items left out because of a fault, so that nothing else complains of them."""

    survey: SurveyShape | None
    broken: frozenset[str]


def read_shape(document: Document) -> Shaped:
    """Reports every fault of shape in the document, then reads the rest."""
    if not isinstance(document.root, dict):
        if not document.faults:
            document.fault(
                document.at(()),
                "not-a-mapping",
                "the file is not a survey",
                "Begin with `title:` and `sections:`.",
            )
        return Shaped(None, frozenset())
    root = copy.deepcopy(document.root)
    broken: set[str] = set()
    for attempt in range(4):
        try:
            survey = SurveyShape.model_validate(root)
            return Shaped(survey, AnyName() if _hides_names(document.root) else frozenset(broken))
        except ValidationError as error:
            details = error.errors(include_url=False)
            if len(details) > MOST_FAULTS:  # no survey that somebody wrote: the rest would tell nothing more
                for detail in details[:MOST_FAULTS]:
                    report(detail, document)
                beyond = written_at(data_path(details[MOST_FAULTS]["loc"]), document)
                document.omit(document.at(beyond), "error", len(details) - MOST_FAULTS)
                return Shaped(None, frozenset())
            if attempt == 0:
                _report_all(details, document)
            for detail in details:
                _prune(written_at(data_path(detail["loc"]), document), detail["type"], root, broken)
    return Shaped(None, frozenset(broken))


class AnyName(frozenset[str]):
    """The names of what could not be read, where they are not known: each may be one of them."""

    def __contains__(self, name: object) -> bool:
        return True

    def __or__(self, other: object) -> AnyName:
        return self


def _hides_names(root: dict[Any, Any]) -> bool:
    """Whether something that gives names, such as the items of a section, is not written as a mapping of them."""
    sections = root.get("sections")
    sections = sections.values() if isinstance(sections, dict) else ()
    named = [section.get("items") if isinstance(section, dict) else None for section in sections]
    return not all(isinstance(each, dict) for each in [*named, *(root.get(part, {}) for part in NAMED_PARTS)])


def _report_all(details: list[ErrorDetails], document: Document) -> None:
    """Reports the faults; if one mistake causes several, only the one to correct."""
    misspelt, astray = _misspelt(details), _astray(details, document)
    for detail in details:
        path = data_path(detail["loc"])
        if detail["type"] == "missing" and detail["loc"] in misspelt:
            continue
        if not any(path[: len(key)] == key for keys in astray.values() for key in keys):
            report(detail, document, path in astray)


def _astray(details: list[ErrorDetails], document: Document) -> dict[Path, list[Path]]:
    """For each key with nothing after it the keys that follow at its own level, and belong under it."""
    unknown = {data_path(detail["loc"]) for detail in details if detail["type"] == "extra_forbidden"}
    found = {}
    for detail in details:
        path = data_path(detail["loc"])
        is_part = path[:-1] in HOLDING or (len(path) == 4 and path[2] == "items")
        if path and detail["input"] is None and (is_part or path[-1] in HOLDERS):
            after = _after(path, document)
            strays = [key for key in after if key in unknown or (is_part and key[-1] in WITHIN_PARTS)]
            found |= {path: strays} if strays else {}
    return found


def _after(path: Path, document: Document) -> list[Path]:
    """What follows a key in its own mapping."""
    inside: Any = document.root
    for key in path[:-1]:
        inside = inside.get(key) if isinstance(inside, dict) else None
    keys = list(inside) if isinstance(inside, dict) else []
    return [(*path[:-1], key) for key in keys[keys.index(path[-1]) + 1 :]] if path[-1] in keys else []


def _misspelt(details: list[ErrorDetails]) -> set[tuple[Any, ...]]:
    """Where a key is missing because it is there under a name much like it."""
    missing = {detail["loc"] for detail in details if detail["type"] == "missing"}
    unknown = [detail["loc"] for detail in details if detail["type"] == "extra_forbidden"]
    return {
        loc
        for loc in missing
        if any(loc[:-1] == other[:-1] and _may_mean(other[-1], loc[-1]) for other in unknown)
    }


def _may_mean(written: object, key: object) -> bool:
    return bool(did_you_mean(written, [key]) or key_of(written, [str(key)])[0])


STAND_IN = "…"
#: Keys that hold lines of their own, and places whose every key does.
HOLDERS = (
    "options",
    "statements",
    "items",
    "pairs",
    "columns",
    "attributes",
    "ratings",
    "scale",
    "roster",
    "for_each",
    "bands",
    "primary",
)
HOLDING = (("sections",), ("scores",), ("screen_out",), ("quotas",), ("analysis", "primary"))
WITHIN_PARTS = frozenset().union(
    *(shape.model_fields for shape in (SectionShape, *SHAPES.values(), ScoreShape, QuotaShape, PrimaryEstimateShape))
)
#: Keys that an item can do without.
OPTIONAL_IN_ITEMS = frozenset(
    field.alias or name
    for shape in SHAPES.values()
    for name, field in shape.model_fields.items()
    if not field.is_required() and name not in shape.needed
)
OPTIONAL_IN_OPTIONS = ("please_say", "exclusive", "hint", "show_if")
#: Parts of a survey that conditions can name: what is left out of them is not to be missed by others.
NAMED_PARTS = ("arms", "compute", "scores")


def _prune(path: Path, kind: str, root: dict[Any, Any], broken: set[str]) -> None:
    """Takes out, or fills in, the smallest part so that the rest can still be checked."""
    in_item = len(path) >= 4 and path[0] == "sections" and path[2] == "items"
    if len(path) > 1 and path[0] in NAMED_PARTS and kind != "extra_forbidden":
        broken.add(str(path[1]))
        _remove(root, path[:2])
    elif len(path) == 3 and path[0] == "scores" and not _is_made(root["scores"].get(path[1])):
        # An unknown key is taken for the one that says how the score is made.
        broken.add(str(path[1]))
        _remove(root, path[:2])
    elif path[:1] == ("analysis",):
        _remove(root, {"missing": path[:-1], "extra_forbidden": path}.get(kind, path[:3]))
    elif len(path) > 2 and path[0] in ("screen_out", "quotas") and kind != "extra_forbidden":
        _remove(root, path[:2])
    elif len(path) > 2 and path[2] in ("for_each", "roster") and kind != "extra_forbidden":
        broken.update(_ids_in(root, path))
        _remove(root, path[:2])
    elif kind != "extra_forbidden" and (path == ("title",) or (in_item and _is_text(path[4:]))):
        _put(root, path, STAND_IN)
    elif in_item and (_stands_for_a_need(root, path) if kind == "extra_forbidden" else not _is_optional(path[4:])):
        broken.add(str(path[3]))
        _remove(root, path[:4])
    elif kind == "missing" or (path[0] == "sections" and path[-1] == "items" and len(path) == 3):
        broken.update(_ids_in(root, path))
        _remove(root, path[:-1])
    else:
        _remove(root, path)


def _stands_for_a_need(root: dict[Any, Any], path: Path) -> bool:
    """Whether an unknown key of an item is another name of one without which the rest cannot be checked."""
    section = root["sections"].get(path[1])
    items = section.get("items") if isinstance(section, dict) else None
    item = items.get(path[3]) if isinstance(items, dict) else None
    shape = SHAPES.get(str(item.get("type"))) if isinstance(item, dict) else None
    needed = [] if shape is None or len(path) != 5 else [key for key in shape.needed if key not in item]
    return any(_may_mean(path[-1], key) for key in needed)


def _is_made(score: Any) -> bool:
    return isinstance(score, dict) and any(how in score for how in HOW)


def _is_text(path: Path) -> bool:
    """Whether it is a text of an item that another can replace while the rest is checked."""
    if path[:1] == ("options",):
        return len(path) == 3 and path[2] == "label"
    return path in (("ask",), ("text",)) or (path[:1] == ("statements",) and len(path) == 2)


def _is_optional(path: Path) -> bool:
    if path[:1] == ("options",):
        return len(path) == 3 and path[2] in OPTIONAL_IN_OPTIONS
    return len(path) > 0 and path[0] in OPTIONAL_IN_ITEMS


def _put(root: Any, path: Path, value: str) -> None:
    for key in path[:-1]:
        inside = root.get(key)
        if inside is None:  # left out with all that is in it, for a fault of its own
            return
        if not isinstance(inside, dict):  # an option that is its label alone
            root[key] = value
            return
        root = inside
    root[path[-1]] = value


def _ids_in(root: dict[Any, Any], path: Path) -> set[str]:
    section = root.get("sections", {})
    items = section.get(path[1], {}).get("items") if isinstance(section, dict) and len(path) > 1 else None
    return {str(key) for key in items} if isinstance(items, dict) else set()


def _remove(root: dict[Any, Any], path: Path) -> None:
    """Removes the value at a path; of a list, the whole list."""
    for key in path[:-1]:
        inside = root.get(key)
        if not isinstance(inside, dict):
            root.pop(key, None)
            return
        root = inside
    if path:
        root.pop(path[-1], None)
