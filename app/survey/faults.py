"""What can be wrong with a survey: every fault has a stable code, a place, and a remedy."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

#: Every code that `opinion check` can print, with its meaning.
CATALOGUE = {
    "bad-analysis": "A primary estimate names something that cannot be estimated or compared, can never have a response, or is the same as another one.",
    "bad-check": "A check doesn't mention its own item.",
    "bad-condition": "A condition cannot be read.",
    "bad-date": "A date is not written YYYY-MM-DD, or does not exist.",
    "bad-dates": "A survey closes before it opens.",
    "bad-time-zone": "`time_zone` is not a name in the IANA time zone database.",
    "bad-file-name": "The file name cannot be used as the survey's id.",
    "bad-for-each": "`for_each` names an item that has no options or comes later.",
    "bad-id": "An id or a code does not consist of lower-case letters, digits and underscores.",
    "bad-language": "A language is not a code such as en or de.",
    "bad-options-from": "`options_from` names an item that has no options or comes later.",
    "bad-pattern": "A pattern is not a valid regular expression, or does not match its example.",
    "bad-piping": "Curly braces in a text do not contain an item's id.",
    "bad-roster": "A roster's `entry` is not an item of its section.",
    "bad-poll": "A poll does not consist of one question for everyone, or shows its results to nobody.",
    "bad-score": "A score does not have exactly one method, or one of its parts is not a number.",
    "bad-shuffle": "What is to be shuffled does not exist, has a fixed order, or depends on something else that is shuffled.",
    "bad-value": "A value is outside what its key allows.",
    "bad-vignette": "No design can be generated from a vignette's attributes, ratings or numbers.",
    "bad-weights": "Weights cannot be raked: a variable or code is unknown, a share is missing, or shares do not add up.",
    "circle": "Computed values or scores depend on each other in a circle.",
    "condition-asked-later": "A condition uses an item that comes later.",
    "condition-not-true-or-false": "A condition is not true or false.",
    "condition-precision": "A condition compares dates of different precision, or asks for the month of a year.",
    "condition-types": "A condition compares or combines values of different kinds.",
    "condition-unknown-function": "A condition calls a function that does not exist.",
    "condition-unknown-name": "A condition uses an item that does not exist.",
    "condition-unknown-option": "A condition names an option that the item does not have.",
    "cut-text": "A # or, between braces, a comma ends a text early.",
    "duplicate-column": "Two variables would have the same column in the data.",
    "duplicate-id": "Two items of a survey have the same id.",
    "duplicate-key": "A mapping has the same key twice.",
    "empty-key": "An optional key has no value.",
    "empty-file": "The file is empty.",
    "ends-everyone": "A screen-out is true before anything is answered.",
    "missing-key": "A required key is missing.",
    "not-a-list": "Expected a list.",
    "not-a-mapping": "Expected `key: value` lines, not a list or a single value.",
    "not-a-number": "Expected a whole number.",
    "not-text": "Expected a text.",
    "not-true-or-false": "Expected true or false.",
    "not-utf8": "The file is not UTF-8 text.",
    "not-yet": "This version of the service does not support this part of the language.",
    "piping-asked-later": "A text pipes the answer to an item that is not on an earlier page.",
    "piping-unknown-name": "A text pipes the answer to an item that does not exist.",
    "reserved-id": "An id is a reserved word of conditions or of addresses.",
    "too-deep": "The file is nested too deeply.",
    "too-few": "There are too few sections, items, options or statements.",
    "too-large": "The file, or one of its texts or lists, is too large.",
    "translation-not-declared": "A file is a translation into a language that the survey's `languages` does not list.",
    "translation-not-there": "A language in the survey's `languages` has no file.",
    "translation-superfluous": "A translation contains a key that the survey does not have, or that is not a text.",
    "translation-without-survey": "A file is a translation, but there is no survey file beside it.",
    "twin-files": "Two file names differ only in their extension, .yaml and .yml.",
    "unknown-key": "A key is not part of the language.",
    "unknown-scale": "The survey does not define this scale.",
    "unknown-type": "An item's type does not exist.",
    "unreadable": "The file cannot be opened.",
    "yaml": "The file is not well-formed YAML.",
    "yaml-alias": "YAML anchors and aliases are not part of the language.",
    "yaml-tag": "YAML tags are not part of the language.",
}


#: Warnings do not prevent a survey from being served, but deserve attention before fielding.
WARNINGS: dict[str, str] = {
    "always-true": "A condition is always true, or true for everyone who reaches it.",
    "both-directions": "The same labels run from low to high in one scale and from high to low in another.",
    "double-barrelled": "A statement combines two things, and a respondent may agree with only one of them.",
    "effects-together": "The vignettes shown do not tell the effects of two attributes apart.",
    "empty-text": "A condition compares an answer with an empty text.",
    "hidden-unanswered": "A condition with != or not also hides something from those who gave no answer.",
    "identity-risk": "Combined answers may identify individuals at the expected number of respondents.",
    "long-column": "A column's name is too long for Stata or SPSS.",
    "long-text": "A text is too long for a phone.",
    "more-faults": "A file has more faults or warnings than are listed.",
    "many-primary": "An analysis plan has so many primary estimates that the correction for them costs much of their power.",
    "never-declined": "A condition tests for a missing reason that the item does not offer.",
    "never-true": "A condition is never true, so something is never shown.",
    "no-contact": "A survey asks for consent without saying who is responsible and whom to ask.",
    "no-way-out": "A required item that asks for something delicate, or for words, offers no way to decline.",
    "not-anonymous": "A survey that promises anonymity asks who the respondent is.",
    "not-piped": "A text has an item's id in square brackets or after a dollar sign, as other tools pipe answers.",
    "placeholder": "A text looks like a placeholder that nobody has replaced yet.",
    "raw-html": "A text contains HTML, which respondents see as it is written.",
    "reason-as-point": "A point of a scale is a reason for not answering, and would be counted as a value.",
    "same-label": "Two options or statements have the same words.",
    "low-floor": "Everyone can see results of fewer than five people.",
    "selects-on-outcome": "A primary estimate leaves out responses by the answer that it estimates.",
    "sensitive-quota": "A quota depends on a sensitive item.",
    "translation-missing": "A text of the survey is not translated.",
    "translation-stale": "A text of the survey has changed since it was translated, or has other numbers, paragraphs, bullets or links than its translation.",
    "translation-unmarked": "A change of the original would not be noticed in a translation.",
    "unknown-warning": "A comment accepts a warning that does not exist.",
    "weights-not-of-all": "Weights depend on an item that is not asked of everyone.",
    "unlike-parts": "A score combines parts of very different ranges.",
}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong with a survey file. `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    code: str
    what: str
    remedy: str

    def __post_init__(self) -> None:
        if self.code not in CATALOGUE and self.code not in WARNINGS:
            raise KeyError(f"no fault is called {self.code}")

    @property
    def is_warning(self) -> bool:
        return self.code in WARNINGS

    @property
    def severity(self) -> str:
        return severity_of(self.code)

    @property
    def file_name(self) -> str:
        """The file without its folder."""
        return self.file.replace("\\", "/").rpartition("/")[2]


def severity_of(code: str) -> str:
    """error or warning: only an error keeps a survey from being served."""
    return "warning" if code in WARNINGS else "error"


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")


def printable(text: str, longest: int = 300) -> str:
    """A text in one line for a terminal or a log: what would move the cursor or change its colour is replaced."""
    unsafe = ("Cc", "Cs", "Zl", "Zp")
    kept = text[: longest + 1]
    shown = "".join("\ufffd" if unicodedata.category(letter) in unsafe else letter for letter in kept)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def pictured(line: str, column: int, width: int = 100) -> tuple[str, str]:
    """A line of a file and, for the line below it, a caret under a column (from 1).

    Of a line longer than `width` only the part around the column is shown; a tab is shown as an arrow.
    """
    first = max(0, min(column - 1 - width * 2 // 3, len(line) - width))
    part = line[first : first + width]
    before, after = "…" if first else "", "…" if first + width < len(line) else ""
    shown = before + printable(part.replace("\t", "→"), width) + after
    return shown, " " * sum(_columns(letter) for letter in shown[: len(before) + column - 1 - first]) + "^"


def _columns(letter: str) -> int:
    """How many columns of a terminal a letter takes."""
    if unicodedata.combining(letter) or letter in "\u200b\u200c\u200d\ufe0e\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def did_you_mean(word: object, known: Iterable[object]) -> str:
    """`Did you mean "x"?` with the nearest of the known words, or an empty text."""
    names = [str(name) for name in known]
    near = difflib.get_close_matches(str(word), names, n=1, cutoff=0.6)
    return f'Did you mean "{near[0]}"?' if near else ""


def one_of(known: Iterable[object], limit: int = 12) -> str:
    """The known words as a list to choose from, cut short when it is long."""
    names = [str(name) for name in known]
    shown = ", ".join(names[:limit])
    return shown + (f" and {len(names) - limit} more" if len(names) > limit else "")
