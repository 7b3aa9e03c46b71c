"""A section's page: what is escaped, what is filled in, and that nothing of one respondent reaches the next."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given
from markupsafe import escape

from app.interview.questionnaire import Questionnaire
from app.interview.rendering.pages import compile_page
from app.interview.rendering.state import PageState
from app.survey.source.reading import read_survey
from app.web.http.templates import direction, environment
from tests.support.html import Tags
from tests.support.paths import walk
from tests.support.surveys import instruments

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
PAGES = environment(TEMPLATES)

SURVEY = """
title: Leaving
privacy: anonymous
scales:
  amount: {1: Not at all, 2: A little, 3: Somewhat}
sections:
  now:
    title: Now
    items:
      status:
        type: single_choice
        ask: Which describes you?
        hint: If two fit, choose one.
        required: true
        options: {practising: In practice, left: Left, other: {label: Other, please_say: true}}
      reasons:
        type: multiple_choice
        ask: Why?
        decline: true
        options: {burnout: Burnout, visa: Visa, none_of: {label: None of these, exclusive: true}}
      years:
        type: number
        ask: How many years?
        range: [0, 70]
        show_if: status == "left"
        decline: true
  seen:
    title: After {years} years
    items:
      look:
        type: matrix
        ask: "You said {status}, {status}. How are they seen?"
        scale: amount
        statements: {failed: As failing, grew: As growing}
      sound:
        type: rating
        ask: Poor or sound?
        scale: {1: Poor, 2: null, 3: null, 4: null, 5: Sound}
      word: {type: text, ask: One word, max_length: 30, show_if: look.failed > 1 and years > 3}
      words: {type: text, ask: In your words, lines: 4}
