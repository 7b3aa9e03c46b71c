"""The shape of a survey file: which keys there are, and what kind of value each takes."""

from __future__ import annotations

import copy
import re
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from app.survey.documents.places import MOST_FAULTS, Document, Path
from app.survey.documents.yaml_errors import mended
from app.survey.faults import did_you_mean, one_of


def _number_as_text(value: Any) -> Any:
    """A label such as `5` is a number in YAML; it means the text."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _spelt_out(key: str) -> BeforeValidator:
    """A value alone stands for a mapping that holds nothing but that key."""
    return BeforeValidator(lambda value: value if isinstance(value, dict) else {key: value})


def _reason(value: Any) -> Any:
    """true, false, or the words in which a reason for not answering is offered."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip() and value not in LIKE_TRUTH:
        return value
    raise _wrong("not-true-or-false", f"%s is {_spoken(value)}, not true or false", _truth_remedy(value))


def _number(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) < FAR_TOO_LARGE:
            return value
        raise _wrong("bad-value", "%s is too large a number", "Stay below 1000000000000000.")
    raise _wrong(
        "not-a-number", f"%s is {_spoken(value)}, not a number", _number_remedy(value, decimals=True)
    )


def _as_checks(value: Any) -> Any:
    each = value if isinstance(value, list) else [value]
    return [{"that": part} if not isinstance(part, dict) else part for part in each]


def _version(value: Any) -> Any:
    """The number of a version, or the beginning of its digest, as a text."""
    written = str(value)
    if isinstance(value, int | str) and not isinstance(value, bool) and VERSION.fullmatch(written):
        return written
    raise _wrong(
        "bad-value", f"%s is {_spoken(value)}, which is not a version",
        "Write the number of a version that was served, such as 1, or the first twelve characters of its digest.",
    )  # fmt: skip


