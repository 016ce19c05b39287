"""What is wrong with something that came from outside: a stable code, its place, and the values its text names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    code: key of the sentence in `wording`. row: of the file, 1-based as a spreadsheet counts, 0 for the whole file.
    column: heading as it stands in the file, or a field's name. values: what the sentence names.
    """

    code: str
    row: int = 0
    column: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
