"""How a survey is going, as researchers see it: how full its quotas are, and who was screened out by what."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.browsing import overflow
from tests.support.research import researcher, sign_in
from tests.support.respondent import respond
from tests.support.server import Server

SURVEY = """
title: Leaving
screen_out:
  outsiders: {when: status == "outside"}
quotas:
  surgeons: {when: specialty == "surgical", most: 2}
  nobody_yet: {when: specialty == "other", most: 1500}
sections:
  who:
    items:
      status: {type: single_choice, ask: Status, required: true, options: {inside: Inside, outside: Outside}}
  work:
    items:
      specialty: {type: single_choice, ask: Specialty, options: {surgical: Surgical, other: Other, none: None}}
  last:
    items:
      words: {type: text, ask: Words}
"""
SURGEON = {"status": "inside", "specialty": "surgical"}


def counted(html: str, caption: str) -> dict[str, list[str]]:
    """The rows of a table of the progress, as a reader sees them, by the first word of each."""
    found = re.search(rf"<caption>{caption}</caption>(.*?)</table>", html, re.DOTALL)
    if found is None:
        return {}
    rows = re.findall(r"<tr><th scope=\"row\"[^>]*>(.*?)</th>(.*?)</tr>", found[1], re.DOTALL)
    return {" ".join(words(head)): words(rest) for head, rest in rows}


def words(html: str) -> list[str]:
    return re.sub(r"<[^>]*>", " ", html).replace("&#34;", "'").split()


def test_a_dashboard_shows_how_full_each_quota_is_and_who_was_screened_out_by_what(server: Server) -> None:
    with closing(researcher(server)) as page:
        empty = page.get("/research/leaving").text
        assert counted(empty, "Quotas") == {
            "specialty == 'surgical' surgeons": ["0", "2"], "specialty == 'other' nobody_yet": ["0", "1,500"],
        }  # fmt: skip
        assert counted(empty, "Screened out by") == {}
        respond(server, "leaving", SURGEON, submit=False)
        for _ in range(3):
            respond(server, "leaving", SURGEON)
        respond(server, "leaving", {"status": "outside"})
        shown = page.get("/research/leaving").text
        assert counted(shown, "Quotas") == {
            "specialty == 'surgical' surgeons, full": ["2", "2"], "specialty == 'other' nobody_yet": ["0", "1,500"],
        }  # fmt: skip
        assert counted(shown, "Screened out by") == {
            "screened out: status == 'outside'": ["1"], "quota of 2 was full: specialty == 'surgical'": ["1"],
        }  # fmt: skip


def test_quotas_of_an_open_dashboard_move_as_places_are_taken(server: Server) -> None:
    with closing(researcher(server)) as page:
        address = re.search(r'data-live="([^"]*)"', page.get("/research/leaving").text)
        assert address
        with page.stream("GET", address[1].replace("&amp;", "&")) as events:
            respond(server, "leaving", SURGEON)
            for line in events.iter_lines():
                rows = counted(line.encode().decode("unicode_escape"), "Quotas") if "Quotas" in line else {}
                if rows.get("specialty == 'surgical' surgeons") == ["1", "2"]:
                    break
            else:
                raise AssertionError("the place that was taken is never told")


def test_a_survey_without_quotas_shows_none(tmp_path: Path) -> None:
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(
        re.sub(r"quotas:.*?sections:", "sections:", SURVEY, flags=re.DOTALL)
    )
    with Server(tmp_path) as server, closing(researcher(server)) as page:
        assert "<caption>Quotas" not in page.get("/research/leaving").text


@pytest.mark.parametrize("width", [320, 1280])
def test_quotas_fit_any_window(server: Server, visiting, width: int) -> None:
    respond(server, "leaving", SURGEON)
    page = sign_in(visiting(server.base, viewport={"width": width, "height": 900}), server)
    page.goto("/research/leaving")
    assert page.locator(".quotas tbody tr").count() == 2
    assert overflow(page) == 0