"""


def instrument(source: str = SURVEY):
    made, faults = read_survey(source.encode(), "leaving")
    assert not [fault for fault in faults if fault.code != "raw-html"]
    return made


LEAVING = instrument()
NOW, SEEN = (compile_page(PAGES, LEAVING, section, place) for place, section in enumerate(LEAVING.sections))


def checked(page: bytes) -> list[tuple[str, str]]:
    return [(one["name"], one["value"]) for one in Tags(page).all("input") if "checked" in one]


HOSTILE = [
    "<script>alert(1)</script>",
    "\" onfocus='alert(1)' x=\"",
    "</textarea></title><b>",
    "&amp; &lt; {{ 7 * 7 }} {% raw %}",
    "\u202eright to left \u05d0\u05d1\u0627",
    "🩺👩🏽‍⚕️",
    "\x02deadbeef:1\x03",
    "\ud800 alone",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_typed_comes_back_as_text_only(text):
    page = SEEN.fill(PageState(token="t", values={"words": [text], "word": [text]}, visible={"word"}))
    tags = Tags(page)
    shown = text.replace("\ud800", "?")
    assert tags.one("input", name="word")["value"] == shown
    assert shown in tags.text
    assert [tag for tag, _ in tags.tags] == [tag for tag, _ in Tags(SEEN.fill(PageState(token="t"))).tags]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_piped_answer_is_text_and_keeps_its_direction_to_itself(text):
    page = SEEN.fill(PageState(token="t", piped={"status": text, "years": text}))
    shown = text.replace("\ud800", "?")
    assert Tags(page).text.count(shown) == 4 and f"<title>After \u2068{escape(shown)}\u2069" in page.decode()
    assert len(Tags(page).all("bdi")) == 3
    assert len(Tags(page).all("script")) == 2  # our own


@pytest.mark.parametrize("text", HOSTILE)
def test_known_answers_token_back_link_and_messages_are_escaped(text):
    page = SEEN.fill(PageState(
        token=text,
        back=f"/s/{text}",
        known={"years": text.replace("\ud800", "")},
        problems=[("word", "word", text)],
        asked=[text],
    ))
    tags = Tags(page)
    shown = text.replace("\ud800", "?")
    assert tags.one("input", name="token")["value"] == shown
    assert tags.one("a", class_="back")["href"] == f"/s/{shown}"
    assert tags.one("input", name="asked")["value"] == shown
    usual = Tags(SEEN.fill(PageState(token="t", back="/", problems=[("word", "word", "x")], asked=["word"])))
    assert [tag for tag, _ in tags.tags] == [tag for tag, _ in usual.tags]


def test_a_missing_pipe_leaves_a_visible_gap():
    assert "After … years" in Tags(SEEN.fill(PageState(token="t"))).text


def test_values_are_shown_where_they_belong():
    page = NOW.fill(PageState(
        token="t",
        values={
            "status": ["other"],
            "status.other": ["On a sabbatical"],
            "reasons": ["burnout", "visa"],
            "years": ["12"],
            "token": ["forged"],
            "no_such": ["x"],
        },
        visible={"years"},
    ))
    assert checked(page) == [("status", "other"), ("reasons", "burnout"), ("reasons", "visa")]
    assert Tags(page).one("input", name="status.other")["value"] == "On a sabbatical"
    assert Tags(page).one("input", name="years")["value"] == "12"
    assert Tags(page).one("input", name="token")["value"] == "t"


def test_declining_is_shown_as_it_was_sent():
    page = NOW.fill(PageState(token="t", values={"reasons": ["~declined"], "years~": ["~declined"]}))
    assert checked(page) == [("reasons", "~declined"), ("years~", "~declined")]


def test_a_statement_and_a_point_of_a_scale_are_checked():
    page = SEEN.fill(PageState(token="t", values={"look.grew": ["3"], "sound": ["5"], "look.failed": ["99"]}))
    assert checked(page) == [("look.grew", "3"), ("sound", "5")]


def test_nothing_of_one_respondent_reaches_the_next():
    empty = SEEN.fill(PageState(token="t"))
    full = SEEN.fill(PageState(
        token="secret",
        values={"look.failed": ["2"], "words": ["private"], "word": ["private"]},
        visible={"word"},
        known={"years": 41},
        piped={"status": "private", "years": "41"},
        back="/private",
        progress=(7, 9, 9),
        problems=[("words", "words", "private"), ("nowhere", "nowhere", "private")],
        reminders=[("sound", "sound", "private")],
        asked=["sound"],
    ))
    assert full != empty
    assert SEEN.fill(PageState(token="t")) == empty


def test_every_hole_is_filled_or_empty():
    for template in (NOW, SEEN):
        for problems in ((), [("status", "status", "Choose."), ("look", "look", "Choose.")]):
            page = template.fill(PageState(token="t", problems=problems, asked=["years"], back="/x")).decode()
            assert "\x02" not in page and "\x03" not in page and LEAVING.digest not in page


def test_a_survey_cannot_write_a_mark_of_ours():
    source = SURVEY.replace("One word", '"\\\\x02\\\\x03 One word"')
    assert b"One word" in compile_page(PAGES, instrument(source), instrument(source).sections[1], 1).fill(PageState(
        token="t"
    ))


def test_conditional_items_are_hidden_and_disabled_unless_visible():
    def fieldset(page):
        return Tags(page).one("fieldset", id="i-word")

    assert {"hidden", "disabled"} <= set(fieldset(SEEN.fill(PageState(token="t"))))
    assert not {"hidden", "disabled"} & set(fieldset(SEEN.fill(PageState(token="t", visible={"word"}))))
    assert '["get","look.failed"]' in fieldset(SEEN.fill(PageState(token="t")))["data-if"]


def test_the_browser_gets_only_those_earlier_answers_that_the_page_needs():
    page = SEEN.fill(PageState(token="t", known={"years": 12, "status": "left", "word": "x"}))
    assert Tags(page).one("form")["data-known"] == '{"years":12}'
    assert "data-known" not in Tags(NOW.fill(PageState(token="t", known={"years": 12}))).one("form")


def test_every_item_says_that_it_was_shown_from_within_its_fieldset():
    page = SEEN.fill(PageState(token="t")).decode()
    fieldsets = re.findall(r'<fieldset[^>]*id="i-(\w+)".*?</fieldset>', page, re.S)
    shown = re.findall(r'<fieldset.*?name="shown" value="(\w+)".*?</fieldset>', page, re.S)
    assert fieldsets == shown == ["look", "sound", "word", "words"]


def test_a_problem_is_named_in_title_summary_and_beside_its_field():
    page = NOW.fill(PageState(token="t", problems=[("years", "years", "Enter a number.")], visible={"years"}))
    tags = Tags(page)
    assert b"<title>Error: Now" in page
    assert tags.one("div", role="alert")["tabindex"] == "-1"
    assert tags.one("a", href="#q-years")
    field = tags.one("input", name="years")
    assert (field["id"], field["aria-invalid"]) == ("q-years", "true")
    assert field["aria-describedby"].split()[-1] == tags.one("p", class_="error")["id"] == "e-years"
    assert "How many years?" in tags.text.split("Enter a number.")[1][:40]


def test_a_group_is_described_by_hint_and_message():
    tags = Tags(NOW.fill(PageState(token="t", problems=[("status", "status", "Choose an answer.")])))
    group = tags.one("fieldset", id="i-status")
    assert group["aria-describedby"] == "h-status e-status" and group["aria-invalid"] == "true"
    assert tags.one("a", href="#q-status") and tags.one("input", id="q-status")["value"] == "practising"


def test_a_statement_and_a_whole_matrix_can_have_problems():
    tags = Tags(
        SEEN.fill(PageState(token="t", problems=[("look.grew", "look", "Choose."), ("look", "look", "Look again.")]))
    )
    assert tags.one("a", href="#q-look.grew") and tags.one("input", id="q-look.grew")
    assert tags.one("a", href="#q-look.failed") and tags.one("input", id="q-look.failed")
    assert {attrs["id"] for attrs in tags.all("p", class_="error")} == {"e-look", "e-look.grew"}


def test_several_problems_of_one_field_share_its_message():
    tags = Tags(SEEN.fill(PageState(token="t", problems=[("words", "words", "First."), ("words", "words", "Second.")])))
    assert len(tags.all("p", class_="error")) == 1
    assert "First. Second." in tags.text


def test_a_problem_of_an_unknown_field_still_stands_in_the_summary():
    page = NOW.fill(PageState(token="t", problems=[("gone", "gone", "It has gone.")]))
    assert [link.get("class") for link in Tags(page).all("a", href="#main")] == ["skip", None]
    assert b"It has gone." in page


def test_beside_a_problem_what_was_left_empty_is_listed_once_with_one_sentence():
    left = "An answer is missing here. Answer if you like, or continue without."
    page = SEEN.fill(PageState(
        token="t", problems=[("look", "look", "Choose.")], reminders=[("sound", "sound", left), ("words", "words", left)]
    ))
    summary = page.decode().split('class="summary"')[1].split("<h1>")[0]
    assert left not in summary and summary.count("You have not answered this yet:") == 1
    assert 'href="#q-sound"' in summary and 'href="#q-words"' in summary


def test_a_reminder_is_not_called_an_error():
    page = SEEN.fill(PageState(
        token="t", reminders=[("sound", "sound", "You have not answered this.")], asked=["sound"]
    ))
    tags = Tags(page)
    assert b"Error" not in page and b"aria-invalid" not in page
    assert tags.one("a", href="#q-sound") and tags.one("p", class_="reminder")["id"] == "e-sound"
    assert tags.one("input", name="asked")["value"] == "sound"


def test_progress_is_text_and_bar():
    tags = Tags(NOW.fill(PageState(token="t", progress=(3, 5, 8))))
    assert "Part 3 of at least 5" in tags.text
    assert (tags.one("progress")["value"], tags.one("progress")["max"]) == ("3", "8")
    assert "Part 2 of 2" in Tags(SEEN.fill(PageState(token="t"))).text


def test_every_control_has_a_name_for_a_screen_reader_and_ids_are_unique():
    for page in (NOW.fill(PageState(token="t")), SEEN.fill(PageState(token="t"))):
        tags = Tags(page)
        ids = [attrs["id"] for _, attrs in tags.tags if "id" in attrs]
        assert len(ids) == len(set(ids))
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            for _, attrs in tags.tags:
                assert set((attrs.get(attribute) or "").split()) <= set(ids)


def test_what_is_required_is_said_where_it_is_rare():
    assert "Which describes you? (required)" in Tags(NOW.fill(PageState(token="t"))).text
    assert "(required)" not in Tags(SEEN.fill(PageState(token="t"))).text
    mostly = instrument(SURVEY.replace("ask: Why?", "ask: Why?\n        required: true"))
    text = Tags(compile_page(PAGES, mostly, mostly.sections[0], 0).fill(PageState(token="t"))).text
    assert "(required)" not in text and "How many years? (optional)" in text


def test_a_scale_with_words_only_at_its_ends_is_a_row_of_numbers():
    tags = Tags(SEEN.fill(PageState(token="t")))
    assert [len(tags.all("div", class_="row")), len(tags.all("div", class_="options joined across"))] == [1, 2]


def test_a_language_written_from_right_to_left_turns_the_page():
    arabic = dataclasses.replace(LEAVING, language="ar-EG")
    page = compile_page(PAGES, arabic, arabic.sections[0], 0).fill(PageState(token="t"))
    assert Tags(page).one("html") == {"lang": "ar-EG", "dir": "rtl"}
    assert direction("en") == direction("de-AT") == "ltr"


def test_markdown_of_the_survey_stands_and_its_html_does_not():
    source = SURVEY.replace("ask: Why?", 'ask: "*Why* <b onclick=x>now</b> & then?"')
    made = instrument(source)
    page = compile_page(PAGES, made, made.sections[0], 0).fill(PageState(token="t"))
    assert b"<em>Why</em> &lt;b onclick=x&gt;now&lt;/b&gt; &amp; then?" in page


# --- orders, what is hidden, doubts ------------------------------------------------------------------------

MOVING = """
title: Moving
sections:
  now:
    title: Now
    shuffle: true
    items:
      told:
        type: single_choice
        ask: Whom did you tell?
        shuffle: true
        options:
          kin: Family
          friends: Friends
          peers: Colleagues
          boss: {label: The boss, hint: Of the department.}
      feels:
        type: semantic_differential
        ask: Leaving is
        points: 5
        flip: true
        shuffle: true
        pairs: {warm: [Cold, Warm], strong: [Weak, Strong]}
