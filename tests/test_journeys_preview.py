"""A researcher writes a survey and watches it in a browser: `opinion preview` as a process, Chromium as the eye."""

from __future__ import annotations

import re
import signal
import tempfile
from pathlib import Path

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.support.drafts import GERMAN, SURVEY
from tests.support.server import Server


@pytest.fixture
def preview(tmp_path: Path):
    (tmp_path / "draft.yaml").write_text(SURVEY)
    (tmp_path / "draft.de.yaml").write_text(GERMAN)
    with Server(tmp_path, str(tmp_path / "draft.yaml"), command="preview") as server:
        server.start = server.address("Preview")
        yield server


def save(preview: Server, *changes: tuple[str, str]) -> None:
    text = SURVEY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (preview.folder / "draft.yaml").write_text(text)


def base_of(preview: Server) -> str:
    return re.match(r"http://[^/]+", preview.start)[0]


def begin(preview: Server, visiting):
    page = visiting(base_of(preview)).page
    page.goto(preview.start)
    page.get_by_role("button", name="Begin").click()
    expect(page).to_have_url(re.compile("/s/draft/one$"))
    return page


def test_a_saved_file_reloads_the_page_and_keeps_what_was_typed(preview, visiting):
    page = begin(preview, visiting)
    page.get_by_label("Left <b>").check()
    page.locator('[name="born.year"]').fill("1971")
    page.locator("#preview-elsewhere summary").click()
    save(preview, ("ask: Born", "ask: In which year were you born?"))
    expect(page.get_by_text("In which year were you born?", exact=True)).to_be_visible()
    expect(page.get_by_label("Left <b>")).to_be_checked()
    expect(page.locator('[name="born.year"]')).to_have_value("1971")
    expect(page.locator("#preview-elsewhere")).to_have_attribute("open", "")


def test_a_fault_appears_in_place_and_goes_when_it_is_mended(preview, visiting):
    page = begin(preview, visiting)
    save(preview, ("arms: {cause", "amrs: {cause"))
    faults = page.get_by_role("region", name="Faults in the survey file")
    expect(faults).to_contain_text('Did you mean "arms"?')
    expect(faults.locator("pre").first).to_contain_text("amrs: {cause")
    expect(
        page.get_by_role("radiogroup", name=re.compile("Status")).first
    ).to_be_visible()  # the last good version
    save(preview)
    expect(faults).to_have_count(0)
    (preview.folder / "draft.de.yaml").write_text("title: [")
    expect(faults).to_contain_text("draft.de.yaml:1:")


def test_an_arm_that_is_chosen_in_the_bar_is_there_at_once(preview, visiting):
    page = begin(preview, visiting)
    bar = page.get_by_role("complementary", name="Preview")
    for arm in ("Family", "Burnout"):
        bar.get_by_label("cause").select_option(label=arm)
        bar.get_by_role("button", name="Apply").click()
        expect(page.get_by_text(f"Status, {arm}").first).to_be_visible()
    bar.get_by_label("Language").select_option("de")
    bar.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Lage").first).to_be_visible()


def test_it_works_without_a_script_by_reloading(preview, visiting):
    page = visiting(base_of(preview), java_script_enabled=False).page
    page.goto(preview.start)
    page.get_by_role("button", name="Begin").click()
    save(preview, ("ask: Born", "ask: In which year were you born?"))
    page.wait_for_timeout(1500)
    assert page.get_by_text("Born", exact=True).first.is_visible()
    page.reload()
    expect(page.get_by_text("In which year were you born?", exact=True)).to_be_visible()


def test_the_bar_follows_what_is_entered_and_opens_any_section(preview, visiting):
    page = begin(preview, visiting)
    bar = page.get_by_role("complementary", name="Preview")
    bar.get_by_label("cause").select_option(label="Family")
    bar.get_by_role("button", name="Apply").click()
    page.locator("#preview-elsewhere summary").click()
    expect(bar.locator("#preview-elsewhere")).to_contain_text('status == "left" is unknown')
    page.get_by_label("Left <b>").check()
    expect(bar.locator("#preview-answers")).to_contain_text("not sent yet")
    expect(bar.locator("#preview-elsewhere")).to_contain_text("Hidden elsewhere (0)")
    expect(bar.locator("#preview-elsewhere")).to_have_attribute("open", "")  # as it was
    page.get_by_role("textbox", name="Years").fill("12")
    expect(bar.locator("#preview-values")).to_contain_text("true")
    expect(bar.get_by_role("button", name="Update this bar")).to_have_count(0)
    page.get_by_label("Inside").check()
    expect(bar.locator("#preview-path")).to_contain_text("two hidden")
    assert page.evaluate("document.activeElement.value") == "inside"
    bar.get_by_role("button", name="two", exact=True).click()
    expect(page).to_have_url(re.compile("/s/draft/two$"))
    expect(bar.locator("#preview-path")).to_contain_text("made up, and marked so")


def test_without_a_script_a_button_updates_the_bar(preview, visiting):
    page = visiting(base_of(preview), java_script_enabled=False).page
    page.goto(preview.start)
    bar = page.get_by_role("complementary", name="Preview")
    bar.get_by_role("button", name="two", exact=True).click()
    expect(page).to_have_url(re.compile("/s/draft/two$"))
    bar.get_by_role("link", name="one", exact=True).click()
    page.get_by_label("Inside").check()
    bar.get_by_role("button", name="Update this bar").click()
    expect(bar.locator("#preview-answers")).to_contain_text("inside Inside (not sent yet)")
    expect(bar.locator("#preview-path")).to_contain_text("two hidden")
    expect(page.get_by_label("Inside")).to_be_checked()
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile("/s/draft/(one|three)"))


@pytest.mark.parametrize("width", [360, 1400])
def test_the_bar_fits_beside_the_page_and_axe_finds_nothing(preview, visiting, width):
    page = begin(preview, lambda base: visiting(base, viewport={"width": width, "height": 800}))
    save(preview, ("arms: {cause", "amrs: {cause"))
    expect(page.get_by_role("region", name="Faults in the survey file")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.evaluate("document.documentElement.dir = 'rtl'")
    beside = page.evaluate("document.querySelector('main').getBoundingClientRect().right <= document.getElementById('preview').getBoundingClientRect().left")
    assert beside == (width > 1152)  # beside the page in a language that reads from right to left too; below it on a phone


def test_stopping_leaves_nothing_behind(preview, visiting):
    begin(preview, visiting).goto("about:blank")
    folders = set(Path(tempfile.gettempdir()).glob("opinion-preview-*"))
    ours = [folder for folder in folders if str(folder) in open_files(preview)]
    assert len(ours) == 1
    preview.process.send_signal(signal.SIGINT)
    assert preview.process.wait(10) == 0
    assert not ours[0].exists()


def open_files(preview: Server) -> str:
    return " ".join(file.path for file in psutil.Process(preview.process.pid).open_files())
