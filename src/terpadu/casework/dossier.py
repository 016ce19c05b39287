"""A case opened on the desk: its row, its answers and its compiled definition, with the values that rules see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from terpadu.casework.definitions.compiled import OTHERWISE, Compiled, Route
from terpadu.casework.definitions.form import FieldSpec, Page
from terpadu.casework.definitions.model import Definition
from terpadu.casework.definitions.stored import from_json
from terpadu.casework.definitions.words import Text
from terpadu.casework.enums import FieldType
from terpadu.casework.models import Case, CaseAnswers, CaseEvent
from terpadu.casework.selectors.catalogue import compiled_of
from terpadu.identity import public as identity
from terpadu.kernel.clock import JAKARTA, today
from terpadu.kernel.errors import NotFound

EVIDENCE_PAGE = "bukti"
CHECK_PAGE = "periksa"
EVIDENCE_TITLE = Text(id="Unggah berkas", en="Upload files")
EVIDENCE_INTRO = Text(
    id="Hanya yang tidak dapat kami baca sendiri dari register.",
    en="Only what we could not read from a register ourselves.",
)


class Dossier:
    """A case with everything that rules need. Values are worked out once; make a new one after a change."""

    def __init__(self, case: Case, sheet: CaseAnswers) -> None:
        self.case, self.sheet = case, sheet
        self.compiled: Compiled = compiled_of(case.definition_id)
        self.today: date = _day_of(case)

    @classmethod
    def open(cls, case_id: UUID) -> Dossier:
        """Read a case for looking at it. Raises NotFound. Two queries."""
        case = Case.objects.select_related("answers").filter(pk=case_id).first()
        if case is None:
            raise NotFound()
        return cls(case, case.answers)

    @classmethod
    def lock(cls, case_id: UUID) -> Dossier:
        """Read a case and hold its row until the transaction ends. Raises NotFound. Two queries."""
        case = Case.objects.select_for_update().filter(pk=case_id).first()
        if case is None:
            raise NotFound()
        return cls(case, CaseAnswers.objects.get(case=case))

    @property
    def definition(self) -> Definition:
        """The version of the service that the case is pinned to."""
        return self.compiled.definition

    @cached_property
    def applicant(self) -> dict[str, Any]:
        """The applicant as rules see them. One query."""
        person = identity.person_get(self.case.person_id)
        return {
            "id": str(person.person_id),
            "nama": person.name,
            "tgl_lahir": person.birth_on,
            "jenis_kelamin": person.sex,
        }

    @cached_property
    def events(self) -> list[CaseEvent]:
        """The history of the case in order. One query."""
        return list(self.case.events.order_by("seq"))

    def given(self, field_id: str) -> Any:
        """Return the stored value of an answer in Python types, OTHERWISE where chosen, None when there is none."""
        entry = self.sheet.answers.get(field_id)
        if not entry:
            return None
        value = entry["value"]
        kind = self.compiled.scope.get(field_id)
        return value if value == OTHERWISE or kind is None else from_json(value, of=kind)

    @cached_property
    def sources(self) -> dict[str, Any]:
        """What each register told, None for one without an answer."""
        return {
            name: from_json((self.entry_of(name) or {}).get("values"), of=self.compiled.scope[name])
            for name in self.definition.sources
        }

    def entry_of(self, source_id: str) -> dict[str, Any] | None:
        """Return what is stored of a register, None when it told nothing or told it about somebody else than now meant."""
        entry: dict[str, Any] | None = self.sheet.sources.get(source_id)
        return entry if entry and self._is_meant(source_id, entry) else None

    def outage_of(self, source_id: str) -> dict[str, Any] | None:
        """Return the outage of a register that was asked about the people now meant, None when there was none."""
        entry: dict[str, Any] | None = self.sheet.outages.get(source_id)
        return entry if entry and self._is_meant(source_id, entry) else None

    def _is_meant(self, source_id: str, entry: Mapping[str, Any]) -> bool:
        if self.definition.sources[source_id].about == "applicant" or self.definition.subject.field is None:
            return True
        chosen = self.given(self.definition.subject.field)
        return isinstance(chosen, Mapping) and chosen.get("id") == entry["about"]

    @cached_property
    def _working(self) -> tuple[dict[str, Any], Route]:
        """Work out values and route; answers of pages the way does not pass are left out in the second round."""
        answers = {name: self.given(name) for name in self.sheet.answers}
        values = self._environment(answers)
        route = self.compiled.route(values, answers, today=self.today)
        kept = {name: value for name, value in answers.items() if self._is_on(name, route)}
        if kept != answers:
            values = self._environment(kept)
            route = self.compiled.route(values, kept, today=self.today)
        return values, route

    def _environment(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        return self.compiled.environment(
            applicant=self.applicant, sources=self.sources, answers=answers, today=self.today
        )

    def _is_on(self, field_id: str, route: Route) -> bool:
        page = self.definition.page_of.get(field_id)
        if page is not None:
            return page.id in route.pages
        return any(item.id == field_id for item in route.evidence)

    @property
    def values(self) -> dict[str, Any]:
        """All values that rules see."""
        return self._working[0]

    @property
    def route(self) -> Route:
        """The way of this applicant as far as the answers tell."""
        return self._working[1]

    @property
    def page_ids(self) -> tuple[str, ...]:
        """The pages of the way in order, with the evidence page at the end when something must be uploaded."""
        return (*self.route.pages, EVIDENCE_PAGE) if self.route.evidence else self.route.pages

    def page(self, page_id: str) -> Page:
        """Return a page of the definition, or the evidence page. Raises NotFound."""
        if page_id == EVIDENCE_PAGE and self.route.evidence:
            return evidence_page(self.route)
        found = self.definition.pages_by_id.get(page_id)
        if found is None:
            raise NotFound(page=page_id)
        return found

    @property
    def open_page(self) -> str:
        """The page where the applicant goes on: the first that is not saved, else the check page."""
        if self.case.marked:
            waiting = [p for p in self.marked_pages if p not in self.sheet.pages]
            return waiting[0] if waiting else CHECK_PAGE
        return next((p for p in self.page_ids if p not in self.sheet.pages), CHECK_PAGE)

    @property
    def marked_pages(self) -> list[str]:
        """The pages with an answer that an officer sent back, in order."""
        return [
            page_id
            for page_id in self.page_ids
            if any(field.id in self.case.marked for field in self.page(page_id).fields)
        ]

    @property
    def hidden(self) -> list[str]:
        """The answered fields that the way no longer passes."""
        return [name for name in self.sheet.answers if not self._is_on(name, self.route)]

    @property
    def subject_id(self) -> UUID | None:
        """The person whom the service is about, None while nobody or only a declared one is known."""
        found = self.values["subject"].get("id")
        return UUID(found) if found else self.case.subject_person_id

    def prefill(self, field: FieldSpec) -> tuple[Any, str]:
        """Return the prefilled value of a field and its source, or (None, "")."""
        if not field.prefill:
            return None, ""
        return self.compiled.prefill_of(field.id, self.values, today=self.today)


def _day_of(case: Case) -> date:
    """Return the day that decides about a case: of sending, so that time passing changes no answer; else today."""
    return case.submitted_at.astimezone(JAKARTA).date() if case.submitted_at else today()


def evidence_page(route: Route) -> Page:
    """Return the page that asks for the evidence of a way."""
    fields = tuple(
        FieldSpec(id=item.id, type=FieldType.FILE, label=item.label, hint=item.hint, accept=item.accept)
        for item in route.evidence
    )
    return Page(id=EVIDENCE_PAGE, title=EVIDENCE_TITLE, intro=EVIDENCE_INTRO, fields=fields)
