"""The page of demo accounts: one button each."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from terpadu.identity.enums import SignInMethod
from terpadu.identity.selectors.accounts import account_of
from terpadu.identity.services.demo_accounts import DEMO_PASSWORD, demo_accounts
from terpadu.identity.web import session
from terpadu.kernel.errors import NotFound


@never_cache
@require_http_methods(["GET", "POST"])
def demo_page(request: HttpRequest) -> HttpResponse:
    """List the demo accounts; sign in as the one whose button was pressed."""
    found = demo_accounts()
    if request.method == "POST":
        wanted = next((entry for entry in found if entry.key == request.POST.get("persona")), None)
        account = account_of(wanted.person_id) if wanted else None
        if wanted is None or account is None:
            raise NotFound()
        next_page = session.safe_next(request)
        session.open_session(request, account, method=SignInMethod.DEMO)
        return HttpResponseRedirect(wanted.start_page if next_page == session.START_PAGE else next_page)
    context = {
        "citizens": [entry for entry in found if not entry.position],
        "officers": [entry for entry in found if entry.position],
        "password": DEMO_PASSWORD,
        "next": session.safe_next(request),
    }
    return render(request, "identity/demo.html", context)
