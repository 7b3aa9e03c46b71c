"""`opinion preview`: the pages as they are, with a bar beside them and the faults of the file above them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path

import httpx
import pytest

from app.catalogue.draft import still_fitting
from app.responses.rows import Row
from app.server.preview import RunningPreview, preview_of
from app.settings import Settings
from tests.support.answers import instrument
from tests.support.commands import opinion
from tests.support.drafts import GERMAN, SURVEY
from tests.support.respondent import Respondent, form_of


@asynccontextmanager
async def previewing(folder: Path, text: str = SURVEY) -> AsyncIterator[RunningPreview]:
    file = folder / "draft.yaml"
    file.write_text(text)
    if "de]" in text:
        (folder / "draft.de.yaml").write_text(GERMAN)
    settings = Settings(database_url=f"sqlite:///{folder / 'preview.db'}", surveys=str(file))
    async with preview_of(settings) as preview:
        yield preview


async def stored(preview: RunningPreview) -> Row:
    change = (await preview.storage.changes("draft", 0, 100))[-1]
    row = await preview.storage.load_stored(change.id)
    assert row is not None
    return row


def bar(page: str) -> str:
    """The words of the bar."""
    found = re.search(r'<aside class="preview".*?</aside>', page, re.DOTALL)
    assert found, "no bar"
    return " ".join(unescape(re.sub("<[^>]*>", " ", found[0])).split())


async def use(browser: Respondent, at: str, **fields: str) -> httpx.Response:
    sent = {name.replace("__", "."): value for name, value in fields.items()}
    return await browser.post("/preview", data={"at": at} | sent)


async def set_arm(browser: Respondent, arm: str) -> None:
    await use(browser, "/s/draft/one", given__cause=arm)


async def test_the_pages_are_those_of_the_service_with_a_bar(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        assert (await browser.get("/")).headers["location"] == "/s/draft"
        welcome = await browser.get("/s/draft")  # although it only opens in 2099
        assert "are deleted when the preview ends" in bar(welcome.text) and ">Begin<" in welcome.text
        address = await browser.begin("draft")
        page = await browser.get(address)
        assert page.headers["content-length"] == str(len(page.content))
        assert "content-encoding" not in page.headers and "content-security-policy" in page.headers
        assert page.text.count("<body>") == 1 and page.text.count('id="preview"') == 1
        assert "preview.css" in page.text and "preview.js" in page.text


async def test_the_bar_tells_the_answers_with_their_words_and_those_off_the_path(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        address = await browser.begin("draft")
        await set_arm(browser, "family")
        await browser.fill(address, status="left", **{"born.year": "1970"})
        await browser.fill(address, status="left", years="12", **{"born.year": "1970"})
        said = bar((await browser.get("/s/draft/two")).text)
        assert "status left Left <b>" in said and "years 12 " in said and "born 1970" in said
        assert "(not on the path)" not in said
        await set_arm(browser, "burnout")
        assert "years 12 (not on the path)" in bar((await browser.get(address)).text)


async def test_the_bar_tells_what_is_worked_out(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        address = await browser.begin("draft")
        await set_arm(browser, "family")
        said = bar((await browser.get(address)).text)
        assert "long Long unknown" in said and "stigma Stigma unknown" in said
        await browser.fill(address, status="left", **{"born.year": "1970"})
        await browser.fill(address, status="left", years="12", **{"born.year": "1970"})
        await browser.fill("/s/draft/two", **{"seen.a": "1", "seen.b": "5"})
        said = bar((await browser.get("/s/draft/three")).text)
        assert "long Long true" in said and "stigma Stigma 3 " in said and "high (High)" in said


async def test_the_bar_tells_why_something_is_hidden(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        address = await browser.begin("draft")
        await set_arm(browser, "burnout")
        await browser.fill(address, status="left", **{"born.year": "1970"})
        said = bar((await browser.get(address)).text)
        assert "Hidden on this page (1) years item" in said
        assert 'status == "left" and cause == "family" is false' in said
        assert 'status == "left" is true cause == "family" is false' in said
        assert "cause = burnout, status = left" in said
        await browser.fill(address, status="inside", **{"born.year": "1970"})
        said = bar((await browser.get(address)).text)
        assert "Hidden elsewhere (1) two section" in said
        assert "years > 5 is unknown" in said and "years = no answer" in said


async def test_what_is_drawn_can_be_chosen(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        address = await browser.begin("draft")
        for arm, label in (("family", "Family"), ("burnout", "Burnout"), ("family", "Family")):
            sent = await use(browser, address, given__cause=arm)
            assert sent.status_code == 303 and sent.headers["location"] == address
            assert f"Status, <bdi>{label}</bdi>" in (await browser.get(address)).text
        await use(browser, address, **{"given.section.one~order": "written"})
        assert (await stored(preview)).answers["section.one~order"] == ["status", "years", "born"]
        await use(browser, address, given__today="2031-05-06", language="de")
        row = await stored(preview)
        assert (row.answers["today"], row.answers["language"], row.answers["cause"]) == (
            "2031-05-06",
            "de",
            "family",
        )
        assert "Lage" in (await browser.get(address)).text
        orders = set()
        for _ in range(12):
            await use(browser, address, **{"given.section.one~order": "anew"})
            orders.add(tuple((await stored(preview)).answers["section.one~order"]))
        assert len(orders) > 1
        arms = set()
        for _ in range(16):
            await use(browser, address, anew="yes", given__cause="family", language="de")
            row = await stored(preview)
            arms.add(row.answers["cause"])
        assert arms == {"burnout", "family"} and row.answers["language"] == "de"


async def test_a_full_quota_can_be_tried(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        address = await browser.begin("draft")
        await set_arm(browser, "burnout")
        await browser.fill(address, status="left", **{"born.year": "1970"})
        assert "lefties" not in bar((await browser.get(address)).text).partition("Random assignments and context")[0]
        await use(browser, address, **{"given.~full": "lefties"})
        assert "Enough of those who left." in (await browser.get("/s/draft/submit")).text
        assert "The path ends here: lefties" in bar((await browser.get("/s/draft/submit")).text)
        await use(browser, address, **{"given.~full": ""})
        assert (await browser.get("/s/draft/submit")).headers["location"] == "/s/draft/two"


async def open_section(browser: Respondent, section: str, at: str = "/s/draft") -> httpx.Response:
    return await browser.post("/preview/open", data={"section": section, "at": at})


async def test_any_section_opens_with_what_its_condition_needs_made_up(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        sent = await open_section(browser, "two")  # before the beginning
        assert sent.headers["location"] == "/s/draft/two"
        page = await browser.get("/s/draft/two")
        assert page.status_code == 200 and 'name="seen.a"' in page.text
        answers = (await stored(preview)).answers
        assert answers["status"] == "left" or answers["years"] > 5
        said = bar(page.text)
        assert "status left Left <b> (made up)" in said and "made up, and marked so" in said
        await browser.fill("/s/draft/one", status="inside", **{"born.year": "1970"})
        said = bar((await browser.get("/s/draft/one")).text)
        assert "status inside Inside" in said and "status inside Inside (made up)" not in said
        assert "two hidden" in said


async def test_a_section_opens_after_the_end_and_so_does_the_page_before_submission(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        assert (await open_section(browser, "submit")).headers["location"] == "/s/draft/submit"
        assert "Submit my answers" in (await browser.get("/s/draft/submit")).text
        await browser.fill("/s/draft/submit")
        first = await stored(preview)
        assert first.disposition == "complete"
        assert (await open_section(browser, "two", "/s/draft/done")).headers["location"] == "/s/draft/two"
        assert (await stored(preview)).id != first.id


async def test_a_section_to_which_nothing_leads_is_said_to_be_so(tmp_path):
    never = SURVEY.replace("status == \"left\" or years > 5", "status == \"left\" and status == \"inside\"")
    word = SURVEY.replace("label: Long, value: years > 10", "label: Long, value: years > 10")
    word = word.replace("  two:", "  lock:\n    items: {key: {type: text, ask: Key, required: true, check: 'key == \"sesame\"'}}\n  two:")
    async with previewing(tmp_path, never) as preview, Respondent(preview) as browser:
        address = await browser.begin("draft")
        before = (await stored(preview)).answers
        sent = await open_section(browser, "two", address)
        assert (await stored(preview)).answers == before and sent.headers["location"].startswith(address)
        assert "No answers lead to two: its condition is never true" in bar((await browser.get(sent.headers["location"])).text)
        await saved(preview, tmp_path, word)
        sent = await open_section(browser, "three", address)
        said = bar((await browser.get(sent.headers["location"])).text)
        assert "none that was made up for key was accepted. Answer key yourself" in said
        forged = bar((await browser.get(f"{address}?unopened=<b>&why=impossible&stuck=nothing")).text)
        assert "No answers" not in forged


async def test_the_bar_shows_what_is_entered_and_stores_nothing(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        address = await browser.begin("draft")
        await set_arm(browser, "family")
        page = (await browser.get(address)).text
        assert 'formaction="/preview/look/one"' in page
        before = await stored(preview)
        typed = form_of(page) | {"status": "left", "years": "12", "shown": ["status", "years", "born"], "asked": ["born"]}
        looked = await browser.post("/preview/look/one", data=typed)
        said = bar(looked.text)
        assert looked.status_code == 200 and await stored(preview) == before
        assert "status left Left <b> (not sent yet)" in said and "long Long true" in said
        assert "born" not in said.partition("Answers (")[2].partition("Computed (")[0]  # left open, and not skipped before it is sent
        assert "two not reached" in said and "Please check your answers" not in looked.text
        assert re.search(r'name="years" value="12"', looked.text) and 'action="/s/draft/one"' in looked.text
        assert (await browser.post("/preview/look/two", data=typed)).headers["location"] == address
        assert (await browser.post("/preview/look/one", data={"token": "x"})).status_code == 403
        stale = await browser.post("/preview/look/one", data=typed | {"version": "0"})
        assert stale.status_code == 303 and stale.headers["location"] == address


VIGNETTE = """
title: Draft
sections:
  cases:
    items:
      move:
        type: vignette
        text: "{profession} who leaves for {cause}"
        attributes:
          profession: {doctor: A doctor, lawyer: A lawyer}
          cause: {pay: pay, family: family}
        ratings: {seen: {ask: Seen, scale: {1: Low, 2: High}}}
        each_sees: 2
        design: blocks
        blocks: 2
        seed: 1
