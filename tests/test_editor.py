"""A survey in an editor: the YAML language server, which many editors use, with the schema that `opinion schema` prints.

The server is `yaml-language-server` from npm, on the PATH or in the folder that OPINION_TEST_NODE names.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import opinion

SURVEY = """\
# yaml-language-server: $schema=survey.schema.json
title: Leaving
sections:
  you:
    items:
      years:
        type: number
        ask: How many years?
        range: [0, 70]
        
      pairs:
        type: semantic_differential
        ask: How is it?
        
        pairs: {warm: [Cold, Warm]}
"""


class Editor:
    """Speaks the Language Server Protocol with one server over its standard input and output."""

    def __init__(self, command: list[str], folder: Path):
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self.folder, self.asked = folder, 0
        capabilities = {"textDocument": {"completion": {}, "hover": {}, "publishDiagnostics": {}}}
        self.ask("initialize", {"processId": os.getpid(), "rootUri": folder.as_uri(), "capabilities": capabilities})
        self.tell("initialized", {})
        settings = {"yaml": {"validate": True, "completion": True, "hover": True, "schemaStore": {"enable": False}}}
        self.tell("workspace/didChangeConfiguration", {"settings": settings})

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.server.stdin is not None
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.server.stdin.flush()

    def tell(self, method: str, params: dict[str, Any]) -> None:
        self.send({"method": method, "params": params})

    def heard(self) -> dict[str, Any]:
        """The next message of the server, whose own questions are answered on the way."""
        assert self.server.stdout is not None
        while True:
            length = 0
            while (line := self.server.stdout.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length"):
                    length = int(line.split(b":")[1])
            message = json.loads(self.server.stdout.read(length))
            if "method" not in message or "id" not in message:
                return message
            several = message["method"] == "workspace/configuration"
            self.send({"id": message["id"], "result": [{} for _ in message["params"]["items"]] if several else None})

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        self.asked += 1
        self.send({"id": self.asked, "method": method, "params": params})
        while (message := self.heard()).get("id") != self.asked:
            pass
        return message["result"]

    def opened(self, name: str, text: str) -> list[dict[str, Any]]:
        """Opens a document; what the editor would mark in it."""
        uri = (self.folder / name).as_uri()
        self.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}})
        while True:
            message = self.heard()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
                return message["params"]["diagnostics"]

    def at(self, method: str, name: str, line: int, character: int) -> Any:
        place = {"textDocument": {"uri": (self.folder / name).as_uri()}, "position": {"line": line, "character": character}}
        return self.ask(method, place)

    def offered(self, name: str, line: int, character: int) -> set[str]:
        found = self.at("textDocument/completion", name, line, character)
        return {item["label"] for item in found["items"]}

    def close(self) -> None:
        self.server.kill()
        self.server.communicate()


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    folder = os.environ.get("OPINION_TEST_NODE")
    search = f"{folder}/node_modules/.bin" if folder else None
    server = shutil.which("yaml-language-server", path=search)
    if os.environ.get("CI") != "true" and server is None:
        pytest.skip("no yaml-language-server on this machine")
    assert server is not None, "there is no yaml-language-server: on CI it must be there"
    (tmp_path / "survey.schema.json").write_text(opinion("schema").stdout)
    speaking = Editor([server, "--stdio"], tmp_path)
    yield speaking
    speaking.close()


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n")


def test_a_sound_survey_is_marked_nowhere(editor: Editor) -> None:
    assert editor.opened("leaving.yaml", re.sub(r"^ +\n", "", SURVEY, flags=re.MULTILINE)) == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("range: [0, 70]", "rang: [0, 70]", "rang"),
        ("type: number", "type: numbr", "number"),
        ("range: [0, 70]", 'range: "0 to 70"', "array"),
        ("pairs: {warm: [Cold, Warm]}", "pairs: {warm: [Cold]}", "items"),
        ("title: Leaving", "title: Leaving\nprivacy: secret", "anonymous"),
    ],
)
def test_what_does_not_fit_is_marked_at_its_line(editor: Editor, before: str, after: str, told: str) -> None:
    text = re.sub(r"^ +\n", "", SURVEY, flags=re.MULTILINE).replace(before, after)
    marks = editor.opened("leaving.yaml", text)
    assert any(told in mark["message"] for mark in marks), marks


def test_keys_of_the_very_type_are_offered(editor: Editor) -> None:
    """A number is offered what numbers have, and bipolar pairs what they have."""
    editor.opened("leaving.yaml", SURVEY)
    number = editor.offered("leaving.yaml", line_of(SURVEY, "range: [0") + 1, 8)
    assert {"unit", "decimals", "show_if", "dont_know"} <= number and not {"points", "flip", "options"} & number
    pairs = editor.offered("leaving.yaml", line_of(SURVEY, "How is it") + 1, 8)
    assert {"points", "flip", "shuffle"} <= pairs and not {"unit", "decimals", "range"} & pairs


def test_a_key_is_explained(editor: Editor) -> None:
    editor.opened("leaving.yaml", SURVEY)
    hover = editor.at("textDocument/hover", "leaving.yaml", line_of(SURVEY, "range: [0"), 10)
    assert "The minimum and the maximum, both included" in json.dumps(hover)
