"""A room: phones and a projector move together, and a page that waits moves on by itself."""

from __future__ import annotations

import re
import threading
from contextlib import suppress

import httpx
from playwright.sync_api import Page, expect

from tests.support.browsing import Visitor
from tests.support.research import researcher, sign_in
from tests.support.respondent import hidden
from tests.support.server import Server

SURVEY = """
title: Leaving
poll: true
results: {show_to: everyone, floor: 3, release_every: 3}
sections:
  one:
    items:
      seen: {type: rating, ask: Do you see failure or growth?, scale: {1: Failure, 2: Neither, 3: Growth}}
"""


def answer(phone: Page, words: str) -> None:
    phone.goto("/s/leaving")
    phone.get_by_role("button", name=words).click()
    expect(phone.get_by_text("Your answer is in")).to_be_visible()


def test_a_phone_and_a_projector_move_together(server: Server, visiting) -> None:
    projector = sign_in(visiting(server.base, viewport={"width": 1280, "height": 720}), server)
    projector.goto("/present/leaving")
    count = projector.locator("#count")
    expect(count).to_have_text("0")
    phones: list[Visitor] = [visiting(server.base, viewport={"width": 360, "height": 740}, has_touch=True) for _ in range(3)]
    for place, phone in enumerate(phones):
        answer(phone.page, "Growth" if place else "Failure")
        expect(count).to_have_text(str(place + 1))
        expect(projector.locator(".bars")).to_have_count(0)  # not revealed
    # All phones learn of the first release by themselves.
    for phone in phones:
        expect(phone.page.get_by_text(re.compile("You said")).first).to_be_visible(timeout=10_000)
    projector.keyboard.press("r")
    expect(projector.locator(".bar .track")).to_have_count(3)
    expect(projector.locator(".bar", has_text="Growth")).to_contain_text("67%")
    projector.keyboard.press("o")
    expect(projector.get_by_text("Closed", exact=True)).to_be_visible()
    late = visiting(server.base).page
    late.goto("/s/leaving")
    expect(late.get_by_text("takes no answers at the moment")).to_be_visible()
    projector.keyboard.press("o")
    expect(late.get_by_role("button", name="Neither")).to_be_visible(timeout=10_000)  # by itself
    late.get_by_role("button", name="Neither").click()
    expect(count).to_have_text("4")
    expect(projector.locator(".bar", has_text="Growth")).to_contain_text("67%")  # not before a whole batch


def test_two_projectors_of_two_presenters_agree(server: Server, visiting) -> None:
    visitor = visiting(server.base)
    first = sign_in(visitor, server)
    first.goto("/present/leaving")
    second = visitor.context.new_page()
    second.goto("/present/leaving")
    first.keyboard.press("o")
    expect(second.get_by_text("Closed", exact=True)).to_be_visible()
    second.bring_to_front()
    second.keyboard.press("o")
    expect(first.get_by_role("button", name="Close the poll")).to_be_visible()


def events(client: httpx.Client, address: str, begun: threading.Event, ended: threading.Event) -> None:
    with suppress(httpx.TransportError), client.stream("GET", address, timeout=30) as stream:
        for _ in stream.iter_raw():
            begun.set()
    ended.set()


def opened(client: httpx.Client, address: str) -> threading.Event:
    """Opens a stream; gives what is set when it has ended."""
    begun, ended = threading.Event(), threading.Event()
    threading.Thread(target=events, args=(client, address, begun, ended), daemon=True).start()
    assert begun.wait(10)
    return ended


def test_a_projector_is_not_live_after_its_presenter_has_signed_out(server: Server) -> None:
    presenter = researcher(server)
    ended = opened(presenter, "/present/leaving/live")
    assert not ended.wait(1.5)
    token = hidden(presenter.get("/research/account").text, "form_token")
    presenter.post("/research/sign-out", data={"form_token": token}, headers={"origin": server.base})
    assert ended.wait(8)
    assert presenter.get("/present/leaving", headers={"accept": "text/html"}).url.path == "/sign-in"


def test_open_pages_of_a_room_do_not_delay_a_stop(server: Server) -> None:
    streams = [opened(server.client(), "/live/leaving"), opened(researcher(server), "/present/leaving/live")]
    assert server.stop() < 5
    assert all(ended.wait(5) for ended in streams)
