"""The catalogue: published services as their users see them."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q
from django.utils.translation import gettext_noop as _

from terpadu.casework.definitions.compiled import Compiled
from terpadu.casework.definitions.model import Definition
from terpadu.casework.definitions.words import Text
from terpadu.casework.enums import FINAL_STATES, FieldType
from terpadu.casework.models import Case, ServiceDefinition
from terpadu.casework.read_models import InterfaceUse, ServiceView, StepOutlook, Texts
from terpadu.casework.reference import complaint_rule_on
from terpadu.casework.wording import both
from terpadu.directory import public as directory
from terpadu.kernel.clock import today
from terpadu.kernel.errors import NotFound

COMPILED_KEPT = 512
NO_QUESTION = {FieldType.INFO, FieldType.COMPUTED}


@lru_cache(maxsize=COMPILED_KEPT)
def compiled_of(row_id: UUID) -> Compiled:
    """Return a published version ready to run; versions never change, so it is kept. One query the first time."""
    content = ServiceDefinition.objects.values_list("content", flat=True).get(pk=row_id)
    return Compiled(Definition.model_validate_json(content))


def latest_row(service_id: str) -> ServiceDefinition:
    """Return the newest version of a service. Raises NotFound. One query."""
    rows = ServiceDefinition.objects.filter(service_id=service_id).defer("source", "content")
    row = rows.order_by("-version").first()
    if row is None:
        raise NotFound(service=service_id)
    return row


def service_get(service_id: str) -> ServiceView:
    """Return a service of the catalogue in its newest version. Raises NotFound. Two queries."""
    row = latest_row(service_id)
    return _view(row, _agency_names([row]))


def service_list(*, life_event: str | None = None, query: str | None = None) -> list[ServiceView]:
    """Return the services in their newest version, by name.

    life_event: keep those of one moment of life. query: words to look for in names and summaries, in either language;
    Indonesian words are found in their other forms too. Empty when nothing fits. Two queries.
    """
    rows = ServiceDefinition.objects.order_by("service_id", "-version").distinct("service_id")
    newest = ServiceDefinition.objects.filter(pk__in=rows.values("pk"))
    if life_event:
        newest = newest.filter(life_events__contains=[life_event])
    if query and query.strip():
        newest = newest.annotate(words=SearchVector("search_text", config="indonesian")).filter(
            _matches(query)
        )
    found = list(newest.defer("source", "content"))
    names = _agency_names(found)
    return sorted((_view(row, names) for row in found), key=lambda view: view.name["id"])


def interface_uses() -> list[InterfaceUse]:
    """Return which interfaces the services call, by service and interface. Two queries or more.

    The newest version of each service counts, and every older one by which a case still runs.
    """
    newest = ServiceDefinition.objects.order_by("service_id", "-version").distinct("service_id")
    running = Case.objects.exclude(state__in=FINAL_STATES).values("definition")
    rows = ServiceDefinition.objects.filter(Q(pk__in=newest.values("pk")) | Q(pk__in=running))
    found: dict[tuple[str, str], InterfaceUse] = {}
    for row_id in rows.order_by("service_id", "-version").values_list("pk", flat=True):
        definition = compiled_of(row_id).definition
        called = {one.service for one in definition.sources.values()}
        called |= {one.service for one in definition.pushes.values()}
        for one in sorted(called):
            use = InterfaceUse(definition.id, definition.name.as_dict(), definition.agency.code, one)
            found.setdefault((definition.id, one), use)
    return list(found.values())


def interface_use_counts() -> dict[str, int]:
    """Return how many services use each interface, by "<agency code>/<interface>". As `interface_uses`."""
    return dict(Counter(use.interface for use in interface_uses()))


def _matches(query: str) -> Q:
    text = query.strip()[:100]
    words = SearchQuery(text, config="indonesian", search_type="websearch")
    return Q(words=words) | Q(search_text__icontains=text)


def _agency_names(rows: list[ServiceDefinition]) -> dict[str, str]:
    """Return the name of each agency by code; a code the directory does not know stands for itself."""
    if not rows:
        return {}
    return {agency.code: agency.name for agency in directory.agency_list()}


def _view(row: ServiceDefinition, agency_names: dict[str, str]) -> ServiceView:
    definition = compiled_of(row.pk).definition
    agency_name = agency_names.get(row.agency_code, row.agency_code)
    return ServiceView(
        service_id=definition.id,
        version=definition.version,
        name=definition.name.as_dict(),
        summary=definition.summary.as_dict(),
        agency_code=row.agency_code,
        agency_name=agency_name,
        life_events=tuple(event.value for event in definition.life_events),
        who=definition.applicant.who.as_dict(),
        requirements=tuple(text.as_dict() for text in definition.standard.requirements),
        fee_rupiah=definition.fee.amount,
        fee_basis=definition.fee.basis,
        working_days=definition.sla.working_days,
        product=tuple(output.title.as_dict() for output in definition.outputs.values()),
        legal_basis=legal_basis(definition),
        standard=standard_of(definition),
        steps=tuple(
            StepOutlook(step.name.as_dict(), step.within.working_days if step.within else None)
            for step in definition.steps
            if step.role or step.auto
        ),
        sources=tuple(source.label.as_dict() for source in definition.sources.values()),
        questions_at_most=questions_at_most(definition),
        authentication=definition.assurance.authentication.value,
        proofing=definition.assurance.proofing.value,
    )


def legal_basis(definition: Definition) -> tuple[str, ...]:
    """Return the laws of a service with their articles, as one line each."""
    return tuple(f"{basis.law} ps. {', '.join(basis.articles)}" for basis in definition.basis)


def questions_at_most(definition: Definition) -> int:
    """Count the questions of the usual way: not prefilled, not on side pages, and the declaration at the end."""
    main = [page for page in definition.pages if not page.only_by and not page.when]
    asked = [f for page in main for f in page.fields if not f.prefill and f.type not in NO_QUESTION]
    return len(asked) + 1


def standard_of(definition: Definition) -> tuple[tuple[Texts, tuple[Texts, ...]], ...]:
    """Return the fourteen components of the service standard in their order (UU 25/2009 art. 21)."""
    given = definition.standard
    laws = tuple({"id": line, "en": line} for line in legal_basis(definition))
    procedure = tuple(step.name.as_dict() for step in definition.steps if step.role or step.auto)
    product = tuple(output.title.as_dict() for output in definition.outputs.values())
    free = both(_("Free of charge (%(basis)s)"), basis=definition.fee.basis)
    time = both(_("%(days)d working days at most"), days=definition.sla.working_days)
    own_way = both(
        _("Also from the page of your application: answered within %(days)d working days."),
        days=complaint_rule_on(today()).answer_days,
    )
    return (
        (both(_("Legal basis")), laws),
        (both(_("Requirements")), tuple(text.as_dict() for text in given.requirements)),
        (both(_("Procedure")), procedure),
        (both(_("Time")), (time, definition.sla.basis.as_dict())),
        (both(_("Fee")), (free,)),
        (both(_("Product")), product),
        (both(_("Facilities")), _optional(given.facilities)),
        (both(_("Competence of the staff")), _optional(given.staff_competence)),
        (both(_("Internal supervision")), _optional(given.internal_supervision)),
        (both(_("Complaints and suggestions")), (given.complaints.as_dict(), own_way)),
        (both(_("Number of staff")), _optional(given.staff_number)),
        (both(_("Service guarantee")), _optional(given.service_guarantee)),
        (both(_("Guarantee of safety")), _optional(given.safety_guarantee)),
        (both(_("Evaluation of performance")), _optional(given.evaluation)),
    )


def _optional(text: Text | None) -> tuple[Texts, ...]:
    return (text.as_dict(),) if text else ()


def service_names() -> dict[str, Texts]:
    """Return the names of the published services by identifier. One query, one more per new version."""
    rows = ServiceDefinition.objects.order_by("service_id", "-version").distinct("service_id")
    return {
        row.service_id: compiled_of(row.pk).definition.name.as_dict()
        for row in rows.defer("source", "content")
    }