def _member(value: Any) -> Any:
    """The code or id of something that changes places."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value
    raise _wrong(
        "not-text",
        f"%s contains {_spoken(value)}, which is not an id",
        "Write it like [first, second].",
    )


def _as_shuffle(value: Any) -> Any:
    if isinstance(value, bool):
        return {"on": value}
    if isinstance(value, dict):
        return value
    raise _wrong(
        "not-true-or-false", f"%s is {_spoken(value)}, not true or false",
        "Write `shuffle: true`, or except what stays: `shuffle: {except: [other]}`.",
    )  # fmt: skip


def _wrong(code: str, what: str, remedy: str) -> PydanticCustomError:
    """A fault found while the shape is read; %s in `what` is the name of the key."""
    return PydanticCustomError("ours", "{what}", {"code": code, "what": what, "remedy": remedy})


#: What marks the two kinds in a place that pydantic gives: no key of YAML can be one of them.
GROUPED, SINGLE = "\x00group", "\x00option"


def _kind_of_option(value: Any) -> str:
    grouped = isinstance(value, dict) and "group" in value
    return GROUPED if grouped or isinstance(value, GroupShape) else SINGLE


#: A number from 1, or at least six digits of a digest.
VERSION = re.compile(r"[1-9][0-9]{0,4}|[0-9a-f]{6,64}")
FAR_TOO_LARGE = 1e18  # what YAML can write and nothing can be computed with
Line = Annotated[str, BeforeValidator(_number_as_text), Field(min_length=1, max_length=2000)]
Prose = Annotated[str, Field(min_length=1, max_length=20_000)]
Reason = Annotated[Any, BeforeValidator(_reason)]
Figure = Annotated[Any, BeforeValidator(_number)]
Pair = Annotated[list[Line], Field(min_length=2, max_length=2)]
Names = list[Line]
Member = Annotated[Any, BeforeValidator(_member)]
Version = Annotated[Any, BeforeValidator(_version)]


MAY_BE_LEFT_OUT = (
    "access", "at_least", "bands", "below", "blocks", "closes", "columns", "consent", "description", "design", "earliest",
    "example", "except_", "for_each", "high", "hint", "label", "latest", "low", "max_length", "one_of_each", "only", "opens",
    "options", "options_from", "pattern", "precision", "privacy", "release_every", "roster", "sample", "say", "scale",
    "show_if", "show_to", "shuffle", "step", "text", "thanks", "time_zone", "title", "to", "top", "unit", "where",
    "mean", "sum", "sum_prorated", "count", "same_as",
)  # fmt: skip


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=False, defer_build=True)

    @field_validator(*MAY_BE_LEFT_OUT, mode="before", check_fields=False)
    @classmethod
    def _holds_something(cls, value: Any, field: ValidationInfo) -> Any:
        """A key that may be left out may not be there with nothing after it: what was meant is not known."""
        if value is None and not cls.model_fields[field.field_name or ""].is_required():
            raise _wrong("empty-key", "%s is empty", "Add a value, or remove the key.")
        return value


class OptionShape(_Shape):
    label: Line
    please_say: bool = False
    exclusive: bool = False
    hint: Line | None = None
    show_if: Line | None = None


class GroupShape(_Shape):
    group: Line
    options: dict[Any, Annotated[OptionShape, _spelt_out("label")]]


Options = dict[
    Any,
    Annotated[
        Annotated[OptionShape, Tag(SINGLE)] | Annotated[GroupShape, Tag(GROUPED)],
        Discriminator(_kind_of_option),
        _spelt_out("label"),
    ],
]


class StatementShape(_Shape):
    text: Line
    show_if: Line | None = None


Statements = dict[Any, Annotated[StatementShape, _spelt_out("text")]]


class ShuffleShape(_Shape):
    on: bool = Field(True, exclude=True)
    only: list[Member] | None = None
    except_: list[Member] | None = Field(None, alias="except")


class CheckShape(_Shape):
    that: Line
    say: Line | None = None
    soft: bool = False


class MatrixColumnShape(_Shape):
    label: Line
    scale: Any


Shuffled = Annotated[ShuffleShape, BeforeValidator(_as_shuffle)]


class _ItemShape(_Shape):
    ask: Line
    hint: Line | None = None
    required: bool = False
    decline: Reason = False
    dont_know: Reason = False
    not_applicable: Reason = False
    show_if: Line | None = None
    check: Annotated[list[CheckShape], BeforeValidator(_as_checks)] = []
    identifying: bool = False
    sensitive: bool = False
    same_as: Version | None = None


class _ChoiceShape(_ItemShape):
    options: Options | None = None
    options_from: Line | None = None
    shuffle: Shuffled | None = None


class SingleChoiceShape(_ChoiceShape):
    type: Literal["single_choice"]


class MultipleChoiceShape(_ChoiceShape):
    type: Literal["multiple_choice"]


class DropdownShape(_ChoiceShape):
    type: Literal["dropdown"]


class MatrixShape(_ItemShape):
    type: Literal["matrix"]
    scale: Any = None
    columns: dict[Any, MatrixColumnShape] | None = None
    statements: Statements
    shuffle: Shuffled | None = None


class SemanticDifferentialShape(_ItemShape):
    type: Literal["semantic_differential"]
    pairs: dict[Any, Pair]
    points: Annotated[int, Field(ge=2, le=11)] = 7
    flip: bool = False
    shuffle: Shuffled | None = None


class RatingShape(_ItemShape):
    type: Literal["rating"]
    scale: Any


class NumberShape(_ItemShape):
    type: Literal["number"]
    range: Annotated[list[Figure], Field(min_length=2, max_length=2)]
    decimals: Annotated[int, Field(ge=0, le=6)] = 0
    unit: Line | None = None


class SliderShape(_ItemShape):
    type: Literal["slider"]
    range: Annotated[list[Figure], Field(min_length=2, max_length=2)]
    decimals: Annotated[int, Field(ge=0, le=6)] = 0
    step: Figure | None = None
    low: Line | None = None
    high: Line | None = None
    unit: Line | None = None


class TextShape(_ItemShape):
    type: Literal["text"]
    lines: Annotated[int, Field(ge=1, le=40)] = 1
    max_length: Annotated[int, Field(ge=1, le=20_000)] | None = None
    pattern: Line | None = None
    example: Line | None = None


class DateShape(_ItemShape):
    type: Literal["date"]
    precision: Literal["day", "month", "year"] = "day"
    earliest: Line | None = None
    latest: Line | None = None


class RankingShape(_ChoiceShape):
    type: Literal["ranking"]
    top: Annotated[int, Field(ge=1, le=20)] | None = None


class ConstantSumShape(_ChoiceShape):
    type: Literal["constant_sum"]
    total: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    unit: Line | None = None


class BestWorstShape(_ChoiceShape):
    type: Literal["best_worst"]
    best: Line
    worst: Line


class NoteShape(_Shape):
    type: Literal["note"]
    text: Prose
    show_if: Line | None = None


class VignetteRatingShape(_Shape):
    ask: Line
    scale: Any
    same_as: Version | None = None
    hint: Line | None = None
    required: bool = False
    decline: Reason = False
    dont_know: Reason = False
    not_applicable: Reason = False


class VignetteShape(_Shape):
    type: Literal["vignette"]
    text: Prose
    attributes: dict[Any, dict[Any, Line]]
    exclude: list[Line] = []
    ratings: dict[Any, VignetteRatingShape]
    each_sees: Annotated[int, Field(ge=1, le=50)] = 1
    one_of_each: Line | None = None
    design: Literal["full", "random", "blocks"] = "blocks"
    blocks: Annotated[int, Field(ge=1, le=1000)] | None = None
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1
    show_if: Line | None = None
    same_as: Version | None = None


ItemShape = Annotated[
    SingleChoiceShape
    | MultipleChoiceShape
    | DropdownShape
    | MatrixShape
    | SemanticDifferentialShape
    | RatingShape
    | NumberShape
    | SliderShape
    | TextShape
    | DateShape
    | RankingShape
    | ConstantSumShape
    | BestWorstShape
    | VignetteShape
    | NoteShape,
    Field(discriminator="type"),
]
ITEM_SHAPES: dict[str, type[BaseModel]] = {
    "single_choice": SingleChoiceShape,
    "multiple_choice": MultipleChoiceShape,
    "dropdown": DropdownShape,
    "matrix": MatrixShape,
    "semantic_differential": SemanticDifferentialShape,
    "rating": RatingShape,
    "number": NumberShape,
    "slider": SliderShape,
    "text": TextShape,
    "date": DateShape,
    "ranking": RankingShape,
    "constant_sum": ConstantSumShape,
    "best_worst": BestWorstShape,
    "vignette": VignetteShape,
    "note": NoteShape,
}


class ForEachShape(_Shape):
    item: Line
    where: Literal["selected", "not_selected", "all"] = "selected"


class RosterShape(_Shape):
    most: Annotated[int, Field(ge=2, le=50)]
    entry: Line
    add: Line
    yes: Line = "Yes"
    no: Line = "No"


class SectionShape(_Shape):
    title: Line | None = None
    show_if: Line | None = None
    shuffle: Shuffled | None = None
    for_each: Annotated[ForEachShape, _spelt_out("item")] | None = None
    roster: RosterShape | None = None
    items: dict[Any, ItemShape]


class ResultsShape(_Shape):
    show_to: Literal["nobody", "respondents", "everyone"] = "nobody"
    floor: Annotated[int, Field(ge=3, le=1000)] = 10
    release_every: Annotated[int, Field(ge=3, le=10_000)] | None = None
    beside: Names = []


class ArmShape(_Shape):
    label: Line
    weight: Annotated[int, Field(ge=1, le=20)] = 1


def _as_arms(value: Any) -> Any:
    """A list of codes, which are then their own labels."""
    if isinstance(value, list) and all(isinstance(code, str | int) for code in value):
        return {code: {"label": str(code).replace("_", " ")} for code in value}
    return value


class ComputeShape(_Shape):
    value: Line
    label: Line | None = None
    same_as: Version | None = None


class BandShape(_Shape):
    label: Line
    below: Figure | None = None


class ScoreShape(_Shape):
    label: Line
    mean: Names | None = None
    sum: Names | None = None
    sum_prorated: Names | None = None
    count: Names | None = None
    reverse: Names = []
    at_least: Annotated[int, Field(ge=1, le=1000)] | None = None
    to: Annotated[list[Figure], Field(min_length=2, max_length=2)] | None = None
    bands: dict[Any, Annotated[BandShape, _spelt_out("label")]] | None = None
    same_as: Version | None = None


class EndShape(_Shape):
    when: Line
    text: Prose | None = None


class QuotaShape(_Shape):
    when: Line
    most: Annotated[int, Field(ge=0, le=100_000_000)]
    text: Prose | None = None


class SurveyShape(_Shape):
    title: Annotated[str, BeforeValidator(_number_as_text), Field(min_length=1, max_length=200)]
    description: Prose | None = None
    languages: list[str] = ["en"]
    privacy: Literal["anonymous", "confidential", "identified"] = "anonymous"
    access: Literal["open", "invited"] = "open"
    opens: str | None = None
    closes: str | None = None
    time_zone: str | None = None
    sample: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    same_as: Version | None = None
    results: ResultsShape = ResultsShape()
    consent: Prose | None = None
    thanks: Prose | None = None
    scales: dict[Any, Any] = {}
    arms: dict[
        Any, Annotated[dict[Any, Annotated[ArmShape, _spelt_out("label")]], BeforeValidator(_as_arms)]
    ] = {}
    compute: dict[Any, Annotated[ComputeShape, _spelt_out("value")]] = {}
    scores: dict[Any, ScoreShape] = {}
    screen_out: dict[Any, EndShape] = {}
    quotas: dict[Any, QuotaShape] = {}
    shuffle: Shuffled | None = None
    sections: dict[Any, SectionShape]


#: The shapes inside shapes: of one value, or of each value of a mapping or list.
ONE, EACH = "one", "each"
INSIDE: dict[type[BaseModel], dict[str, tuple[str, type[BaseModel]]]] = {
    SurveyShape: {
        "results": (ONE, ResultsShape), "compute": (EACH, ComputeShape), "scores": (EACH, ScoreShape),
        "screen_out": (EACH, EndShape), "quotas": (EACH, QuotaShape), "shuffle": (ONE, ShuffleShape),
        "sections": (EACH, SectionShape),
    },
    SectionShape: {
        "shuffle": (ONE, ShuffleShape), "for_each": (ONE, ForEachShape), "roster": (ONE, RosterShape),
    },
    ScoreShape: {"bands": (EACH, BandShape)},
    VignetteShape: {"ratings": (EACH, VignetteRatingShape)},
    MatrixShape: {"columns": (EACH, MatrixColumnShape)},
    GroupShape: {"options": (EACH, OptionShape)},
}  # fmt: skip
IN_ITEMS: dict[str, tuple[str, type[BaseModel]]] = {
    "check": (EACH, CheckShape), "shuffle": (ONE, ShuffleShape), "statements": (EACH, StatementShape),
    "options": (EACH, OptionShape),
}  # fmt: skip


class Shaped(NamedTuple):
    """`broken` holds the ids of items left out because of a fault, so that nothing else complains of them."""

    survey: SurveyShape | None
    broken: frozenset[str]


def read_shape(document: Document) -> Shaped:
    """Reports every fault of shape in the document, then goes on with what is sound."""
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
                    _report(detail, document)
                beyond = _written(_data_path(details[MOST_FAULTS]["loc"]), document)
                document.omit(document.at(beyond), "error", len(details) - MOST_FAULTS)
                return Shaped(None, frozenset())
            if attempt == 0:
                _tell(details, document)
            for detail in details:
                _prune(_written(_data_path(detail["loc"]), document), detail["type"], root, broken)
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


def _tell(details: list[ErrorDetails], document: Document) -> None:
    """Reports the faults; if one mistake causes several, only the one to correct."""
    misspelt, astray = _misspelt(details), _astray(details, document)
    for detail in details:
        path = _data_path(detail["loc"])
        if detail["type"] == "missing" and detail["loc"] in misspelt:
            continue
        if not any(path[: len(key)] == key for keys in astray.values() for key in keys):
            _report(detail, document, path in astray)


def _astray(details: list[ErrorDetails], document: Document) -> dict[Path, list[Path]]:
    """For each key with nothing after it the keys that follow at its own level, and belong under it."""
    unknown = {_data_path(detail["loc"]) for detail in details if detail["type"] == "extra_forbidden"}
    found = {}
    for detail in details:
        path = _data_path(detail["loc"])
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
        if any(loc[:-1] == other[:-1] and did_you_mean(other[-1], loc[-1:]) for other in unknown)
    }


def _data_path(loc: tuple[Any, ...]) -> Path:
    """Where an error stands in the file: pydantic's place without the tags of its unions."""
    if len(loc) > 4 and loc[0] == "sections" and loc[2] == "items":
        loc = (*loc[:4], *loc[5:])
    return tuple(part for part in loc if part not in (GROUPED, SINGLE))


