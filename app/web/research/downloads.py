"""Downloads for researchers: responses, judgements of vignettes, and the codebook; of all that is stored, or of a view."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from app.exports.codebook import codebook_csv, codebook_markdown
from app.exports.csv import csv_chunks
from app.exports.vignettes import answers_of_the_response, has_vignettes
from app.exports.weights import described_weights
from app.languages.catalogues import ENGLISH
from app.languages.formats import write_date
from app.results.view import View, read_view
from app.survey.codebook import merged
from app.survey.faults import did_you_mean, one_of
from app.web.http.problems import HTTPProblem, Link
from app.web.live.counting import TooSlow
from app.web.live.figures import LiveFigures
from app.web.live.frames import LiveFrame
from app.web.research.files import CHOOSES, about_files, name_of_file
from app.web.research.pages import attachment, served_frame
from app.web.research.sign_in import who_is_signed_in
from app.web.respond.context import AppContext


def download_handlers(context: AppContext, live: LiveFigures) -> list[Any]:
    @get("/{survey:str}/export.csv")
    async def responses(request: Request, survey: FromPath[str]) -> Stream:
        rows = await asked_rows(live, request, survey)
        chunks = while_signed_in(live, request, csv_stream(rows))
        return download(chunks, rows.file_name(rows.values))

    @get("/{survey:str}/vignettes.csv")
    async def judgements(request: Request, survey: FromPath[str]) -> Stream:
        rows = await asked_rows(live, request, survey)
        if not has_vignettes(rows.source.loaded.instruments):
            raise HTTPProblem(404)
        chunks = while_signed_in(live, request, csv_stream(rows, "vignette", answers_asked(request, rows.source)))
        return download(chunks, rows.file_name(f"vignettes-{rows.values}"))

    @get("/{survey:str}/codebook.csv")
    async def codebook_table(request: Request, survey: FromPath[str]) -> Response[bytes]:
        rows = await asked_rows(live, request, survey)
        body = await codebook_of(context, rows, codebook_csv)
        return download_whole(body, rows.file_name("codebook"), "text/csv")

    @get("/{survey:str}/codebook.md")
    async def codebook_text(request: Request, survey: FromPath[str]) -> Response[bytes]:
        rows = await asked_rows(live, request, survey)
        return download_whole(await codebook_of(context, rows, codebook_markdown), rows.file_name("codebook", "md"), "text/markdown")

    return [responses, judgements, codebook_table, codebook_text]


# --- what was asked for -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AskedRows:
    """The responses that a download holds, and how they are written."""

    source: LiveFrame
    view: View | None  # None for all that are stored
    n: int
    values: str  # codes | labels

    def file_name(self, what: str, ending: str = "csv") -> str:
        return f"{name_of_file(self.source.survey, what, self.view, self.n)}.{ending}"


async def asked_rows(live: LiveFigures, request: Request, survey: str) -> AskedRows:
    """Raises HTTPProblem for a survey that was never served, and for a view that is at fault."""
    source, query = await served_frame(live, survey), list(request.query_params.multi_items())
    values = "labels" if request.query_params.get("values") == "labels" else "codes"
    if not any(name in CHOOSES for name, _ in query):
        return AskedRows(source, None, source.loaded.rows, values)
    chosen = [(name, value) for name, value in query if name in CHOOSES]
    async with source.lock:
        frame = source.loaded.snapshot()
    asked = await asyncio.to_thread(read_view, chosen, frame.instruments[0], frame.layout)
    if asked.faults:
        raise refused(survey, " ".join(asked.faults))
    try:
        n = await live.counting.filtered(lambda pause: frame.tally(asked.view, pause).n)
    except TooSlow as fault:
        raise refused(survey, str(fault)) from fault
    return AskedRows(source, asked.view, n, values)


def answers_asked(request: Request, source: LiveFrame) -> set[str] | None:
    """The items and variables that an address names after `with`, with commas between; None where it does not. Raises
    HTTPProblem for a name that there is not."""
    if "with" not in request.query_params:
        return None
    wanted = {name.strip() for each in request.query_params.getall("with") for name in each.split(",") if name.strip()}
    known = {name for each in answers_of_the_response(source.loaded.coding) for name in (each.item, each.name)}
    for name in sorted(wanted - known):
        remedy = did_you_mean(name, known) or f"These can be taken along: {one_of(sorted(known))}."
        raise refused(source.survey, f'This survey has no question "{name}". {remedy}')
    return wanted


def refused(survey: str, why: str) -> HTTPProblem:
    remedy, page = "Correct the address, or download the file from the survey’s page.", Link(f"/research/{survey}", "Open that page")
    return HTTPProblem(422, "This file cannot be made", why, remedy, page)


# --- files --------------------------------------------------------------------------------------------------


async def codebook_of(context: AppContext, rows: AskedRows, written: Callable[..., bytes]) -> bytes:
    """`written` takes a codebook, words on the responses of the view, and their weights."""
    frame = rows.source.loaded
    about, newest = about_files(rows.view, rows.n, frame.layout), frame.instruments[0]
    day = write_date(context.today(newest).isoformat(), ENGLISH)

    def body() -> bytes:
        weights = described_weights(newest.weights, frame.weighting(), day)
        return written(merged(frame.instruments).codebook, about=about, weights=weights)

    return await asyncio.to_thread(body)


async def csv_stream(rows: AskedRows, per: str = "response", answers: set[str] | None = None) -> AsyncIterator[bytes]:
    """The rows as they are now, a slice at a time; each slice is made outside the event loop."""
    begin = partial(csv_chunks, rows.source.loaded, values=rows.values, per=per, view=rows.view, answers=answers)
    async with rows.source.lock:
        chunks = await asyncio.to_thread(begin)
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk


async def while_signed_in(
    live: LiveFigures, request: Request, chunks: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """Cuts a download off when its researcher signs out or is removed."""
    session = who_is_signed_in(request).session
    with live.streaming(session):
        async for chunk in chunks:
            if session not in live.sessions:
                raise HTTPProblem(401)
            yield chunk


def download(chunks: AsyncIterator[bytes], name: str) -> Stream:
    return Stream(chunks, media_type="text/csv", headers=attachment(name))


def download_whole(body: bytes, name: str, kind: str) -> Response[bytes]:
    return Response(body, media_type=kind, headers=attachment(name))
