"""One service as data: the whole of a definition file."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt, StrictStr

from terpadu.casework.definitions.flow import (
    Credit,
    Fee,
    Notice,
    NoticeMoment,
    Output,
    PrivacyRule,
    Push,
    Role,
    Sla,
    Step,
    SurveyRule,
)
from terpadu.casework.definitions.form import Eligibility, Evidence, FieldSpec, Page, Source, Subject
from terpadu.casework.definitions.words import Identifier, ServiceId, Strict, Text
from terpadu.casework.enums import LifeEvent
from terpadu.identity.enums import AuthenticationLevel, ProofingLevel


class AgencyRef(Strict):
    """The agency that handles the cases; its directory code is "<type>.<region>"."""

    type: Identifier
    region: Annotated[StrictStr, Field(pattern=r"^[0-9]{2}(\.[0-9]{2}){0,2}$")]

    @property
    def code(self) -> str:
        """The agency's code in the directory."""
        return f"{self.type}.{self.region}"


class Basis(Strict):
    """A law with its articles."""

    law: StrictStr
    articles: tuple[StrictStr, ...] = Field(min_length=1)


class Standard(Strict):
    """The service standard (UU 25/2009 art. 21): fourteen components.

    Legal basis, procedure, time, fee and product are generated from the rest of the definition; requirements and
    complaints complete the six delivery components that must be published; the others are shown when given.
    """

    requirements: tuple[Text, ...] = Field(min_length=1)
    complaints: Text
    facilities: Text | None = None
    staff_competence: Text | None = None
    internal_supervision: Text | None = None
    staff_number: Text | None = None
    service_guarantee: Text | None = None
    safety_guarantee: Text | None = None
    evaluation: Text | None = None


class Applicant(Strict):
    """Who may apply, in words; what can be checked stands in `eligibility`."""

    who: Text


class Assurance(Strict):
    """How surely the applicant must be known: how they sign in, and how their identity was proofed."""

    authentication: AuthenticationLevel = AuthenticationLevel.LOA1
    proofing: ProofingLevel = ProofingLevel.DECLARED


class Given(Strict):
    """What a test persona brings: the day, register answers in our names (null: the register is down), answers given."""

    on: date
    applicant: dict[Identifier, Any]
    sources: dict[Identifier, dict[Identifier, Any] | None] = Field(default_factory=dict)
    answers: dict[Identifier, Any] = Field(default_factory=dict)


class Expected(Strict):
    """What the persona must meet: pages in order, evidence asked, the condition that stops them."""

    pages: tuple[Identifier, ...] | None = None
    evidence: tuple[Identifier, ...] = ()
    stop: Identifier | None = None


class PersonaTest(Strict):
    """One walk through the service by a made-up person; publishing runs them all."""

    persona: StrictStr
    given: Given
    expect: Expected


class Definition(Strict):
    """A service as data."""

    kind: Literal["service/v1"]
    id: ServiceId
    version: Annotated[StrictInt, Field(ge=1)]
    number_prefix: Annotated[StrictStr, Field(pattern=r"^[A-Z]{2,5}$")]
    agency: AgencyRef
    basis: tuple[Basis, ...] = Field(min_length=1)
    name: Text
    summary: Text
    life_events: tuple[LifeEvent, ...] = Field(min_length=1)
    standard: Standard
    applicant: Applicant
    assurance: Assurance = Assurance()
    subject: Subject
    eligibility: tuple[Eligibility, ...] = ()
    sources: dict[Identifier, Source] = Field(default_factory=dict)
    pages: tuple[Page, ...] = Field(min_length=1)
    evidence: tuple[Evidence, ...] = ()
    declaration: Text
    fee: Fee
    sla: Sla
    roles: dict[Identifier, Role] = Field(min_length=1)
    steps: tuple[Step, ...] = Field(min_length=2)
    outputs: dict[Identifier, Output] = Field(default_factory=dict)
    pushes: dict[Identifier, Push] = Field(default_factory=dict)
    notify: dict[NoticeMoment, Notice]
    credit: Credit
    privacy: PrivacyRule
    survey: SurveyRule = SurveyRule()
    tests: tuple[PersonaTest, ...] = Field(min_length=1)

    @cached_property
    def fields(self) -> dict[str, FieldSpec]:
        """All fields of all pages by their id, in the order of the file."""
        return {field.id: field for page in self.pages for field in page.fields}

    @cached_property
    def page_of(self) -> dict[str, Page]:
        """The page on which each field stands."""
        return {field.id: page for page in self.pages for field in page.fields}

    @cached_property
    def pages_by_id(self) -> dict[str, Page]:
        """All pages by their id."""
        return {page.id: page for page in self.pages}

    @cached_property
    def steps_by_id(self) -> dict[str, Step]:
        """All steps by their id."""
        return {step.id: step for step in self.steps}

    @property
    def first_step(self) -> Step:
        """The step that a case enters when it is sent."""
        return self.steps[0]
