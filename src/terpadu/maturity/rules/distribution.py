"""Hand agencies out to assessors, evenly and never their own; draw a sample that represents every group."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence


class NobodyIndependent(Exception):
    """An agency for which too few independent assessors exist; `agency` is its code."""

    def __init__(self, agency: str) -> None:
        super().__init__(agency)
        self.agency = agency


def distribute(
    agencies: Mapping[str, Collection[str]], *, assessors: Mapping[str, str], each: int = 2
) -> dict[str, tuple[str, ...]]:
    """Give every agency `each` assessors, with loads that differ by as little as the conflict rule allows.

    agencies: by code, the home agencies that are not independent of it. assessors: home agency by assessor. Returns assessors by agency, in the order of `agencies`; the
    same input always gives the same answer. Raises NobodyIndependent.
    """
    load = dict.fromkeys(assessors, 0)
    order = {name: at for at, name in enumerate(assessors)}
    given: dict[str, tuple[str, ...]] = {}
    for agency, own in agencies.items():
        free = [name for name, home in assessors.items() if home not in own]
        if len(free) < each:
            raise NobodyIndependent(agency)
        chosen = sorted(free, key=lambda name: (load[name], order[name]))[:each]
        for name in chosen:
            load[name] += 1
        given[agency] = tuple(chosen)
    return given


def draw_sample(groups: Mapping[str, Sequence[str]], *, percent: int, seed: str) -> list[str]:
    """Draw a share of each group, at least one of each, always the same for the same seed.

    groups: members by group. percent: 1..100. Returns members, group by group. The order within a group comes from
    hashes of seed and member, so that anyone can draw the sample again.
    """
    drawn: list[str] = []
    for members in groups.values():
        count = max(1, -(-len(members) * percent // 100)) if members else 0
        ranked = sorted(members, key=lambda member: hashlib.sha256(f"{seed}\0{member}".encode()).digest())
        drawn += ranked[:count]
    return drawn