"""


async def test_a_block_of_vignettes_and_a_level_of_one_can_be_chosen(tmp_path):
    async with previewing(tmp_path, VIGNETTE) as preview, Respondent(preview) as browser:
        address = await browser.begin("draft")
        asked = preview.draft.served["draft"].instrument
        (vignette,) = asked.vignettes
        turned = {f"move_{each.id}_{n}": each.levels[0].code for each in vignette.attributes for n in (1, 2)}
        row = await stored(preview)
        await preview.storage.change(row.id, lambda row: row.answers | turned | {"move_block": 1}, known=row)
        for block in ("1", "1", "0"):
            await use(browser, address, **{"given.move_block": block})
            answers = (await stored(preview)).answers
            cells = vignette.design.blocks[int(block)]
            levels = [[answers[f"move_{each.id}_{n}"] for each in vignette.attributes] for n in (1, 2)]
            wanted = [
                [a.levels[at].code for a, at in zip(vignette.attributes, cell, strict=True)] for cell in cells
            ]
            assert answers["move_block"] == int(block) and levels == wanted
        other = "lawyer" if answers["move_profession_1"] == "doctor" else "doctor"
        await use(browser, address, **{"given.move_block": "0", "given.move_profession_1": other})
        assert (await stored(preview)).answers["move_profession_1"] == other


@pytest.mark.parametrize(
    "fields",
    [
        {"given.cause": "nothing"}, {"given.section.one~order": "<b>"}, {"given.today": "tomorrow"}, {"at": "//evil.example"},
        {"given.~full": "x"}, {"given.status": "left"}, {"language": "tlh"}, {"at": "/s/draft/one\r\nx: y"}, {"given.": ""},
    ],
)  # fmt: skip
async def test_what_could_not_have_been_drawn_is_passed_over(tmp_path, fields):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        await browser.begin("draft")
        before = (await stored(preview)).answers
        sent = await browser.post("/preview", data={"at": "/s/draft/one"} | fields)
        assert sent.status_code == 303 and sent.headers["location"] in ("/s/draft/one", "/s/draft")
        assert (await stored(preview)).answers == before


async def test_the_bar_can_be_used_before_the_beginning_and_after_the_end(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        assert (await use(browser, "/s/draft", given__cause="family")).headers["location"] == "/s/draft"
        address = await browser.begin("draft")
        await browser.fill(address, status="inside", **{"born.year": "1970"})
        await browser.fill("/s/draft/three", words="x")
        await browser.fill("/s/draft/submit")
        done = (await browser.get("/s/draft/done")).text
        assert "Apply" not in bar(done) and "status inside Inside" in bar(done)
        row = await stored(preview)
        assert (await use(browser, "/s/draft/done", given__cause="family")).headers[
            "location"
        ] == "/s/draft/done"
        assert await stored(preview) == row
        assert (await browser.post("/s/draft/forget")).headers["location"] == "/s/draft"
        assert ">Begin<" in (await browser.get("/s/draft")).text


async def saved(preview: RunningPreview, folder: Path, text: str) -> None:
    (folder / "draft.yaml").write_text(text)
    await preview.draft.load()


async def test_faults_stand_above_the_last_good_version_with_the_line_and_a_caret(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        address = await browser.begin("draft")
        mark = preview.draft.mark
        await saved(preview, tmp_path, SURVEY.replace("range: [0, 70]", "rnage: [0, 70]"))
        assert preview.draft.mark != mark
        page = (await browser.get(address)).text
        faults = unescape(re.search(r'<section class="preview-faults".*?</section>', page, re.DOTALL)[0])
        assert (
            "last version without a fault" in faults
            and "draft.yaml:17:" in faults
            and "unknown-key" in faults
        )
        pictures = re.findall(r"<pre[^>]*>(.*?)\n(.*?)</pre>", faults, re.DOTALL)
        assert any(line[caret.index("^") :].startswith("rnage") for line, caret in pictures), pictures
        assert 'Did you mean "range"?' in faults
        assert "Status, " in page  # the last good version
        sent = await browser.fill(address, status="inside", **{"born.year": "1970"})
        assert sent.headers["location"] == "/s/draft/three"
        await saved(preview, tmp_path, SURVEY)
        assert "preview-faults" not in (await browser.get(address)).text.replace("preview-faults {", "")
        assert preview.draft.mark == mark


async def test_a_file_without_any_good_version_shows_its_faults_alone(tmp_path):
    async with previewing(tmp_path, "title: <script>alert(1)</script> [\n  {") as preview, Respondent(preview) as browser:
        for address in ("/s/draft", "/s/draft/one", "/nowhere"):
            page = await browser.get(address)
            assert page.status_code == 200 and "draft.yaml:1:" in page.text and "preview.js" in page.text
            assert "appears here when" in page.text
        assert (await browser.post("/preview", data={"at": "x"})).status_code == 200
        await saved(preview, tmp_path, SURVEY.replace("languages: [en, de]", ""))
        assert ">Begin<" in (await browser.get("/s/draft")).text


async def test_warnings_of_the_file_are_told_in_the_bar(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        said = bar((await browser.get("/s/draft")).text)
        assert re.search(r"\d+ warnings? \S*draft.de.yaml:\d+: ", said) and "not translated" in said


async def test_a_begun_preview_continues_in_the_new_version_with_answers_that_still_fit(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        address = await browser.begin("draft")
        await set_arm(browser, "burnout")
        await browser.fill(address, status="left", **{"born.year": "1970"})
        stale = form_of((await browser.get(address)).text)
        text = SURVEY.replace("ask: Born", "ask: Year of birth").replace("left: Left <b>", "gone: Gone")
        text = text.replace('== "left"', '== "gone"')
        await saved(preview, tmp_path, text)
        page = (await browser.get(address)).text
        assert "Year of birth" in page and 'value="1970"' in page and "Gone" in page
        answers = (await stored(preview)).answers
        assert answers["born"] == "1970" and answers["cause"] == "burnout" and "status" not in answers
        sent = await browser.post(address, data=stale | {"status": "left"})  # from the page as it was before
        assert sent.status_code == 303 and sent.headers["location"] == address


async def test_only_this_machine_is_answered(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        for host, status in (
            ("localhost:8100", 303), ("127.0.0.1:8100", 303), ("[::1]:8100", 303), ("localhost", 303),
            ("evil.example", 403), ("evil.example:8100", 403), ("localhost.evil.example", 403), ("", 403),
        ):  # fmt: skip
            assert (await browser.get("/", headers={"host": host})).status_code == status, host


async def test_problems_are_pages_too(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview) as browser:
        missing = await browser.get("/s/draft/nowhere")
        assert missing.status_code in (303, 404)
        await browser.begin("draft")
        missing = await browser.get("/s/draft/nowhere")
        assert missing.status_code == 404 and "are deleted when the preview ends" in bar(missing.text)
        assert (await browser.get("/s/another")).status_code == 404
        assert (await browser.request("PUT", "/preview")).status_code == 405
        assert (
            await browser.post(
                "/preview", content=b"\xff", headers={"content-type": "application/x-www-form-urlencoded"}
            )
        ).status_code == 400
        assert (await browser.get("/static/nothing")).status_code == 404


async def test_who_waits_for_news_is_told_of_every_change_and_end_streams_at_the_end(tmp_path):
    async with previewing(tmp_path) as preview, Respondent(preview):
        told: list[bytes] = []

        async def send(message) -> None:
            told.append(message.get("body", b""))

        async def receive():
            await asyncio.sleep(60)

        scope = {
            "type": "http", "method": "GET", "path": "/preview/news", "raw_path": b"/preview/news", "query_string": b"",
            "headers": [(b"host", b"localhost")], "http_version": "1.1", "scheme": "http", "root_path": "",
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8100),
        }  # fmt: skip
        waiting = asyncio.create_task(preview(scope, receive, send))
        first = preview.draft.mark
        await asyncio.sleep(0.3)
        assert f"data: {first}\n".encode() in b"".join(told)
        await saved(preview, tmp_path, SURVEY.replace("title: Draft", "title: Other"))
        await asyncio.sleep(0.1)
        assert f"data: {preview.draft.mark}\n".encode() in b"".join(told) and preview.draft.mark != first
        preview.end_streams()
        await asyncio.wait_for(waiting, 2)


def test_answers_fit_a_new_version_where_type_and_codes_do():
    def asked(items: str):
        return instrument(f"title: T\nsections:\n  one:\n    items:\n{items}")

    old = asked(
        "      a: {type: single_choice, ask: A, options: {x: X, y: {label: Y, please_say: true}}}\n"
        "      b: {type: multiple_choice, ask: B, options: {x: X, y: Y}}\n"
        "      c: {type: number, ask: C, range: [0, 9]}\n"
        "      d: {type: matrix, ask: D, scale: {1: L, 2: H}, statements: {p: P, q: Q}}\n"
        "      e: {type: text, ask: E}\n"
        "      f: {type: constant_sum, ask: F, options: {x: X, y: Y}}\n"
        "      g: {type: best_worst, ask: G, options: {x: X, y: Y, z: Z}, best: Best, worst: Worst}\n"
    )
    new = asked(
        "      a: {type: single_choice, ask: New words, options: {w: W, y: {label: Y, please_say: true}}}\n"
        "      b: {type: multiple_choice, ask: B, options: {x: X, w: W}}\n"
        "      c: {type: text, ask: C}\n"
        "      d: {type: matrix, ask: D, scale: {1: L, 3: H}, statements: {p: P, q: Q}}\n"
        "      e: {type: text, ask: E, lines: 3}\n"
        "      f: {type: constant_sum, ask: F, options: {x: X, y: Y}, total: 10}\n"
        "      g: {type: best_worst, ask: G, options: {x: X, y: Y, w: W}, best: Best, worst: Worst}\n"
    )
    answers = {
        "a": "y", "a.y": "said", "b": ["x", "y"], "c": 3, "d.p": 1, "d.q": 2, "e": "words", "f.x": 40, "f.y": 60,
        "g.best": "x", "g.worst": "z", "gone": 1,
    }  # fmt: skip
    assert still_fitting(old, new, answers) == {
        "a": "y",
        "a.y": "said",
        "d.p": 1,
        "e": "words",
        "g.best": "x",
    }
    assert still_fitting(old, old, answers) == {
        name: value for name, value in answers.items() if name != "gone"
    }
    declined = {"a": {"missing": "declined"}, "b": {"missing": "skipped"}}
    assert still_fitting(old, new, declined) == declined


def test_a_file_that_is_not_there_is_said_plainly(tmp_path):
    outcome = opinion("preview", tmp_path / "none.yaml")
    assert outcome.exit_code == 1 and "there is no file" in outcome.output


async def test_a_poll_is_answered_in_the_preview_which_has_no_results(tmp_path):
    text = "title: A\npoll: true\nresults: {show_to: everyone}\nsections: {one: {items: {q: {type: rating, ask: A?, scale: {1: Bad, 2: Good}}}}}\n"
    async with previewing(tmp_path, text) as preview, Respondent(preview) as browser:
        page = (await browser.get("/s/draft")).text
        assert "Tapping an answer" in page and "Preview" in bar(page)
        sent = await browser.post("/s/draft", data=form_of(page) | {"q": "2"})
        assert sent.headers["location"] == "/s/draft/done" and (await stored(preview)).disposition == "complete"
        assert "Your answers are in" in (await browser.get("/s/draft/done")).text
