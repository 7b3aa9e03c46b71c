"""What respondents see besides the questions: who asks, what they answered, and how they can stop."""

from __future__ import annotations

import html
import logging
import re

from tests.support.respondent import CODE, Respondent, form_of, service

ABOUT = """
title: About
about: {institution: The Institute, contact: Call 12 34, ethics: Board 7, data: Ten years, support: Call a friend, debriefing: It was invented}
consent: Yes.
sections:
  one: {items: {a: {type: text, ask: One?}, b: {type: text, ask: Other?}}}
  two: {title: Second, items: {c: {type: text, ask: Two?}}}
  three: {items: {d: {type: text, ask: Three?}}}
"""


async def test_who_asks_is_shown_at_the_beginning_and_support_at_every_end(tmp_path):
    async with service(tmp_path, ABOUT, "about") as app, Respondent(app) as browser:
        first = (await browser.get("/s/about")).text
        assert all(words in first for words in ("The Institute", "Call 12 34", "Board 7", "Ten years", "Call a friend"))
        assert first.index("Call a friend") < first.index("I agree, begin")
        await browser.begin("about")
        stop = (await browser.get("/s/about/stop-here")).text
        assert "Call a friend" in stop and "Call 12 34" in stop
        for section in ("one", "two", "three"):
            await browser.fill(f"/s/about/{section}", a="x", b="x", c="x", d="x")
        await browser.fill("/s/about/submit")
        assert "Call a friend" in (await browser.get("/s/about/done")).text


async def test_the_debriefing_comes_when_nothing_can_be_answered_any_more(tmp_path):
    async with service(tmp_path, ABOUT, "about") as app, Respondent(app) as browser, Respondent(app) as stopping:
        assert "It was invented" not in (await browser.get("/s/about")).text
        await browser.begin("about")
        for section in ("one", "two", "three"):
            await browser.fill(f"/s/about/{section}", a="x", b="x", c="x", d="x")
        await browser.fill("/s/about/submit")
        assert "<h2>What this survey was about</h2>\n<p>It was invented</p>" in (await browser.get("/s/about/done")).text
        await stopping.fill(await stopping.begin("about"), a="x", b="x")
        assert "It was invented" not in (await stopping.get("/s/about/stop-here")).text
        deleted = await stopping.fill("/s/about/stop-here")
        assert "Your answers are deleted" in deleted.text and "It was invented" in deleted.text and "Call a friend" in deleted.text


async def test_a_partial_response_is_deleted_on_request_and_only_by_a_post(tmp_path):
    async with service(tmp_path, ABOUT, "about") as app, Respondent(app) as browser:
        address = await browser.begin("about")
        assert 'href="/s/about/stop-here"' in (await browser.get(address)).text
        await browser.fill(address, a="secret", b="more")
        page = (await browser.get("/s/about/stop-here")).text
        assert 'href="/s/about/two"' in page  # continues where it was left
        (change,) = await app.storage.changes("about", 0, 10)
        assert change.disposition == "open" and "secret" in change.answers
        gone = await browser.post("/s/about/stop-here", data=form_of(page))
        assert gone.status_code == 200 and "Your answers are deleted" in gone.text and "Call a friend" in gone.text
        (change,) = await app.storage.changes("about", 0, 10)
        assert change.disposition == "withdrawn" and "secret" not in change.answers
        assert (await browser.get("/s/about/two")).headers["location"] == "/s/about?lost"


async def test_the_code_of_a_partial_response_withdraws_it_from_any_device(tmp_path):
    async with service(tmp_path, ABOUT, "about") as app, Respondent(app) as browser, Respondent(app) as other:
        await browser.fill(await browser.begin("about"), a="secret", b="more")
        code = CODE.search((await browser.get("/s/about/stop-here")).text)
        assert code
        assert "withdrawn" in (await other.post("/withdraw", data={"receipt": code[0]})).text
        (change,) = await app.storage.changes("about", 0, 10)
        assert change.disposition == "withdrawn" and "secret" not in change.answers


