import asyncio
import gzip
import logging
from pathlib import Path

import brotli
import httpx
import pytest
from jinja2 import DictLoader, Environment
from litestar import Litestar, Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from app.logs import DiscreetFormatter, configure_logging
from app.responses.errors import Unavailable
from app.web.http.assets import Assets
from app.web.http.problems import HTTPProblem, Link, Problems
from app.web.http.shell import SECURITY_HEADERS, Shell

PROBLEM = "<h1>{{ heading }}</h1>{{ status }} {{ what }} {{ remedy }}{% if link %} {{ link.href }}{% endif %}"
HOST = {"host": "opinion.example"}


@get("/")
async def front() -> Response:
    return Response(b"hello", media_type="text/plain")


@get("/kept")
async def kept() -> Response:
    return Response(b"hello", media_type="text/plain", headers={"Cache-Control": "max-age=60"})


@get("/away")
async def away() -> Redirect:
    return Redirect("/", status_code=303)


@get("/broken/{name:str}")
async def broken(name: FromPath[str]) -> None:
    raise ValueError(f"cannot read {name}")


@get("/count")
async def count(number: FromQuery[int]) -> Response:
    return Response(str(number).encode(), media_type="text/plain")


@get("/closed")
async def closed() -> None:
    raise HTTPProblem(410, "Closed", "This survey is closed.", "Thank you.", Link("/elsewhere", "Elsewhere"))


@get("/asleep")
async def asleep() -> None:
    raise Unavailable("the disk is full") from OSError("canary")


@post("/form")
async def form(request: Request) -> Response:
    return Response(str(len(await request.body())).encode(), status_code=200, media_type="text/plain")


ROUTES = [front, kept, away, broken, count, closed, asleep, form]


def surrounded(folder: Path, **bounds) -> Shell:
    references = iter(f"reference-{n}" for n in range(100))
    problems = Problems(Environment(loader=DictLoader({"problem.html": PROBLEM})), lambda: next(references))
    app = Litestar(ROUTES, exception_handlers=problems.exception_handlers(), logging_config=None)
    return Shell(app, problems, Assets(folder), **bounds)


async def visit(shell: Shell, method: str, path: str, **request) -> httpx.Response:
    transport = httpx.ASGITransport(shell)
    async with (
        shell.app.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://opinion.example") as client,
    ):
        return await client.request(method, path, **request)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "page.css").write_text("p { color: black }\n" * 100)
    (tmp_path / "dot.png").write_bytes(b"\x89PNG")
    (tmp_path / ".hidden").write_text("hidden")
    return tmp_path


@pytest.fixture
def shell(folder):
    return surrounded(folder)


# --- headers ---


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/away", 303),
        ("GET", "/nowhere", 404),
        ("GET", "/static/nowhere", 404),
        ("PUT", "/", 405),
        ("GET", "/broken/x", 500),
        ("GET", "/count?number=x", 400),
        ("OPTIONS", "/", 204),
    ],
)
async def test_every_answer_has_the_security_headers(shell, method, path, status):
    answer = await visit(shell, method, path)
    assert answer.status_code == status
    for name, text in SECURITY_HEADERS.items():
        assert answer.headers.get_list(name) == [text]
    assert answer.headers["cache-control"] == "no-store"


async def test_refusals_by_the_shell_itself_have_the_headers_too(folder):
    shell = surrounded(folder, body_bytes=10)
    refused = await visit(shell, "POST", "/form", content=b"a", headers={"sec-fetch-site": "cross-site"})
    too_large = await visit(shell, "POST", "/form", content=b"a" * 11)
    assert (refused.status_code, too_large.status_code) == (403, 413)
    for answer in (refused, too_large):
        assert answer.headers["content-security-policy"] == SECURITY_HEADERS["content-security-policy"]


