"""Plans: families in, moves decided, waves ordered, adopted, steps ticked off."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from terpadu.identity.public import signed_in_required
from terpadu.kernel.errors import NotAllowed, NotFound
from terpadu.kernel.formats import format_rupiah, language
from terpadu.kernel.spreadsheets import guarded
from terpadu.portfolio.clearance_wording import MOVE_REASONS, NEEDS
from terpadu.portfolio.enums import Fate, PlanState
from terpadu.portfolio.errors import ChangedMeanwhile, PlanBlocked, PlanClosed, RequestIncomplete
from terpadu.portfolio.family_members import families_with_members
from terpadu.portfolio.models import Move, Plan
from terpadu.portfolio.policies import Access
from terpadu.portfolio.questionnaires import questionnaire
from terpadu.portfolio.selectors.rationalisation.plans import MoveView, plan_get, plan_view
from terpadu.portfolio.services.rationalisation.plans import (
    MoveValues,
    move_decide,
    move_remove,
    plan_add_family,
    plan_adopt,
    plan_arrange,
    plan_start,
    step_done,
)
from terpadu.portfolio.web.access import current_actor
from terpadu.portfolio.web.clearance_forms import take_faults
from terpadu.portfolio.web.conflicts import say_changed
from terpadu.portfolio.web.rationalisation_forms import AdoptForm, FamilyForm, MoveForm, PlanForm
from terpadu.portfolio.web.rationalisation_views import frame

FATE_TAGS = {"keep": "ok", "migrate": "wait", "merge": "info", "end": "late"}
SHOWN_FAMILIES = 30


def _seen(request: HttpRequest, plan_id: UUID) -> tuple[Plan, dict[str, Any]]:
    """Return a plan for who may see it: drafts are the national team's. Raises NotFound, NotAllowed."""
    found = plan_get(plan_id)
    context = frame(request, place="plans")
    if found.state == PlanState.DRAFT and not context["access"].is_national:
        raise NotAllowed()
    return found, {
        **context,
        "plan": found,
        "may_write": context["access"].is_national and found.state == "draft",
    }


@signed_in_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a plan."""
    context = frame(request, place="plans")
    if not context["access"].is_national:
        raise NotAllowed()
    form = PlanForm(request.POST or None)
    if form.is_valid():
        try:
            found = plan_start(**form.cleaned_data, by=current_actor(request))
            return redirect("portfolio:plan", found.id)
        except RequestIncomplete as error:
            take_faults(form, error.faults)
    context |= {
        "form": form,
        "title": _("New plan"),
        "action_text": _("Begin the plan"),
        "back": "portfolio:consolidation",
    }
    return render(request, "portfolio/rationalisation/form.html", context, status=422 if form.errors else 200)


@require_safe
def plan(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Show a plan: its waves, families, savings with their formula, and what is open. Costs are for members only."""
    found, context = _seen(request, plan_id)
    view = plan_view(found)
    access: Access = context["access"]
    context |= {
        "view": view,
        "waves": [(wave, [_move(one, access) for one in moves]) for wave, moves in view.waves],
        "waiting": [_move(one, access) for one in view.waiting],
        "families": [(name, [_move(one, access) for one in moves]) for name, moves in view.families],
        "shows_money": access.is_national,
        "totals": [
            (
                _("Net until the horizon"),
                format_rupiah(view.net) if view.net >= 0 else f"−{format_rupiah(-view.net)}",
            ),
            (_("Running cost in a year today"), format_rupiah(view.running)),
            (_("One-off cost of moves and archives"), format_rupiah(view.one_off)),
            (_("Moves without a known cost (counted as 0)"), str(view.unknown)),
        ],
        "shares": questionnaire().shares,
    }
    return render(request, "portfolio/rationalisation/plan.html", context)


def _move(one: MoveView, access: Access) -> dict[str, Any]:
    move = one.move
    sees = access.sees_internal(move.application.agency.code)
    net = one.saving.net
    return {
        "move": move,
        "tag": FATE_TAGS[move.fate],
        "because": MOVE_REASONS.get(move.because, move.because),
        "needs": [(NEEDS[need.kind], need.name) for need in one.dependents],
        "steps": [(step, step.text[language()], move.done.get(step.key, "")) for step in one.steps],
        "done": one.steps_done,
        "net": (f"−{format_rupiah(-net)}" if net < 0 else format_rupiah(net))
        if sees and one.saving.running is not None
        else "",
        "may_tick": access.writes(move.application.agency.code),
    }