def _written(path: Path, document: Document) -> Path:
    """A single check may stand without a list around it."""
    if len(path) > 6 and path[4:6] == ("check", 0) and path[:6] not in document.values:
        return (*path[:5], *path[6:])
    return path


def _shape_at(loc: tuple[Any, ...]) -> type[BaseModel]:
    """The innermost shape around a place."""
    shape: type[BaseModel] = SurveyShape
    parts = iter(loc[:-1])
    for part in parts:
        inside = INSIDE.get(shape, {}).get(part) or (IN_ITEMS.get(part) if shape in CALLED_ITEMS else None)
        if shape is SurveyShape and part == "arms":
            next(parts, None)
            shape = ArmShape if next(parts, None) is not None else shape
        elif shape is SectionShape and part == "items":
            next(parts, None)
            shape = ITEM_SHAPES.get(str(next(parts, "")), shape)
        elif part == GROUPED:
            shape = GroupShape
        elif inside is not None:
            shape = inside[1]
            if inside[0] == EACH:
                next(parts, None)
    return shape


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
)
HOLDING = (("sections",), ("scores",), ("screen_out",), ("quotas",))
WITHIN_PARTS = frozenset().union(
    *(shape.model_fields for shape in (SectionShape, *ITEM_SHAPES.values(), ScoreShape, QuotaShape))
)
OPTIONAL_IN_ITEMS = (
    "hint", "required", "decline", "dont_know", "not_applicable", "show_if", "check", "identifying", "sensitive", "shuffle",
    "lines", "max_length", "unit", "pattern", "example", "decimals", "step", "low", "high", "flip", "top", "seed",
    "earliest", "latest", "same_as",
)  # fmt: skip
OPTIONAL_IN_OPTIONS = ("please_say", "exclusive", "hint", "show_if")
#: Parts of a survey that conditions can name: what is left out of them is not to be missed by others.
NAMED_PARTS = ("arms", "compute", "scores")
HOW = ("mean", "sum", "sum_prorated", "count")  # a score is made


