"""The key `results` of a survey file: who sees results, what is shown first, and what is compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.survey.analysis.names import grouping, shown
from app.survey.documents.places import Path
from app.survey.faults import did_you_mean, one_of
from app.survey.items.answer import Answer
from app.survey.items.context import SurveyContext
from app.survey.model import MOST_GROUPS, HeadlineChoice, ResultsPolicy
from app.survey.source.shape import HeadlineShape

MOST_HEADLINES = 6  # that the first screen has room for
COMPARABLE = ("choice", "truth", "number", "multiple", "statements")
"""Kinds of answers that groups can be compared by."""


def results(m: SurveyContext) -> ResultsPolicy:
    shape = m.survey.results
    every = shape.release_every if shape.release_every is not None else shape.floor
    if every < shape.floor:
        m.fault(
            ("results", "release_every"), "bad-value",
            f"results released every {every} responses would show groups smaller than the floor of {shape.floor}",
            f"Write {shape.floor} or more.",
        )  # fmt: skip
    for key in ("beside", "by"):
        if getattr(shape, key) and shape.show_to == "nobody":
            m.fault(
                ("results", key), "bad-value", f"`{key}` is about public results, but no respondent sees the results",
                "Write `show_to: respondents` or `show_to: everyone`.", key=True,
            )  # fmt: skip
    if shape.protect and not m.survey.closes:
        m.fault(
            ("results", "protect"), "bad-value",
            "results that protect cells are released when the survey closes, but it has no last day",
            "Write `closes:` at the top, such as `closes: 2027-02-28`.", key=True,
        )  # fmt: skip
    return ResultsPolicy(
        shape.show_to, shape.floor, every, tuple(beside(m)), public_groups(m), tuple(headlines(m)), shape.protect or ""
    )


def beside(m: SurveyContext) -> Iterator[str]:
    """Items that are shown with one's own answer: of a poll the one that it has."""
    if m.survey.poll and not m.survey.results.beside:
        yield from (name for name, item in m.items.items() if any(answer.kind != "text" for answer in item.answers()))
    for place, name in enumerate(m.survey.results.beside):
        item = m.items.get(name)
        if item is not None and any(answer.kind != "text" for answer in item.answers()):
            yield name
        elif name not in m.broken:
            what = f'there is no item called "{name}"'
            if item:
                what = f'"{name}" is a text, of which there are no public results'
            remedy = did_you_mean(name, m.items) or f"Items: {one_of(m.items)}."
            m.fault(("results", "beside", place), "bad-value", what, remedy)


# --- groups -------------------------------------------------------------------------------------------------


def group(m: SurveyContext, path: Path, name: str) -> str:
    """The name of what splits results into groups, if it can; else "" after reporting it."""
    known = grouping(m)
    if name in known or name.split(".")[0] in m.broken:
        return name if name in known else ""
    answer = m.known().get(name)
    what = f'there is nothing called "{name}" that could split results into groups'
    if answer is not None:
        many = len(answer.options)
        what = f'"{name}" cannot split results into groups'
        if answer.kind == "choice" and many > MOST_GROUPS:
            what = f'"{name}" has {many} categories, and at most {MOST_GROUPS} groups can be compared'
    suggestion = did_you_mean(name, known) if answer is None else ""
    remedy = suggestion or (f"These can: {one_of(known)}." if known else "Remove `by`.")
    m.fault(path, "bad-value", what, remedy)
    return ""


def public_groups(m: SurveyContext) -> str:
    """What splits public figures into groups. A value derived from public answers is refused: groups by it would be further
    figures about the same answers, which the rules of disclosure do not cover."""
    if not m.survey.results.by:
        return ""
    path = ("results", "by")
    name = group(m, path, m.survey.results.by)
    answer = m.known().get(name)
    if answer is not None and answer.is_computed and any(_is_public(m, each) for each in answer.names):
        m.fault(
            path, "bad-value", f'"{name}" follows from answers whose results are public, so that comparing by it could reveal them',
            "Compare by an item or an arm.",
        )  # fmt: skip
        return ""
    return name


def _is_public(m: SurveyContext, name: str) -> bool:
    """Whether an answer has public figures: those about vignettes and texts have none, nor has what was assigned."""
    item = m.items.get(name.split(".")[0])
    if item is None:
        return False
    of_a_vignette = any(item.id.startswith(f"{vignette.id}_") for vignette in m.vignettes)
    return not of_a_vignette and any(answer.kind != "text" for answer in item.answers())


# --- headlines ----------------------------------------------------------------------------------------------


def headlines(m: SurveyContext) -> Iterator[HeadlineChoice]:
    written = m.survey.results.headline
    if len(written) > MOST_HEADLINES:
        m.fault(
            ("results", "headline"), "bad-value", f"`headline` lists {len(written)} figures; the first screen shows {MOST_HEADLINES}",
            f"Remove {len(written) - MOST_HEADLINES}.", key=True,
        )  # fmt: skip
    for place, shape in enumerate(written):
        path: Path = ("results", "headline", place)
        known = shown(m)
        if bool(shape.item) == bool(shape.pair):
            what = "a headline has both `item` and `pair`" if shape.item else "a headline names nothing"
            m.fault(path, "bad-value", what, "Write the id of an item, {item: own, by: status} or {pair: {norm: Others, own: I}}.")
        elif shape.pair:
            yield from pair(m, path, shape, known)
        elif is_shown(m, (*path, "item") if (*path, "item") in m.document.values else path, shape.item, known):
            by = comparison(m, path, shape, known) if shape.by else ""
            if not shape.by or by:
                yield HeadlineChoice(shape.item, by)


