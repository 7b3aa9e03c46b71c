"""The `opinion` command."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from app import __version__, settings
from app.survey.faults import Fault, pictured, plural


def setting_options(*names: str) -> Callable[[Any], Any]:
    """The command's options for these settings, each with its sentence and where else it can be set."""

    def add(command: Any) -> Any:
        for name, default, sentence in reversed(settings.sentences()):
            if name in names:
                shown = f"{sentence} [{settings.PREFIX}{name.upper()}; default: {default or 'unset'}]"
                command = click.option(
                    f"--{name.replace('_', '-')}", name, type=type(default), default=None, help=shown
                )(command)
        return command

    return add


def chosen_settings(**chosen: Any) -> settings.Settings:
    try:
        return settings.from_environment(os.environ, **chosen)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="opinion")
def main() -> None:
    """Second Opinion: surveys and polls for research on what physicians think."""


# --- checking --------------------------------------------------------------------------------------------


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format", "kind", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True,
    help="Output format: text for people, json for scripts, sarif for code review tools.",
)  # fmt: skip
def check(paths: tuple[Path, ...], kind: str) -> None:
    """Check survey files and list all faults and warnings.

    PATHS are survey files or folders (default: surveys/). Each fault shows its position, code, cause, source line and
    remedy. For a survey without faults, the balance of its vignette designs is also reported. The exit code is 1 if
    there is a fault; warnings do not change it.
    """
    files = [file for path in paths or (Path("surveys"),) for file in found(path)]
    count = sum(checked(file) for file in files) if kind == "text" else listed(files, kind)
    if count:
        click.echo(f"{plural(count, 'fault')} in {plural(len(files), 'file')}", err=True)
        sys.exit(1)


def listed(files: Sequence[Path], kind: str) -> int:
    """Prints all faults as one document for programs; how many there are."""
    from app.catalogue.files import read_file
    from app.commands.checking import as_json, as_sarif
    from app.survey.vignettes.balance import reports

    read = {str(file): read_file(file) for file in files}
    faults = {file: found for file, (_, found) in read.items()}
    designs = {file: reports(instrument) if instrument else {} for file, (instrument, _) in read.items()}
    click.echo(as_json(faults, designs) if kind == "json" else as_sarif(faults))
    return sum(not fault.is_warning for found in faults.values() for fault in found)


def found(path: Path) -> list[Path]:
    """The files to check; the path itself where there is none, which is then a fault of its own."""
    from app.catalogue.files import survey_files

    try:
        return survey_files(path) or [path]
    except OSError:
        return [path]


def checked(file: Path) -> int:
    """Prints whether a survey file is valid, with the designs of its vignettes, or its faults. Returns the number of
    faults.

    Warnings are printed, but not counted.
    """
    from app.catalogue.files import lines_of, read_file
    from app.survey.vignettes.balance import reports
    from app.survey.vignettes.balance import told as told_of

    instrument, faults = read_file(file)
    lines = {name: lines_of(Path(name)) for name in {fault.file for fault in faults}}
    for fault in faults:
        click.echo(told(fault, lines[fault.file]))
    if instrument is not None:
        sections, items = len(instrument.sections), len(instrument.item)
        good = click.style("good", fg="green")
        click.echo(f"{file}: {good}, {plural(items, 'item')} in {plural(sections, 'section')}")
        for vignette, report in reports(instrument).items():
            click.echo("\n".join(told_of(vignette, report)))
    return sum(not fault.is_warning for fault in faults)


def told(fault: Fault, lines: Sequence[str]) -> str:
    """A fault with its line and a caret below the place."""
    head = click.style(f"{fault.file}:{fault.line}:{fault.column}", bold=True)
    colour = "yellow" if fault.is_warning else "red"
    told = [f"{head}: {click.style(fault.code, fg=colour)}: {fault.what}"]
    if fault.line <= len(lines):
        line, caret = pictured(lines[fault.line - 1], fault.column)
        told += [f"{fault.line:>5} | {line}", f"{'':>5} | {click.style(caret, fg=colour)}"]
    return "\n".join([*told, f"        {fault.remedy}", ""])


