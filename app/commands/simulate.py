"""`opinion simulate`: what a survey does to respondents, and what its experiments can show, before there are any."""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click

from app.catalogue.library import InstrumentLibrary
from app.commands.stored_data import opened, progress_bar, valid_file
from app.interview import tokens
from app.responses.rows import COMPLETE, OPEN, SCREENED_OUT, Row
from app.server.system import local_now
from app.settings import Settings
from app.simulation.arguments import ArgumentFault, read_answers, read_effect, reversed_in, weights
from app.simulation.behaviour import Behaviour
from app.simulation.effects import ArmPower, Contrast, PlannedStudy, Recording, VignettePower
from app.simulation.processes import Plan, SimulatedBatch, SimulatedResponse, batches, processes_for
from app.simulation.reach import Reach, ReachCounts, Spread
from app.survey.documents.places import read_yaml
from app.survey.model import Code, Instrument
from app.survey.vignettes.balance import tells_effects_apart

LISTED_OPTIONS = 5  # that no one chose, of one item
MOST_STORED = 100_000  # responses that are written together, all or none


@dataclass(frozen=True)
class SimulationOptions:
    """What to simulate. `behaviour` holds what does not depend on the survey; the rest is as on the command line."""

    respondents: int
    seed: int
    behaviour: Behaviour
    effects: Sequence[str] = ()
    answers: Sequence[str] = ()
    distribution: Path | None = None
    difference: float = 0.25  # in standard deviations, for which power is calculated
    database_url: str | None = None
    processes: int | None = None


@dataclass(frozen=True)
class Outcome:
    reach: Reach
    wanted: PlannedStudy
    vignettes: list[VignettePower]
    arms: list[ArmPower]


def run_simulation(survey: Path, options: SimulationOptions) -> tuple[Instrument, Outcome]:
    """Simulates respondents of a survey file. Stores their responses, all or none, if a database is named."""
    instrument = valid_file(survey)
    behaviour = behaviour_of(instrument, options)
    today = local_now().date()
    stores = options.database_url is not None
    if stores and options.respondents > MOST_STORED:
        raise click.ClickException(
            f"at most {MOST_STORED:,} responses can be stored in one run: reduce -n, or omit --database-url."
        )
    plan = Plan(
        instrument.source, instrument.survey, options.respondents, options.seed, behaviour, today.isoformat(), stores
    )
    if options.database_url is None:
        return instrument, run_plan(instrument, plan, options, [])
    return instrument, simulate_and_store(Settings(database_url=options.database_url), instrument, plan, options, today)


def run_plan(instrument: Instrument, plan: Plan, options: SimulationOptions, responses: list[SimulatedResponse]) -> Outcome:
    """Runs the plan with a progress bar, and puts together what its batches found."""
    total, recorded = ReachCounts(instrument), Recording(instrument, plan.behaviour.moves)
    processes = options.processes or processes_for(plan, bool(instrument.quotas))
    with progress_bar(options.respondents, "respondents") as progress:
        try:
            for batch in batches(plan, 1 if instrument.quotas else processes):
                take(batch, total, recorded, responses)
                progress(batch.counting.respondents)
        except BrokenProcessPool:
            raise click.ClickException(
                "a worker process was killed, possibly out of memory. Try --processes 1."
            ) from None
    wanted = PlannedStudy(options.difference, instrument.sample)
    return Outcome(total.reach(), wanted, recorded.vignettes(wanted), recorded.arms(wanted))


def take(batch: SimulatedBatch, total: ReachCounts, recorded: Recording, responses: list[SimulatedResponse]) -> None:
    total.merge(batch.counting)
    recorded.merge(batch.recording)
    responses += batch.responses


def simulate_and_store(
    settings: Settings, instrument: Instrument, plan: Plan, options: SimulationOptions, today: datetime.date
) -> Outcome:
    """Writes the responses to a database that may contain only simulated ones."""
    responses: list[SimulatedResponse] = []
    with opened(settings) as (runner, storage):
        runner.run(storage.secrets.mark_as_simulated())
        outcome = run_plan(instrument, plan, options, responses)
        instrument = runner.run(InstrumentLibrary(storage).as_stored(instrument))
        runner.run(storage.plans.store_of(instrument, today))
        runner.run(storage.keep_instrument(instrument.survey, instrument.digest, instrument.source, today))
        chance = random.Random(f"{plan.seed}:responses")
        rows = [row_of(instrument, response, chance, today) for response in responses]
        runner.run(storage.insert_many(instrument.survey, rows))
    return outcome


