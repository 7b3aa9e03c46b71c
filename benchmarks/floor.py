"""What the service is held against: bare handlers under the same router, the same server and the same settings.

Run as `python -m benchmarks.floor PORT`.
"""

from __future__ import annotations

import random
import sys
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from litestar import Litestar, Request, Response, get, post
from litestar.params import FromPath

from app.interview.form import fields_of
from app.interview.rendering.pages import section_variables
from app.interview.route import Route
from app.server.run import configuration, listen, settle_memory
from app.server.wiring import STATIC, TEMPLATES
from app.settings import Settings
from app.web.http.assets import Assets
from app.web.http.templates import environment
from benchmarks import sixty

SECTION = "part4"


@get("/plaintext")
async def plaintext() -> Response[bytes]:
    return Response(b"ok\n", media_type="text/plain")


@post("/s/{survey:str}/{section:str}")
async def parsed(request: Request, survey: FromPath[str], section: FromPath[str]) -> Response[bytes]:
    """Reads the form and leads on: what any answer to it must do at least."""
    form = parse_qs((await request.body()).decode(), keep_blank_values=True, errors="strict", max_num_fields=5000)
    return Response(b"", status_code=303, headers={"location": f"/s/{survey}/{form['shown'][0]}"}, media_type="text/plain")


def stock() -> Any:
    """The same page, rendered by Jinja each time from the same template."""
    templates = environment(TEMPLATES, Assets(STATIC).url)
    asked = sixty.instrument()
    section = asked.section[SECTION]
    answers = Route(asked).path(sixty.answers(asked, random.Random(1))).answers
    template = templates.get_template("section.html")

    @get("/stock")
    async def page() -> Response[bytes]:
        sent = fields_of(section, answers)

        def hole(kind: str, *key: object) -> str:
            if kind == "chosen":
                return " checked" if str(key[1]) in sent.get(str(key[0]), ()) else ""
            return sent.get(str(key[0]), [""])[0] if kind == "typed" else ""

        shown = template.render(
            hole=hole, define=lambda name, caller: "", piped={}, words=lambda text, *room: text.plain, private=(), **section_variables(asked, section)
        )
        return Response(shown.encode(), media_type="text/html; charset=utf-8")

    return page


def main() -> None:
    settings = Settings(port=int(sys.argv[1]))
    app = Litestar([plaintext, parsed, stock()], openapi_config=None, logging_config=None, on_startup=[settle_memory])
    uvicorn.Server(configuration(settings, app)).run(sockets=[listen(settings)])


if __name__ == "__main__":
    main()
