"""Pages in a browser without a server: how they are laid out."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from playwright.sync_api import Browser, Page

STATIC = Path(__file__).parents[2] / "app/web/static"


def show_page(browser: Browser, body: bytes | str, width: int = 1280, height: int = 900, **options: object) -> Page:
    """Opens a page as `https://survey.test/`, with the style sheets and scripts of the service."""
    page = browser.new_page(viewport={"width": width, "height": height}, **options)

    def answer(route) -> None:
        name = route.request.url.split("/static/")[-1]
        if name == route.request.url:
            route.fulfill(body=body, content_type="text/html; charset=utf-8")
        else:
            route.fulfill(body=(STATIC / name).read_bytes(), content_type=mimetypes.guess_type(name)[0])

    page.route("**/*", answer)
    page.goto("https://survey.test/")
    return page


#: The words that are broken, of everything that is to be seen. The parts of a broken word are on several lines.
BROKEN = """() => {
  const found = [], walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) for (const word of walk.currentNode.data.matchAll(/[^\\s-]{4,}/g)) {
    const range = document.createRange()
    range.setStart(walk.currentNode, word.index)
    range.setEnd(walk.currentNode, word.index + word[0].length)
    const box = range.getBoundingClientRect(), line = parseFloat(getComputedStyle(walk.currentNode.parentElement).fontSize)
    if (walk.currentNode.parentElement.closest('.unseen')) continue
    if (box.width > 1 && (box.height > 2 * line || box.right > innerWidth)) found.push(word[0] + ' in ' + walk.currentNode.parentElement.closest('.item')?.id)
  }
  return found
}"""