@main.command(short_help="Compare two versions of a survey.")
@click.argument("old")
@click.argument("new")
@click.option(
    "--format", "kind", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="Output format: text for people, json for scripts.",
)  # fmt: skip
@setting_options("database_url")
def compare(old: str, new: str, kind: str, database_url: str | None) -> None:
    """Compare two versions of a survey and say whether their data can be merged.

    OLD and NEW are survey files, or versions stored in the database: SURVEY@NUMBER, or SURVEY@last for the latest
    version. The exit code is 1 if a difference breaks comparability.
    """
    from app.commands.checking import differences_as_json, differences_told
    from app.commands.download import other_versions
    from app.survey.versions.comparison import compare, worst

    chosen = chosen_settings(database_url=database_url)
    sides = [guarded(lambda name=name: version_of(chosen, name)) for name in (old, new)]
    said = any(side.same_as or side.scale_same_as for side in sides)
    others = guarded(lambda: other_versions(chosen, (old, new), sides)) if said else []
    differences = compare(*sides, others)
    click.echo(
        differences_as_json(differences) if kind == "json" else "\n".join(differences_told(differences))
    )
    sys.exit(1 if worst(differences) == "breaks" else 0)


def version_of(chosen: settings.Settings, name: str) -> Any:
    """The instrument that a file holds, or the database under SURVEY@NUMBER."""
    from app.commands.download import kept_version, sound_file

    survey, at, number = name.rpartition("@")
    if at and not Path(name).exists():
        return kept_version(chosen, survey, number)
    return sound_file(Path(name))


@main.command(short_help="Print the JSON Schema of survey files.")
def schema() -> None:
    """Print the JSON Schema of survey files, for completion and help in an editor.

    Save it as survey.schema.json beside the surveys, and begin each survey with this line:

    \b
    # yaml-language-server: $schema=survey.schema.json
    """
    import json

    from app.survey.source.schema import schema as made

    click.echo(json.dumps(made(), ensure_ascii=False, indent=1))


@main.command()
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


@main.command()
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


# --- serving ---------------------------------------------------------------------------------------------


@main.command()
@setting_options("database_url", "surveys", "host", "port", "base_url", "workers", "proxies")
def serve(**chosen: Any) -> None:
    """Serve the surveys.

    Migrates the database, loads the survey files, reloads them when they change, and serves requests. Ctrl-C stops the
    service after the requests in progress; no acknowledged answer is lost.
    """
    gc.disable()  # until all is loaded
    from app.server.run import run

    run(chosen_settings(**chosen))


# --- researchers -----------------------------------------------------------------------------------------


@main.group()
def researcher() -> None:
    """Add, list and remove researchers, and create sign-in links.

    Only researchers can see the results.
    """


def with_storage(database_url: str | None, work: Callable[[Any, settings.Settings], Any]) -> Any:
    """Runs `work(storage, settings)` with the database open; its faults become one plain line."""
    from app.responses.storage import open_storage

    chosen = chosen_settings(database_url=database_url)

    async def run() -> Any:
        async with open_storage(chosen.database_url) as storage:
            return await work(storage, chosen)

    return guarded(lambda: asyncio.run(run()))


def research(database_url: str | None, work: Callable[[], Any]) -> tuple[Any, settings.Settings]:
    from app.accounts.researchers import Refused

    async def run(_: Any, chosen: settings.Settings) -> tuple[Any, settings.Settings]:
        return await work(), chosen

    try:
        return with_storage(database_url, run)
    except Refused as refused:
        raise click.ClickException(str(refused)) from None


def link_line(chosen: settings.Settings, token: str) -> str:
    return f"Sign-in link (valid once, for 24 hours): {chosen.address}/sign-in/{token}"


@researcher.command("add")
@click.argument("email")
@setting_options("database_url")
def add_researcher(email: str, database_url: str | None) -> None:
    """Add a researcher and print a one-time sign-in link."""
    from app.accounts import researchers as access
    from app.server.wiring import letters, local_now, random_bytes

    token, chosen = research(
        database_url, lambda: access.add_researcher(email, local_now, lambda: letters(random_bytes(32)))
    )
    click.echo(link_line(chosen, token))