def is_shown(m: SurveyContext, path: Path, name: str, known: Mapping[str, Answer]) -> bool:
    if name in known:
        return True
    if name.split(".")[0] not in m.broken:
        answer = m.known().get(name)
        what = f'there is no item, statement or score called "{name}"'
        if answer is not None:
            what = f'"{name}" is a text, which has no figures' if answer.kind == "text" else f'"{name}" cannot be a headline'
        remedy = "Write the id of an item (own), of a statement (seen.failed) or of a score."
        remedy = (did_you_mean(name, known) if answer is None else "") or remedy
        m.fault(path, "bad-value", what, remedy)
    return False


def comparison(m: SurveyContext, path: Path, shape: HeadlineShape, known: Mapping[str, Answer]) -> str:
    """The name of what splits the item of a headline into groups; "" after reporting a fault."""
    name = group(m, (*path, "by"), str(shape.by))
    answer = known[str(shape.item)]
    if name and answer.kind not in COMPARABLE:
        m.fault((*path, "item"), "bad-value", f'"{answer.name}" cannot be compared between groups', "Choose a choice, a scale, a number or a score.")
        return ""
    if name and name in (answer.name, *answer.part_names):
        m.fault((*path, "by"), "bad-value", f'"{name}" is compared with itself', f"Compare it by something else, or write only {answer.name}.")
        return ""
    return name


def pair(m: SurveyContext, path: Path, shape: HeadlineShape, known: Mapping[str, Answer]) -> Iterator[HeadlineChoice]:
    names = [str(name) for name in shape.pair]
    where: Path = (*path, "pair")
    if shape.by or len(names) != 2:
        what = "a pair is not split into groups" if shape.by else f"a pair has two parts, not {len(names)}"
        m.fault(where, "bad-value", what, "Write it like {pair: {norm: Doctors I know, own: I myself}}.", key=True)
    elif all([is_shown(m, (*where, name), name, known) for name in shape.pair]):
        if _scale_of(known[names[0]]) is None or _scale_of(known[names[0]]) != _scale_of(known[names[1]]):
            m.fault(
                where, "bad-value", f'"{names[0]}" and "{names[1]}" are not answered on the same scale',
                "Pair two items or statements on one scale, or two scores of the same range.", key=True,
            )  # fmt: skip
        else:
            yield HeadlineChoice(pair=tuple((str(name), label) for name, label in shape.pair.items()))


def _scale_of(answer: Answer) -> object:
    """What must be the same in both parts of a pair; None for what cannot be paired."""
    if answer.is_on_a_scale:
        return tuple((option.code, option.label.plain) for option in answer.options)
    if answer.kind == "number" and answer.least is not None and answer.most is not None:
        return answer.least, answer.most
    return None


# --- polls --------------------------------------------------------------------------------------------------

#: Keys of a survey that a poll cannot have: everyone is asked the same, before anything is known of them.
NOT_IN_POLLS = ("arms", "screen_out", "quotas")


def check_poll(m: SurveyContext) -> None:
    """A poll is answered on its first page, and its figures are shown at once."""
    for place, name in enumerate(m.survey.followed_by):
        if not m.survey.poll or name in m.survey.followed_by[:place]:
            what = f'"{name}" is named twice' if m.survey.poll else "only a poll is followed by other polls"
            m.fault(("followed_by", place), "bad-poll", what, "Remove it." if m.survey.poll else "Write `poll: true`, or remove `followed_by`.")
    for what, remedy in _against_a_poll(m) if m.survey.poll else ():
        m.fault(("poll",), "bad-poll", what, remedy, key=True)


def _against_a_poll(m: SurveyContext) -> Iterator[tuple[str, str]]:
    asked = [item for section in m.survey.sections.values() for item in section.items.values()]
    sections = list(m.survey.sections.values())
    if len(asked) != 1 or len(sections) != 1:
        yield f"a poll asks one question, and this survey has {len(asked)} items", "Write one file for each poll, or remove `poll`."
    elif not asked[0].is_asked or sections[0].roster or sections[0].for_each:
        yield "a poll asks its question once, and of everyone", "Ask one item, without repeating its section."
    elif sections[0].show_if or asked[0].show_if:
        yield "a poll is shown to everyone, but its question has a condition", "Remove `show_if`."
    for key in NOT_IN_POLLS:
        if getattr(m.survey, key):
            yield f"a poll has no `{key}`: it is answered on its first page", f"Remove `{key}`, or remove `poll`."
    policy = m.survey.results
    if policy.show_to == "nobody":
        yield "a poll shows its results, but here nobody sees them", "Write `results: {show_to: everyone}`."
    elif policy.protect:
        yield "a poll shows its results at once, but here only after it has closed", "Remove `protect`."