def _prune(path: Path, kind: str, root: dict[Any, Any], broken: set[str]) -> None:
    """Takes out, or fills in, the smallest part so that the rest can still be checked."""
    in_item = len(path) >= 4 and path[0] == "sections" and path[2] == "items"
    if len(path) > 1 and path[0] in NAMED_PARTS and kind != "extra_forbidden":
        broken.add(str(path[1]))
        _remove(root, path[:2])
    elif len(path) == 3 and path[0] == "scores" and not _is_made(root["scores"].get(path[1])):
        # The key that nobody knows stands for the one that says how the score is made.
        broken.add(str(path[1]))
        _remove(root, path[:2])
    elif len(path) > 2 and path[0] in ("screen_out", "quotas") and kind != "extra_forbidden":
        _remove(root, path[:2])
    elif len(path) > 2 and path[2] in ("for_each", "roster") and kind != "extra_forbidden":
        broken.update(_ids_in(root, path))
        _remove(root, path[:2])
    elif kind != "extra_forbidden" and (path == ("title",) or (in_item and _is_text(path[4:]))):
        _put(root, path, STAND_IN)
    elif kind != "extra_forbidden" and in_item and not _is_optional(path[4:]):
        broken.add(str(path[3]))
        _remove(root, path[:4])
    elif kind == "missing" or (path[0] == "sections" and path[-1] == "items" and len(path) == 3):
        broken.update(_ids_in(root, path))
        _remove(root, path[:-1])
    else:
        _remove(root, path)


