"""How strongly somebody is signed in, and what a page needs: step-up asks for just what is missing, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from terpadu.identity.enums import AuthenticationLevel, ProofingLevel
from terpadu.identity.policies.access import P, View, current_person, signed_in_required
from terpadu.identity.policies.kept import page_keep
from terpadu.identity.rules.assurance import (
    Authentication,
    Requirement,
    authentication_from,
    is_authentication_enough,
    is_proofing_enough,
)
from terpadu.identity.selectors.proofing import proofing_of
from terpadu.kernel.clock import now

METHODS = "identity.methods"


def authentication_of(request: HttpRequest) -> Authentication:
    """Return how the person of a request is signed in: `acr`, time of the newest proof, methods."""
    return authentication_from(request.session.get(METHODS, []))


def is_enough(request: HttpRequest, wanted: Requirement) -> tuple[bool, bool]:
    """Tell whether (sign-in, proofing) are enough for what is wanted. At most one query."""
    signed = is_authentication_enough(
        request.session.get(METHODS, []), wanted=wanted, now_s=now().timestamp()
    )
    if wanted.proofing is ProofingLevel.DECLARED:
        return signed, True
    level = proofing_of(current_person(request)).level
    return signed, is_proofing_enough(level, wanted=wanted.proofing)


def step_up(
    request: HttpRequest,
    *,
    authentication: AuthenticationLevel | str = AuthenticationLevel.LOA1,
    proofing: ProofingLevel | str = ProofingLevel.DECLARED,
    max_age_s: int | None = None,
) -> HttpResponse | None:
    """Return None when the person is signed in and proofed as wanted, else the answer that sends them to what is missing.

    A form that was being sent is kept (sealed, for half an hour) and offered for sending afterwards; files are not kept.
    """
    wanted = Requirement(AuthenticationLevel(authentication), ProofingLevel(proofing), max_age_s)
    if all(is_enough(request, wanted)):
        return None
    page_keep(request, wanted)
    return HttpResponseRedirect(reverse("identity:step_up"))


def step_up_required(
    *,
    authentication: AuthenticationLevel | str = AuthenticationLevel.LOA2,
    proofing: ProofingLevel | str = ProofingLevel.DECLARED,
    max_age_s: int | None = None,
) -> Callable[[View[P]], View[P]]:
    """Let only those see a page who are signed in and proofed strongly enough; others do what is missing and come back.

    authentication, proofing: least levels. max_age_s: how old the proof of that strength may be.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        @signed_in_required
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            missing = step_up(request, authentication=authentication, proofing=proofing, max_age_s=max_age_s)
            return missing or view(request, *args, **kwargs)

        return guarded

    return decorate
