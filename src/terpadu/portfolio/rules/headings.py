"""Finding the headings of a table and guessing what each column means; a person confirms the guess."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from terpadu.portfolio.rules.cells import plain

LIKENESS = 88
_COST_YEAR = re.compile(r"\b(20[0-4]\d|199\d)\b")


@dataclass(frozen=True)
class Header:
    """Where the headings stand. names: one for each column, "" for one without. first_data: the row after them."""

    names: tuple[str, ...]
    first_data: int

    @property
    def fingerprint(self) -> str:
        """A hash of the headings, by which a saved reading is found again."""
        return hashlib.sha256("\n".join(plain(name) for name in self.names).encode()).hexdigest()


@dataclass(frozen=True)
class Synonyms:
    """How columns are called. targets: target by plain heading. cost_words: kind of cost by word; "" is the fallback."""

    targets: Mapping[str, str]
    cost_words: Mapping[str, str]


def find_header(rows: Sequence[tuple[int, list[str]]], *, synonyms: Synonyms) -> Header | None:
    """Return the headings among the first rows, None when no row has any that is known.

    Titles above are skipped. Headings in two rows, as merged cells leave them, are joined: "Biaya" over "2024" is
    "Biaya 2024", and a group's title over a heading that is known alone is left out.
    """
    scored = [(_score(cells, synonyms), -at) for at, (_, cells) in enumerate(rows)]
    best, minus_at = max(scored, default=(0, 0))
    if best == 0:
        return None
    at = -minus_at
    number, cells = rows[at]
    below = rows[at + 1] if at + 1 < len(rows) else None
    if below and below[0] == number + 1 and _is_second_half(cells, below[1], synonyms):
        return Header(_joined(cells, below[1], synonyms), first_data=below[0] + 1)
    above = rows[at - 1] if at else None
    if above and above[0] == number - 1 and _is_second_half(above[1], cells, synonyms):
        return Header(_joined(above[1], cells, synonyms), first_data=number + 1)
    return Header(_named(cells), first_data=number + 1)


def guess(names: Sequence[str], *, synonyms: Synonyms) -> dict[str, str]:
    """Return the likely heading of each target; a heading and a target are used once, the likeliest first."""
    found: dict[str, str] = {}
    likely = sorted(
        (
            (score, at, name, target)
            for at, name in enumerate(names)
            for score, target in _targets(name, synonyms)
        ),
        key=lambda one: (-one[0], one[1]),
    )
    used: set[str] = set()
    for _, _, name, target in likely:
        if target not in found and name not in used:
            found[target] = name
            used.add(name)
    return found


def _targets(name: str, synonyms: Synonyms) -> list[tuple[float, str]]:
    text = plain(name)
    if not text:
        return []
    if cost := _cost_target(name, text, synonyms):
        return [(100, cost)]
    if target := synonyms.targets.get(text):
        return [(100, target)]
    near = process.extract(text, synonyms.targets.keys(), scorer=fuzz.ratio, score_cutoff=LIKENESS, limit=3)
    return [(score, synonyms.targets[form]) for form, score, _ in near]


def _cost_target(name: str, text: str, synonyms: Synonyms) -> str:
    if name.startswith("cost:"):
        return name
    year = _COST_YEAR.search(text)
    words = text.split()
    if year is None or not any(word in synonyms.cost_words for word in words):
        return ""
    kinds = [kind for word in words if (kind := synonyms.cost_words.get(word))]
    return f"cost:{year[1]}:{kinds[0] if kinds else 'other'}"


def _score(cells: Sequence[str], synonyms: Synonyms) -> int:
    known = {target for cell in cells if (target := _known(cell, synonyms))}
    return len(known)


def _known(cell: str, synonyms: Synonyms) -> str:
    text = plain(cell)
    return synonyms.targets.get(text) or _cost_target(cell, text, synonyms) if len(cell) <= 80 else ""


def _is_second_half(upper: Sequence[str], lower: Sequence[str], synonyms: Synonyms) -> bool:
    """Tell whether the lower row completes the upper one, as under merged cells: it has no value where both stand alone."""
    pairs = [
        (u.strip(), w.strip()) for u, w in zip(_padded(upper, lower), _padded(lower, upper), strict=True)
    ]
    if not any(not u for u, w in pairs if w) or not any(w for _, w in pairs):
        return False
    lower_names = [w for _, w in pairs if w]
    readable = sum(bool(_known(w, synonyms)) or bool(_COST_YEAR.fullmatch(w)) for w in lower_names)
    return readable * 2 >= len(lower_names)


def _joined(upper: Sequence[str], lower: Sequence[str], synonyms: Synonyms) -> tuple[str, ...]:
    names = []
    group = ""
    for up, low in zip(_padded(upper, lower), _padded(lower, upper), strict=True):
        up, low = " ".join(up.split()), " ".join(low.split())
        group = up or (group if low else "")
        names.append(low if low and (_known(low, synonyms) or not group) else f"{group} {low}".strip())
    return _unique(names)


def _named(cells: Sequence[str]) -> tuple[str, ...]:
    return _unique([" ".join(cell.split()) for cell in cells])


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Number headings that stand twice, so that each can be chosen alone."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    return tuple(found)


def _padded(row: Sequence[str], other: Sequence[str]) -> list[str]:
    return [*row, *[""] * (len(other) - len(row))]