def row_of(instrument: Instrument, response: SimulatedResponse, chance: random.Random, day: datetime.date) -> Row:
    token = tokens.issue(b"simulated", instrument.survey, tokens.new_secret(chance.randbytes), 0)
    holds = " ".join(response.holds) or None
    row = Row(token.response, instrument.survey, instrument.digest, 0, OPEN, response.answers, day)
    if not response.completed and response.ended is None:
        return row
    return Row(
        row.id, row.survey, row.instrument, 0, COMPLETE if response.completed else SCREENED_OUT, row.answers, day, day,
        round(response.minutes), tokens.receipt_hash(tokens.receipt_code(b"simulated", token)), holds,
    )  # fmt: skip


# --- behaviour -------------------------------------------------------------------------------------------


def behaviour_of(instrument: Instrument, options: SimulationOptions) -> Behaviour:
    """The behaviour with the effects and answer frequencies of the command line. Raises ClickException."""
    try:
        answers: dict[str, Mapping[Code, float]] = {}
        if options.distribution is not None:
            answers |= distribution_of(instrument, options.distribution)
        for written in options.answers:
            answers |= read_answers(instrument, written)
        effects = tuple(each for written in options.effects for each in read_effect(instrument, written))
    except ArgumentFault as fault:
        raise click.ClickException(f"{fault.what}. {fault.remedy}") from None
    return replace(options.behaviour, effects=effects, answers=answers, reversed=reversed_in(instrument))


def distribution_of(instrument: Instrument, file: Path) -> dict[str, dict[Code, float]]:
    """A YAML file that holds `item: {code: weight}`. Raises ClickException and ArgumentFault."""
    try:
        document = read_yaml(file.read_bytes(), str(file))
    except OSError as error:
        raise click.ClickException(f"cannot open {file}: {error.strerror}.") from None
    if document.faults:
        fault = min(document.faults)
        raise click.ClickException(f"{file}:{fault.line}:{fault.column}: {fault.what}. {fault.remedy}")
    root = document.root
    if not isinstance(root, dict) or not all(isinstance(part, dict) for part in root.values()):
        raise click.ClickException(
            f"{file} does not contain answer frequencies. Write lines such as `status: {{practising: 60, left: 30}}`."
        )
    found: dict[str, dict[Code, float]] = {}
    for name, written in root.items():
        found |= weights(instrument, str(name), written)
    return found


# --- the report -------------------------------------------------------------------------------------------


def as_json(outcome: Outcome) -> str:
    """What was reached, and under "contrasts" the power of each."""
    contrasts = {
        "difference": outcome.wanted.difference, "respondents": outcome.wanted.respondents or outcome.reach.completed,
        "vignettes": [asdict(each) for each in outcome.vignettes],
        "arms": [asdict(each) for each in outcome.arms],
    }
    return json.dumps(asdict(outcome.reach) | {"contrasts": contrasts}, ensure_ascii=False, indent=2)


def report_lines(instrument: Instrument, outcome: Outcome) -> Iterator[str]:
    """The report for people: totals, what no one reached, every item, the cells, and the experiments."""
    reach = outcome.reach
    yield from whole_lines(instrument, reach)
    yield from dead_lines(reach)
    yield from item_lines(instrument, reach)
    yield from cell_lines(instrument, reach)
    if outcome.vignettes or outcome.arms:
        yield from power_lines(outcome, instrument)


def whole_lines(instrument: Instrument, reach: Reach) -> Iterator[str]:
    parts = [f"{reach.respondents:,} simulated", f"{reach.completed:,} complete"]
    screened = sum(reach.ended.values())
    parts += [f"{screened:,} screened out"] if reach.ended else []
    parts += [f"{reach.broke_off:,} broke off"]
    parts += [f"{reach.careless:,} careless"] if reach.careless else []
    yield f"{instrument.title}: {', '.join(parts)}"
    yield spread_line("items seen", reach.items, ".0f")
    yield spread_line("minutes", reach.minutes, ".1f")


def spread_line(what: str, spread: Spread | None, form: str) -> str:
    if spread is None:
        return f"{what}: no complete responses"
    return f"{what}: {spread.least:{form}} to {spread.most:{form}}, median {spread.median:{form}}"


def never_chosen_texts(reach: Reach) -> Iterator[str]:
    """For each item the options that no one chose; of a long list only how many."""
    unchosen: dict[str, list[str]] = {}
    for name, code in reach.never_chosen():
        unchosen.setdefault(name, []).append(str(code))
    for name, codes in unchosen.items():
        many = f"{len(codes)} of {len(reach.chosen[name])} options"
        yield f"{name}: {', '.join(codes) if len(codes) <= LISTED_OPTIONS else many}"


def dead_lines(reach: Reach) -> Iterator[str]:
    yield f"never reached: {', '.join(reach.never_reached()) or 'nothing'}"
    yield f"never chosen:  {'; '.join(never_chosen_texts(reach)) or 'nothing'}"
    for what, names in (
        ("no page shown of", reach.never_opened()), ("never asked", reach.never_asked()), ("never screened out by", reach.never_ended()),
    ):  # fmt: skip
        if names:
            yield f"{what}: {', '.join(names)}"
    if reach.stuck:
        yield f"could not be answered: {', '.join(f'{item} ({count:,})' for item, count in reach.stuck.items())}"