"""
PARTS = """
title: Parts
sections:
  before:
    items:
      years: {type: number, ask: How many?, range: [0, 70]}
  now:
    title: Now
    items:
      weigh:
        type: ranking
        ask: What weighs?
        options: {pay: {label: Pay, show_if: years > 3}, visa: {label: Visa, show_if: years > 5}, rota: {label: Rota, show_if: years > 9}}
      told:
        type: single_choice
        ask: Whom?
        decline: I keep that to *myself*
        dont_know: true
        options:
          near: {group: Near, options: {kin: {label: Family, show_if: years > 3}, friends: {label: Friends, show_if: years > 5}}}
          no_one: No one
      country:
        type: dropdown
        ask: Where from?
        options:
          eu: {group: Europe, options: {de: {label: Germany, show_if: years > 3}}}
          other: "Elsewhere, after {years} years"
      born: {type: date, ask: When?, latest: 2020-12-31}
"""


def page_of(source: str, section: str):
    made = instrument(source)
    place = [one.id for one in made.sections].index(section)
    return compile_page(PAGES, made, made.sections[place], place)


MIXED, SOME = page_of(MOVING, "now"), page_of(PARTS, "now")


def ids(page: bytes, *starts: str) -> list[str]:
    """The ids of a page that begin so, in order."""
    return [
        attrs["id"]
        for _, attrs in Tags(page).tags
        if attrs.get("id", "").startswith(starts) and "id" in attrs
    ]


def values(page: bytes, name: str) -> list[str | None]:
    return [one["value"] for one in Tags(page).all("input", name=name)]


def test_items_options_and_pairs_stand_in_the_order_drawn():
    page = MIXED.fill(PageState(
        token="t",
        orders={
            "section.now": ["feels", "told"],
            "told": ["boss", "peers", "friends", "kin"],
            "feels": ["strong", "warm"],
        },
    ))
    assert ids(page, "i-") == ["i-feels", "i-told"]
    assert values(page, "told") == ["boss", "peers", "friends", "kin"]
    assert [id for id in ids(page, "a-") if "." in id] == ["a-feels.strong", "a-feels.warm"]


def test_without_an_order_all_stands_as_written():
    assert MIXED.fill(PageState(token="t", orders={})) == MIXED.fill(PageState(token="t"))
    assert values(MIXED.fill(PageState(token="t")), "told") == ["kin", "friends", "peers", "boss"]


def test_a_pair_whose_poles_are_exchanged_is_read_backwards():
    page = MIXED.fill(PageState(token="t", backwards=["feels.warm"], values={"feels.warm": ["2"]}))
    assert values(page, "feels.warm") == ["5", "4", "3", "2", "1"]
    assert values(page, "feels.strong") == ["1", "2", "3", "4", "5"]
    assert [id for id in ids(page, "a-", "b-") if "." in id] == [
        "b-feels.warm", "a-feels.warm", "a-feels.strong", "b-feels.strong",
    ]  # fmt: skip
    assert checked(page) == [("feels.warm", "2")]
    text = re.sub(r"\s+", " ", Tags(page).text)
    assert "Warm Warm, 2 of 2 Warm, 1 of 2 in the middle Cold, 1 of 2 Cold, 2 of 2 Cold" in text


FLIPPED = """
title: Direction
arms: {direction: [written, reversed]}
scales:
  amount: {1: Not at all, 2: A little, 3: A lot, flip: direction == "reversed"}