async def test_a_submitted_response_cannot_be_deleted_from_an_old_page(tmp_path):
    async with service(tmp_path, ABOUT, "about") as app, Respondent(app) as browser:
        await browser.begin("about")
        for section in ("one", "two", "three"):
            await browser.fill(f"/s/about/{section}", a="x", b="x", c="x", d="x")
        old = form_of((await browser.get("/s/about/stop-here")).text)
        await browser.fill("/s/about/submit")
        sent = await browser.post("/s/about/stop-here", data=old)
        assert sent.headers["location"] == "/s/about/done"
        (change,) = await app.storage.changes("about", 0, 10)
        assert change.disposition == "complete"


async def test_the_receipt_is_saved_as_a_text_file_for_as_long_as_it_is_shown(tmp_path):
    async with service(tmp_path, ABOUT, "about") as app, Respondent(app) as browser, Respondent(app) as other:
        await browser.begin("about")
        assert (await browser.get("/s/about/receipt.txt")).status_code == 404  # not before it is submitted
        for section in ("one", "two", "three"):
            await browser.fill(f"/s/about/{section}", a="x", b="x", c="x", d="x")
        await browser.fill("/s/about/submit")
        saved = await browser.get("/s/about/receipt.txt")
        shown = CODE.search((await browser.get("/s/about/done")).text)
        assert shown and shown[0] in saved.text and "http://localhost/withdraw" in saved.text
        assert saved.headers["content-disposition"] == 'attachment; filename="receipt-about.txt"'
        assert (await other.get("/s/about/receipt.txt")).status_code == 404


async def test_items_left_empty_are_asked_about_once_a_response(tmp_path):
    async with service(tmp_path, ABOUT, "about") as app, Respondent(app) as browser:
        asked = await browser.fill(await browser.begin("about"), a="x")
        assert asked.status_code == 422
        await browser.post("/s/about/one", data=form_of(asked.text) | {"a": "x"})
        second = (await browser.get("/s/about/two")).text
        assert "Questions on the previous page" not in second  # they have just been asked about
        assert (await browser.fill("/s/about/two")).headers["location"] == "/s/about/three"
        third = (await browser.get("/s/about/three")).text
        assert '<a href="/s/about/two">Questions on the previous page have no answer.</a>' in third
        await browser.fill("/s/about/three", d="x")
        await browser.fill("/s/about/submit")
        (change,) = await app.storage.changes("about", 0, 10)
        assert change.answers == '{"a":"x","b":{"missing":"skipped"},"c":{"missing":"skipped"},"d":"x"}'


REVIEW = """
title: Review
scales: {amount: {1: Little, 2: Much}}
sections:
  all:
    title: All
    items:
      one: {type: single_choice, ask: Which?, options: {a: Alpha, other: {label: Other, please_say: true}}}
      many: {type: multiple_choice, ask: Which ones?, options: {a: Alpha, b: Beta}}
      rank: {type: ranking, ask: What first?, top: 2, options: {a: Alpha, b: Beta, c: Gamma}}
      split: {type: constant_sum, ask: Divide., total: 10, options: {a: Alpha, b: Beta}, decline: Not that}
      grid: {type: matrix, ask: How?, columns: {now: {label: Now, scale: amount}, then: {label: Then, scale: amount}}, statements: {x: First}, dont_know: true}
      day: {type: date, ask: When?, precision: month}
      note: {type: note, text: Only to read}
      years: {type: number, ask: How many?, range: [0, 9], decimals: 1, sensitive: true}
      word: {type: text, ask: "A <word>?"}
  end: {items: {last: {type: note, text: The end}}}
"""


