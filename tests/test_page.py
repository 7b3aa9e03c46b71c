"""A section's page: what is escaped, what is filled in, and that nothing of one respondent reaches the next."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markupsafe import escape

from app.instrument.survey import read_survey
from app.interview.page import compile_page
from app.web.pages import direction, environment

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
    assert not faults
    return made


LEAVING = instrument()
NOW, SEEN = (compile_page(PAGES, LEAVING, section, place) for place, section in enumerate(LEAVING.sections))


class Tags(HTMLParser):
    """Every start tag of a page as (name, attributes), in order, and the text between them."""

    def __init__(self, page: bytes):
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), f"an attribute twice on {tag}: {attrs}"
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            attrs
            for name, attrs in self.tags
            if name == tag and all(attrs.get(key.strip("_")) == value for key, value in wanted.items())
        ]

    def one(self, tag: str, **wanted: str) -> dict[str, str | None]:
        (found,) = self.all(tag, **wanted)
        return found


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
    page = SEEN.fill(token="t", values={"words": [text], "word": [text]}, visible={"word"})
    tags = Tags(page)
    shown = text.replace("\ud800", "?")
    assert tags.one("input", name="word")["value"] == shown
    assert shown in tags.text
    assert [tag for tag, _ in tags.tags] == [tag for tag, _ in Tags(SEEN.fill(token="t")).tags]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_piped_answer_is_text_and_keeps_its_direction_to_itself(text):
    page = SEEN.fill(token="t", piped={"status": text, "years": text})
    shown = text.replace("\ud800", "?")
    assert Tags(page).text.count(shown) == 4 and f"<title>After \u2068{escape(shown)}\u2069" in page.decode()
    assert len(Tags(page).all("bdi")) == 3
    assert len(Tags(page).all("script")) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_known_answers_token_back_link_and_messages_are_escaped(text):
    page = SEEN.fill(
        token=text,
        back=f"/s/{text}",
        known={"years": text.replace("\ud800", "")},
        problems=[("word", "word", text)],
        asked=[text],
    )
    tags = Tags(page)
    shown = text.replace("\ud800", "?")
    assert tags.one("input", name="token")["value"] == shown
    assert tags.one("a", class_="back")["href"] == f"/s/{shown}"
    assert tags.one("input", name="asked")["value"] == shown
    usual = Tags(SEEN.fill(token="t", back="/", problems=[("word", "word", "x")], asked=["word"]))
    assert [tag for tag, _ in tags.tags] == [tag for tag, _ in usual.tags]


def test_a_missing_pipe_leaves_a_visible_gap():
    assert "After … years" in Tags(SEEN.fill(token="t")).text


def test_values_are_shown_where_they_belong():
    page = NOW.fill(
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
    )
    assert checked(page) == [("status", "other"), ("reasons", "burnout"), ("reasons", "visa")]
    assert Tags(page).one("input", name="status.other")["value"] == "On a sabbatical"
    assert Tags(page).one("input", name="years")["value"] == "12"
    assert Tags(page).one("input", name="token")["value"] == "t"


def test_declining_is_shown_as_it_was_sent():
    page = NOW.fill(token="t", values={"reasons": ["~declined"], "years~": ["~declined"]})
    assert checked(page) == [("reasons", "~declined"), ("years~", "~declined")]


def test_a_statement_and_a_point_of_a_scale_are_checked():
    page = SEEN.fill(token="t", values={"look.grew": ["3"], "sound": ["5"], "look.failed": ["99"]})
    assert checked(page) == [("look.grew", "3"), ("sound", "5")]


def test_nothing_of_one_respondent_reaches_the_next():
    empty = SEEN.fill(token="t")
    full = SEEN.fill(
        token="secret",
        values={"look.failed": ["2"], "words": ["private"], "word": ["private"]},
        visible={"word"},
        known={"years": 41},
        piped={"status": "private", "years": "41"},
        back="/private",
        progress=(7, 9),
        problems=[("words", "words", "private"), ("nowhere", "nowhere", "private")],
        reminders=[("sound", "sound", "private")],
        asked=["sound"],
    )
    assert full != empty
    assert SEEN.fill(token="t") == empty


def test_every_hole_is_filled_or_empty():
    for template in (NOW, SEEN):
        for problems in ((), [("status", "status", "Choose."), ("look", "look", "Choose.")]):
            page = template.fill(token="t", problems=problems, asked=["years"], back="/x").decode()
            assert "\x02" not in page and "\x03" not in page and LEAVING.digest not in page


def test_a_survey_cannot_write_a_mark_of_ours():
    source = SURVEY.replace("One word", '"\\\\x02\\\\x03 One word"')
    assert b"One word" in compile_page(PAGES, instrument(source), instrument(source).sections[1], 1).fill(
        token="t"
    )


def test_conditional_items_are_hidden_and_disabled_unless_visible():
    def fieldset(page):
        return Tags(page).one("fieldset", id="i-word")

    assert {"hidden", "disabled"} <= set(fieldset(SEEN.fill(token="t")))
    assert not {"hidden", "disabled"} & set(fieldset(SEEN.fill(token="t", visible={"word"})))
    assert '["get","look.failed"]' in fieldset(SEEN.fill(token="t"))["data-if"]


def test_the_browser_gets_only_those_earlier_answers_that_the_page_needs():
    page = SEEN.fill(token="t", known={"years": 12, "status": "left", "word": "x"})
    assert Tags(page).one("form")["data-known"] == '{"years":12}'
    assert "data-known" not in Tags(NOW.fill(token="t", known={"years": 12})).one("form")


def test_every_item_says_that_it_was_shown_from_within_its_fieldset():
    page = SEEN.fill(token="t").decode()
    fieldsets = re.findall(r'<fieldset[^>]*id="i-(\w+)".*?</fieldset>', page, re.S)
    shown = re.findall(r'<fieldset.*?name="shown" value="(\w+)".*?</fieldset>', page, re.S)
    assert fieldsets == shown == ["look", "sound", "word", "words"]


def test_a_problem_is_named_in_title_summary_and_beside_its_field():
    page = NOW.fill(token="t", problems=[("years", "years", "Enter a number.")], visible={"years"})
    tags = Tags(page)
    assert b"<title>Error: Now" in page
    assert tags.one("div", role="alert")["tabindex"] == "-1"
    assert tags.one("a", href="#q-years")
    field = tags.one("input", name="years")
    assert (field["id"], field["aria-invalid"]) == ("q-years", "true")
    assert field["aria-describedby"].split()[-1] == tags.one("p", class_="error")["id"] == "e-years"
    assert "How many years?" in tags.text.split("Enter a number.")[1][:40]


def test_a_group_is_described_by_hint_and_message():
    tags = Tags(NOW.fill(token="t", problems=[("status", "status", "Choose an answer.")]))
    group = tags.one("fieldset", id="i-status")
    assert group["aria-describedby"] == "h-status e-status" and group["aria-invalid"] == "true"
    assert tags.one("a", href="#q-status") and tags.one("input", id="q-status")["value"] == "practising"


def test_a_statement_and_a_whole_matrix_can_have_problems():
    tags = Tags(
        SEEN.fill(token="t", problems=[("look.grew", "look", "Choose."), ("look", "look", "Look again.")])
    )
    assert tags.one("a", href="#q-look.grew") and tags.one("input", id="q-look.grew")
    assert tags.one("a", href="#q-look.failed") and tags.one("input", id="q-look.failed")
    assert {attrs["id"] for attrs in tags.all("p", class_="error")} == {"e-look", "e-look.grew"}


def test_several_problems_of_one_field_share_its_message():
    tags = Tags(SEEN.fill(token="t", problems=[("words", "words", "First."), ("words", "words", "Second.")]))
    assert len(tags.all("p", class_="error")) == 1
    assert "First. Second." in tags.text


def test_a_problem_of_an_unknown_field_still_stands_in_the_summary():
    page = NOW.fill(token="t", problems=[("gone", "gone", "It has gone.")])
    assert [link.get("class") for link in Tags(page).all("a", href="#main")] == ["skip", None]
    assert b"It has gone." in page


def test_a_reminder_is_not_called_an_error():
    page = SEEN.fill(
        token="t", reminders=[("sound", "sound", "You have not answered this.")], asked=["sound"]
    )
    tags = Tags(page)
    assert b"Error" not in page and b"aria-invalid" not in page
    assert tags.one("a", href="#q-sound") and tags.one("p", class_="reminder")["id"] == "e-sound"
    assert tags.one("input", name="asked")["value"] == "sound"


def test_progress_is_text_and_bar():
    tags = Tags(NOW.fill(token="t", progress=(3, 8)))
    assert "Part 3 of 8" in tags.text
    assert (tags.one("progress")["value"], tags.one("progress")["max"]) == ("3", "8")
    assert "Part 2 of 2" in Tags(SEEN.fill(token="t")).text


def test_every_control_has_a_name_for_a_screen_reader_and_ids_are_unique():
    for page in (NOW.fill(token="t"), SEEN.fill(token="t")):
        tags = Tags(page)
        ids = [attrs["id"] for _, attrs in tags.tags if "id" in attrs]
        assert len(ids) == len(set(ids))
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            for _, attrs in tags.tags:
                assert set((attrs.get(attribute) or "").split()) <= set(ids)


def test_what_is_required_is_said_where_it_is_rare():
    assert "Which describes you? (required)" in Tags(NOW.fill(token="t")).text
    assert "(required)" not in Tags(SEEN.fill(token="t")).text
    mostly = instrument(SURVEY.replace("ask: Why?", "ask: Why?\n        required: true"))
    text = Tags(compile_page(PAGES, mostly, mostly.sections[0], 0).fill(token="t")).text
    assert "(required)" not in text and "How many years? (optional)" in text


def test_a_scale_with_words_only_at_its_ends_is_a_row_of_numbers():
    tags = Tags(SEEN.fill(token="t"))
    assert [len(tags.all("div", class_="row")), len(tags.all("div", class_="options joined"))] == [1, 2]


def test_a_language_written_from_right_to_left_turns_the_page():
    arabic = dataclasses.replace(LEAVING, language="ar-EG")
    page = compile_page(PAGES, arabic, arabic.sections[0], 0).fill(token="t")
    assert Tags(page).one("html") == {"lang": "ar-EG", "dir": "rtl"}
    assert direction("en") == direction("de-AT") == "ltr"


def test_markdown_of_the_survey_stands_and_its_html_does_not():
    source = SURVEY.replace("ask: Why?", 'ask: "*Why* <b onclick=x>now</b> & then?"')
    made = instrument(source)
    page = compile_page(PAGES, made, made.sections[0], 0).fill(token="t")
    assert b"<em>Why</em> &lt;b onclick=x&gt;now&lt;/b&gt; &amp; then?" in page


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


@pytest.mark.parametrize("state", ["open", "resume", "submitted", "not_yet", "closed"])
def test_the_way_in_offers_a_form_only_while_one_may_answer(state):
    page = render(
        "welcome.html", instrument=LEAVING, state=state, token="t<", minutes=10, resume="/s/leaving/now", own="t<"
    )
    tags = Tags(page)
    assert len(tags.all("form", method="post")) == (state in ("open", "resume"))
    assert len(tags.all("a", href="/s/leaving/now")) == (state == "resume")
    assert all(field["value"] == "t<" for field in tags.all("input", name="token"))


@pytest.mark.parametrize("privacy", ["anonymous", "confidential", "identified"])
def test_the_way_in_states_how_private_answers_are(privacy):
    stated = dataclasses.replace(LEAVING, privacy=privacy)
    page = render("welcome.html", instrument=stated, state="open", token="t", minutes=None)
    words = {"anonymous": "Anonymous.", "confidential": "Confidential.", "identified": "With your name."}
    assert [word in Tags(page).text for word in words.values()] == [key == privacy for key in words]


def test_the_end_lists_sections_and_what_is_unanswered():
    sections = [{"title": LEAVING.sections[1].title, "href": "/s/leaving/seen", "unanswered": 2}]
    page = render(
        "end.html",
        instrument=LEAVING,
        token="t",
        sections=sections,
        unanswered=2,
        back="/s/leaving/seen",
        piped={"years": "<12>"},
    )
    assert "2 questions have no answer" in Tags(page).text and "After <12> years" in Tags(page).text
    assert len(Tags(page).all("a", href="/s/leaving/seen")) == 2


def test_the_receipt_stands_on_the_last_page_and_only_there_if_there_is_one():
    assert "K7QF-2M9X" in Tags(render("done.html", instrument=LEAVING, receipt="K7QF-2M9X")).text
    assert not Tags(render("done.html", instrument=LEAVING, receipt=None)).all("output")


def test_withdrawing_asks_for_the_code_and_keeps_what_was_typed():
    tags = Tags(render("withdraw.html", withdrawn=False, problem="No such code.", receipt='K"7'))
    assert tags.one("input", name="receipt")["value"] == 'K"7'
    assert tags.one("a", href="#receipt")
    assert not Tags(render("withdraw.html", withdrawn=True)).all("form")


def test_the_first_page_weighs_less_than_thirteen_kilobytes():
    brotli = pytest.importorskip("brotli")
    way_in = render("welcome.html", instrument=LEAVING, state="open", token="t" * 43, minutes=10)
    files = [(ROOT / "app/web/static" / name).read_bytes() for name in ("page.css", "form.js")]
    assert sum(len(brotli.compress(body)) for body in (way_in, *files)) < 13_000
