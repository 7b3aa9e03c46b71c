"""What is valid but worth a second look before fielding: warnings about conditions, wording and privacy.

A comment on the line accepts a warning: `# ok: double-barrelled`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from math import comb, perm, prod

from app.survey.conditions.dead_conditions import Doubt, doubts
from app.survey.documents.places import Path
from app.survey.identity import who_asked
from app.survey.items.answer import Answer, Option
from app.survey.items.base import Item
from app.survey.model import Instrument
from app.survey.source.context import SurveyContext
from app.survey.texts import Text

#: What joins two things in one statement, by language.
JOINING = {
    "en": r"\b(and|or|and/or|as well as)\b",
    "de": r"\b(und|oder|und/oder|sowie)\b",
    "fr": r"\b(et|ou|et/ou|ainsi que)\b",
    "es": r"\b(y|e|o|u|y/o|así como)\b",
    "ar": r"\b(و|أو)\b",
}
#: Characters that a phone of 360 pixels shows without scrolling past the answers; our own trials.
LONGEST_QUESTION, LONGEST_STATEMENT, LONGEST_OPTION, LONGEST_POINT = 280, 140, 110, 45

ANYTHING = 1_000_000  # as many different answers as tell everybody apart


def advise(m: SurveyContext, instrument: Instrument) -> None:
    """Adds its warnings to the document's faults."""
    steering = names_in_conditions(instrument) | m.piped_names
    for path, item in written_items(m):
        double_barrelled(m, path, item, instrument.language)
        without_a_way_out(m, path, item, steering)
    advise_on_length(m)
    both_directions(m)
    identity_risk(m, instrument)
    promised_anonymous(m, instrument)
    about_conditions(m, instrument)


def advise_on_length(m: SurveyContext) -> None:
    """Adds which texts are long: one language needs more words than another. What they ask is the original's matter."""
    for path, item in written_items(m):
        too_long(m, path, item)


def written_items(m: SurveyContext) -> Iterator[tuple[Path, Item]]:
    """Every item that is asked once, or for the first entry, with its place."""
    seen = set()
    for name, item in m.items.items():
        path = m.first.get(name)
        if path is not None and path[0] == "sections" and path not in seen:
            seen.add(path)
            yield path, item


def names_in_conditions(instrument: Instrument) -> set[str]:
    """What the path depends on must be asked."""
    conditions = [section.show_if for section in instrument.sections]
    conditions += [item.show_if for item in instrument.items()]
    conditions += [end.when for end in (*instrument.screen_outs, *instrument.quotas)]
    return {name for condition in conditions if condition for name in condition.names}


# --- conditions ------------------------------------------------------------------------------------------


def about_conditions(m: SurveyContext, instrument: Instrument) -> None:
    """A repeated item is reported once, and only if the warning applies to every repetition."""
    places = dict(standing(m, instrument))
    times = Counter(places.values())
    reported: dict[tuple[Path, Path, str], list[Doubt]] = {}
    for doubt in doubts(instrument):
        home = places.get((doubt.section, doubt.item))
        if doubt.section is None:
            home = ("screen_out" if doubt.part in m.survey.screen_out else "quotas", doubt.part)
        if home is not None:
            reported.setdefault((home, condition_of(m, home, doubt), doubt.code), []).append(doubt)
    for (home, path, code), found in reported.items():
        every_time = len({(doubt.section, doubt.item) for doubt in found}) >= times.get(home, 1)
        # A condition that nobody has written may well hold always.
        if every_time and (path != home or code == "never-true"):
            m.warn(path, code, found[0].what, found[0].remedy, key=path == home)


def standing(m: SurveyContext, instrument: Instrument) -> Iterator[tuple[tuple[str, str | None], Path]]:
    """The path of each section and each item in the file."""
    for section in instrument.sections:
        for item in section.items:
            if item.id in m.first:
                yield (section.id, None), m.first[item.id][:2]
                yield (section.id, item.id), m.first[item.id][:4]


def condition_of(m: SurveyContext, home: Path, doubt: Doubt) -> Path:
    """The path of the condition in doubt; if it is not written out, the path of what it hides."""
    if doubt.part is None or doubt.section is None:
        path = (*home, doubt.key)
        return path if path in m.document.values else home
    ends = (doubt.part, doubt.key)
    found = (path for path in m.document.values if path[: len(home)] == home and path[-2:] == ends)
    return next(found, home)


# --- wording ---------------------------------------------------------------------------------------------


def double_barrelled(m: SurveyContext, path: Path, item: Item, language: str) -> None:
    """A statement that says two things cannot be answered by someone who agrees with one of them."""
    joining = JOINING.get(language.split("-")[0])
    if joining is None:
        return
    for statement in getattr(item, "statements", ()):
        if statement.right is not None:  # a pole is no statement
            continue
        found = re.search(joining, statement.text.plain, re.IGNORECASE)
        if found:
            m.warn(
                (*path, "statements", statement.id), "double-barrelled",
                f'the statement combines two things with "{found[0]}"',
                "Ask about each separately, unless everyone understands them as one thing.",
            )  # fmt: skip


def too_long(m: SurveyContext, path: Path, item: Item) -> None:
    texts = [(("ask",), item.ask, LONGEST_QUESTION)] if item.is_asked else []
    texts += [
        (("statements", each.id), each.text, LONGEST_STATEMENT) for each in getattr(item, "statements", ())
    ]
    texts += [(("options", each.code), each.label, LONGEST_OPTION) for each in getattr(item, "options", ())]
    texts += [(("scale", each.code), each.label, LONGEST_POINT) for each in getattr(item, "scale", ())]
    for where, text, longest in texts:
        length = len(text.plain)
        if length > longest:
            m.warn(
                (*path, *where), "long-text", f"{length} characters are too long for a phone",
                f"Use at most {longest} characters; put the rest in a note or a hint.",
            )  # fmt: skip


