"""How sure it is who I am, and ways to make it surer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from terpadu.identity.policies.access import current_actor, current_person, signed_in_required
from terpadu.identity.policies.kept import page_pending
from terpadu.identity.rules.codes import spaced
from terpadu.identity.selectors.proofing import proofing_history, proofing_of
from terpadu.identity.selectors.reference import assurance_limits
from terpadu.identity.services.faces import has_face_matcher
from terpadu.identity.services.passkeys import origin
from terpadu.identity.services.proofing import face_check, ticket_open
from terpadu.identity.web.person_forms import FaceForm
from terpadu.identity.web.pictures import qr_picture
from terpadu.kernel.errors import DomainError


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in_required
def proofing_page(request: HttpRequest) -> HttpResponse:
    """Show how sure the identity is; by POST make a code for a counter."""
    person_id = current_person(request)
    context: dict[str, object] = {
        "proofing": proofing_of(person_id),
        "history": proofing_history(person_id),
        "has_face": has_face_matcher(),
        "minutes": assurance_limits().counter.ticket_minutes,
        "pending": page_pending(request.session),
    }
    if request.method == "POST":
        code = ticket_open(person_id)
        address = f"{origin()}{reverse('identity:counter_confirm', args=[code])}"
        context |= {"code": spaced(code), "qr": qr_picture(address)}
    return render(request, "identity/proofing.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in_required
def face_page(request: HttpRequest) -> HttpResponse:
    """Compare a picture with the registry's; a counter is always the other way."""
    form = FaceForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            face_check(current_person(request), image=form.cleaned_data["picture"], by=current_actor(request))
        except DomainError as error:
            form.refuse(error)
            status = error.http_status
        else:
            messages.success(request, _("Your identity is confirmed."))
            return HttpResponseRedirect(reverse("identity:proofing"))
    context = {"form": form, "has_face": has_face_matcher()}
    return render(request, "identity/face.html", context, status=status)
