"""A running service takes up its files again, whatever has become of their folder, and says so in the log."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.catalogue import draft, files, served
from app.server.preview import preview_of
from app.server.wiring import Running, create_app
from app.settings import Settings
from tests.support.waiting import expect_soon

OLD = "title: Before\nsections: {one: {items: {x: {type: text, ask: X?}}}}\n"
NEW = OLD.replace("Before", "After")


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(served, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(files, "RETRY_AFTER", 0.05)
    caplog.set_level(logging.INFO, "opinion.surveys")


@asynccontextmanager
async def serving(surveys: Path, beside: Path) -> AsyncIterator[Running]:
    async with create_app(Settings(database_url=f"sqlite:///{beside / 'o.db'}", surveys=str(surveys))) as app:
        yield app


def title(app: Running, survey: str = "s") -> str | None:
    served = app.surveys.served.get(survey)
    return served and served.instrument.title


def folder(at: Path, text: str) -> Path:
    at.mkdir()
    (at / "s.yaml").write_text(text)
    return at


async def test_a_folder_that_is_removed_keeps_its_surveys_up_until_it_is_made_again(tmp_path: Path, caplog) -> None:
    surveys = folder(tmp_path / "surveys", OLD)
    async with serving(surveys, tmp_path) as app:
        surveys.rename(tmp_path / "away")
        await expect_soon(lambda: "does not exist or cannot be read; its surveys are still served" in caplog.text)
        assert title(app) == "Before"
        folder(surveys, NEW)
        await expect_soon(lambda: title(app) == "After")
        assert "exists again; its files are loaded" in caplog.text
        (surveys / "s.yaml").write_text(OLD)  # what comes later is seen too
        await expect_soon(lambda: title(app) == "Before")


async def test_a_folder_that_is_deleted_with_its_files_is_taken_up_when_it_is_back(tmp_path: Path, caplog) -> None:
    surveys = folder(tmp_path / "surveys", OLD)
    async with serving(surveys, tmp_path) as app:
        shutil.rmtree(surveys)
        await expect_soon(lambda: "does not exist or cannot be read" in caplog.text)
        folder(surveys, NEW)
        await expect_soon(lambda: title(app) == "After")


async def test_a_folder_swapped_by_rename_is_read_at_once(tmp_path: Path, caplog) -> None:
    surveys, other = folder(tmp_path / "surveys", OLD), folder(tmp_path / "other", NEW)
    async with serving(surveys, tmp_path) as app:
        surveys.rename(tmp_path / "before")
        other.rename(surveys)
        await expect_soon(lambda: title(app) == "After")
        assert "was replaced; its files are loaded" in caplog.text or "exists again" in caplog.text
        (surveys / "s.yaml").write_text(OLD)
        await expect_soon(lambda: title(app) == "Before")


@pytest.mark.parametrize("single", [False, True])
async def test_a_link_that_is_switched_is_followed(tmp_path: Path, caplog, single: bool) -> None:
    first, second = folder(tmp_path / "1", OLD), folder(tmp_path / "2", NEW)
    link = tmp_path / ("s.yaml" if single else "current")
    link.symlink_to(first / "s.yaml" if single else first)
    async with serving(link, tmp_path) as app:
        following = tmp_path / "next"
        following.symlink_to(second / "s.yaml" if single else second)
        following.replace(link)
        await expect_soon(lambda: title(app) == "After")
        assert single or "was replaced; its files are loaded" in caplog.text


async def test_a_single_file_is_followed_through_an_editor_s_way_of_saving(tmp_path: Path) -> None:
    """By writing beside it and renaming, and by moving it away and writing it anew."""

    file = tmp_path / "s.yaml"
    file.write_text(OLD)
    async with serving(file, tmp_path) as app:
        beside = tmp_path / ".s.yaml.swp"
        beside.write_text(NEW)
        os.replace(beside, file)
        await expect_soon(lambda: title(app) == "After")
        file.rename(tmp_path / "s.yaml~")
        file.write_text(OLD)
        await expect_soon(lambda: title(app) == "Before")


async def test_a_file_that_was_gone_is_offered_again(tmp_path: Path, caplog) -> None:
    surveys = folder(tmp_path / "surveys", OLD)
    async with serving(surveys, tmp_path) as app:
        (surveys / "s.yaml").rename(tmp_path / "s.yaml")
        await expect_soon(lambda: title(app) is None)
        assert "s: its file no longer exists; the survey is no longer offered" in caplog.text
        (tmp_path / "s.yaml").rename(surveys / "s.yaml")
        await expect_soon(lambda: title(app) == "Before")
        assert "s: its file exists again; version 1 is offered" in caplog.text


async def test_a_change_that_could_not_be_taken_up_is_tried_again(tmp_path: Path, caplog, monkeypatch) -> None:
    surveys = folder(tmp_path / "surveys", OLD)
    async with serving(surveys, tmp_path) as app:
        keep, tries = app.storage.keep_instrument, []

        async def once_locked(*given):
            tries.append(given)
            if len(tries) == 1:
                raise OSError("locked")
            return await keep(*given)

        monkeypatch.setattr(app.storage, "keep_instrument", once_locked)
        (surveys / "s.yaml").write_text(NEW)
        await expect_soon(lambda: title(app) == "After")
        assert "could not be reloaded: OSError; trying again" in caplog.text


async def test_a_preview_shows_saved_files_also_after_one_that_could_not_be_shown(
    tmp_path: Path, caplog, monkeypatch
) -> None:
    file = folder(tmp_path / "surveys", OLD) / "s.yaml"
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'o.db'}", surveys=str(file))
    async with preview_of(settings) as preview:

        def shown() -> str:
            return preview.draft.served["s"].instrument.title

        with monkeypatch.context() as patch:
            patch.setattr(draft, "read_file", lambda path: 1 / 0)
            file.write_text(OLD.replace("Before", "Between"))
            await expect_soon(lambda: "could not be shown" in caplog.text)
        assert shown() == "Before"
        file.write_text(NEW)
        await expect_soon(lambda: shown() == "After")
