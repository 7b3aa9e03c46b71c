"""What one name in a condition stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.survey.codes import Code
from app.survey.conditions.condition import Condition


@dataclass(frozen=True, slots=True)
class Subject:
    """What a name in a condition stands for."""

    name: str
    kind: (
        str  # choice | multiple | ranking | number | text | date | truth; of several: matrix | several | loop
    )
    codes: tuple[Code, ...] = ()
    parts: tuple[Subject, ...] = ()  # of several: what each of them is
    precision: str = ""  # of a date: day | month | year
    range: tuple[float, float] | None = (
        None  # of a number: the least and the most that it can be, where known
    )
    tree: Any = None  # of what is computed: what stands in a condition's tree in place of its name
    #: Of a list: the conditions of those of its options that are not offered to everyone.
    offered: Mapping[Code, Condition] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()  # of what is computed: the names whose answers it depends on

    @property
    def statements(self) -> tuple[str, ...]:
        """Of several: the full names of all single answers."""
        return tuple(leaf.name for part in self.parts for leaf in part.leaves)

    @property
    def leaves(self) -> tuple[Subject, ...]:
        """The single answers that it stands for: itself, if it is one."""
        return tuple(leaf for part in self.parts for leaf in part.leaves) if self.parts else (self,)

    @property
    def is_computed(self) -> bool:
        return self.tree is not None

    @property
    def is_list(self) -> bool:
        """Whether its answer is a list of codes."""
        return self.kind in ("multiple", "ranking")

    @property
    def names(self) -> frozenset[str]:
        """The names whose answers it depends on."""
        return self.needs if self.is_computed else frozenset(leaf.name for leaf in self.leaves)

    @property
    def got(self) -> Any:
        """The tree of its value."""
        return self.tree if self.is_computed else ["get", self.name]
