"""A page that waits while somebody proves who they are, with the form that was being sent: nothing is lost."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from terpadu.identity.enums import AuthenticationLevel, ProofingLevel
from terpadu.identity.rules.assurance import Requirement
from terpadu.kernel.clock import now
from terpadu.kernel.crypto import seal, unseal

KEPT = "identity.step_up"
FORM_CONTEXT = "identity.kept_form"
LONGEST_FORM = 100_000  # characters; a longer form begins again on its own page
KEPT_FOR_S = 30 * 60


@dataclass(frozen=True)
class Pending:
    """A page that waits. wanted: what it needs. form: fields that were being sent; None for a mere visit."""

    wanted: Requirement
    next_page: str
    form: list[tuple[str, str]] | None


def page_keep(request: HttpRequest, wanted: Requirement) -> None:
    """Keep a page and its form (sealed, without files) in the session for half an hour."""
    request.session[KEPT] = {
        "authentication": wanted.authentication.value,
        "proofing": wanted.proofing.value,
        "max_age_s": wanted.max_age_s,
        "at": now().timestamp(),
        "next": request.get_full_path(),
        "form": _sealed_form(request),
    }


def _sealed_form(request: HttpRequest) -> str:
    if request.method != "POST" or request.FILES:
        return ""
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    text = urlencode([pair for pair in fields if pair[0] != "csrfmiddlewaretoken"])
    if len(text) > LONGEST_FORM:
        return ""
    return b64encode(seal(f"+{text}".encode(), context=FORM_CONTEXT)).decode()


def page_pending(session: SessionBase) -> Pending | None:
    """Return the page that waits, None when none does or it waited too long."""
    kept = session.get(KEPT)
    if not kept or now().timestamp() - float(kept["at"]) > KEPT_FOR_S:
        return None
    wanted = Requirement(
        AuthenticationLevel(kept["authentication"]), ProofingLevel(kept["proofing"]), kept["max_age_s"]
    )
    form = None
    if kept["form"]:
        text = unseal(b64decode(kept["form"]), context=FORM_CONTEXT).decode()
        form = parse_qsl(text[1:], keep_blank_values=True)
    return Pending(wanted, str(kept["next"]), form)


def page_forget(session: SessionBase) -> None:
    """Forget the page that waited."""
    session.pop(KEPT, None)