def _is_made(score: Any) -> bool:
    return isinstance(score, dict) and any(how in score for how in HOW)


def _is_text(path: Path) -> bool:
    """Whether it is a text of an item that another can stand in for, while the rest is checked."""
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
    """Takes out what stands at a path; what stands in a list with the whole of it."""
    for key in path[:-1]:
        inside = root.get(key)
        if not isinstance(inside, dict):
            root.pop(key, None)
            return
        root = inside
    if path:
        root.pop(path[-1], None)


# --- saying what is wrong --------------------------------------------------------------------------------


def _report(detail: ErrorDetails, document: Document, is_indented_too_little: bool = False) -> None:
    path, kind = _written(_data_path(detail["loc"]), document), detail["type"]
    if is_indented_too_little:
        what = f"{_name(path, document)} has nothing under it: the next lines begin in the same column"
        remedy = "Indent the lines that belong to it by two more spaces."
        document.fault(document.key(path), "not-a-mapping", what, remedy)
    elif kind == "extra_forbidden":
        shape = _shape_at(detail["loc"])
        known = [field.alias or name for name, field in shape.model_fields.items() if name != "on"]
        remedy = did_you_mean(path[-1], known) or f"Its keys are {one_of(known, 20)}."
        what = f'{CALLED[shape]} has no key "{path[-1]}"'
        document.fault(document.key(path), "unknown-key", what, remedy)
    elif kind == "missing":
        document.fault(document.key(path[:-1]), "missing-key", *_missing(path, document))
    elif kind in ("union_tag_not_found", "union_tag_invalid"):
        document.fault(*_wrong_type(detail, path, document))
    else:
        code, what, remedy = _wrong_value(detail, path, document)
        document.fault(document.at(path), code, what, _hidden_by_hash(path, document) or remedy)


