"""The library of instruments: a stored version is read once for respondents, researchers and new versions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from app.catalogue.files import read_file, survey_files
from app.results.frame.frame import Frame
from app.survey.source import stored
from app.survey.source.stored import read_stored
from tests.support.respondent import Respondent, service

SURVEYS = Path(__file__).parent.parent / "surveys"
FIRST = """title: Leaving
sections: {now: {items: {why: {type: text, ask: Why did you laeve?}}}}
"""
SECOND = FIRST.replace("laeve?", "leave?")
THIRD = SECOND.replace("title: Leaving", "title: Leaving medicine")


@pytest.fixture
def reads(monkeypatch) -> Counter[str]:
    """How often each source is read as a survey."""
    found: Counter[str] = Counter()

    def counted(source: str, *arguments):
        found[source] += 1
        return read_stored(source, *arguments)

    monkeypatch.setattr(stored, "read_stored", counted)
    return found


async def test_a_stored_version_is_read_once_for_all_who_need_it(tmp_path: Path, reads: Counter[str]) -> None:
    async with service(tmp_path, FIRST) as app, Respondent(app) as browser:
        await browser.begin()
        assert isinstance((await app.live.frame_of("leaving")).frame, Frame)
        assert reads == {}  # what is served was read from its file
    async with service(tmp_path, SECOND) as app:
        assert (await app.surveys.questionnaire("leaving", await oldest(app))).instrument.version == 1
        frame = await app.live.frame_of("leaving")
        assert [each.version for each in frame.frame.instruments] == [2, 1]
        (tmp_path / "surveys" / "leaving.yaml").write_text(THIRD, encoding="utf-8")
        await app.surveys.load()
        assert await frame.adopt()
        assert [each.version for each in frame.frame.instruments] == [3, 2, 1]
        assert reads == {FIRST: 1}


async def oldest(app) -> str:
    return (await app.storage.versions("leaving"))[0]["digest"]


async def test_a_version_stored_under_other_settings_is_read_again(tmp_path: Path, reads: Counter[str]) -> None:
    async with service(tmp_path, FIRST) as app:
        digest = await oldest(app)
    renewed = FIRST + "results: {show_to: everyone, floor: 25}\n"
    async with service(tmp_path, SECOND) as app:
        library = app.surveys.library
        assert (await library.instrument("leaving", digest)).results.floor == 10
        instrument = read_stored(renewed, "leaving", digest, 1)
        await library.renew(instrument)  # as another process does, that serves the file
        assert (await library.instrument("leaving", digest)).results.floor == 25
        assert await library.instrument("leaving", "0" * 64) is None


@pytest.mark.parametrize("file", survey_files(SURVEYS) + survey_files(SURVEYS / "examples"), ids=lambda file: file.stem)
def test_a_survey_read_from_its_file_equals_the_one_read_from_storage(file: Path) -> None:
    instrument, _ = read_file(file)
    assert instrument is not None
    assert read_stored(instrument.source, instrument.survey, instrument.digest, instrument.version) == instrument
