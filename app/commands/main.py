"""The `opinion` command.

The modules that it imports define commands and load nothing else, so that `opinion --help` is quick; each command
imports what it needs when it runs.
"""

from __future__ import annotations

import click

from app import __version__
from app.commands.data import codebook, export
from app.commands.operation import compact, serve
from app.commands.researchers import researcher
from app.commands.survey_files import check, compare, new, plan, schema, translate
from app.commands.trial import demo, preview, simulate


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="opinion")
def main() -> None:
    """Second Opinion: surveys and polls for research on what physicians think."""


for command in (
    check, codebook, compact, compare, demo, export, new, plan, preview, researcher, schema, serve, simulate, translate,
):  # fmt: skip
    main.add_command(command)

if __name__ == "__main__":
    main()
