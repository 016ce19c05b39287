"""What happens with a case: roles, steps, time limits, outputs, notices, credit."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr

from terpadu.casework.definitions.words import Days, Duration, Identifier, RuleText, Strict, Text
from terpadu.casework.enums import Action, PublicState

NoticeMoment = Literal["received", "needs_changes", "rejected", "issued", "late", "lapsed"]


class Role(Strict):
    """Who may act: kinds of positions in the agency that the case belongs to."""

    positions: tuple[Identifier, ...] = Field(min_length=1)


class Check(Strict):
    """One line of the officer's check list.

    auto: a rule that says whether it is in order; without it, or when it is not known, a person looks. if_not: what a
    rule that is false means: it is "wrong", or somebody must "look".
    """

    id: Identifier
    label: Text
    auto: RuleText | None = None
    if_not: Literal["wrong", "look"] = "wrong"


class Auto(Strict):
    """What the platform does by itself in a step: issue an output, then tell registers."""

    issue: Identifier
    push: tuple[Identifier, ...] = ()


class Objection(Strict):
    """How the applicant can object to a rejection."""

    within_days: Days
    how: Text


class Step(Strict):
    """One step: exactly one of `role`, `waits_for`, `auto` and `end` says who has the ball.

    state: the public state while the case is here. four_eyes: nobody who acted in another step may act here.
    batch: many cases can be signed at once.
    """

    id: Identifier
    name: Text
    state: PublicState
    role: Identifier | None = None
    waits_for: Literal["applicant"] | None = None
    auto: Auto | None = None
    end: Literal["done", "rejected", "lapsed"] | None = None
    within: Duration | None = None
    four_eyes: StrictBool = False
    batch: StrictBool = False
    checks: tuple[Check, ...] = ()
    actions: dict[Action, Identifier] = Field(default_factory=dict)
    on_timeout: Identifier | None = None
    objection: Objection | None = None

    @property
    def needs_own_account(self) -> bool:
        """Whether an agency's login is not enough: a second person acts here, or somebody signs."""
        return self.four_eyes or Action.SIGN in self.actions


class Sla(Strict):
    """The promise to the applicant: working days from sending to the end; the clock stops while the applicant has the ball."""

    working_days: Annotated[StrictInt, Field(ge=1, le=250)]
    calendar: Literal["national"]
    warn_percent: tuple[Annotated[StrictInt, Field(ge=1, le=99)], ...] = (50, 80)
    basis: Text


class Fee(Strict):
    """What it costs, in whole rupiah, with the article that says so."""

    amount: Annotated[StrictInt, Field(ge=0)]
    basis: Annotated[StrictStr, Field(min_length=3)]


class Output(Strict):
    """A document that a case produces.

    facts: name in the template to a rule. valid_until: rule that gives a day. verify: how anyone can check it.
    """

    template: Identifier
    title: Text
    holder: Literal["applicant", "subject"]
    about: Literal["applicant", "subject"]
    facts: dict[Identifier, RuleText]
    number: Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9{}_./-]+$")]
    valid_until: RuleText | None = None
    verify: Literal["qr"]


class Push(Strict):
    """A write into a register over the exchange, after an output was issued."""

    service: Annotated[StrictStr, Field(pattern=r"^[a-z0-9_.]+/[a-z0-9_-]+$")]
    operation: StrictStr
    purpose: StrictStr
    about: Literal["applicant", "subject"]
    body: dict[StrictStr, RuleText]
    date_format: StrictStr = "%Y-%m-%d"


class Notice(Strict):
    """A message to the applicant at one moment; the words are templates of `messaging`."""

    template: StrictStr
    channels: tuple[Literal["inbox", "email", "sms", "whatsapp"], ...] = Field(min_length=1)
    note: Text | None = None


class Credit(Strict):
    """What the acting officer's performance record gets: the unit of work and the usual effort by step, in minutes."""

    unit: Text
    effort_minutes: dict[Identifier, Annotated[StrictInt, Field(ge=1, le=600)]]


class SurveyRule(Strict):
    """Whether those whom a case was decided for are asked how it went (PermenPANRB 14/2017 art. 1: every service is)."""

    model: Literal["skm-9"] = "skm-9"
    ask: Literal["on_end", "never"] = "on_end"


class PrivacyRule(Strict):
    """How long data is kept: years after the case has closed, days for a draft nobody touches."""

    retain_years: Annotated[StrictInt, Field(ge=1, le=100)]
    drafts_days: Annotated[StrictInt, Field(ge=7, le=365)]
    basis: Text
    sensitive: tuple[Identifier, ...] = ()
