"""The steps of an end and its legal form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from terpadu.portfolio.enums import EndingForm, Fate

MOVING = frozenset({Fate.MIGRATE})
ENDING = frozenset({Fate.MIGRATE, Fate.END})


@dataclass(frozen=True)
class EndingStep:
    """One step. when: dependents, move, end, form or merge. basis: the article, "" where none asks for it."""

    key: str
    text: Mapping[str, str]
    basis: Mapping[str, str]
    when: str


@dataclass(frozen=True)
class LegalForm:
    """A legal form with its basis and the keys of the steps that it alone needs."""

    form: EndingForm
    basis: Mapping[str, str]
    steps: tuple[str, ...]


def form_of(fate: Fate, *, keeper_users: int, priority_users: int) -> EndingForm | None:
    """Return the legal form of a fate, None when nothing ends.

    keeper_users: users or planned users of the application that stays. From priority_users on it can be a priority
    application, whose responsible minister may end others (Perpres 82/2023 art. 2 and 6).
    """
    if fate is Fate.KEEP:
        return None
    if fate is Fate.MERGE:
        return EndingForm.RECORD
    return EndingForm.PRIORITY if keeper_users >= priority_users else EndingForm.ORDINARY


def steps_for(
    fate: Fate, *, form: LegalForm | None, has_dependents: bool, steps: Mapping[str, EndingStep]
) -> list[EndingStep]:
    """Return the steps of a fate in their order."""
    wanted = {
        "dependents": has_dependents and fate in ENDING,
        "move": fate in MOVING,
        "end": fate in ENDING,
        "merge": fate is Fate.MERGE,
    }
    return [
        one
        for one in steps.values()
        if wanted.get(one.when, False) or (one.when == "form" and form is not None and one.key in form.steps)
    ]
