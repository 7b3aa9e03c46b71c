"""Commands that try a survey before anyone is asked: simulate, demo, preview."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app.commands.options import FORMAT, chosen_settings, guarded, setting_options


def respondents_options(least: int, most: int) -> Callable[[Any], Any]:
    people = click.option(
        "-n", "--respondents", type=click.IntRange(least, most), default=500, show_default=True,
        help="Number of simulated respondents.",
    )  # fmt: skip
    seed = click.option(
        "--seed", type=int, default=7, show_default=True, help="Random seed: the same seed gives the same respondents."
    )
    return lambda command: people(seed(command))


@click.command(short_help="Simulate respondents and report what they reach.")
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
    help='Effect on an answer, in standard deviations: "cause=health: blame +0.5"; without a cause, on everyone\'s: "blame '
    '+0.5". Can be given several times.',
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
    help="Difference, in standard deviations, for which the power of experiments is calculated.",
)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=None,
    help="Number of worker processes (default: chosen automatically). The results do not depend on it.",
)
@click.option(
    "--format", "kind", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help=f"{FORMAT}.",
)  # fmt: skip
@click.option(
    "--database-url", default=None, help="Database in which to store the simulated responses; it must not contain real ones (default: not stored)."
)
def simulate(
    survey: Path, kind: str, skips: float, breaks_off: float, declines: float, careless: float, **more: Any
) -> None:
    """Simulate respondents of a survey and report what they reach.

    The report shows the number of items seen and the time taken; items never reached and options never chosen; the
    number of respondents per item, arm, vignette level, screen-out and quota; and the power of the survey's
    experiments. The exit code is 1 if an item was never reached. After Ctrl-C, nothing is stored.
    """
    from app.commands.simulate import SimulationOptions, as_json, report_lines, run_simulation
    from app.simulation.behaviour import Behaviour

    options = SimulationOptions(behaviour=Behaviour(skips, breaks_off, declines, careless), **more)
    instrument, outcome = guarded(lambda: run_simulation(survey, options))
    click.echo(as_json(outcome) if kind == "json" else "\n".join(report_lines(instrument, outcome)))
    sys.exit(1 if outcome.reach.never_reached() else 0)


@click.command(short_help="Serve the surveys with simulated respondents.")
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

    Their answers are invented, with differences between groups, so that each chart has something to show. Open the sign-in link that it prints to see the dashboards live. Ctrl-C stops the demo and deletes the database.
    """
    from app.server.demo import run

    run(chosen_settings(**chosen), respondents, seed, over)


@click.command(short_help="Preview a survey as respondents will see it.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8100, show_default=True,
    help="Port to listen on; 0 chooses a free port.",
)  # fmt: skip
@click.option("--open", "opened", is_flag=True, help="Open the preview in the browser.")
def preview(file: Path, port: int, opened: bool) -> None:
    """Preview a survey as respondents will see it, and reload it when it is saved.

    Faults are shown above the last valid version. A bar shows the answers, computed values, random assignments and why
    something is hidden; random assignments can be changed there, and any section opened. The preview is accessible from
    this computer only. Ctrl-C stops it and deletes all its answers.
    """
    from app.server.preview import run

    run(file, port, opened)
