"""Commands that write a survey's data to files: export, codebook."""

from __future__ import annotations

import click

from app.commands.options import chosen_settings, guarded, setting_options


@click.command(short_help="Export a survey's responses as CSV.")
@click.argument("survey")
@click.option(
    "--format", "kind", type=click.Choice(["csv"]), default="csv", show_default=True, help="Output format: csv for spreadsheets and statistics programs.",
)
@click.option("-o", "--output", default=None, help="File to write (default: standard output).")
@click.option(
    "--vignettes", metavar="FILE", default=None, help="Also write the vignette ratings to FILE: one row per rated vignette."
)
@click.option(
    "--values",
    type=click.Choice(["codes", "labels"]),
    default="codes",
    show_default=True,
    help="Write options as codes or as labels.",
)
@click.option(
    "--bom/--no-bom",
    default=True,
    show_default=True,
    help="Write a UTF-8 byte-order mark (for Excel).",
)
@setting_options("database_url")
def export(
    survey: str, kind: str, output: str | None, vignettes: str | None, values: str, bom: bool,
    database_url: str | None,
) -> None:  # fmt: skip
    """Export a survey's responses as CSV, one row per response, in random order.

    SURVEY is the id of a survey in the database. With --vignettes and without --output, only the vignette ratings are
    written. A file appears only when it is complete.
    """
    from app.commands.stored_data import export_csv

    chosen = chosen_settings(database_url=database_url)
    guarded(lambda: export_csv(chosen, survey, output, values, bom, vignettes))


@click.command()
@click.argument("survey")
@click.option("-o", "--output", default="-", help="File to write (default: standard output).")
@click.option(
    "--format", "kind", type=click.Choice(["csv", "markdown"]), default="markdown", show_default=True,
    help="Output format: markdown for people, csv for scripts.",
)
@setting_options("database_url")
def codebook(survey: str, output: str, kind: str, database_url: str | None) -> None:
    """Describe every column of a survey's data.

    SURVEY is the id of a survey in the database, or a survey file (ending in .yaml).
    """
    from app.commands.stored_data import write_codebook

    guarded(lambda: write_codebook(chosen_settings(database_url=database_url), survey, output, kind))
