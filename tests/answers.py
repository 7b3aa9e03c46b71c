"""Responses for the tests of figures and exports: made up by hand, or drawn by Hypothesis."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from app.instrument import read_survey
from app.instrument.model import Instrument

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


def instrument(source: str = EVERY_TYPE, survey: str = "leaving") -> Instrument:
    read, faults = read_survey(source.encode(), survey)
    assert read is not None, faults
    return read


def response_id(number: int) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(str(number).encode()).digest()[:15]).decode()


@dataclass
class Given:
    """A response as storage hands it over."""

    id: str
    instrument: str
    seq: int
    disposition: str
    answers: str
    began: date
    submitted: date | None
    minutes: int | None


def given_response(
    asked: Instrument,
    number: int,
    answers: dict[str, Any] | None = None,
    disposition: str = "submitted",
    seq: int | None = None,
    minutes: int | None = 7,
    day: int = 0,
) -> Given:
    """Response `number`; its id follows from the number. `day` counts from 1 December 2026."""
    when = date(2026, 12, 1) + timedelta(days=day)
    submitted = disposition == "submitted"
    return Given(
        response_id(number), asked.digest, number if seq is None else seq, disposition,
        json.dumps(answers or {}), when, when if submitted else None, minutes if submitted else None,
    )  # fmt: skip


REASON = st.sampled_from(["skipped", "declined", "dont_know", "not_applicable"]).map(
    lambda word: {"missing": word}
)
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
        codes = [option.code for option in getattr(item, "options", None) or getattr(item, "scale", ())]
        match item.type:
            case "single_choice" | "rating" | "matrix":
                value: st.SearchStrategy[Any] = st.sampled_from(codes)
            case "multiple_choice":
                value = st.sets(st.sampled_from(codes)).map(
                    lambda chosen, codes=codes: [c for c in codes if c in chosen]
                )
            case "number":
                value = st.integers(item.least, item.most)
            case _:
                value = words
        for name in item.names:
            optional[name] = value | REASON
        for option in getattr(item, "options", ()):
            if option.please_say:
                optional[f"{item.id}.{option.code}"] = words
    return st.fixed_dictionaries({}, optional=optional)


DISPOSITIONS = st.sampled_from(["open", "submitted", "submitted"])