@require_safe
def plan_csv(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Give the moves of a plan as CSV; amounts only where they may be seen."""
    found, context = _seen(request, plan_id)
    access: Access = context["access"]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(
        [
            "family",
            "code",
            "name",
            "agency",
            "fate",
            "successor",
            "wave",
            "ends_on",
            "form",
            "steps",
            "done",
            "net_rupiah",
        ]
    )
    for name, moves in plan_view(found).families:
        for one in moves:
            move, wave = one.move, one.move.wave
            sees = access.sees_internal(move.application.agency.code) and one.saving.running is not None
            cells = [
                name,
                move.application.code,
                move.application.name,
                move.application.agency.name,
                move.fate,
            ]
            cells += [move.successor.code if move.successor else "", str(wave.number) if wave else ""]
            cells += [
                wave.ends_on.isoformat() if wave else "",
                move.form,
                str(len(one.steps)),
                str(one.steps_done),
            ]
            writer.writerow([*(guarded(cell) for cell in cells), one.saving.net if sees else ""])
    response = HttpResponse("\ufeff" + buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="rencana-konsolidasi.csv"'
    return response


@signed_in_required
@require_http_methods(["GET", "POST"])
def family(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Take a family into a plan: one that the overlap engine found, or one named by hand."""
    found, context = _seen(request, plan_id)
    if not context["access"].is_national:
        raise NotAllowed()
    if found.state != PlanState.DRAFT and request.method != "POST":
        raise PlanClosed()
    families = families_with_members()[:SHOWN_FAMILIES]
    chosen = next((one for one in families if one.key == request.GET.get("keluarga")), None)
    initial = {"name": chosen.name, "kind": chosen.kind, "codes": "\n".join(chosen.codes)} if chosen else None
    form = FamilyForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            data = form.cleaned_data
            codes = data["codes"].replace(",", " ").replace(";", " ").split()
            key = chosen.key if chosen else data["name"]
            moves = plan_add_family(
                found.id,
                key=key,
                name=data["name"],
                kind=data["kind"],
                codes=codes,
                by=current_actor(request),
            )
            messages.success(
                request,
                _("%(count)s applications are in the plan, each with a proposal.") % {"count": len(moves)},
            )
            return redirect("portfolio:plan", found.id)
        except RequestIncomplete as error:
            take_faults(form, error.faults)
        except PlanClosed as error:
            form.add_error(None, error.in_words)
    context |= {"form": form, "families": families}
    return render(
        request, "portfolio/rationalisation/family.html", context, status=422 if form.errors else 200
    )


@signed_in_required
@require_POST
def arrange(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Order the moves into waves."""
    circle = plan_arrange(plan_id, by=current_actor(request))
    if circle:
        text = _("These wait for each other and have no wave: %(codes)s. Decide one of them differently.")
        messages.warning(request, text % {"codes": ", ".join(circle)})
    else:
        messages.success(request, _("The waves are ordered."))
    return redirect("portfolio:plan", plan_id)


@signed_in_required
@require_http_methods(["GET", "POST"])
def adopt(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Adopt a plan by an act."""
    found, context = _seen(request, plan_id)
    if not context["access"].is_national:
        raise NotAllowed()
    form = AdoptForm(request.POST or None, initial={"version": found.version})
    if form.is_valid():
        try:
            data = form.cleaned_data
            plan_adopt(found.id, basis=data["basis"], version=data["version"], by=current_actor(request))
            messages.success(request, _("The plan is adopted. Its records show successor and last day."))
            return redirect("portfolio:plan", found.id)
        except RequestIncomplete as error:
            take_faults(form, error.faults)
        except PlanBlocked as error:
            form.add_error(None, f"{error.title} {', '.join(error.codes)[:200]}. {error.next_step}")
        except PlanClosed as error:
            form.add_error(None, error.in_words)
        except ChangedMeanwhile as error:
            say_changed(form, error, version=plan_get(plan_id).version, stored={})
    context |= {
        "form": form,
        "title": _("Adopt this plan?"),
        "text": _(
            "It does not change any more. Every record that moves away shows its successor and its last day."
        ),
        "action_text": _("Adopt it"),
        "back": "portfolio:plan",
    }
    return render(request, "portfolio/rationalisation/form.html", context, status=422 if form.errors else 200)


@signed_in_required
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, move_id: UUID) -> HttpResponse:
    """Decide what becomes of one member."""
    found = Move.objects.select_related("plan", "application__agency", "successor").filter(pk=move_id).first()
    if found is None:
        raise NotFound()
    plan_row, context = _seen(request, found.plan_id)
    if not context["access"].is_national:
        raise NotAllowed()
    form = MoveForm(request.POST or None, initial={**_standing(found), "version": plan_row.version})
    if form.is_valid():
        try:
            data = form.cleaned_data
            values = MoveValues(Fate(data["fate"]), data["successor"], data["note"])
            move_decide(found.id, values=values, version=data["version"], by=current_actor(request))
            messages.success(request, _("Decided. Order the waves again when you are done."))
            return redirect("portfolio:plan", plan_row.id)
        except RequestIncomplete as error:
            take_faults(form, error.faults)
        except PlanClosed as error:
            form.add_error(None, error.in_words)
        except ChangedMeanwhile as error:
            version = plan_get(plan_row.id).version
            context["theirs"] = say_changed(form, error, version=version, stored=_standing(found))
    context |= {
        "form": form,
        "title": found.application.name,
        "text": f"{found.application.code}, {found.application.agency.name}",
        "action_text": _("Decide"),
        "back": "portfolio:plan",
        "remove": found.id,
    }
    return render(request, "portfolio/rationalisation/form.html", context, status=422 if form.errors else 200)


def _standing(found: Move) -> dict[str, str]:
    """Return what is decided about a member as it stands now."""
    row = Move.objects.select_related("successor").get(pk=found.pk)
    return {
        "fate": row.fate,
        "successor": row.successor.code if row.successor else "",
        "note": row.note,
    }


@signed_in_required
@require_POST
def remove(request: HttpRequest, move_id: UUID) -> HttpResponse:
    """Take a member out of a plan."""
    try:
        plan_id = move_remove(move_id, by=current_actor(request))
    except RequestIncomplete:
        messages.error(request, _("Other applications move to this one. Decide them first."))
        return redirect("portfolio:plan_move", move_id)
    messages.success(request, _("It is out of the plan."))
    return redirect("portfolio:plan", plan_id)


@signed_in_required
@require_POST
def tick(request: HttpRequest, move_id: UUID) -> HttpResponse:
    """Tick a step off, or on again."""
    is_done = request.POST.get("done") == "1"
    found = step_done(
        move_id, key=request.POST.get("key", "")[:40], is_done=is_done, by=current_actor(request)
    )
    return redirect("portfolio:plan", found.plan_id)
