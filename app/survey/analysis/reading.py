"""The key `analysis` of a survey file: each primary estimate is checked against what the survey asks and assigns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.survey.analysis.names import grouping, of_one_entry
from app.survey.analysis.shape import PLAN_TEXTS, AnalysisShape, PrimaryEstimateShape
from app.survey.documents.places import Path
from app.survey.faults import did_you_mean, one_of
from app.survey.items.answer import Answer, Option
from app.survey.items.context import SurveyContext
from app.survey.model import MOST_GROUPS, AnalysisPlan, Code, PlannedContrast, PrimaryEstimate, Vignette
from app.survey.scope import Scope
from app.survey.texts import Text

FEW_PRIMARY = 5  # beyond these the correction takes much of the power of each
TRUE = (1,)  # the code of a computed value that is true


def read_analysis(m: SurveyContext) -> AnalysisPlan | None:
    """The plan, with the estimates that make sense."""
    shape = m.survey.analysis
    if shape is None:
        return None
    path: Path = ("analysis", "primary")
    if not shape.primary and not _is_written(m):
        m.fault(path, "too-few", "the analysis plan has no primary estimate", "Add one: `id: {question: ..., item: ...}`.", key=True)
    known = _estimable(m)
    read = [_EstimateReading(m, (*path, name), each, known) for name, each in shape.primary.items()]
    for each in read:
        m.check_id(each.path, each.path[-1], "primary estimate")
    found = [estimate for each in read if (estimate := each.estimate()) is not None]
    _check_twins(m, found)
    if len(found) > FEW_PRIMARY:
        m.warn(
            path, "many-primary", f"with {len(found)} primary estimates, a difference is clear only from p < {0.05 / len(found):.4f}"
            " on (Holm’s correction, for the smallest p)",
            "Keep as primary what the conclusion depends on; the rest is reported as exploratory.", key=True,
        )  # fmt: skip
    texts = {name: _unpiped(text) for name in PLAN_TEXTS if (text := getattr(shape, name)) is not None}
    canonical = _canonical(m, shape)
    return AnalysisPlan(tuple(found), texts, canonical, hashlib.sha256(canonical.encode()).hexdigest())


def _unpiped(text: str) -> Text:
    """Braces are only braces: no respondent reads a plan, and nothing is piped into it."""
    return Text(text.replace("{", "{{").replace("}", "}}"))


def _is_written(m: SurveyContext) -> bool:
    """Whether the file has estimates, none of which could be read."""
    written = m.document.root.get("analysis")
    return isinstance(written, dict) and bool(written.get("primary"))


def _check_twins(m: SurveyContext, found: Iterable[PrimaryEstimate]) -> None:
    """Two estimates of the same would be corrected for each other."""
    first: dict[Any, str] = {}
    for each in found:
        contrast = each.contrast and (each.contrast.by, frozenset((each.contrast.first, each.contrast.second)))
        where = each.where and each.where.source
        twin = (each.item, frozenset(each.share), contrast, each.vignettes, each.base, where, each.careful, each.weighted)
        if twin in first:
            m.fault(
                ("analysis", "primary", each.name), "bad-analysis", f'"{each.name}" and "{first[twin]}" are the same estimate',
                "Remove one of the two.", key=True,
            )  # fmt: skip
        first.setdefault(twin, each.name)


# --- what was decided ---------------------------------------------------------------------------------------


def _canonical(m: SurveyContext, shape: AnalysisShape) -> str:
    """What was decided, as JSON: equal for two files that differ in the order of keys, in comments, in line breaks of
    texts, and in defaults that are written out. The expected sample belongs to it, and the weights if any are used."""
    decided: dict[str, Any] = {"analysis": shape.model_dump(exclude_defaults=True)}
    for each in decided["analysis"].get("primary", {}).values():
        if "share" in each:
            each["share"] = sorted(each["share"], key=str)
    if m.survey.sample is not None:
        decided["sample"] = m.survey.sample
    if any(each.weighted for each in shape.primary.values()) and _weights(m) is not None:
        decided["weights"] = _weights(m).model_dump(exclude_defaults=True)
    return json.dumps(_plain(decided), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return " ".join(value.split()) if isinstance(value, str) else value


def _weights(m: SurveyContext) -> Any:
    return getattr(m.survey, "weights", None)


# --- one estimate -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Estimable:
    """Something that can be estimated: an answer, or the rating of a vignette."""

    answer: Answer
    vignette: Vignette | None = None
    rating: str = ""

    @property
    def has_mean(self) -> bool:
        numbered = all(isinstance(code, int) for code in self.answer.codes)
        return self.answer.kind == "number" or (self.answer.is_on_a_scale and numbered)


def _estimable(m: SurveyContext) -> dict[str, _Estimable]:
    assigned = {"today", "language"} | {drawn.name for drawn in m.drawn} | of_one_entry(m)
    found = {
        name: _Estimable(answer)
        for name, answer in m.known().items()
        if name not in assigned and answer.kind in ("choice", "multiple", "number", "truth") and not answer.parts
    }
    for vignette in m.vignettes:
        for rating in vignette.ratings:
            answer = m.known().get(f"{vignette.id}_{rating}")
            if answer is not None:
                found[answer.name] = _Estimable(answer.parts[0], vignette, rating)
    return found


class _EstimateReading:
    """Reads one primary estimate, and reports what is wrong with it."""

    def __init__(self, m: SurveyContext, path: Path, shape: PrimaryEstimateShape, known: Mapping[str, _Estimable]):
        self.m, self.path, self.shape, self.known = m, path, shape, known
        self.is_sound = True

    def fault(self, key: str, what: str, remedy: str, at_key: bool = True) -> None:
        self.is_sound = False
        self.m.fault((*self.path, key), "bad-analysis", what, remedy, key=at_key)

    def estimate(self) -> PrimaryEstimate | None:
        """None after reporting a fault."""
        shape = self.shape
        where = self.condition()
        self.check_weights()
        found = self.found()
        if found is None:
            return None
        share = tuple(self.share(found))
        self.check_vignettes(found)
        contrast = self.contrast(found)
        made = PrimaryEstimate(
            str(self.path[-1]), shape.question, shape.item, _unpiped(shape.hypothesis) if shape.hypothesis else None,
            share, contrast, (found.vignette.id, found.rating) if found.vignette else None, shape.vignettes or "",
            shape.base, where, shape.careful, shape.weighted,
        )  # fmt: skip
        return made if self.is_sound else None

    def condition(self) -> Any:
        """As filters on results have it. A plan makes no new version, so it cannot add `today` to what is stored."""
        if self.shape.where is None:
            return None
        m = self.m
        known = {name: answer for name, answer in m.known().items() if name != "today" or m.uses_today}
        found = m.parsed((*self.path, "where"), self.shape.where, Scope(known, frozenset(), m.notes, m.broken))
        self.is_sound = self.is_sound and found is not None
        return found

    def check_weights(self) -> None:
        if self.shape.weighted and _weights(self.m) is None:
            self.fault("weighted", "the survey has no weights", "Add `weights:` to the survey, or remove `weighted`.")
        elif self.shape.weighted and self.shape.base != "complete":
            self.fault("base", "only complete responses have weights", "Remove `base`, or `weighted`.")

    # what is estimated

    def found(self) -> _Estimable | None:
        name, m = self.shape.item, self.m
        if name in self.known:
            return self.known[name]
        if name.split(".")[0] not in m.broken and not self._is_of_a_faulty_vignette(name):
            self.fault("item", *self._why_not(name, m.known().get(name)), at_key=False)
        self.is_sound = False
        return None

    def _is_of_a_faulty_vignette(self, name: str) -> bool:
        answer = self.m.known().get(name)
        return answer is not None and answer.kind == "loop" and bool(self.m.document.faults)

    def _why_not(self, name: str, answer: Answer | None) -> tuple[str, str]:
        remedy = "Name a choice, a scale, a number, a score, or the rating of a vignette."
        if answer is None:
            suggestion = did_you_mean(name.replace(".", "_", 1), self.known) if "." in name else ""
            return f'there is no item, statement or score called "{name}"', did_you_mean(name, self.known) or suggestion or remedy
        if answer.kind == "loop":
            return f'one respondent gives several answers to "{name}"', "Combine them in a score or a computed value, and name that."
        if answer.parts:
            parts = [part for part in answer.part_names if part in self.known]
            return f'"{name}" consists of several answers', f"Name one of them: {one_of(parts)}." if parts else remedy
        if name in of_one_entry(self.m):
            rating = next((each for each in self.known.values() if each.vignette and name.startswith(f"{each.vignette.id}_{each.rating}_")), None)
            remedy = f"Write `item: {rating.vignette.id}_{rating.rating}`." if rating and rating.vignette else remedy
            return f'"{name}" is the answer for one entry of several', remedy
        if answer.kind in ("text", "date", "ranks"):
            kinds = {"text": "a text", "date": "a date", "ranks": "a ranking"}
            return f'"{name}" is {kinds[answer.kind]}, which has no mean and no share', remedy
        return f'"{name}" was assigned, not answered', remedy

    def share(self, found: _Estimable) -> Iterator[Code]:
        """The codes that count, in the order of the item's options."""
        answer, written = found.answer, self.shape.share
        listed = (written or ()) if answer.kind != "number" else ()
        codes = list(dict.fromkeys(self.codes((*self.path, "share"), listed, answer.options)))
        if answer.kind == "truth":
            if written is not None:
                self.fault("share", f'"{answer.name}" is true or false: its share is that of true', "Remove `share`.")
            yield from TRUE
        elif answer.kind == "number" and written is not None:
            self.fault("share", f'"{self.shape.item}" is a number, which has no codes', "Remove `share`: its mean is estimated.")
        elif found.vignette is not None and (written is not None or not found.has_mean):
            what = f'the effect on "{self.shape.item}" is one on the mean rating'
            self.fault("share" if written is not None else "item", what, "Remove `share`." if written is not None else "Give its scale whole numbers.")
        elif written is None and answer.kind != "number" and not found.has_mean:
            self.fault("item", f'"{self.shape.item}" has no mean: its answers are not points of a scale', f"Say which count: `share: [{answer.codes[0]}]`.", False)
        elif written is not None and self.is_sound:
            if answer.kind == "multiple" and len(codes) != 1:
                self.fault("share", f'"{self.shape.item}" can have several answers', "Name one option; each further one is an estimate of its own.")
            elif not codes or len(codes) == len(answer.options):
                what = "names no code" if not codes else "names every code, and is always 100%"
                self.fault("share", f"`share` {what}", f"Name some of: {one_of(answer.codes)}.")
            yield from (code for code in answer.codes if code in codes)

    def codes(self, path: Path, written: Iterable[Any], options: Iterable[Option]) -> Iterator[Code]:
        known = {str(option.code): option.code for option in options}
        for place, code in enumerate(written):
            if str(code) in known:
                yield known[str(code)]
            else:
                self.is_sound = False
                remedy = did_you_mean(code, known) or (f"Its codes: {one_of(known)}." if known else "It has no codes.")
                self.m.fault((*path, place), "bad-analysis", f'there is no code "{code}"', remedy)

    # what is compared

    def check_vignettes(self, found: _Estimable) -> None:
        written = self.shape.vignettes
        if found.vignette is None:
            if written is not None:
                self.fault("vignettes", f'"{self.shape.item}" is not the rating of a vignette', "Remove `vignettes`.")
            return
        if written is None:
            what = f'"{self.shape.item}" is rated for {found.vignette.each_sees} vignettes'
            self.fault("item", what, "Write `vignettes: first` for the first one alone, or `vignettes: all`.", False)
        if self.shape.contrast is None:
            attributes = [each.id for each in found.vignette.attributes]
            what = f'"{self.shape.item}" is compared between no levels'
            self.fault("item", what, f"Add `contrast:` with an attribute and two of its levels. Attributes: {one_of(attributes)}.", False)

    def contrast(self, found: _Estimable) -> PlannedContrast | None:
        if self.shape.contrast is None:
            return None
        path: Path = (*self.path, "contrast")
        if len(self.shape.contrast) != 1:
            self.fault("contrast", "a contrast is by one thing", "Write it like `contrast: {status: [left, practising]}`.")
            return None
        ((by, written),) = self.shape.contrast.items()
        options = self.levels(found, str(by), (*path, by))
        if options is None:
            return None
        codes = list(self.codes((*path, by), written, options))
        if self.is_sound and (len(codes) != 2 or codes[0] == codes[1]):
            what = f"a contrast has two different codes, not {len(codes)}" if len(codes) != 2 else f'"{codes[0]}" is compared with itself'
            remedy = "Write two: the first less the second."
            remedy += " Each further pair is an estimate of its own." * (len(codes) > 2)
            self.m.fault((*path, by), "bad-analysis", what, remedy)
            self.is_sound = False
        return PlannedContrast(str(by), codes[0], codes[1]) if self.is_sound else None

    def levels(self, found: _Estimable, by: str, path: Path) -> tuple[Option, ...] | None:
        """The codes that can be compared; None after reporting that there are none."""
        if found.vignette is not None:
            known = {each.id: each.levels for each in found.vignette.attributes}
            what, kind = f'the vignette "{found.vignette.id}" has no attribute "{by}"', "Attributes"
        else:
            known = {name: answer.options for name, answer in grouping(self.m).items()}
            what, kind = self._why_no_groups(by), "These can"
        if by in known and by != self.shape.item:
            return known[by]
        if by.split(".")[0] not in self.m.broken:
            what = f'"{by}" is compared by itself' if by in known else what
            remedy = did_you_mean(by, known) if by not in known else ""
            others = [name for name in known if name != self.shape.item]
            self.m.fault(path, "bad-analysis", what, remedy or (f"{kind}: {one_of(others)}." if others else "Remove `contrast`."), key=True)
        self.is_sound = False
        return None

    def _why_no_groups(self, by: str) -> str:
        answer = self.m.known().get(by)
        if answer is None:
            return f'there is nothing called "{by}" that could split responses into groups'
        if answer.kind == "choice" and len(answer.options) > MOST_GROUPS:
            return f'"{by}" has {len(answer.options)} categories, and at most {MOST_GROUPS} groups can be compared'
        return f'"{by}" cannot split responses into groups'