def _hidden_by_hash(path: Path, document: Document) -> str:
    """A value that begins with # is a comment, and so is not there."""
    line, column = document.key(path)
    text = document.lines[line - 1] if line <= len(document.lines) else ""
    nothing = path in document.spans and document.spans[path][2] == ""
    return mended(text) if nothing and re.search(r":\s+#", text[column - 1 :]) else ""


def _name(path: Path, document: Document) -> str:
    """How a message calls what stands at a path: a key that is not written out, such as `label`, or a place in a
    list is called by what is around it."""
    if len(path) > 1 and path[-1] == "label" and path not in document.keys:
        return f'the label of "{path[-2]}"'
    while path and path not in document.keys:
        path = path[:-1]
    return f'"{path[-1]}"' if path else "the survey"


#: What a message calls each shape.
CALLED: dict[type[BaseModel], str] = {
    SurveyShape: "a survey",
    ResultsShape: '"results"',
    SectionShape: "a section",
    OptionShape: "an option",
    GroupShape: "a group of options",
    StatementShape: "a statement",
    MatrixColumnShape: "a column",
    CheckShape: "a check",
    ShuffleShape: '"shuffle"',
    ForEachShape: '"for_each"',
    RosterShape: "a roster",
    ArmShape: "an arm",
    ComputeShape: "a computed value",
    ScoreShape: "a score",
    BandShape: "a band",
    EndShape: "a screen-out",
    QuotaShape: "a quota",
    VignetteRatingShape: "a rating",
    **{shape: f"a {kind}" for kind, shape in ITEM_SHAPES.items()},
}
CALLED_ITEMS = frozenset(ITEM_SHAPES.values())
ADD = {
    "title": "`title: Leaving clinical practice`",
    "sections": "`sections:` with one section or more under it",
    "items": "`items:` with one item or more under it",
    "ask": "`ask: How many years did you practise?`",
    "text": "`text: The text to show`",
    "options": "`options:` with `code: label` lines under it",
    "statements": "`statements:` with `id: text` lines under it",
    "scale": "`scale:` with the name of a scale, or with `1: label` lines under it",
    "range": "`range: [0, 70]`, the minimum and the maximum",
    "label": "`label: The label respondents see`",
    "pairs": "`pairs:` with `id: [left pole, right pole]` lines under it",
    "best": "`best: Most important`, the heading of the first column",
    "worst": "`worst: Least important`, the heading of the second column",
    "attributes": "`attributes:` with each attribute's levels as `code: words` lines under it",
    "ratings": "`ratings:` with the questions about each vignette: `id: {ask: ..., scale: ...}`",
    "when": "`when:` with a condition",
    "most": "`most: 200`",
    "that": "`that:` with a condition that must be true",
    "value": "`value:` with an expression",
    "entry": "`entry:` with the id of the item that names an entry",
    "add": "`add: Is there another?`, the question that leads to the next entry",
    "item": "`item:` with the id of the item whose options the section is repeated for",
    "group": "`group: A heading`",
}


