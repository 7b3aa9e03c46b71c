"""A survey to preview, with its translation."""

from __future__ import annotations

SURVEY = """
title: Draft
languages: [en, de]
opens: 2099-01-01
arms: {cause: {burnout: Burnout, family: Family}}
compute:
  long: {label: Long, value: years > 10}
scores:
  stigma: {label: Stigma, mean: [seen.a, seen.b], bands: {low: {label: Low, below: 3}, high: High}}
quotas:
  lefties: {when: status == "left", most: 5, text: Enough of those who left.}
sections:
  one:
    shuffle: {except: [status]}
    items:
      status: {type: single_choice, ask: "Status, {cause}", options: {inside: Inside, left: Left <b>}}
      years: {type: number, ask: Years, range: [0, 70], show_if: status == "left" and cause == "family"}
      born: {type: date, precision: year, ask: Born, latest: today}
  two:
    show_if: status == "left" or years > 5
    items:
      seen: {type: matrix, ask: Seen, scale: {1: Low, 5: High}, statements: {a: A, b: B}}
  three:
    items:
      words: {type: text, ask: Words}
"""

GERMAN = "title: Entwurf\nsections: {one: {items: {status: {ask: Lage}}}}\n"
