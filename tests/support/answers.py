"""Responses for the tests of figures and exports: made up by hand, or drawn by Hypothesis."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from app.catalogue.files import read_file
from app.responses.rows import Row
from app.survey.items.registry import ConstantSum, Date, Matrix, MultipleChoice, Number, Ranking, TextItem
from app.survey.model import Code, Drawn, Instrument, Item
from app.survey.source.reading import read_survey

#: One item of every type, conditions on items and sections, and texts beside options.
EVERY_TYPE = """
title: One of each
scales:
  agreement: {1: Strongly disagree, 2: Disagree, 3: Neither, 4: Agree, 5: Strongly agree}
sections:
  where_you_are:
    items:
      status:
        type: single_choice
        ask: Where are you?
        decline: true
        options:
          practising: In practice
          left: Left
          other: {label: Elsewhere, please_say: true}
      years:
        type: number
        ask: How many years?
        range: [0, 70]
        decline: true
        show_if: status in ["practising", "left"]
  why:
    show_if: status == "left" or years > 30
    items:
      reasons:
        type: multiple_choice
        ask: Why?
        options:
          burnout: Burnout
          visa: Visa
          other: {label: Other, please_say: true}
          nothing: {label: None of these, exclusive: true}
      sure:
        type: rating
        ask: How sure are you?
        scale: agreement
        show_if: has(reasons, "burnout") or years < 5
  how_it_is_seen:
    items:
      intro: {type: note, text: Nearly done.}
      seen:
        type: matrix
        ask: How is one who leaves seen?
        scale: agreement
        statements: {failed: As a failure, grew: As one who grew}
      word: {type: text, ask: In a word?, show_if: mean(seen) > 2}
      more: {type: text, ask: Anything else?, lines: 4}
"""


#: What else the language has: every further type, conditions on options and statements, arms, orders, computed
#: values and scores, vignettes, two languages, screen-outs and quotas.
EVERYTHING = """
title: All of it
scales:
  agreement: {1: Disagree, 2: Neither, 3: Agree}
arms:
  cause: [burnout, family]
compute:
  gap: {label: Years until leaving, value: left_years - trained}
  early: {label: Left early, value: left_years < 5}
  kind: {label: Kind, value: status}
  last_day: {label: The last day, value: day}
scores:
  stigma: {label: Stigma, mean: [seen.failed, seen.grew], reverse: [seen.grew], at_least: 2, to: [0, 100],
           bands: {low: {label: Low, below: 50}, high: High}}
  told: {label: Told, count: [seen]}
screen_out:
  outsiders: {when: status == "outside", text: Thank you.}
  late: {when: trained > 15 and cause == "family"}
quotas:
  leavers: {when: status == "left" and answered(day), most: 3}
sections:
  you:
    items:
      status:
        type: single_choice
        ask: Where are you?
        dont_know: true
        shuffle: {except: [outside]}
        options: {left: Left, stayed: Stayed, outside: {label: Elsewhere, please_say: true}}
      trained: {type: number, ask: "How many years, to the quarter?", range: [0, 20], decimals: 2, unit: years, decline: true}
      left_years: {type: slider, ask: How many years until then?, range: [0, 40]}
      day: {type: date, ask: When?}
      month: {type: date, ask: In which month?, precision: month, not_applicable: true}
  why:
    shuffle: true
    items:
      reasons:
        type: multiple_choice
        ask: Why?
        options:
          pay: Pay
          visa: {label: Visa, show_if: status != "stayed"}
          other: {label: Other, please_say: true, show_if: trained > 2}
      country: {type: dropdown, ask: Which country?, options: {de: Germany, fr: {label: France, show_if: status == "left"}}}
      feels: {type: semantic_differential, ask: How does it feel?, flip: true, points: 5, pairs: {warm: [Cold, Warm], open: [Closed, Open]}}
  weights:
    show_if: count(reasons) > 0 or missing(status)
    items:
      weigh: {type: ranking, ask: Rank them, options_from: reasons where selected, decline: true}
      best: {type: ranking, ask: Which two?, top: 2, options: {pay: Pay, time: Time, rank: Rank}}
      time: {type: constant_sum, ask: How is your week spent?, dont_know: true, options: {clinic: Clinic, desk: {label: Desk, show_if: status == "stayed"}, home: Home}}
      values: {type: best_worst, ask: Which matters?, best: Most, worst: Least, options: {a: A, b: {label: B, show_if: cause == "family"}, c: C}}
  seen:
    show_if: status != "outside"
    items:
      seen:
        type: matrix
        ask: How seen?
        scale: agreement
        shuffle: true
        statements: {failed: {text: Failed, show_if: trained >= 1}, grew: Grew}
      support: {type: matrix, ask: Supported?, statements: {peers: Peers, boss: {text: Boss, show_if: status == "left"}},
                columns: {now: {label: Now, scale: agreement}, then: {label: Then, scale: {1: "No", 2: "Yes"}}}}
      word: {type: text, ask: In a word?, show_if: stigma > 20}
  cases:
    items:
      move:
        type: vignette
        text: "{who} leaves {why}."
        attributes: {who: {doctor: A doctor, nurse: A nurse}, why: {pay: for pay, rest: to rest}}
        each_sees: 2
        blocks: 2
        ratings: {ok: {ask: Is it right?, scale: agreement}, sure: {ask: Sure?, scale: {1: "No", 2: "Yes"}, decline: true}}
  each:
    for_each: reasons
    title: "{entry}"
    items:
      weight: {type: rating, ask: "How much did {entry} weigh?", scale: agreement}
