"""Downloads for researchers: responses, judgements of vignettes, and the codebook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from app.exports.codebook import codebook_csv, codebook_markdown
from app.exports.csv import csv_chunks
from app.exports.vignettes import has_vignettes
from app.survey.codebook import Codebook, merged
from app.web.http.problems import HTTPProblem
from app.web.live.figures import LiveFigures
from app.web.live.frames import LiveFrame
from app.web.research.pages import attachment, served_frame
from app.web.research.sign_in import who_is_signed_in


def download_handlers(live: LiveFigures) -> list[Any]:
    @get("/{survey:str}/export.csv")
    async def responses(request: Request, survey: FromPath[str]) -> Stream:
        source, values = await served_frame(live, survey), values_of(request)
        chunks = while_signed_in(live, request, csv_stream(source, values))
        return download(chunks, f"{survey}-{values}.csv")

    @get("/{survey:str}/vignettes.csv")
    async def judgements(request: Request, survey: FromPath[str]) -> Stream:
        source, values = await served_frame(live, survey), values_of(request)
        if not has_vignettes(source.loaded.instruments):
            raise HTTPProblem(404)
        chunks = while_signed_in(live, request, csv_stream(source, values, per="vignette"))
        return download(chunks, f"{survey}-vignettes-{values}.csv")

    @get("/{survey:str}/codebook.csv")
    async def codebook_table(survey: FromPath[str]) -> Response[bytes]:
        return download_whole(await codebook_of(live, survey, codebook_csv), f"{survey}-codebook.csv", "text/csv")

    @get("/{survey:str}/codebook.md")
    async def codebook_text(survey: FromPath[str]) -> Response[bytes]:
        body = await codebook_of(live, survey, codebook_markdown)
        return download_whole(body, f"{survey}-codebook.md", "text/markdown")

    return [responses, judgements, codebook_table, codebook_text]


def values_of(request: Request) -> str:
    return "labels" if request.query_params.get("values") == "labels" else "codes"


async def codebook_of(live: LiveFigures, survey: str, written: Callable[[Codebook], bytes]) -> bytes:
    instruments = (await served_frame(live, survey)).loaded.instruments
    return await asyncio.to_thread(lambda: written(merged(instruments).codebook))


async def csv_stream(source: LiveFrame, values: str, per: str = "response") -> AsyncIterator[bytes]:
    """The rows as they are now, a slice at a time; each slice is made outside the event loop."""
    async with source.lock:
        chunks = await asyncio.to_thread(csv_chunks, source.loaded, values=values, per=per)
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
