"""The data behind purposes: templates to draft from, and the questions of the risk analysis."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from terpadu.exchange.selectors.reference import read_data


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Entry):
    """A text in both languages."""

    id: str
    en: str


class RiskQuestion(_Entry):
    """A question of the risk analysis and the article it comes from."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,50}$")]
    article: str
    text: Words


class Basis(_Entry):
    """The norm of a template."""

    kind: str
    article: str
    is_assumed: bool


class PurposeTemplate(_Entry):
    """A purpose that many agencies have alike. risk: an answer for each question."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,50}$")]
    title: Words
    text: Words
    legal_basis: Basis
    data_items: tuple[str, ...]
    retention: str
    risk: dict[str, str]
    expected_calls: int


@cache
def risk_questions() -> tuple[RiskQuestion, ...]:
    """Return the questions of the risk analysis, in their order."""
    return tuple(RiskQuestion(**one) for one in read_data("risk_questions.yaml"))


@cache
def purpose_templates() -> dict[str, PurposeTemplate]:
    """Return the templates by key, in their order."""
    found = [PurposeTemplate(**one) for one in read_data("purpose_templates.yaml")]
    return {template.key: template for template in found}