def _missing(path: Path, document: Document) -> tuple[str, str]:
    add = "`most: 8`" if path[-2:] == ("roster", "most") else ADD.get(str(path[-1]), f"`{path[-1]}:`")
    return f'{_name(path[:-1], document)} has no "{path[-1]}"', f"Add {add}."


def _wrong_type(detail: ErrorDetails, path: Path, document: Document) -> tuple[Any, str, str, str]:
    item = detail["input"]
    if not isinstance(item, dict):
        what = f"{_name(path, document)} is {_spoken(item)} instead of `key: value` lines"
        return document.at(path), "not-a-mapping", what, _mapping_remedy(path)
    misspelt = next((key for key in item if did_you_mean(key, ["type"])), "type")
    if misspelt != "type":
        what = f'an item has no key "{misspelt}"'
        return document.key((*path, misspelt)), "unknown-key", what, 'Did you mean "type"?'
    if "type" not in item:
        return (
            document.key(path),
            "missing-key",
            f'{_name(path, document)} has no "type"',
            f"Add one of: {one_of(ITEM_SHAPES)}.",
        )
    known = did_you_mean(item["type"], ITEM_SHAPES) or f"Types: {one_of(ITEM_SHAPES)}."
    return document.at((*path, "type")), "unknown-type", _unknown_type(item["type"]), known


def _unknown_type(written: Any) -> str:
    if isinstance(written, str):
        return f'there is no item type called "{written}"'
    return f'"type" is {_spoken(written)}' + ", not the name of a type" * (written is not None)


def _wrong_value(detail: ErrorDetails, path: Path, document: Document) -> tuple[str, str, str]:
    kind, context, name = detail["type"], detail.get("ctx", {}), _name(path, document)
    said = detail["input"]
    if kind == "ours":
        return context["code"], context["what"].replace("%s", name), context["remedy"]
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return (
            "not-a-mapping",
            f"{name} is {_spoken(said)} instead of `key: value` lines",
            _mapping_remedy(path),
        )
    if kind == "list_type":
        remedy = LISTS.get(
            str(path[-1] if isinstance(path[-1], str) else path[-2]), "Write it like [first, second]."
        )
        return "not-a-list", f"{name} is {_spoken(said)}, not a list", remedy
    if kind == "bool_type":
        return "not-true-or-false", f"{name} is {_spoken(said)}, not true or false", _truth_remedy(said)
    if kind == "int_type":
        return "not-a-number", f"{name} is {_spoken(said)}, not a whole number", _number_remedy(said)
    if kind == "string_type":
        return "not-text", f"{name} is {_spoken(said)}, not a text", _text_remedy(said, path)
    if kind == "literal_error":
        known = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
        return (
            "bad-value",
            f'{name} cannot be "{said}"',
            did_you_mean(said, known) or f"It is one of: {one_of(known)}.",
        )
    if isinstance(said, str):
        kind = f"string_{kind.removeprefix('string_')}"
    return _out_of_bounds(kind, {**context, "path": path}, name)


def _out_of_bounds(kind: str, context: dict[str, Any], name: str) -> tuple[str, str, str]:
    if kind == "string_too_short":
        return "bad-value", f"{name} is empty", "Write a text."
    if kind == "string_too_long":
        return "too-large", f"{name} is longer than {context.get('max_length')} characters", "Shorten it."
    if kind in ("too_short", "too_long"):
        what = "texts" if "pairs" in context.get("path", ()) else "numbers"
        remedy = (
            "Write [left pole, right pole]."
            if what == "texts"
            else "Write the minimum and the maximum, such as [0, 70]."
        )
        return "bad-value", f"{name} does not have two {what}", remedy
    if kind == "greater_than_equal":
        return "bad-value", f"{name} is less than {context.get('ge')}", f"Write {context.get('ge')} or more."
    if kind == "less_than_equal":
        return "bad-value", f"{name} is more than {context.get('le')}", f"Write {context.get('le')} or less."
    return (
        "bad-value",
        f"{name} is not a valid value here",
        "See the language reference, surveys/README.md.",
    )


