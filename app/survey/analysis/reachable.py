"""Whether any response can enter a primary estimate, each side of its contrast for itself, and whether it leaves out responses
by the answer that it estimates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.survey.conditions.dead_conditions import quoted
from app.survey.conditions.sharing import Tree
from app.survey.conditions.solver import Goal, Solver
from app.survey.documents.places import Path
from app.survey.items.context import SurveyContext
from app.survey.model import Code, Instrument, PrimaryEstimate

OF_AN_ANSWER = ("get", "has", "any_of", "all_of", "count", "rank")  # what uses the value of an answer, named first


def check_reachable(m: SurveyContext, instrument: Instrument) -> None:
    """Of a survey that has no fault so far."""
    if instrument.analysis is None:
        return
    solver = Solver(instrument)
    for estimate in instrument.analysis.primary:
        _Reach(m, instrument, solver, estimate).check()


class _Reach:
    """Checks one primary estimate, and reports the first that is wrong with it."""

    def __init__(self, m: SurveyContext, instrument: Instrument, solver: Solver, estimate: PrimaryEstimate):
        self.m, self.instrument, self.solver, self.estimate = m, instrument, solver, estimate
        self.path: Path = ("analysis", "primary", estimate.name)
        self.computed = next((each for each in instrument.computed if each.name == estimate.item), None)
        outs = instrument.screen_outs if estimate.base == "complete" else ()
        self.goals: list[Goal] = [(out.when.tree, "FU") for out in outs]  # no response is complete that was screened out
        if estimate.where is not None:
            self.goals.append((estimate.where.tree, "T"))
        self.where = f" where {quoted(estimate.where)}" if estimate.where else ""

    def check(self) -> None:
        where = self.estimate.where
        if where is not None and not self.solver.possible(*self.goals):
            alone = not self.solver.possible((where.tree, "T"))
            what = f"{quoted(where)} is never true" + ("" if alone else " for anyone who has not been screened out")
            self.fault(("where",), f"{what}, so there is nothing to estimate", "Change the condition, or remove `where`.", True)
        elif not self.can_be_answered():
            remedy = "Change the condition, or name an item that is asked there." if where else "Name an item that is asked."
            self.fault(("where",) if where else ("item",), f'"{self.estimate.item}" is never asked{self.where}', remedy, bool(where))
        else:
            self.check_contrast()
            self.check_selection()

    def fault(self, place: Sequence[Code], what: str, remedy: str, key: bool = False) -> None:
        self.m.fault((*self.path, *place), "bad-analysis", what, remedy, key=key)

    def can_be_answered(self, *further: Goal) -> bool:
        """Whether the outcome can; what is computed may be known without any one answer."""
        asked = [name for name in (self.estimate.item, *self.parts()) if name in self.solver.gates]
        if not asked or self.computed is not None:
            return self.solver.possible(*self.goals, *further)
        return any(self.solver.possible(*self.goals, *further, (["answered", name], "T")) for name in asked)

    def parts(self) -> tuple[str, ...]:
        """Of the rating of a vignette: its columns, one for each vignette."""
        answer = self.m.known().get(self.estimate.item)
        return tuple(answer.part_names) if answer is not None and self.estimate.rating else ()

    def check_contrast(self) -> None:
        contrast = self.estimate.contrast
        if contrast is None or self.estimate.rating is not None:  # levels of vignettes are independent of the respondent
            return
        tree = next((each.tree for each in self.instrument.computed if each.name == contrast.by), ["get", contrast.by])
        written = [str(code) for code in self.m.survey.analysis.primary[self.path[-1]].contrast[contrast.by]]
        for code in (contrast.first, contrast.second):
            if not self.can_be_answered((["==", tree, code], "T")):
                what = f'"{contrast.by}" is never "{code}"{self.where}, so there is nothing to compare'
                if self.solver.possible(*self.goals, (["==", tree, code], "T")):
                    what = f'"{self.estimate.item}" is never asked of those whose "{contrast.by}" is "{code}"{self.where}'
                remedy = "Compare codes that both occur" + (", or change `where`." if self.where else ".")
                self.fault(("contrast", contrast.by, written.index(str(code))), what, remedy)

    def check_selection(self) -> None:
        """Whether a response is left out because of the answer itself, not because there is none."""
        where = self.estimate.where
        outcome = {self.estimate.item, *self.parts()}
        if self.computed is not None:
            outcome |= set(self.computed.score.parts) if self.computed.score else set()
            outcome |= self.computed.names if len(self.computed.names) == 1 else set()
        used = sorted(outcome.intersection(_values(where.tree))) if where is not None else []
        if used:
            itself = "which is what it estimates" if used[0] == self.estimate.item else f'of which "{self.estimate.item}" consists'
            self.m.warn(
                (*self.path, "where"), "selects-on-outcome", f'"{self.estimate.name}" leaves out responses by "{used[0]}", {itself}',
                "Select by something that does not depend on this answer, or estimate the share of those answers instead.",
                key=True,
            )  # fmt: skip


def _values(tree: Tree) -> Iterator[str]:
    """The names of which a condition uses the answer, and not only whether there is one."""
    if not isinstance(tree, list):
        return
    if tree[0] in OF_AN_ANSWER:
        yield tree[1]
    for part in tree[1:]:
        yield from _values(part)
