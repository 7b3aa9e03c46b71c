"""Whole answers, and what is read of a request: as a browser and the standard library would have them."""

from __future__ import annotations

import zlib
from urllib.parse import parse_qs

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.exceptions import HTTPException

from app.web.http.replies import body_of, cookie, go, header, html, parsed_form

PAGE = b"<p>How do you see it?</p>" * 100
BACK = {b"br": brotli.decompress, b"gzip": lambda body: zlib.decompress(body, zlib.MAX_WBITS | 16)}


async def answered(reply, accepted: bytes = b"") -> tuple[int, dict[bytes, bytes], bytes]:
    sent = []

    async def send(message):
        sent.append(message)

    headers = [(b"accept-encoding", accepted)] if accepted else []
    await reply({"type": "http", "headers": headers}, None, send)
    start, body = sent
    return start["status"], dict(start["headers"]), body["body"]


@pytest.mark.parametrize(
    "accepted, coding",
    [
        (b"gzip, deflate, br", b"br"),
        (b"gzip", b"gzip"),
        (b"br;q=0, gzip;q=0.5", b"gzip"),
        (b"GZIP;q=1.0", b"gzip"),
    ],
)
async def test_a_page_comes_in_the_best_coding_that_is_accepted(accepted, coding):
    status, headers, body = await answered(html(PAGE), accepted)
    assert (status, headers[b"content-encoding"], headers[b"vary"]) == (200, coding, b"accept-encoding")
    assert int(headers[b"content-length"]) == len(body) < len(PAGE)
    assert BACK[coding](body) == PAGE


@pytest.mark.parametrize("accepted", [b"", b"identity", b"deflate", b"br;q=0", b"gzip;q=0.0"])
async def test_a_page_comes_as_it_is_where_no_coding_of_ours_is_accepted(accepted):
    _, headers, body = await answered(html(PAGE), accepted)
    assert body == PAGE and b"content-encoding" not in headers
    assert headers[b"vary"] == b"accept-encoding"  # a copy of it would be wrong for others


@pytest.mark.parametrize("reply", [html(PAGE, packed=False), html(PAGE[:1000]), go("/s/leaving")])
async def test_what_must_not_or_need_not_be_compressed_comes_as_it_is(reply):
    _, headers, body = await answered(reply, b"br, gzip")
    assert b"content-encoding" not in headers and int(headers[b"content-length"]) == len(body)


@given(st.text(alphabet="ab=&+%;2E0ü /\n\x00Ff8"))
def test_a_form_is_read_as_the_standard_library_reads_it(text):
    def outcome(read):
        try:
            return read()
        except ValueError:
            return "refused"

    ours = outcome(lambda: parsed_form(text.encode(), 20))
    theirs = outcome(lambda: parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=20))
    assert ours == theirs


@pytest.mark.parametrize("body", [b"a=\xff", b"a=%FF", b"&".join([b"a=1"] * 21)])
def test_a_form_that_is_none_raises_a_value_error(body):
    with pytest.raises(ValueError):
        parsed_form(body, 20)


@pytest.mark.parametrize(
    "sent, found",
    [
        ([b"a=1; opinion_x=abc; b=2"], "abc"),
        ([b"a=1", b"opinion_x=abc"], "abc"),
        ([b"opinion_x=a=b="], "a=b="),
        ([b"xopinion_x=1; opinion_xx=2"], ""),
        ([b"opinion_x"], ""),
        ([], ""),
    ],
)
def test_a_cookie_is_found_by_its_whole_name(sent, found):
    assert cookie({"headers": [(b"cookie", each) for each in sent]}, "opinion_x") == found


def test_a_header_that_is_missing_is_nothing():
    assert header({"headers": [(b"host", b"here")]}, b"accept-encoding") == b""


async def test_a_body_is_put_together_from_its_pieces():
    pieces = [{"body": b"a=1", "more_body": True}, {"more_body": True}, {"body": b"&b=2"}]
    assert await body_of(received(pieces)) == b"a=1&b=2"


async def test_a_body_that_breaks_off_is_a_bad_request():
    with pytest.raises(HTTPException) as broken:
        await body_of(received([{"body": b"a=1", "more_body": True}, {"type": "http.disconnect"}]))
    assert broken.value.status_code == 400


def received(messages):
    left = iter(messages)

    async def receive():
        return {"type": "http.request", **next(left)}

    return receive