def without_a_way_out(m: SurveyContext, path: Path, item: Item, steering: set[str]) -> None:
    """Respondents who cannot or will not answer must lie or leave. Items that the path or a text depends on are exempt."""
    options: Sequence[Option] = getattr(item, "options", ())
    open_end = any(option.please_say or option.exclusive for option in options)
    if (
        len(m.items) > 1
        and item.required
        and not item.offers
        and not open_end
        and not steering.intersection(item.names)
    ):
        m.warn(
            (*path, "required"), "no-way-out", f'"{path[-1]}" is required, and offers no way to decline',
            "Add `decline: true`, or remove `required`: respondents who skip the item are then reminded once.", key=True,
        )  # fmt: skip


def both_directions(m: SurveyContext) -> None:
    """The same labels from low to high in one scale and from high to low in another are easily mistaken."""
    seen: dict[tuple[str, ...], Path] = {}
    for path, scale in scales(m):
        labels = tuple(option.label.plain for option in sorted(scale, key=_place_on_scale))
        backwards = seen.get(labels[::-1])
        if backwards is not None and len({*labels} - {""}) > 1 and labels != labels[::-1]:
            line = m.document.key(backwards)[0]
            m.warn(
                path, "both-directions", f"this scale runs in the opposite direction to the one on line {line}",
                "Use the same direction throughout.", key=True,
            )  # fmt: skip
        seen.setdefault(labels, path)


def _place_on_scale(point: Option) -> tuple[int, str]:
    """Numbers from low to high; words, which have no such order, as they are spelt."""
    return (point.code, "") if isinstance(point.code, int) else (0, point.code)


def scales(m: SurveyContext) -> Iterator[tuple[Path, Sequence[Option]]]:
    """Every scale where it is written: those that several items share once."""
    for name, points in m.survey.scales.items():
        if isinstance(points, dict):
            yield ("scales", name), [Option(code, Text(str(label or ""))) for code, label in points.items()]
    for name, item in m.items.items():
        path, scale = m.first.get(name), getattr(item, "scale", ())
        if path and scale and (*path, "scale", scale[0].code) in m.document.values:
            yield (*path, "scale"), scale


# --- privacy ---------------------------------------------------------------------------------------------


def identity_risk(m: SurveyContext, instrument: Instrument) -> None:
    """Warns where the answers that tell who somebody is would single people out at the expected sample size.

    The measure is the mean size of a cell when all combinations of answers are equally frequent, which is the most
    favourable case: real distributions leave more people alone. Cells below the floor count as singling out
    (L. Sweeney 2002, "k-anonymity: a model for protecting privacy", International Journal of Uncertainty,
    Fuzziness and Knowledge-Based Systems 10, 557-570).
    """
    marked = [item for item in instrument.items() if item.identifying and item.id in m.first]
    if not marked or instrument.privacy == "identified":
        return
    sample = instrument.sample
    sizes = [categories(item) for item in marked]
    cells = prod(sizes)
    floor = instrument.results.floor
    if sample is None:
        what = f"{len(marked)} identifying items have {cells:,} combinations, but the survey gives no expected sample size"
        m.warn(
            m.first[marked[0].id],
            "identity-risk",
            what,
            "Write `sample:` at the top, such as `sample: 400`.",
            key=True,
        )
    elif sample / cells < floor:
        sizes_of = ", ".join(f"{item.id} ({size})" for item, size in zip(marked, sizes, strict=True))
        alone = sample * (1 - 1 / cells) ** (sample - 1)
        m.warn(
            m.first[marked[-1].id], "identity-risk",
            f"{sizes_of} together have {cells:,} combinations: about {alone:,.0f} of {sample:,} respondents would be alone in theirs",
            f"Remove some of them or use broader categories, until each combination has {floor} respondents on average.", key=True,
        )  # fmt: skip


def promised_anonymous(m: SurveyContext, instrument: Instrument) -> None:
    """Warns where a survey that calls itself anonymous asks who somebody is."""
    for item in who_asked(instrument) if instrument.privacy == "anonymous" else ():
        if item.id in m.first:
            m.warn(
                m.first[item.id], "not-anonymous",
                f'"{item.id}" asks who the respondent is, but the survey promises anonymity',
                "Remove it, or write `privacy: confidential` or `privacy: identified` at the top.", key=True,
            )  # fmt: skip


def categories(item: Item) -> int:
    """How many different answers an item can tell people apart by; of more than a million, a million."""
    asked = [answer for answer in item.answers() if not answer.beside]
    if item.adds_up_to is not None:
        found = comb(item.adds_up_to + len(asked) - 1, len(asked) - 1)
    elif asked and asked[0].group:  # no two of them are alike
        found = perm(len(asked[0].options), len(asked))
    else:
        found = prod(map(_values, asked))
    return min(found, ANYTHING) if asked else ANYTHING


def _values(answer: Answer) -> int:
    match answer.kind:
        case "choice":
            return len(answer.options)
        case "multiple":
            return 2 ** len([option for option in answer.options if not option.exclusive])
        case "ranks":
            return perm(len(answer.options), answer.most)
        case "number" if answer.step:
            return round((answer.most - answer.least) / answer.step) + 1
        case "number":
            return round((answer.most - answer.least) * 10**answer.decimals) + 1
        case "date":
            return {"day": 36_500, "month": 1_200, "year": 100}[answer.precision]
    return ANYTHING  # a text