sections:
  one:
    items:
      own: {type: rating, ask: How much?, scale: amount, decline: true}
      seen: {type: matrix, ask: How much each?, scale: amount, statements: {a: A, b: B}}
      ends: {type: rating, ask: Where?, scale: {1: Bad, 2: null, 3: null, 4: null, 5: Good, flip: direction == "reversed"}}
      both: {type: matrix, ask: Had and needed?, columns: {had: {label: Had, scale: amount}, needed: {label: Needed, scale: amount}}, statements: {c: C}}
      fixed: {type: rating, ask: How often?, scale: {1: Never, 2: Often}}
  cases:
    items:
      move: {type: vignette, text: "{who} leaves.", attributes: {who: {doctor: A doctor, nurse: A nurse}}, design: full, ratings: {ok: {ask: How much?, scale: amount}}}
"""


def test_a_scale_is_shown_in_the_reverse_order_where_its_arm_says_so():
    asked = Questionnaire(PAGES, instrument(FLIPPED))

    def shown(arm: str, section: str = "one") -> Tags:
        path = walk(asked.instrument, {"direction": arm, "own": 3, "seen.a": 1})
        return Tags(asked.page("t", path, path.step(section), None))

    def words(page: Tags) -> str:
        return " ".join(page.text.split())

    written, turned = shown("written"), shown("reversed")
    for field, codes in (("own", "123~"), ("seen.a", "123"), ("ends", "12345"), ("both.c_needed", "123"), ("fixed", "12")):
        order = [one["value"][:1] for one in written.all("input", name=field)]
        assert order == list(codes)
        wanted = order if field == "fixed" else [*order[len(codes.rstrip("~")) - 1 :: -1], *order[len(codes.rstrip("~")) :]]
        assert [one["value"][:1] for one in turned.all("input", name=field)] == wanted
    for page in (written, turned):
        chosen = [(one["name"], one["value"]) for one in page.all("input") if "checked" in one]
        assert sorted(chosen) == [("own", "3"), ("seen.a", "1")]
    ends = [[one["data-code"] for one in page.all("span") if "data-code" in one] for page in (written, turned)]
    assert ends == [["1", "3", "5"], ["5", "3", "1"]]
    assert "Not at allA littleA lot" in words(written) and "A lotA littleNot at all" in words(turned)  # heads
    assert [one["value"] for one in shown("reversed", "cases_1").all("input", name="move_ok_1")] == ["3", "2", "1"]


def test_an_order_moves_whole_pages_and_loses_nothing():
    written = MIXED.fill(PageState(token="t")).split(b"\n")
    moved = MIXED.fill(PageState(
        token="t",
        orders={"section.now": ["feels", "told"], "told": ["boss", "peers", "kin", "friends"]},
        backwards=["feels.strong"],
    ))
    assert sorted(filter(None, moved.replace(b"><", b">\n<").split(b"\n"))) == sorted(
        filter(None, b"\n".join(written).replace(b"><", b">\n<").split(b"\n"))
    )


def test_the_summary_leads_to_the_first_control_that_is_to_be_seen():
    wrong = [("told", "told", "Choose an answer."), ("feels.warm", "feels", "Choose an answer.")]
    page = MIXED.fill(PageState(
        token="t",
        problems=wrong,
        orders={"told": ["boss", "peers", "kin", "friends"]},
        backwards=["feels.warm"],
    ))
    assert Tags(page).one("a", href="#q-told-4") and Tags(page).one("a", href="#q-feels.warm-5")
    page = SOME.fill(PageState(
        token="t", problems=[("weigh", "weigh", "Give each place.")], off={"weigh.pay"}, visible={"weigh"}
    ))
    assert Tags(page).one("a", href="#q-weigh.visa")


def test_options_that_are_off_are_hidden_and_disabled_and_so_is_an_empty_heading():
    def states(**given):
        tags = Tags(SOME.fill(PageState(token="t", visible={"weigh"}, **given)))
        parts = [one for one in tags.all("fieldset", class_="part") if "data-if" in one]
        return [sum({"hidden", "disabled"} <= set(one) for one in found) for found in (parts, tags.all("option"))], (
            ["hidden" in one for one in tags.all("div", class_="group")], ["hidden" in one for one in tags.all("optgroup")],
        )  # fmt: skip

    assert states() == ([0, 0], ([False], [False]))
    assert states(off={"told.kin", "weigh.pay"}) == ([2, 0], ([False], [False]))
    assert states(off={"told.kin", "told.friends", "country.de"}) == ([2, 1], ([True], [True]))


def test_an_item_is_hidden_with_the_last_of_its_options():
    assert "hidden" in Tags(SOME.fill(PageState(token="t"))).one("fieldset", id="i-weigh")
    assert "hidden" not in Tags(SOME.fill(PageState(token="t", visible={"weigh"}))).one("fieldset", id="i-weigh")


def test_every_option_that_may_come_says_that_it_was_shown():
    page = SOME.fill(PageState(token="t")).decode()
    said = re.findall(r'<fieldset class="part"[^>]*><input type="hidden" name="shown" value="([^"]*)"', page)
    assert said == ["weigh.pay", "weigh.visa", "weigh.rota", "told.kin", "told.friends"]


def test_reasons_for_not_answering_stand_in_their_order_in_the_researcher_s_words():
    page = SOME.fill(PageState(token="t", values={"told": ["~declined"]}))
    assert values(page, "told") == ["kin", "friends", "no_one", "~dont_know", "~declined"]
    assert b"<span>I keep that to <em>myself</em></span>" in page and "Don’t know" in Tags(page).text
    assert checked(page) == [("told", "~declined")]


def test_a_dropdown_takes_an_answer_and_pipes_where_no_element_may_stand():
    page = SOME.fill(PageState(token="t", values={"country": ["other"]}, piped={"years": "<b>12"}))
    assert (
        '<option value="other" selected>Elsewhere, after \u2068&lt;b&gt;12\u2069 years</option>'
        in page.decode()
    )


def test_what_a_problem_is_about_is_said_with_its_pipes_and_not_at_length():
    long = instrument(
        SURVEY.replace("You said {status}, {status}. How", "You said {status}. " + "And so on, " * 12 + "how")
    )
    page = compile_page(PAGES, long, long.sections[1], 1).fill(PageState(
        token="t", problems=[("look", "look", "Look again.")], piped={"status": "A & B"}
    ))
    about = Tags(page).text.split("Look again.")[1].split("\n")[0].strip()
    assert (
        about.startswith("You said \u2068A & B\u2069. And so on, And")
        and about.endswith("…")
        and len(about) < 100
    )


def test_a_doubt_is_told_gently_with_what_is_left_out():
    page = SOME.fill(PageState(
        token="t",
        reminders=[("told", "told", "Part of this has no answer.")],
        doubts=[("born", "born", "That is long ago.")],
        asked=["told"],
        confirmed=["born:0"],
    ))
    tags = Tags(page)
    assert b"Error" not in page and b"aria-invalid" not in page
    assert "Is this right?" in tags.text and "You have not answered this yet:" in tags.text
    assert tags.one("input", name="confirmed")["value"] == "born:0"
    assert [one["id"] for one in tags.all("p", class_="reminder")] == ["e-told", "e-born"]


def test_the_browser_is_told_between_which_dates_an_answer_lies():
    page = SOME.fill(PageState(token="t", bounds={"born": ("1900-01-01", "2020-12-31")}))
    assert Tags(page).one("div", class_="fields")["data-between"] == "1900-01-01 2020-12-31"
    assert SOME.dates == ("born",)


@pytest.mark.parametrize(
    ("language", "order", "first_month"),
    [("en", ["month", "day", "year"], "January"), ("de", ["day", "month", "year"], "Januar"), ("hu", ["year", "month", "day"], "január")],
)  # fmt: skip
def test_a_date_is_asked_for_in_the_order_of_the_language(language, order, first_month):
    made = dataclasses.replace(instrument(PARTS), language=language)
    page = compile_page(PAGES, made, made.sections[1], 1).fill(PageState(token="t"))
    assert [id.removeprefix("q-born.") for id in ids(page, "q-born.")] == order
    assert f'<option value="01">{first_month}</option>'.encode() in page


@given(instruments())
def test_whatever_is_asked_every_control_is_named_and_no_id_stands_twice(made):
    for template in Questionnaire(PAGES, made).pages.values():
        page = template.fill(PageState(token="t"))
        tags, found = Tags(page), ids(page, "")
        assert len(found) == len(set(found)) and made.digest not in page.decode()
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            for _, attrs in tags.tags:
                assert set((attrs.get(attribute) or "").split()) <= set(found)
        named = {attrs["for"] for attrs in tags.all("label") if "for" in attrs}
        for tag, attrs in tags.tags:
            if tag in ("select", "textarea") or (tag == "input" and attrs.get("type") == "text"):
                assert attrs["id"] in named


# --- all templates ---------------------------------------------------------------------------------------

FILES = sorted(TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(TEMPLATES)))
def test_no_template_holds_script_style_or_other_sites(file):
    text = re.sub(r"\{#.*?#\}", "", file.read_text(), flags=re.S)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe\b", text)
    assert all('src="{{ static(' in script for script in re.findall(r"<script[^>]*>", text))
    assert not re.search(r"""(src|href|action)=["']?(https?:)?//""", text)


