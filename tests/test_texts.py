"""Texts: Markdown that is safe as it stands, and pipes that take earlier answers into it."""

from __future__ import annotations

import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.survey.texts import MARKDOWN, Pipe, PipingFault, Text, pipe_text, pipes

PLURAL = "{years|one: # year|other: # years|a while}"


def the_pipe(source: str) -> Pipe:
    ((pipe, _),) = pipes(source)
    return pipe


def said(source: str, value: object, categories: dict[int, str] | None = None) -> str:
    """What the one pipe of a text says, with numbers in the German way."""
    return pipe_text(
        the_pipe(source),
        value,  # type: ignore[arg-type]
        lambda number: f"{number}".replace(".", ","),
        lambda number: (categories or {1: "one"}).get(number, "other"),  # type: ignore[call-overload]
    )


# --- what stands between the braces ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "pipe"),
    [
        ("{years}", Pipe("years", {}, None, "years")),
        ("{seen.failed}", Pipe("seen.failed", {}, None, "seen.failed")),
        ("{years|some years}", Pipe("years", {}, "some years", "years|some years")),
        ("{years|}", Pipe("years", {}, "", "years|")),
        ("{years|other: #}", Pipe("years", {"other": "#"}, None, "years|other: #")),
        ("{years|a while|other: #}", Pipe("years", {"other": "#"}, "a while", "years|a while|other: #")),
        ("{years|note: none}", Pipe("years", {}, "note: none", "years|note: none")),
        (PLURAL, Pipe("years", {"one": "# year", "other": "# years"}, "a while", PLURAL[1:-1])),
    ],
)
def test_pipe_has_a_name_and_may_have_forms_and_a_fallback(source, pipe):
    assert the_pipe(f"After {source}: why?") == pipe


def test_names_and_offsets_count_from_the_start_of_the_text():
    found = pipes(f"{{{{a}}}} {{b}} {PLURAL} {{c.d|e}}")
    assert [(pipe.name, offset) for pipe, offset in found] == [("b", 6), ("years", 10), ("c.d", 53)]


@pytest.mark.parametrize(
    ("source", "what", "offset"),
    [
        ("a {", "single {", 2),
        ("a }", "single }", 2),
        ("{a{b}}", "single {", 0),
        ("{}", "does not name", 0),
        ("{|a}", "does not name", 0),
        ("{Years}", "does not name", 0),
        ("{ years}", "does not name", 0),
        ("{years }", "does not name", 0),
        ("{years()}", "does not name", 0),
        ("{a.b.c}", "does not name", 0),
        ("{0}", "does not name", 0),
        ("{years|one: #|one: #|other: #}", "says one twice", 0),
        ("{years|a|b}", "has two texts for a missing answer", 0),
        ("{years|one: # year}", "no text for other numbers", 0),
        ("\ue0000\ue001", "private-use", 0),
    ],
)
def test_braces_that_are_no_pipe_are_a_fault(source, what, offset):
    with pytest.raises(PipingFault, match=re.escape(what)) as caught:
        pipes(source)
    assert caught.value.offset == offset


# --- what a pipe says ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "value", "words"),
    [
        ("{years}", 3, "3"),
        ("{years}", 2.5, "2,5"),
        ("{years}", 0, "0"),
        ("{years}", None, "…"),
        ("{years|some}", None, "some"),
        ("{years|}", None, ""),
        ("{status|nowhere}", "In practice", "In practice"),
        ("{word|none}", "", ""),
        (PLURAL, 1, "1 year"),
        (PLURAL, 2, "2 years"),
        (PLURAL, 0, "0 years"),
        (PLURAL, 2.5, "2,5 years"),
        (PLURAL, None, "a while"),
        (PLURAL, "# of words", "# of words"),
        ("{years|zero: no years|other: # years}", 0, "no years"),
        ("{years|other: # of #}", 3, "3 of 3"),
        ("{years|one: a year|other: years}", 1, "a year"),
    ],
)
def test_pipe_says_the_answer_or_what_stands_for_it(source, value, words):
    assert said(source, value) == words


def test_each_category_of_a_language_has_its_form_and_other_serves_for_the_rest():
    russian = {1: "one", 2: "few", 5: "many"}
    source = "{years|one: # год|few: # года|many: # лет|other: # года}"
    assert [said(source, number, russian) for number in (1, 2, 5, 1.5)] == [
        "1 год",
        "2 года",
        "5 лет",
        "1,5 года",
    ]
    assert said(PLURAL, 2, russian) == "2 years"


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "{status}", "{{7*7}}", "# {#}", "%s\x00", "‮"]
)
def test_an_answer_is_said_as_it_is_and_never_read_again(hostile):
    assert said("{word}", hostile) == hostile
    assert said("{word|other: [#]}", hostile) == hostile


