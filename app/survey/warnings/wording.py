"""Warnings about words: statements, labels, lengths, and what respondents would see as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.survey.documents.places import Path
from app.survey.identity import asks_who
from app.survey.items.answer import Option
from app.survey.items.base import Item
from app.survey.items.context import SurveyContext
from app.survey.model import Instrument
from app.survey.other_tools import foreign_pipes
from app.survey.texts import Text
from app.survey.translations.texts import texts_of
from app.survey.warnings.placeholders import about_placeholder

#: What joins two things that one answer cannot tell apart, by language. `or` does not: either of the two is enough.
JOINING = {
    "en": r"\b(and|and/or|as well as)\b",
    "de": r"\b(und|und/oder|sowie)\b",
    "fr": r"\b(et|et/ou|ainsi que)\b",
    "es": r"\b(y|e|y/o|así como)\b",
    "ar": r"\b(و)\b",
}
#: What joins without asking two things: examples, brackets, ranges, and what is one thing in two words.
ONE_THING = {
    "en": re.compile(
        r"\([^)]*\)|\[[^\]]*\]|\b(?:such as|for example|e\.g\.|including)\b.*|,\s+like\b.*"
        r"|\b(?:between|both)\b.*?\band\b|\b\d+\S*\s+(?:\w+\s+){0,3}and\s+\d+"
        r"|\band\s+(?:so\s+(?:on|forth)|others?\b|the\s+like|similar)"
        r"|\b(\w+)\s+and\s+\1\b"
        r"|\b(?:terms and conditions|bread and butter|family and friends|friends and family|men and women|women and men"
        r"|health and safety|research and development|pros and cons|trial and error|time and again|now and then|up and down"
        r"|back and forth|black and white|day and night|here and there|law and order|doctors and nurses|ups and downs"
        r"|nuts and bolts|safe and sound|peace and quiet|first and foremost|obstetrics and gyn\w+|accident and emergency"
        r"|ear, nose,? and throat|trauma and orthopaedics|continuing education and training|supply and demand"
        r"|diversity and inclusion|life and death|pins and needles|signs and symptoms|morbidity and mortality)\b",
        re.IGNORECASE,
    ),
    "de": re.compile(
        r"\([^)]*\)|\[[^\]]*\]|\b(?:zum Beispiel|z\. ?B\.|wie etwa|beispielsweise)\b.*|\bzwischen\b.*?\bund\b"
        r"|\b\d+\S*\s+(?:\w+\s+){0,3}und\s+\d+|\bund\s+(?:so\s+weiter|ähnliche\w*|andere\w*)\b|\w+-\s+und\s+\w+"
        r"|\b(\w+)\s+und\s+\1\b|\b(?:ab und zu|nach und nach|hin und her|hin und wieder|Hals-Nasen-\w+|Tag und Nacht"
        r"|Ärztinnen und Ärzte|Kolleginnen und Kollegen|Kollegen und Kolleginnen|Patientinnen und Patienten|Familie und Freunde)\b",
        re.IGNORECASE,
    ),
}  # fmt: skip
BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
#: Characters that a phone of 360 pixels shows without scrolling past the answers; our own trials.
LONGEST_QUESTION, LONGEST_STATEMENT, LONGEST_OPTION, LONGEST_POINT = 280, 140, 110, 45
#: Tags that people write into texts; other words between < and > are left alone.
HTML = re.compile(
    r"</?(?:a|b|i|u|p|br|hr|em|strong|span|div|font|center|h[1-6]|ul|ol|li|img|table|tr|td|th|sup|sub|small|big|label|input|script|style|iframe|video|button|select|form)"
    r"(?:\s[^<>]*)?/?>|&(?:nbsp|amp|lt|gt|quot|[lr]squo|[lr]dquo|mdash|ndash|hellip);",
    re.IGNORECASE,
)
CODE = re.compile(r"`[^`]*`")


def about_wording(m: SurveyContext, instrument: Instrument) -> None:
    steering = names_in_conditions(instrument) | m.piped_names
    for path, item in written_items(m):
        double_barrelled(m, path, item, instrument.language)
        without_a_way_out(m, path, item, steering)
    about_texts(m)
    both_directions(m)


def about_texts(m: SurveyContext) -> None:
    """What is said of the texts of any language."""
    for path, item in written_items(m):
        too_long(m, path, item)
        labelled_alike(m, path, item)
    for path, text in texts_of(m.document.root):
        if "<" in text or "&" in text:
            raw_html(m, path, text)
        if "[" in text or "$" in text or "{{" in text:
            piped_elsewhere(m, path, text)
        about_placeholder(m, path, text)


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


def double_barrelled(m: SurveyContext, path: Path, item: Item, language: str) -> None:
    """A statement that says two things cannot be answered by someone who agrees with one of them."""
    tag = language.split("-")[0]
    joining = JOINING.get(tag)
    if joining is None:
        return
    for statement in getattr(item, "statements", ()):
        if statement.right is not None:  # a pole is no statement
            continue
        found = re.search(joining, ONE_THING.get(tag, BRACKETS).sub(" ", statement.text.plain), re.IGNORECASE)
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


def labelled_alike(m: SurveyContext, path: Path, item: Item) -> None:
    """Two options that read alike cannot be told apart by respondents."""
    for key, label in (("options", "label"), ("statements", "text")):
        seen: dict[tuple[str, str], object] = {}
        for part in getattr(item, key, ()):
            group = getattr(part, "group", None)
            words = getattr(part, label).plain.casefold().strip(" .:;")
            name = part.code if key == "options" else part.id
            first = seen.setdefault((group.plain if group else "", words), name)
            if words and first != name:
                m.warn(
                    (*path, key, name), "same-label", f'"{name}" has the same words as "{first}"',
                    "Change one of the two, or remove it.",
                )  # fmt: skip


def raw_html(m: SurveyContext, path: Path, text: str) -> None:
    found = HTML.search(CODE.sub("", text))
    if found:
        mark = m.document.inside(path, text.index(found[0]))
        m.warn_at(
            mark, path, "raw-html", f"respondents see {found[0]} as it is written here",
            "Write Markdown: **bold**, *emphasis*, [words](https://address), a blank line between paragraphs.",
        )  # fmt: skip


def piped_elsewhere(m: SurveyContext, path: Path, text: str) -> None:
    for written, offset, remedy in foreign_pipes(text, m.all_ids):
        what = f"{written} is how another tool pipes an answer; respondents see the {written[0]}"
        m.warn_at(m.document.inside(path, offset), path, "not-piped", what, remedy)


def without_a_way_out(m: SurveyContext, path: Path, item: Item, steering: set[str]) -> None:
    """Respondents who will not say something delicate, or have nothing to write, must lie or leave. Items that the path or
    a text depends on are exempt."""
    options: Sequence[Option] = getattr(item, "options", ())
    open_end = any(option.please_say or option.exclusive for option in options)
    is_text = any(answer.kind == "text" and not answer.beside for answer in item.answers())
    delicate = item.sensitive or item.identifying or is_text or asks_who(item)
    if (
        len(m.items) > 1
        and item.required
        and delicate
        and not item.offers
        and not open_end
        and not steering.intersection(item.names)
    ):
        why = "asks for words" if is_text else "asks for something delicate"
        m.warn(
            (*path, "required"), "no-way-out", f'"{path[-1]}" is required, {why}, and offers no way to decline',
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
