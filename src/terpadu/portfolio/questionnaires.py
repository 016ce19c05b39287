"""The dated data of rationalisation: `data/rationalisation.yaml`, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from terpadu.portfolio.enums import EndingForm
from terpadu.portfolio.rules.rationalisation.endings import EndingStep, LegalForm
from terpadu.portfolio.rules.rationalisation.savings import Shares
from terpadu.portfolio.rules.rationalisation.scores import Axis, Measure, Question, TimeLimits

FILE = Path(__file__).resolve().parent / "data" / "rationalisation.yaml"


@dataclass(frozen=True)
class Questionnaire:
    """Questions, measures, limits, shares and steps in force. hosting: points of each kind of hosting, 0 to 1."""

    version: str
    basis: Mapping[str, str]
    limits: TimeLimits
    most_points: int
    value: Axis
    fit: Axis
    hosting: Mapping[str, float]
    shares: Shares
    priority_users: int
    forms: Mapping[EndingForm, LegalForm]
    steps: Mapping[str, EndingStep]

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions, those of value first."""
        return (*self.value.questions, *self.fit.questions)


@cache
def questionnaire() -> Questionnaire:
    """Return the questionnaire in force."""
    document = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))
    limits, savings = document["quadrants"], document["savings"]
    return Questionnaire(
        version=document["version"],
        basis=dict(document["basis"]),
        limits=TimeLimits(limits["limit"], limits["least_coverage"]),
        most_points=document["most_points"],
        value=_axis("value", document["axes"]["value"]),
        fit=_axis("fit", document["axes"]["fit"]),
        hosting=dict(document["hosting"]),
        shares=Shares(**{name: number for name, number in savings.items() if name != "assumed"}),
        priority_users=document["priority_users"]["value"],
        forms={
            EndingForm(key): LegalForm(EndingForm(key), dict(one["basis"]), tuple(one["steps"]))
            for key, one in document["endings"].items()
        },
        steps={key: _step(key, one) for key, one in document["steps"].items()},
    )


def _axis(key: str, one: Mapping[str, Any]) -> Axis:
    return Axis(
        key,
        dict(one["name"]),
        tuple(Question(each["key"], each["weight"], dict(each["text"])) for each in one["questions"]),
        tuple(
            Measure(each["key"], each["weight"], each["kind"], each["most"], dict(each["text"]))
            for each in one["facts"]
        ),
    )


def _step(key: str, one: Mapping[str, Any]) -> EndingStep:
    return EndingStep(key, {"id": one["id"], "en": one["en"]}, dict(one["basis"]), one["when"])