def render(name: str, **variables: object) -> bytes:
    return PAGES.get_template(name).render(**variables).encode()


@pytest.mark.parametrize("state", ["open", "resume", "finished", "not_yet", "closed"])
def test_the_way_in_offers_a_form_only_while_one_may_answer(state):
    page = render(
        "first_page.html",
        instrument=dataclasses.replace(LEAVING, opens="2026-12-01", closes="2027-01-31"),
        state=state,
        token="t<",
        resume="/s/leaving/now",
        own="t<",
        zone="Europe/Berlin",
    )
    tags = Tags(page)
    assert len(tags.all("form", method="post")) == (state in ("open", "resume", "finished"))  # or to be forgotten
    assert len(tags.all("input", name="token")) == (state in ("open", "resume"))
    assert len(tags.all("a", href="/s/leaving/now")) == (state == "resume")
    assert all(field["value"] == "t<" for field in tags.all("input", name="token"))


@pytest.mark.parametrize("privacy", ["anonymous", "confidential", "identified"])
def test_the_way_in_states_how_private_answers_are(privacy):
    stated = dataclasses.replace(LEAVING, privacy=privacy)
    page = render("first_page.html", instrument=stated, state="open", token="t")
    words = {"anonymous": "Anonymous.", "confidential": "Confidential.", "identified": "Not anonymous."}
    assert [word in Tags(page).text for word in words.values()] == [key == privacy for key in words]