@researcher.command("link")
@click.argument("email")
@setting_options("database_url")
def link_researcher(email: str, database_url: str | None) -> None:
    """Print a new one-time sign-in link; earlier links stop working."""
    from app.accounts import researchers as access
    from app.server.wiring import letters, local_now, random_bytes

    token, chosen = research(
        database_url, lambda: access.new_link(email, local_now, lambda: letters(random_bytes(32)))
    )
    click.echo(link_line(chosen, token))


@researcher.command("list")
@setting_options("database_url")
def list_researchers(database_url: str | None) -> None:
    """List the researchers."""
    from app.accounts import researchers as access

    rows, _ = research(database_url, access.list_researchers)
    for row in rows:
        click.echo(
            f"{row['email']}  since {row['added']}  {'password' if row['has_password'] else 'link only'}"
        )
    if not rows:
        click.echo("There are no researchers yet: `opinion serve` prints a sign-in link for the first.", err=True)


@researcher.command("remove")
@click.argument("email")
@setting_options("database_url")
def remove_researcher(email: str, database_url: str | None) -> None:
    """Remove a researcher and end their sessions."""
    from app.accounts import researchers as access

    research(database_url, lambda: access.remove_researcher(email))
    click.echo(f"Removed {email}.")


# --- what leaves -----------------------------------------------------------------------------------------


@main.command(short_help="Export a survey's responses as CSV.")
@click.argument("survey")
@click.option(
    "--format", "kind", type=click.Choice(["csv"]), default="csv", show_default=True, help="Output format."
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
    from app.commands.download import export as write

    chosen = chosen_settings(database_url=database_url)
    guarded(lambda: write(chosen, survey, output, values, bom, vignettes))


@main.command()
@click.argument("survey")
@click.option("-o", "--output", default="-", help="File to write (default: standard output).")
@click.option(
    "--format", "kind", type=click.Choice(["csv", "markdown"]), default="markdown", show_default=True,
    help="Output format.",
)
@setting_options("database_url")
def codebook(survey: str, output: str, kind: str, database_url: str | None) -> None:
    """Describe every column of a survey's data.

    SURVEY is the id of a survey in the database, or a survey file (ending in .yaml).
    """
    from app.commands.download import write_codebook

    guarded(lambda: write_codebook(chosen_settings(database_url=database_url), survey, output, kind))


def guarded(work: Callable[[], Any]) -> Any:
    """The database's faults as one plain line; a reader that closes its end early is no fault."""
    from app.responses.errors import StorageError

    try:
        return work()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (StorageError, ValueError) as error:
        raise click.ClickException(f"the database cannot be used: {error.__cause__ or error}") from None


# --- trying it out ---------------------------------------------------------------------------------------


def respondents_options(least: int, most: int) -> Callable[[Any], Any]:
    """How many simulated respondents there are, and the seed that makes them."""
    people = click.option(
        "-n", "--respondents", type=click.IntRange(least, most), default=500, show_default=True,
        help="Number of simulated respondents.",
    )  # fmt: skip
    seed = click.option(
        "--seed", type=int, default=7, show_default=True, help="Random seed: the same seed gives the same respondents."
    )
    return lambda command: people(seed(command))


@main.command(short_help="Simulate respondents and report what they reach.")
@click.argument("survey", type=click.Path(path_type=Path))
@respondents_options(least=1, most=1_000_000)
@click.option(
    "--skips",
    type=click.FloatRange(0, 1),
    default=0.03,
    show_default=True,
    help="Probability of skipping an optional item.",
)
@click.option(
    "--breaks-off",
    type=click.FloatRange(0, 1),
    default=0.008,
    show_default=True,
    help="Probability of breaking off, per page.",
)
@click.option(
    "--declines",
    type=click.FloatRange(0, 1),
    default=0.06,
    show_default=True,
    help="Probability of declining an item that allows it.",
)
@click.option(
    "--careless",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Proportion of respondents who answer without reading.",
)
@click.option(
    "--effect",
    "effects",
    multiple=True,
    help='Effect on an answer, in standard deviations: "cause=health: blame +0.5". Can be given several times.',
)
@click.option(
    "--answers",
    multiple=True,
    help='Relative frequencies of answers: "status: practising 60, left 30". Can be given several times.',
)
@click.option(
    "--distribution",
    type=click.Path(path_type=Path),
    help="YAML file with relative frequencies of answers, in lines such as `status: {practising: 60, left: 30}`.",
)
@click.option(
    "--difference",
    type=click.FloatRange(0, 5, min_open=True),
    default=0.25,
    show_default=True,
    help="Difference, in standard deviations, for which power is calculated.",
)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=None,
    help="Number of worker processes (default: chosen automatically). It does not change the result.",
)
@click.option(
    "--format", "kind", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="Output format: text for people, json for scripts.",
)  # fmt: skip
@click.option(
    "--database-url", default=None, help="Also store the simulated responses in this database, which must contain no real ones."
)
def simulate(
    survey: Path, kind: str, skips: float, breaks_off: float, declines: float, careless: float, **wanted: Any
) -> None:
    """Simulate respondents of a survey and report what they reach.

    The report shows the number of items seen and the time taken; items never reached and options never chosen; the
    number of respondents per item, arm, vignette level, screen-out and quota; and the power of the survey's
    experiments. The exit code is 1 if an item was never reached. After Ctrl-C, nothing is stored.
    """
    from app.commands.simulate import Wish, as_json, told
    from app.commands.simulate import simulate as run
    from app.simulation.behaviour import Habits

    wish = Wish(habits=Habits(skips, breaks_off, declines, careless), **wanted)
    instrument, outcome = guarded(lambda: run(survey, wish))
    click.echo(as_json(outcome) if kind == "json" else "\n".join(told(instrument, outcome)))
    sys.exit(1 if outcome.reach.never_reached() else 0)