def _spoken(value: Any) -> str:
    names = {
        int: "a number",
        float: "a number with decimals",
        list: "a list",
        dict: "a mapping",
    }
    if value is None or isinstance(value, bool):
        return {None: "empty", True: "true", False: "false"}[value]
    return next((name for kind, name in names.items() if isinstance(value, kind)), f'"{str(value)[:40]}"')


LIKE_TRUTH = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
#: How to write what is a list, by its key.
LISTS = {
    "languages": "Write it like [en].",
    "range": "Write it like [0, 70].",
    "to": "Write it like [0, 100].",
    "pairs": "Write [left pole, right pole].",
    "mean": "Write it like [seen] or [seen.failed, seen.grew].",
    "exclude": 'Write a list of conditions, such as [profession == "lawyer" and reason == "visa"].',
}


def _truth_remedy(value: Any) -> str:
    return f"Write {LIKE_TRUTH.get(str(value).lower(), 'true or false')}."


def _number_remedy(value: Any, decimals: bool = False) -> str:
    digits = re.fullmatch(r"0+([1-9][0-9]{0,14})", str(value))
    if digits:
        return f"Write {digits[1]}."
    return "Write it in digits, such as 12 or 0.5." if decimals else "Write it in digits, without decimals."


IDS = ("for_each", "item", "options_from", "entry", "one_of_each")  # keys that name one thing


def _text_remedy(value: Any, path: Path) -> str:
    if isinstance(value, bool) and path[-1] == "show_if":
        return "To show it always, remove show_if." if value else "To hide it always, remove the item."
    if isinstance(value, bool):
        return f'Put it in quotes: "{str(value).lower()}".'
    if isinstance(value, dict):
        return "Put a text that contains `: ` or begins with { in quotes."
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) and path[-1] in IDS:
        return f"Write it without brackets: {value[0]}"
    return "Put a text that begins with [ in quotes." if isinstance(value, list) else "Write a text."


#: How to write what is a mapping, by its key.
MAPPINGS = {
    "options": "Write one `code: label` per line, without dashes.",
    "scales": "Write each as `name:` with `1: label` lines under it.",
    "statements": "Write one `id: text` per line, without dashes.",
    "results": "Write it like {show_to: everyone}.",
    "sections": "Write each as `id:` with its keys indented under it, without dashes.",
    "items": "Write each as `id:` with its keys indented under it, without dashes.",
    "arms": "Write each as `name: [code, another_code]`.",
    "pairs": "Write each as `id: [left pole, right pole]`.",
    "columns": "Write each as `id: {label: ..., scale: ...}`.",
    "attributes": "Write each with its levels as `code: words` lines under it.",
    "roster": "Write it like {most: 8, entry: post, add: Is there another?}.",
    "compute": "Write each as `name: expression`.",
    "scores": "Write each as `name: {label: ..., mean: [seen]}`.",
    "screen_out": "Write each as `id: {when: condition, text: ...}`.",
    "quotas": "Write each as `id: {when: condition, most: 200}`.",
}
#: How to write a part of a survey that is a mapping, by what it is part of.
PARTS = {
    "arms": "Write its codes as a list, [code, another_code], or as `code: label` lines under it.",
    "scores": "Write it like {label: How leaving is seen, mean: [seen]}.",
    "screen_out": 'Write it like {when: status == "outside", text: Thank you.}.',
    "quotas": 'Write it like {when: status == "surgeon", most: 200}.',
}


def _mapping_remedy(path: Path) -> str:
    if len(path) == 2 and path[0] == "sections":
        return "Write its `items:` indented under it."
    if len(path) == 4 and path[2] == "items":
        return "Write its `type:` and `ask:` indented under it."
    if len(path) == 2 and path[0] in PARTS:
        return PARTS[path[0]]
    return MAPPINGS.get(str(path[-1]) if path else "", "Write its keys indented under it.")