def test_the_end_lists_sections_and_what_is_unanswered():
    sections = [{"title": LEAVING.sections[1].title, "href": "/s/leaving/seen", "unanswered": 2, "case": None, "answers": []}]
    page = render(
        "check.html",
        instrument=LEAVING,
        token="t",
        sections=sections,
        unanswered=2,
        back="/s/leaving/seen",
        piped={"years": "<12>"},
    )
    assert "2 questions have no answer" in Tags(page).text and "After <12> years" in Tags(page).text
    assert len(Tags(page).all("a", href="/s/leaving/seen")) == 1


def test_the_receipt_stands_on_the_last_page_and_only_there_if_there_is_one():
    assert "K7QF-2M9X" in Tags(render("receipt.html", instrument=LEAVING, receipt="K7QF-2M9X")).text
    assert not Tags(render("receipt.html", instrument=LEAVING, receipt=None)).all("output")


def test_withdrawing_asks_for_the_code_and_keeps_what_was_typed():
    tags = Tags(render("withdraw.html", withdrawn=False, problem="No such code.", receipt='K"7'))
    assert tags.one("input", name="receipt")["value"] == 'K"7'
    assert tags.one("a", href="#receipt")
    assert not Tags(render("withdraw.html", withdrawn=True)).all("form")


def test_the_first_page_fits_into_the_first_ten_packets():
    brotli = pytest.importorskip("brotli")
    way_in = render("first_page.html", instrument=LEAVING, state="open", token="t" * 43)
    files = [(ROOT / "app/web/static" / name).read_bytes() for name in ("page.css", "unsent.js", "form.js")]
    assert sum(len(brotli.compress(body)) for body in (way_in, *files)) < 14_600


@pytest.mark.parametrize("name", ["show-if-option", "matrix", "markdown", "conditions", "vignette"])
def test_attributes_are_separated_by_spaces(name):
    file = TEMPLATES.parent / "surveys" / "examples" / f"{name}.yaml"
    asked, _ = read_survey(file.read_bytes(), name)
    for place, section in enumerate(asked.sections):
        page = compile_page(PAGES, asked, section, place).fill(PageState(token="t")).decode()
        page = re.sub("='[^']*'", "=''", page)  # conditions as JSON
        assert re.findall(r"""=(?:"[^"]*"|'')[a-z-]+""", page) == []