# --- within Markdown -------------------------------------------------------------------------------------


def test_what_a_pipe_says_is_not_markdown_and_what_is_around_it_is():
    text = Text("*After* {years|one: *a* year|other: # <years>|_a_ while}: `why`?")
    assert text.inline[0] == "<em>After</em> "
    assert text.inline[1] == Pipe(
        "years",
        {"one": "*a* year", "other": "# <years>"},
        "_a_ while",
        "years|one: *a* year|other: # <years>|_a_ while",
    )
    assert text.inline[2] == ": <code>why</code>?"
    assert text.block == ("<p><em>After</em> ", text.inline[1], ": <code>why</code>?</p>")


def test_pipes_in_emphasis_and_in_order():
    assert [part if isinstance(part, str) else part.name for part in Text("**{b}** {a} {b}").inline] == [
        "<strong>", "b", "</strong> ", "a", " ", "b",
    ]  # fmt: skip


def test_braces_written_twice_are_braces():
    assert Text("{{years}} {{").inline == ("{years} {",)
    assert Text("{{years}} {{").plain == "{years} {"


def test_html_is_shown_and_pictures_are_not():
    assert Text("<b onclick=x>{a}</b> ![x](https://a.example/b)").inline[0] == "&lt;b onclick=x&gt;"
    assert "<img" not in "".join(map(str, Text("![x](https://a.example/b)").block))


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("After *{years}* years", "After {years} years"),
        (f"After {PLURAL}", "After {years} years"),
        ("Dear {name|colleague}, hello", "Dear {name}, hello"),
        ("Two\nlines", "Two lines"),
        ("**{a}**_{b}_", "{a}{b}"),
    ],
)
def test_plain_reads_as_a_sentence(source, plain):
    assert Text(source).plain == plain


@pytest.mark.parametrize(
    "source", ["[a](https://a.example/{b})", '[a](x "{b|c}")', f"<https://a.example/{PLURAL}>"]
)
def test_a_pipe_in_the_address_or_title_of_a_link_is_noticed(source):
    assert not Text(source).keeps_its_pipes()


def test_texts_keep_their_pipes_elsewhere():
    assert Text(f"[{{a}}](https://a.example) `{{b}}` {PLURAL}\n\n- {{c}}").keeps_its_pipes()


# --- anything at all -------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["{", "}", "{{", "}}", "|", "#", ":", "one: ", "other: ", "years", "a.b", "*", "_", "`", "[", "](", ")", "<", ">", "&amp;",
     "&", "\n", "\n\n", "- ", "\\", "\ue000", "\ue001", "0", "1", "9", " ", "é🩺", "<script>", "{years}", PLURAL]
)  # fmt: skip


@given(st.lists(PIECES, max_size=20).map("".join))
def test_any_text_is_read_and_nothing_in_it_is_run(source):
    text = Text(source)
    for parts in (text.inline, text.block):
        html = "".join(part for part in parts if isinstance(part, str))
        assert "<script" not in html and "\ue000" not in html and "\ue001" not in html
    assert "\ue000" not in text.plain
    try:
        assert [pipe for pipe, _ in pipes(source)] == list(text.holes)
    except PipingFault as fault:
        assert 0 <= fault.offset <= len(source)


@pytest.mark.parametrize(
    "source", ["{" * 20_001, "{a|" * 7_000, "{a|" + "one: #|" * 5_000 + "}", "{a" + "|" * 20_000 + "}"]
)
def test_a_long_text_full_of_braces_is_read_at_once(source):
    began = time.process_time()
    with pytest.raises(PipingFault):
        pipes(source)
    assert Text(source).inline
    assert time.process_time() - began < 2


@given(st.text(alphabet="aB1 .,'!?-–#|~:;()+=€عر@/$%^\u2028\u00ad*_[&<{", max_size=8))
def test_a_text_without_marks_reads_as_if_markdown_had_read_it(source):
    """Most texts are not parsed at all; nobody may see a difference."""
    source = source.replace("{", "{{")
    marked = source.replace("{{", "{")
    assert "".join(str(part) for part in Text(source).inline) == MARKDOWN.renderInline(marked.strip()).strip()
    assert Text(source).plain == " ".join(
        html.unescape(re.sub(r"<[^>]*>", "", MARKDOWN.renderInline(marked.strip()))).split()
    )
