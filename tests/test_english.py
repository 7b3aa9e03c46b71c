"""What people read is in plain English: no phrase that a technical writer would replace."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from app.commands.main import main
from app.languages.locale.build import LANGUAGES, read

ROOT = Path(__file__).parent.parent

#: An odd phrase, and what to write.
ODD = {
    r"whoever": "users, respondents, researchers, anyone who",
    r"(is|are|was|were) told": "is reported, is shown",
    r"tells? of": "reports, shows",
    r"nought": "zero",
    r"heeds?": "handles, uses",
    r"for want of": "without, out of, because ... is missing",
    r"by way of": "through",
    r"held back": "hidden",
    r"(speaks?|spoken) of": "uses, mentions",
    r"as many as pay": "chosen automatically",
    r"parts those": "partitions",
    r"(is|are|was|were|be|been|it is) worked out|worked out (from|otherwise)": "computed, derived",
    r"(what|as it) stands|(some|any)thing else stands|stands? (beside|behind|where|here|in it|twice|alone)": "is",
    r"(has|have) a meaning of (its|their) own": "is a reserved word",
    r"rests? on": "depends on",
    r"we included|ours alone|we are looking": "including us; checking",
    r"how (often|many times) one|where one (is|stands)": "you, the respondent",
    r"(is|are|was|were|be) kept": "is stored",
    r"(is|are|was|were) asked for|as is asked": "is requested",
    r"drawn at random|draw(n|s)? (all )?anew|(begin|begun|made|written|tried|counted|read|translated) anew": "randomised; again",
    r"mend(s|ed)?": "correct, fix",
    r"stays? up": "is still served",
    r"(is|are|was|were) taken up": "is loaded",
    r"the mark by which|ended from outside": "byte-order mark; killed",
    r"a test holds|once it holds|in so many words": "a test checks",
}  # fmt: skip
FOUND = re.compile("|".join(rf"\b(?:{phrase})\b" for phrase in ODD), re.IGNORECASE)


def odd(text: str) -> list[str]:
    return [match[0] for match in FOUND.finditer(" ".join(text.split()))]


def sentences(file: Path) -> Iterator[str]:
    """The strings of a module that have several words, without its docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body and isinstance(node.body[0], ast.Expr)
    }  # fmt: skip
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        if is_text and " " in node.value.strip():
            yield node.value


def helps(command: click.Command) -> Iterator[str]:
    yield from (command.help or "", command.short_help or "")
    yield from (getattr(parameter, "help", "") or "" for parameter in command.params)
    for inner in getattr(command, "commands", {}).values():
        yield from helps(inner)


def documents() -> list[Path]:
    shown = [*ROOT.glob("*.md"), *ROOT.glob("surveys/*.md"), *ROOT.glob("benchmarks/*.md")]
    return sorted(shown + list((ROOT / "templates").rglob("*.html")))


@pytest.mark.parametrize("file", documents(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_pages_and_documents_are_in_plain_english(file: Path) -> None:
    assert odd(file.read_text(encoding="utf-8")) == []


def test_messages_of_the_program_are_in_plain_english() -> None:
    found = {
        f"{file.relative_to(ROOT)}: {text}": odd(text)
        for file in sorted((ROOT / "app").rglob("*.py"))
        if "migrations" not in file.parts
        for text in sentences(file)
        if odd(text)
    }
    assert found == {}


def test_help_of_every_command_is_in_plain_english() -> None:
    assert [text for text in helps(main) if odd(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_to_translate_are_in_plain_english(language: str) -> None:
    assert [message.id for message in read(language) if odd(str(message.id))] == []


def test_no_command_is_cut_short_in_the_list_of_commands() -> None:
    for group in (main, *(each for each in main.commands.values() if isinstance(each, click.Group))):
        with click.Context(group, info_name="opinion", terminal_width=80) as context:
            assert "..." not in group.get_help(context).partition("Commands:")[2]


@pytest.mark.parametrize(
    "text",
    ["Whoever changes it", "it would tell of too few", "is worked\nout from", "rests on itself, by way of", "Draw anew"],
)
def test_an_odd_phrase_is_found(text: str) -> None:
    assert odd(text)
