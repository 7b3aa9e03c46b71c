"""The README is true: its settings, its commands and what CI takes from it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from app import settings
from app.commands import main as cli
from app.survey.faults import CATALOGUE, WARNINGS
from app.survey.items.context import RESERVED_CODES, RESERVED_ITEMS, RESERVED_SECTIONS
from tests.support.commands import opinion
from tools import fault_reference

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def table() -> str:
    """The settings as the README shows them; print it to bring the README up to date."""
    rows = ["| option | variable | default | |", "|---|---|---|---|"]
    for name, default, sentence in settings.sentences():
        option, variable = f"--{name.replace('_', '-')}", f"{settings.PREFIX}{name.upper()}"
        rows.append(f"| `{option}` | `{variable}` | {f'`{default}`' if default != '' else ''} | {sentence} |")
    return "\n".join(rows)


def test_the_readme_lists_every_setting_as_it_is() -> None:
    shown = re.search(r"<!-- settings -->\n(.*?)\n<!-- /settings -->", README, re.DOTALL)
    assert shown and shown[1] == table()


def test_every_setting_is_an_option_of_serve() -> None:
    options = {parameter.name for parameter in cli.main.commands["serve"].params}  # type: ignore[attr-defined]
    assert options == {name for name, _, _ in settings.sentences()}


def test_every_command_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"(?:bin/|`)opinion ([a-z]+)", README))
    assert {"serve", "demo", "check", "export", "codebook", "researcher"} <= named
    assert named <= set(cli.main.commands)  # type: ignore[attr-defined]


def test_every_command_answers_help() -> None:
    for name, command in cli.main.commands.items():  # type: ignore[attr-defined]
        shown = opinion(name, "--help")
        assert shown.exit_code == 0 and len(command.help or "") > 20, name


def all_commands(command: click.Command = cli.main, name: str = "opinion") -> Iterator[tuple[str, click.Command]]:
    yield name, command
    for inner, each in getattr(command, "commands", {}).items():
        yield from all_commands(each, f"{name} {inner}")


@pytest.mark.parametrize(("name", "command"), list(all_commands()), ids=lambda value: value if isinstance(value, str) else "")
def test_every_option_has_a_sentence_that_stands_alone(name: str, command: click.Command) -> None:
    for option in command.params:
        if isinstance(option, click.Option):
            sentence = re.sub(r" \[OPINION_.*\]$", "", option.help or "")
            assert re.match(r"[A-Z].*[.)]$", sentence) and len(sentence.split()) >= 4, (name, option.opts, sentence)


def test_help_cuts_no_sentence_off_at_80_columns() -> None:
    groups = [command for _, command in all_commands() if isinstance(command, click.Group)]
    assert len(groups) == 2
    for group in groups:
        text = group.get_help(click.Context(group, terminal_width=80, max_content_width=80))
        summaries = re.findall(r"^  [a-z]+ +([A-Z].*)$", text.partition("Commands:")[2], re.MULTILINE)
        assert len(summaries) == len(group.commands) and all(each.endswith(".") and "..." not in each for each in summaries)


def test_ci_takes_the_test_command_from_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    program = re.search(r"command=\$\((awk .*? README\.md)\)", script, re.DOTALL)
    assert program
    taken = subprocess.run(["bash", "-c", program[1]], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "pytest" in taken and "pip install" in taken and taken.strip() in README


def test_the_container_runs_the_same_command_not_as_root_and_copies_what_exists() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert 'CMD ["opinion", "serve"]' in lines and "USER opinion" in lines
    copied = [word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]]
    assert copied and all((ROOT / name).exists() for name in copied)
    variables = re.findall(r"OPINION_([A-Z_]+)=", "\n".join(lines))
    assert {name.lower() for name in variables} <= {name for name, _, _ in settings.sentences()}


def test_the_reference_of_faults_is_up_to_date():
    assert fault_reference.REFERENCE.read_text("utf-8") == fault_reference.reference(), "python -m tools.fault_reference"


def test_the_reference_shows_every_code_with_its_remedy():
    text = fault_reference.reference()
    assert [code for code in (*CATALOGUE, *WARNINGS) if f"### {code}\n\n" not in text] == []
    assert text.count("\n*") >= len(CATALOGUE) + len(WARNINGS) - 3  # three cannot be shown in a file


def test_the_language_reference_lists_every_reserved_word():
    text = (ROOT / "surveys" / "README.md").read_text("utf-8")
    paragraph = text[text.index("It cannot be one of these words") : text.index("## Keys of a survey")]
    listed = set(re.findall(r"`([^`]+)`", paragraph))
    assert listed == {*RESERVED_ITEMS, *RESERVED_SECTIONS, *RESERVED_CODES}
