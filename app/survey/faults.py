"""What can be wrong with a survey: every fault has a stable code, a place, and a remedy."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

#: Every code that `opinion check` can print, with what it stands for.
CATALOGUE = {
    "bad-check": "A check does not speak of the item that it stands at.",
    "bad-condition": "A condition cannot be read.",
    "bad-date": "A date is not written YYYY-MM-DD, or does not exist.",
    "bad-dates": "A survey closes before it opens.",
    "bad-time-zone": "`time_zone` is not a name from the IANA's database.",
    "bad-file-name": "The file's name cannot serve as the survey's id.",
    "bad-for-each": "A section is to be asked for each of what has no options, or comes later.",
    "bad-id": "An id or a code is not made of small letters, digits and underscores.",
    "bad-language": "A language is not a code such as en or de.",
    "bad-options-from": "Options are taken from an item that has none, or comes later.",
    "bad-pattern": "A pattern is no regular expression, or does not fit its example.",
    "bad-piping": "Curly braces in a text do not name an item.",
    "bad-roster": "A roster names its entries by an item that it does not ask.",
    "bad-score": "A score is not made in one way, from parts that are numbers.",
    "bad-shuffle": "What is to be shuffled is not there, must stay in order, or depends on one another.",
    "bad-value": "A value is outside what its key allows.",
    "bad-vignette": "A vignette's attributes, ratings or numbers cannot make a design.",
    "circle": "Computed values or scores rest on one another in a circle.",
    "condition-asked-later": "A condition speaks of an item that comes later.",
    "condition-not-true-or-false": "A condition gives a value where it must be true or false.",
    "condition-precision": "A condition compares dates of different precision, or asks for the month of a year.",
    "condition-types": "A condition compares or combines things that do not go together.",
    "condition-unknown-function": "A condition calls a function that does not exist.",
    "condition-unknown-name": "A condition speaks of an item that does not exist.",
    "condition-unknown-option": "A condition names an option that the item does not have.",
    "cut-text": "A # cuts a text short: what follows it is a comment.",
    "duplicate-column": "Two things would have the same column in the data.",
    "duplicate-id": "Two items of a survey have the same id.",
    "duplicate-key": "A key stands twice in the same mapping.",
    "empty-key": "A key that may be left out is there with nothing after it.",
    "empty-file": "The file holds nothing.",
    "ends-everyone": "A screen-out holds before anything is answered.",
    "missing-key": "A key that must be there is not.",
    "not-a-list": "Something else stands where a list belongs.",
    "not-a-mapping": "A list or a plain value stands where `key: value` lines belong.",
    "not-a-number": "Something else stands where a whole number belongs.",
    "not-text": "Something else stands where a text belongs.",
    "not-true-or-false": "Something else stands where true or false belongs.",
    "not-utf8": "The file is not UTF-8 text.",
    "not-yet": "The language has this, but this version of the service does not.",
    "piping-asked-later": "A text pipes the answer of an item that does not come before its page.",
    "piping-unknown-name": "A text pipes the answer of an item that does not exist.",
    "reserved-id": "An id is a word that conditions or addresses need for themselves.",
    "too-deep": "The file is nested too deeply.",
    "too-few": "There is not enough of something: sections, items, options or statements.",
    "too-large": "The file, or one of its texts or lists, is too large.",
    "translation-not-declared": "A file holds a translation into a language that the survey does not name.",
    "translation-not-there": "A language that the survey names has no file.",
    "translation-superfluous": "A translation holds what the survey does not have, or what is no text.",
    "translation-without-survey": "A file holds a translation, and its survey is not beside it.",
    "twin-files": "Two files differ only in their ending, .yaml and .yml.",
    "unknown-key": "A key is not part of the language.",
    "unknown-scale": "A scale is named that the survey does not define.",
    "unknown-type": "An item's type does not exist.",
    "unreadable": "The file cannot be opened.",
    "yaml": "The file is not well-formed YAML.",
    "yaml-alias": "YAML anchors and aliases are not part of the language.",
    "yaml-tag": "YAML tags are not part of the language.",
}


#: What does not stop a survey from being served, but is worth a look before anybody is asked.
WARNINGS: dict[str, str] = {
    "always-true": "A condition holds whatever is answered, or for all who come to it.",
    "both-directions": "The same labels run from low to high in one scale and from high to low in another.",
    "double-barrelled": "A statement joins two things, of which someone may agree with one.",
    "hidden-unanswered": "A condition asks for another answer, and so hides from those who gave none.",
    "identity-risk": "Answers that together can single people out at the expected number of respondents.",
    "long-text": "A text is long for a phone.",
    "more-faults": "A file has more faults or warnings than are listed.",
    "never-declined": "A condition asks for a reason that the item does not offer.",
    "never-true": "A condition cannot hold, so that something is never shown.",
    "no-way-out": "An item must be answered and offers no way not to.",
    "not-anonymous": "A survey that is called anonymous asks who somebody is.",
    "translation-missing": "A text of the survey is not translated.",
    "translation-stale": "A text of the survey has changed since it was translated.",
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