"""


def instrument(source: str = EVERY_TYPE, survey: str = "leaving", **translations: str) -> Instrument:
    """The instrument of a survey's YAML and its translations by language."""
    files = {language: (text.encode(), f"{survey}.{language}.yaml") for language, text in translations.items()}
    found, faults = read_survey(source.encode(), survey, None, files)
    assert found is not None, (faults, source)
    return found


def instrument_of(file: Path) -> Instrument:
    found, faults = read_file(file)
    assert found is not None, faults
    return found


def response_id(number: int) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(str(number).encode()).digest()[:15]).decode().replace("-", "_")


@dataclass
class Given:
    """A response as storage hands it over."""

    id: str
    instrument: str
    seq: int
    disposition: str
    answers: str
    began: date
    completed: date | None
    minutes: int | None
    settled: bool = False


def given_response(
    asked: Instrument,
    number: int,
    answers: dict[str, Any] | None = None,
    disposition: str = "complete",
    seq: int | None = None,
    minutes: int | None = 7,
    day: int = 0,
) -> Given:
    """Response `number`; its id follows from the number. `day` counts from 1 December 2026."""
    when = date(2026, 12, 1) + timedelta(days=day)
    is_complete = disposition == "complete"
    return Given(
        response_id(number), asked.digest, number if seq is None else seq, disposition,
        json.dumps(answers or {}), when, when if is_complete else None, minutes if is_complete else None,
    )  # fmt: skip


def complete_rows(asked: Instrument, numbers: Iterable[int], answers: Callable[[int], dict[str, Any]]) -> list[Row]:
    """Complete responses for `Storage.insert_many`; each one's receipt is stored as "hash" and its number."""
    day = date(2026, 12, 1)
    return [
        Row(response_id(n), asked.survey, asked.digest, 0, "complete", answers(n), day, day, 1, f"hash{n}")
        for n in numbers
    ]


ANY_REASON = ["skipped", "declined", "dont_know", "not_applicable"]
REASON = st.sampled_from(ANY_REASON).map(lambda word: {"missing": word})
#: What one may write: everything that a database can hold, and what a spreadsheet would stumble over.
WORDS = st.one_of(
    st.sampled_from(
        [
            "=1+1",
            "@SUM(A1)",
            "-2",
            "+3",
            "'quoted'",
            '"',
            "a,b",
            "line\nline",
            "\r",
            "\t",
            "שלום",
            "😀",
            "''",
            "=",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
)


def answers_to(asked: Instrument, words: st.SearchStrategy[str] = WORDS) -> st.SearchStrategy[dict[str, Any]]:
    """Any answers that could be stored: some keys left out, some missing for a reason, some off the path."""
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for item in asked.items():
        for name in item.names:
            optional[name] = value_of(item, name, words) | REASON
        for key in item.keys[len(item.names) :]:
            optional[key] = words
    whole = st.fixed_dictionaries(given_to(asked), optional=optional)
    return whole.map(lambda answers: without_half_sums(asked, answers))


def value_of(item: Item, name: str, words: st.SearchStrategy[str] = WORDS) -> st.SearchStrategy[Any]:
    """Any answer to an item, as it is kept under one of its names."""
    codes = [option.code for option in getattr(item, "options", None) or getattr(item, "scale", ())]
    match item:
        case MultipleChoice():
            return st.sets(st.sampled_from(codes)).map(
                lambda chosen: [code for code in codes if code in chosen]
            )
        case Ranking():
            return st.tuples(st.permutations(codes), st.integers(1, item.top)).map(
                lambda drawn: drawn[0][: drawn[1]]
            )
        case Matrix():
            return st.sampled_from([option.code for option in item.answer[name].options])
        case ConstantSum():
            return st.integers(0, item.total)
        case Number(decimals=0):
            return st.integers(int(item.least), int(item.most))
        case Number():
            whole = 10**item.decimals
            return st.integers(int(item.least * whole), int(item.most * whole)).map(lambda n: n / whole)
        case Date():
            length = {"day": 10, "month": 7, "year": 4}[item.precision]
            return st.dates(date(1950, 1, 1), date(2050, 12, 31)).map(lambda day: day.isoformat()[:length])
        case TextItem():
            return words
    return st.sampled_from(codes)


def without_half_sums(asked: Instrument, answers: dict[str, Any]) -> dict[str, Any]:
    """The parts of a sum are answered together or not at all."""
    for item in asked.items():
        if isinstance(item, ConstantSum) and not all(
            isinstance(answers.get(name), int) for name in item.names
        ):
            for name in item.names:
                answers.pop(name, None)
    return answers


def given_to(asked: Instrument) -> dict[str, st.SearchStrategy[Any]]:
    """Anything that a response could have been given when it began."""
    given = {drawn.name: drawn_for(drawn) for drawn in asked.drawn}
    if len(asked.languages) > 1:
        given["language"] = st.sampled_from(asked.languages)
    if asked.uses_today:
        given["today"] = st.just("2026-11-22")
    return given


def drawn_for(drawn: Drawn) -> st.SearchStrategy[Any]:
    if drawn.kind == "choice":
        return st.sampled_from([option.code for option in drawn.options])
    if drawn.kind == "number":
        return st.integers(1, 9)
    if drawn.name.endswith("~poles"):
        return st.sets(st.sampled_from(drawn.whole)).map(sorted)
    return st.permutations(drawn.moving).map(lambda moved: in_order(drawn, moved))


def in_order(drawn: Drawn, moved: Sequence[Code]) -> list[Code]:
    """All that stands there, with what moves in another order."""
    following = iter(moved)
    return [next(following) if code in drawn.moving else code for code in drawn.whole]


DISPOSITIONS = st.sampled_from(["open", "complete", "complete", "screened_out"])