def item_lines(instrument: Instrument, reach: Reach) -> Iterator[str]:
    """Every item that has answers; also each statement of those that were asked in part."""
    for section in instrument.sections:
        yield click.style(f"\n{section.id}", bold=True)
        for item in section.items:
            if item.id not in reach.reached:
                continue
            yield reached_line(reach.reached[item.id], reach, item.id, "")
            if not item.is_fixed:
                for name in item.names:
                    if name in reach.asked:
                        yield reached_line(reach.asked[name], reach, name, "  ")


def reached_line(count: int, reach: Reach, name: str, inset: str) -> str:
    return f"  {inset}{count:>7,}  {count / max(reach.respondents, 1):>4.0%}  {name}"


def cell_lines(instrument: Instrument, reach: Reach) -> Iterator[str]:
    lines = [f"  {arm}: {counts_text(counts)}" for arm, counts in reach.arms.items()]
    lines += [f"  {name}, ratings: {counts_text(counts)}" for name, counts in reach.levels.items()]
    lines += [f"  screened out by {end.id}: {reach.ended[end.id]:,}" for end in instrument.screen_outs]
    lines += [
        f"  quota {quota.id}: {reach.quotas[quota.id]:,} of {quota.most:,}, {reach.ended[quota.id]:,} turned away"
        for quota in instrument.quotas
    ]
    if lines:
        yield click.style("\nCells", bold=True)
        yield from lines


def counts_text(counts: Mapping[Code, int]) -> str:
    return ", ".join(f"{code} {count:,}" for code, count in counts.items())


# --- the experiments -------------------------------------------------------------------------------------

NAMES = f"    {'':42}"
HEAD = f"{'effect':>7} {'in sd':>6} {'power':>6} {'80 % at':>8} {'Holm':>6}"


def power_lines(outcome: Outcome, instrument: Instrument) -> Iterator[str]:
    wanted = outcome.wanted
    n = wanted.respondents or outcome.reach.completed
    of = "the expected sample" if wanted.respondents else "as simulated"
    yield click.style(
        f"\nPower for a difference of {wanted.difference:g} standard deviations in {n:,} complete responses ({of}), two-sided test at 5 %",
        bold=True,
    )
    yield "  “effect” is what the results of the simulated complete responses show, in points of the scale, and “in sd” the same in standard"
    yield "  deviations. “80 % at” is the difference that has a power of 80 %, in standard deviations; “Holm”: with the correction for all"
    yield "  effects on the same answer, were no other found."
    for vignette in instrument.vignettes:
        if not tells_effects_apart(vignette.design):
            yield f"  The vignettes of {vignette.id} do not tell all effects apart: see `opinion check`. Its power below says nothing."
    for power in outcome.vignettes:
        yield from vignette_lines(power)
    for arm in outcome.arms:
        asked = f"{arm.arm}, answers to {arm.outcome}" if arm.outcome else f"{arm.arm}, all complete responses"
        yield from ("", f"  {asked}", NAMES + HEAD)
        yield from (line(contrast, contrast_name("", contrast)) for contrast in arm.contrasts)


def vignette_lines(vignette: VignettePower) -> Iterator[str]:
    yield ""
    yield (
        f"  {vignette.vignette}_{vignette.rating}: {vignette.judgements:,} ratings by {vignette.respondents:,} "
        f"respondents; standard deviation {vignette.sd:.2f}, intraclass correlation {vignette.icc:.2f}"
    )
    yield f"{NAMES}{'first vignette only':>37}   {'all vignettes (same effect for all)':>37}"
    yield f"{NAMES}{HEAD}   {HEAD}"
    for attribute, levels in vignette.attributes.items():
        for level in levels:
            yield line(level.first, contrast_name(attribute, level.first)) + "   " + figures(level.all)


def contrast_name(attribute: str, contrast: Contrast) -> str:
    return f"{attribute} {contrast.level} against {contrast.against}".strip()


def line(contrast: Contrast, name: str) -> str:
    return f"    {name:<42}{figures(contrast)}"


def figures(contrast: Contrast) -> str:
    if contrast.power is None or contrast.detectable is None or contrast.detectable_adjusted is None:
        return f"{'too few':>7} {'':>6} {'':>6} {'':>8} {'':>6}"
    effect, found = ("" if each is None else f"{each:+.2f}" for each in (contrast.effect, contrast.found))
    return f"{effect:>7} {found:>6} {contrast.power:>6.0%} {contrast.detectable:>8.2f} {contrast.detectable_adjusted:>6.2f}"
