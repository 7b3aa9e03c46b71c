"""Commands for survey files: check, plan, compare, schema, new, translate."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import settings
from app.commands.options import FORMAT, chosen_settings, guarded, setting_options
from app.survey.faults import plural

if TYPE_CHECKING:  # commands load what they need
    from app.survey.model import Weights


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format", "kind", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True,
    help=f"{FORMAT}, sarif for code review tools.",
)  # fmt: skip
def check(paths: tuple[Path, ...], kind: str) -> None:
    """Check survey files and list all faults and warnings.

    PATHS are survey files or folders (default: surveys/). Each fault shows its position, code, cause, source line and
    remedy. For a survey without faults, the balance of its vignette designs and its weights are also reported. The exit code is 1 if
    there is a fault; warnings do not change it.
    """
    files = [file for path in paths or (Path("surveys"),) for file in survey_files_in(path)]
    count = sum(map(print_report, files)) if kind == "text" else print_document(files, kind)
    if count:
        click.echo(f"{plural(count, 'fault')} in {plural(len(files), 'file')}", err=True)
        sys.exit(1)


def print_document(files: Sequence[Path], kind: str) -> int:
    """Prints all faults and warnings as one document for programs. Returns the number of faults."""
    from app.catalogue.files import read_file
    from app.commands.reports import as_json, as_sarif
    from app.survey.vignettes.balance import reports

    read = {str(file): read_file(file) for file in files}
    faults = {file: found for file, (_, found) in read.items()}
    designs = {file: reports(instrument) if instrument else {} for file, (instrument, _) in read.items()}
    click.echo(as_json(faults, designs) if kind == "json" else as_sarif(faults))
    return sum(not fault.is_warning for found in faults.values() for fault in found)


def print_report(file: Path) -> int:
    """Prints a file's faults and warnings, and for a valid file its size and designs. Returns the number of faults."""
    from app.catalogue.files import lines_of, read_file
    from app.commands.reports import report_texts
    from app.survey.vignettes.balance import report_lines, reports

    instrument, faults = read_file(file)
    lines = {name: lines_of(Path(name)) for name in {fault.file for fault in faults}}
    for text in report_texts(faults, lines):
        click.echo(text)
    if instrument is not None:
        sections, items = len(instrument.sections), len(instrument.item)
        good = click.style("good", fg="green")
        click.echo(f"{file}: {good}, {plural(items, 'item')} in {plural(sections, 'section')}")
        designs = reports(instrument)
        for vignette in instrument.vignettes:
            from app.simulation.design_power import power_lines  # takes a while to load

            report = designs[vignette.id]
            click.echo("\n".join([*report_lines(vignette.id, report), *power_lines(vignette, report.respondents)]))
        if instrument.weights is not None:
            click.echo(f"{file}: weights {weights_text(instrument.weights)}")
        if instrument.analysis is not None:
            plan = instrument.analysis
            click.echo(f"{file}: analysis plan of {plural(len(plan.primary), 'primary estimate')}, digest {plan.digest[:12]}; `opinion plan {file}` prints it")
    return sum(not fault.is_warning for fault in faults)


def weights_text(weights: Weights) -> str:
    """What weights are raked to, as `opinion check` prints it."""
    cells = prod(len(targets) for targets in weights.targets.values())
    trim = f", between {weights.trim[0]:g} and {weights.trim[1]:g}" if weights.trim else ""
    return f"raked to {', '.join(weights.targets)}: {plural(cells, 'combination')} of answers{trim}"


@click.command(short_help="Print a survey's analysis plan in full sentences.")
@click.argument("survey", type=click.Path(path_type=Path))
def plan(survey: Path) -> None:
    """Print a survey's analysis plan in full sentences, as Markdown.

    SURVEY is a survey file with the key `analysis`. Register the text before data arrive, for example at OSF or AsPredicted:
    its digest identifies the plan, and the page of the plan on a running service shows the same text.
    """
    from app.commands.stored_data import valid_file
    from app.results.plan.document import plan_document, plan_markdown

    document = plan_document(valid_file(survey))
    if document is None:
        raise click.ClickException(f"{survey} has no analysis plan: name the primary estimates under `analysis:`.")
    click.echo(plan_markdown(document), nl=False)