@main.command(short_help="Rewrite the database without withdrawn data.")
@setting_options("database_url")
def compact(**chosen: Any) -> None:
    """Rewrite the database files so that no withdrawn response remains in them.

    Respondents' pages wait until it is done: run it when few people are answering, or while the service is stopped.
    """
    from app.responses.upkeep.erasure import compact as run

    url = chosen_settings(**chosen).database_url
    before, after = guarded(lambda: asyncio.run(run(url)))
    click.echo(f"Compacted: {before / 1e6:,.1f} MB before, {after / 1e6:,.1f} MB now.")


@main.command(short_help="Serve the surveys with simulated respondents.")
@setting_options("surveys", "host", "port")
@respondents_options(least=0, most=100_000)
@click.option(
    "--over",
    type=click.FloatRange(0, 3600),
    default=25.0,
    show_default=True,
    help="Seconds over which the simulated respondents arrive.",
)
def demo(respondents: int, seed: int, over: float, **chosen: Any) -> None:
    """Serve the surveys with simulated respondents and a temporary database.

    Open the sign-in link that it prints to see the dashboards live. Ctrl-C stops the demo and deletes the database.
    """
    from app.server.demo import run

    run(chosen_settings(**chosen), respondents, seed, over)


@main.command(short_help="Preview a survey as respondents will see it.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8100, show_default=True,
    help="Port to listen on; 0 chooses a free port.",
)  # fmt: skip
@click.option("--open", "opened", is_flag=True, help="Open the preview in the browser.")
def preview(file: Path, port: int, opened: bool) -> None:
    """Preview a survey as respondents will see it, and reload it when it is saved.

    Faults are shown above the last valid version. A bar shows the answers, computed values, random assignments and why
    something is hidden; random assignments can be changed there. The preview is accessible from this computer only.
    Ctrl-C stops it and deletes all its answers.
    """
    from app.server.preview import run

    run(file, port, opened)


if __name__ == "__main__":
    main()
