"""A respondent in a real browser, before a real server: every way of going through, and of being interrupted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browsing import Visitor, answer, control, fill, overflow, press, rows, walk
from tests.served import Server

FLAGSHIP = Path(__file__).parent.parent / "surveys" / "leaving-clinical-practice.yaml"
LEAVING = """
title: Leaving
description: How it is seen.
consent: Taking part is **voluntary**.
thanks: Every view helps.
results: {show_to: respondents}
scales:
  amount: {1: Not at all, 2: A little, 3: Somewhat, 4: Largely, 5: Completely}
sections:
  now:
    title: Where you are now
    items:
      meaning: {type: note, text: "*Leaving* means to stop caring for patients."}
      status:
        type: single_choice
        ask: Which describes you best?
        hint: If two fit, choose one.
        required: true
        options: {practising: In practice, left: Left, other: {label: Something else, please_say: true}}
      years: {type: number, ask: For how many years?, range: [0, 70], unit: years, decline: true, show_if: status == "left"}
      long: {type: text, ask: What kept you so long?, max_length: 40, show_if: years >= 10}
  why:
    title: Reasons
    show_if: status != "practising"
    items:
      reasons:
        type: multiple_choice
        ask: Why, after {years} years?
        decline: true
        options:
          burnout: Burnout
          visa: Visa rules
          other: {label: Something else, please_say: true}
          none_of: {label: None of these, exclusive: true}
      heaviest: {type: single_choice, ask: Which weighs most?, show_if: count(reasons) > 1, options: {burnout: Burnout, visa: Visa rules, other: Something else}}
  seen:
    title: How it is seen
    items:
      look: {type: matrix, ask: How far are they seen as someone who …, scale: amount, decline: true, statements: {failed: has failed, grew: has grown}}
      sound: {type: rating, ask: Poor or sound judgement?, scale: {1: Poor, 2: null, 3: null, 4: null, 5: null, 6: null, 7: Sound}}
      identity: {type: rating, ask: How much of you is a doctor?, scale: amount}
  last:
    title: In your words
    items:
      words: {type: text, ask: What else would you say?, lines: 4}
"""
ARABIC = """
title: ترك العمل السريري
languages: [ar]
sections:
  now:
    title: أين أنت الآن
    items:
      status:
        type: single_choice
        ask: أيّ هذه يصفك اليوم؟
        required: true
        options: {practising: أعمل في العيادة, left: تركت العيادة, other: {label: غير ذلك, please_say: true}}
      seen: {type: matrix, ask: كيف يُنظر إلى من يترك؟, scale: {1: فشل, 2: بين بين, 3: نموّ}, statements: {peers: زملائي, family: أهلي}}
      sound: {type: rating, ask: حكم سيّئ أم سليم؟, scale: {1: سيّئ, 2: null, 3: null, 4: null, 5: سليم}}
  last:
    title: بكلماتك
    items:
      words: {type: text, ask: "ماذا تريد أن تقول ({status})؟", lines: 3}
"""
ANSWERS = {
    "status": "left", "years": 12, "long": "Habit & <hope>", "reasons": ["burnout", "other"], "reasons.other": "=1+1 👩‍⚕️",
    "heaviest": "burnout", "look.failed": 2, "look.grew": 4, "sound": 6, "identity": 3, "words": "Relief,\nand grief.",
}  # fmt: skip
WAYS = {
    "with the script": {},
    "without the script": {"java_script_enabled": False},
    "on a narrow phone": {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True},
    "at 400 % zoom": {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 4},
    "in forced colours": {"forced_colors": "active"},
    "in the dark": {"color_scheme": "dark", "reduced_motion": "reduce"},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("journeys")
    (folder / "surveys").mkdir()
    (folder / "surveys" / "leaving.yaml").write_text(LEAVING, encoding="utf-8")
    (folder / "surveys" / "arabic.yaml").write_text(ARABIC, encoding="utf-8")
    (folder / "surveys" / FLAGSHIP.name).write_bytes(FLAGSHIP.read_bytes())
    with Server(folder) as running:
        running.address()
        yield running


def receipt(page) -> str:
    assert page.url.endswith("/done")
    return page.locator("#receipt").inner_text()


@pytest.mark.parametrize("way", WAYS)
def test_every_type_of_item_is_answered_and_kept(server, visiting, way):
    visitor = visiting(server.base, **WAYS[way])
    page = visitor.begin("leaving")
    assert walk(page, ANSWERS) == ["now", "why", "seen", "last"]
    press(page)
    assert len(receipt(page)) == 19 and overflow(page) == 0
    assert visitor.kept(server, "leaving") == ("submitted", ANSWERS)