def survey_files_in(path: Path) -> list[Path]:
    """The survey files of a folder. A path without any is returned itself: reading it then reports the fault."""
    from app.catalogue.files import survey_files

    try:
        return survey_files(path) or [path]
    except OSError:
        return [path]


@click.command(short_help="Compare two versions of a survey.")
@click.argument("old")
@click.argument("new")
@click.option(
    "--format", "kind", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help=f"{FORMAT}.",
)  # fmt: skip
@setting_options("database_url")
def compare(old: str, new: str, kind: str, database_url: str | None) -> None:
    """Compare two versions of a survey and say whether their data can be merged.

    OLD and NEW are survey files, or versions stored in the database: SURVEY@NUMBER, or SURVEY@last for the latest
    version. The exit code is 1 if a difference breaks comparability.
    """
    from app.commands.reports import difference_lines, differences_as_json
    from app.commands.stored_data import other_versions
    from app.survey.versions.comparison import compare, worst

    chosen = chosen_settings(database_url=database_url)
    sides = [guarded(lambda name=name: version_of(chosen, name)) for name in (old, new)]
    said = any(side.same_as or side.scale_same_as for side in sides)
    others = guarded(lambda: other_versions(chosen, (old, new), sides)) if said else []
    differences = compare(*sides, others)
    click.echo(
        differences_as_json(differences) if kind == "json" else "\n".join(difference_lines(differences))
    )
    sys.exit(1 if worst(differences) == "breaks" else 0)


def version_of(chosen: settings.Settings, name: str) -> Any:
    """The instrument in a file, or in the database for SURVEY@NUMBER."""
    from app.commands.stored_data import stored_version, valid_file

    survey, at, number = name.rpartition("@")
    if at and not Path(name).exists():
        return stored_version(chosen, survey, number)
    return valid_file(Path(name))


@click.command(short_help="Print the JSON Schema of survey files.")
def schema() -> None:
    """Print the JSON Schema of survey files, for completion and help in an editor.

    Save it as survey.schema.json beside the surveys, and begin each survey with this line:

    \b
    # yaml-language-server: $schema=survey.schema.json
    """
    import json

    from app.survey.source.schema import survey_schema

    click.echo(json.dumps(survey_schema(), ensure_ascii=False, indent=1))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def new(file: Path) -> None:
    """Write a commented example survey to start from.

    The name of FILE, without .yaml, is the survey's id. An existing file is not overwritten.
    """
    from app.survey.source.reading import SURVEY_ID

    if file.suffix not in (".yaml", ".yml") or not SURVEY_ID.fullmatch(file.stem):
        raise click.ClickException(
            "use lower-case letters, digits and hyphens in the file name, such as leaving-practice.yaml."
        )
    try:
        with file.open("x", encoding="utf-8") as made:
            made.write((Path(__file__).parent / "starter.yaml").read_text(encoding="utf-8"))
    except FileExistsError:
        raise click.ClickException(f"{file} already exists; nothing was written.") from None
    except OSError as error:
        raise click.ClickException(f"cannot write {file}: {error.strerror}.") from None
    click.echo(f"Wrote {file}. Next: opinion check {file}, then opinion demo --surveys {file}")


@click.command()
@click.argument("survey", type=click.Path(path_type=Path))
@click.argument("language")
@click.option(
    "--keep", "keep", multiple=True, metavar="PATH",
    help="Accept the translation of this text although the original changed. PATH is as `opinion check` prints it, "
    "or `all`. Can be given several times.",
)  # fmt: skip
def translate(survey: Path, language: str, keep: tuple[str, ...]) -> None:
    """Create or update a survey's translation file.

    SURVEY is a survey file and LANGUAGE a code such as de. The translation file, SURVEY.LANGUAGE.yaml beside the survey,
    gets a line for every missing text, with the original in a comment, and a comment above every text whose original
    has changed since it was translated. Existing translations and comments are not changed.
    """
    from app.commands.translate import translate_file

    for line in translate_file(survey, language, keep):
        click.echo(line)