async def test_the_page_before_submission_shows_each_answer_with_change(tmp_path):
    answers = {
        "one": "other", "one.other": "<mine>", "many": ["a", "b"], "rank.b": "1", "rank.a": "2", "split~": "~declined",
        "grid.x_now": "2", "grid.x_then": "~dont_know", "day.month": "03", "day.year": "2020", "years": "1.5",
    }  # fmt: skip
    async with service(tmp_path, REVIEW, "review") as app, Respondent(app) as browser:
        asked = await browser.fill(await browser.begin("review"), **answers)
        await browser.post("/s/review/all", data=form_of(asked.text) | answers)
        await browser.fill("/s/review/end")
        page = (await browser.get("/s/review/submit")).text
        words = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())
        for said in (
            "Which? Other Other: <mine> Change", "Which ones? Alpha and Beta Change", "What first? Beta and Alpha Change", "Divide. Not that Change",
            "How? First – Now: Much First – Then: Don’t know Change", "When? March 2020 Change", "How many? 1.5 Change", "A <word>? left empty Change",
        ):  # fmt: skip
            assert said in words
        assert 'href="/s/review/all#i-grid"' in page and "<mine>" not in page
        assert "Only to read" not in words and page.count(">Change<") == 8


SCORED = """
title: Scored
languages: [de]
about: {support: Rat}
scores: {s: {label: S, mean: [a, b, c]}}
sections:
  one: {items: {a: {type: number, ask: A?, range: [0, 9]}, b: {type: number, ask: B?, range: [0, 9]}, c: {type: number, ask: C?, range: [0, 9]}}}
  two: {items: {n: {type: note, text: "Wert: {s}."}}}
"""


async def test_a_piped_score_has_two_decimals_and_headings_are_in_the_survey_s_language(tmp_path):
    async with service(tmp_path, SCORED, "scored") as app, Respondent(app) as browser:
        assert "Über diese Befragung" in (await browser.get("/s/scored")).text
        await browser.fill(await browser.begin("scored"), a="1", b="3", c="4")
        assert "Wert: <bdi>2,67</bdi>." in (await browser.get("/s/scored/two")).text
        assert "<h2>Unterstützung</h2>" in (await browser.get("/s/scored/stop-here")).text


POLL = "title: Poll\nresults: {show_to: everyone}\nsections: {all: {items: {a: {type: text, ask: A?}}}}\n"
CASES = """
title: Cases
sections:
  cases:
    items:
      case: {type: vignette, text: "A {who} leaves.", each_sees: 2, blocks: 1, attributes: {who: {a: nurse, b: doctor}}, ratings: {seen: {ask: How?, scale: {1: Bad, 2: Good}}}}
"""


async def test_a_poll_is_submitted_and_its_results_are_linked_from_the_list(tmp_path):
    async with service(tmp_path, POLL, "poll") as app, Respondent(app) as browser:
        assert 'href="/results/poll"' in (await browser.get("/")).text
        page = (await browser.get(await browser.begin("poll"))).text
        assert ">Submit my answers</button>" in page and ">Continue<" not in page
    async with service(tmp_path, POLL.replace("everyone", "respondents"), "poll") as app, Respondent(app) as browser:
        assert "/results/poll" not in (await browser.get("/")).text


async def test_a_vignette_says_which_case_of_how_many_it_is(tmp_path):
    async with service(tmp_path, CASES, "cases") as app, Respondent(app) as browser:
        address = await browser.begin("cases")
        assert "Case 1 of 2" in (page := (await browser.get(address)).text)
        assert re.search(r'class="item note case".*?A <bdi>(nurse|doctor)</bdi> leaves', page, re.DOTALL)


async def test_placeholders_are_logged_once_when_a_survey_is_served(tmp_path, caplog):
    text = "title: T\nabout: {contact: '[TO FILL IN: address]', data: TODO}\nsections: {all: {items: {a: {type: text, ask: A?}}}}\n"
    with caplog.at_level(logging.WARNING):
        async with service(tmp_path, text, "later") as app:
            await app.surveys.load()
    logged = [record.getMessage() for record in caplog.records if "placeholder" in record.getMessage()]
    assert len(logged) == 1 and logged[0].startswith("later: 2 placeholders are shown to respondents")
