"""What a check of the catalogs found wrong: one place, one field, one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from soundflow_assets.errors import Refused

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Violation:
    """`file` is a bucket key, `index` the place in its array, `field` as in the document."""

    file: str
    field: str
    found: str
    expected: str
    index: int | None = None
    id: str = ""

    def __str__(self) -> str:
        """Return it as one line."""
        place = f"{self.file}[{self.index}]" if self.index is not None else self.file
        track = f" {self.id}" if self.id else ""
        return f"{place}{track}: {self.field}: {self.found}, expected {self.expected}"


class CatalogRefused(Refused):
    """A new generation that contradicts itself; the current one stays."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        shown = "; ".join(str(violation) for violation in violations[:_SHOWN])
        more = f"; and {len(violations) - _SHOWN} more" if len(violations) > _SHOWN else ""
        super().__init__(f"the new catalogs are not committed: {shown}{more}")
        self.violations = tuple(violations)