def test_the_policy_allows_nothing_inline_and_no_other_site():
    policy = SECURITY_HEADERS["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy


async def test_a_route_may_set_its_own_cache_control(shell):
    assert (await visit(shell, "GET", "/kept")).headers.get_list("cache-control") == ["max-age=60"]


async def test_browsers_are_told_to_stay_on_https_only_where_there_is_https(folder):
    plain = await visit(surrounded(folder, public_url="http://opinion.example"), "GET", "/nowhere")
    secure = await visit(surrounded(folder, public_url="https://opinion.example"), "GET", "/nowhere")
    assert "strict-transport-security" not in plain.headers
    assert secure.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(("public_url", "warnings"), [("", 1), ("http://opinion.example", 1), ("https://opinion.example", 0)])
async def test_a_proxy_with_https_and_no_base_url_is_logged_once(folder, caplog, public_url, warnings):
    shell = surrounded(folder, public_url=public_url)
    await visit(shell, "GET", "/")
    for _ in range(2):
        await visit(shell, "GET", "https://opinion.example/")
    assert caplog.text.count("--base-url is not set") == warnings


# --- HEAD ---


async def test_head_is_answered_as_get_without_a_body(shell):
    whole, head = await visit(shell, "GET", "/"), await visit(shell, "HEAD", "/")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == whole.headers


async def test_head_stops_a_stream_that_would_go_on_for_ever(folder):
    async def endless(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": b"tick", "more_body": True})

    shell = surrounded(folder)
    shell.app = endless
    assert await asked(shell, "HEAD") == (200, b"")


async def asked(shell, method="GET", receive=None, headers=(), path="/") -> tuple[int, bytes]:
    """Status and body of an answer, without a client in between."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": list(headers), "query_string": b""}
    await shell(scope, receive, send)
    assert [message["type"] for message in sent[:1]] == ["http.response.start"]
    assert not sent[-1].get("more_body")
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


# --- where a form comes from ---


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://opinion.example"}, 403),
        ({"origin": "http://opinion.example"}, 200),
        ({"origin": "https://opinion.example"}, 200),
        ({"origin": "https://public.example"}, 200),
        ({"origin": "http://public.example"}, 403),
        ({"origin": "http://opinion.example:8080"}, 403),
        ({"origin": "http://opinion.example.evil.example"}, 403),
        ({"origin": "http://evil.example/opinion.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://"}, 403),
        ({"origin": "http://[", "host": ""}, 403),
        ({"origin": "null", "host": ""}, 403),
        ({"origin": "app://opinion.example"}, 403),
        ({"referer": "http://opinion.example/s/x"}, 200),
        ({"referer": "http://evil.example/opinion.example"}, 403),
        ({"origin": "http://evil.example", "referer": "http://opinion.example/"}, 403),
    ],
)
async def test_only_our_own_pages_can_post(folder, headers, status):
    shell = surrounded(folder, public_url="https://public.example/")
    assert (await visit(shell, "POST", "/form", content=b"a=1", headers=HOST | headers)).status_code == status


async def test_links_from_other_sites_work(shell):
    headers = {"sec-fetch-site": "cross-site", "referer": "https://elsewhere.example/"}
    assert (await visit(shell, "GET", "/", headers=headers)).status_code == 200


# --- what is sent to us ---


async def test_a_body_up_to_the_limit_is_read(folder):
    assert (await visit(surrounded(folder, body_bytes=10), "POST", "/form", content=b"a" * 10)).text == "10"


async def test_a_body_announced_as_too_large_is_not_read_at_all(folder):
    async def receive():
        raise AssertionError("read")

    headers = [(b"content-length", b"10000000")]
    status, _ = await asked(surrounded(folder), "POST", receive, headers)
    assert status == 413


async def test_an_absurd_length_is_no_fault_of_ours(shell):
    status, _ = await asked(shell, "POST", None, [(b"content-length", b"9" * 5000)])
    assert status == 413


async def test_a_body_of_unknown_length_is_read_up_to_the_limit_and_no_further(folder):
    read = []

    async def pieces():
        while True:
            read.append(100)
            yield b"a" * 100

    answer = await visit(surrounded(folder, body_bytes=1000), "POST", "/form", content=pieces())
    assert answer.status_code == 413
    assert sum(read) <= 1200
    assert answer.headers["connection"] == "close"


def body_in(*pieces, then):
    """A `receive` that gives these pieces of a body and then waits for `then`."""
    left = list(pieces)

    async def receive():
        if left:
            return left.pop(0)
        return await then()

    return receive


async def test_a_body_that_does_not_come_is_given_up(folder):
    async def never():
        await asyncio.Event().wait()

    async def reads(scope, receive, send):
        while (await receive()).get("more_body"):
            pass

    shell = surrounded(folder, body_seconds=0.01)
    shell.app = reads
    receive = body_in({"type": "http.request", "body": b"a", "more_body": True}, then=never)
    status, page = await asked(shell, "POST", receive)
    assert status == 408 and b"took too long" in page


async def test_a_visitor_who_leaves_in_the_middle_of_a_form_is_no_fault_of_ours(shell, caplog):
    async def leaves():
        return {"type": "http.disconnect"}

    receive = body_in({"type": "http.request", "body": b"a=", "more_body": True}, then=leaves)
    status, _ = await asked(shell, "POST", receive, path="/form")
    assert (status, caplog.text) == (400, "")


async def test_a_body_that_comes_in_pieces_after_waiting_is_whole(folder):
    async def last():
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"cd", "more_body": False}

    async def echoes(scope, receive, send):
        body = b""
        while True:
            message = await receive()
            body += message["body"]
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    shell = surrounded(folder)
    shell.app = echoes
    receive = body_in({"type": "http.request", "body": b"ab", "more_body": True}, then=last)
    assert await asked(shell, "POST", receive) == (200, b"abcd")


async def test_waiting_for_the_visitor_to_leave_may_take_longer_than_a_body(folder):
    async def leaves_late():
        await asyncio.sleep(0.05)
        return {"type": "http.disconnect"}

    async def waits(scope, receive, send):
        await receive()
        assert (await receive())["type"] == "http.disconnect"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    shell = surrounded(folder, body_seconds=0.01)
    shell.app = waits
    receive = body_in({"type": "http.request", "body": b"a"}, then=leaves_late)
    assert await asked(shell, "POST", receive) == (200, b"")


async def test_a_wait_for_a_body_can_be_cancelled(folder):
    """As the server does when it shuts down."""
    told = []

    async def never():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            told.append("cancelled")
            raise

    async def reads(scope, receive, send):
        await receive()

    shell = surrounded(folder)
    shell.app = reads
    task = asyncio.create_task(asked(shell, "POST", never))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == ["cancelled"]


# --- what went wrong ---


async def test_a_problem_is_told_in_its_own_words(shell):
    answer = await visit(shell, "GET", "/closed", headers={"accept": "text/html"})
    assert answer.status_code == 410
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text == "<h1>Closed</h1>410 This survey is closed. Thank you. /elsewhere"


async def test_what_was_sent_is_never_repeated(shell):
    answer = await visit(shell, "GET", "/count?number=canary")
    assert answer.status_code == 400 and "canary" not in answer.text
    assert "canary" not in (await visit(shell, "GET", "/canary")).text


async def test_a_method_that_is_not_allowed_names_those_that_are(shell):
    assert set((await visit(shell, "GET", "/form")).headers["allow"].split(", ")) >= {"POST"}


async def test_scripts_get_json_or_text_when_they_ask_for_it(shell):
    told = await visit(shell, "GET", "/closed", headers={"accept": "application/json"})
    assert told.json() == {
        "status": 410,
        "heading": "Closed",
        "what": "This survey is closed.",
        "remedy": "Thank you.",
    }
    stream = await visit(shell, "GET", "/closed", headers={"accept": "text/event-stream"})
    assert stream.headers["content-type"] == "text/plain; charset=utf-8"
    assert stream.text == "410 Closed. This survey is closed. Thank you.\n"


async def test_an_internal_error_has_a_reference_on_page_and_in_log_and_no_secrets(shell, caplog):
    answer = await visit(
        shell, "GET", "/broken/canary?canary=1", headers={"cookie": "canary=1", "user-agent": "canary"}
    )
    assert answer.status_code == 500
    assert "the reference referenc to the people" in answer.text and "canary" not in answer.text
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "500 reference referenc: GET /broken/{name}" in logged
    assert "ValueError" in logged and "test_shell.py" in logged
    assert "canary" not in logged and "Traceback" not in caplog.text


async def test_a_database_that_cannot_be_reached_is_a_matter_of_trying_again(shell, caplog):
    answer = await visit(shell, "GET", "/asleep")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Not available just now" in answer.text
    assert "the disk is full" in caplog.text and "canary" not in caplog.text + answer.text


async def test_a_fault_in_the_page_of_faults_still_gives_a_page(folder, caplog):
    shell = surrounded(folder)
    shell._problems._pages.loader.mapping["problem.html"] = "{{ 1 / 0 }}"
    answer = await visit(shell, "GET", "/nowhere")
    assert answer.status_code == 404 and "There is nothing here" in answer.text


async def test_half_an_answer_is_not_passed_off_as_a_whole_one(folder, caplog):
    async def breaks(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("canary")

    shell = surrounded(folder)
    shell.app = breaks
    with pytest.raises(Exception) as caught:
        await asked(shell)
    assert "canary" not in str(caught.value) + caplog.text


# --- the log ---


def test_the_log_tells_the_kind_of_an_exception_and_not_its_message():
    try:
        try:
            int("canary")
        except ValueError as error:
            raise RuntimeError("canary") from error
    except RuntimeError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "it failed", (), (RuntimeError, error, None))
    line = DiscreetFormatter().format(record)
    assert line.startswith("it failed\nRuntimeError\n") and "\nValueError\n" in line
    assert "canary" not in line


def test_the_log_leaves_out_the_objects_that_asyncio_prints():
    message = "Task exception was never retrieved\nfuture: <Task exception=ValueError('canary')>"
    line = DiscreetFormatter().format(logging.LogRecord("asyncio", logging.ERROR, "", 1, message, (), None))
    assert line == "Task exception was never retrieved"


def test_requests_are_not_logged(capsys):
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        configure_logging()
        logging.getLogger("uvicorn.access").info('%s - "GET %s"', "192.0.2.1", "/canary")
        logging.getLogger("uvicorn.error").info("started")
        logged = capsys.readouterr().err
    finally:
        root.handlers[:], root.level = before
    assert "started" in logged and "canary" not in logged and "192.0.2.1" not in logged


# --- static files ---


async def test_a_static_file_is_named_by_its_content_and_kept_for_ever(folder, shell):
    url = Assets(folder).url("page.css")
    answer = await visit(shell, "GET", url)
    assert answer.content == (folder / "page.css").read_bytes()
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    (folder / "page.css").write_text("p { color: red }")
    assert Assets(folder).url("page.css") != url


@pytest.mark.parametrize(
    ("accepted", "coding", "unpack"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
        ("BR;q=1.0", "br", brotli.decompress),
        ("identity", None, bytes),
        ("br; q=0.0", None, bytes),
    ],
)
async def test_a_static_file_comes_in_the_best_coding_that_is_accepted(folder, shell, accepted, coding, unpack):
    async def raw():
        sent = []

        async def send(message):
            sent.append(message)

        headers = [(b"accept-encoding", accepted.encode())]
        scope = {"type": "http", "method": "GET", "path": Assets(folder).url("page.css"), "headers": headers}
        await shell(scope, None, send)
        return dict(sent[0]["headers"]), sent[1]["body"]

    headers, body = await raw()
    assert headers.get(b"content-encoding") == (coding.encode() if coding else None)
    assert unpack(body) == (folder / "page.css").read_bytes()
    assert headers[b"content-length"] == str(len(body)).encode()
    assert headers[b"vary"] == b"accept-encoding"


async def test_a_static_file_that_one_has_is_not_sent_again(folder, shell):
    url = Assets(folder).url("page.css")
    tag = (await visit(shell, "GET", url)).headers["etag"]
    again = await visit(shell, "GET", url, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert (await visit(shell, "GET", url, headers={"if-none-match": '"other"'})).status_code == 200


@pytest.mark.parametrize(
    "path", ["/static/page.css", "/static/../page.css", "/static/%2e%2e/page.css", "/static/"]
)
async def test_nothing_else_is_served_as_a_static_file(shell, path):
    answer = await visit(shell, "GET", path)
    assert answer.status_code == 404 and "There is nothing here" in answer.text


def test_hidden_files_are_not_served(folder):
    with pytest.raises(KeyError):
        Assets(folder).url(".hidden")


async def test_a_static_file_can_only_be_got(folder, shell):
    url = Assets(folder).url("dot.png")
    assert (await visit(shell, "HEAD", url)).status_code == 200
    answer = await visit(shell, "POST", url)
    assert answer.status_code == 405 and answer.headers["allow"] == "GET, HEAD"
