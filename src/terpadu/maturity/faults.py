"""What is wrong with something that came from outside: a stable code, its place, and the values its text names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    code: key of the sentence in `wording`. line: line of the file, 1-based, 0 when unknown. place: what stands there,
    such as "indicators[3].weight" or "". column: of a spreadsheet, as a person finds it ("F (level)"), or "". values: what the
    sentence names.
    """

    code: str
    line: int = 0
    place: str = ""
    column: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
