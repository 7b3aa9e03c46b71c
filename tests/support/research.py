"""Researchers who are signed in."""

from __future__ import annotations

import httpx

from tests.support.browsing import Page, Visitor, path_of, press
from tests.support.server import Server


def researcher(server: Server) -> httpx.Client:
    client = server.client(follow_redirects=True)
    link = server.address("Sign in")
    assert client.post(link, headers={"origin": server.base}).url.path == "/research/account"
    return client


def sign_in(visitor: Visitor, server: Server) -> Page:
    """Through the link that the service prints when it starts for the first time."""
    page = visitor.page
    page.goto(server.address("Sign in"))
    press(page)
    assert path_of(page) == "/research/account"
    return page
