"""How a browser is sent back to a client."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from terpadu.identity.rules.provider.addresses import site_of
from terpadu.identity.rules.provider.requests import Ask, first_language
from terpadu.identity.selectors.provider.clients import ClientView
from terpadu.identity.services.provider.wire import issuer
from terpadu.kernel.http.middleware import CONTENT_SECURITY_POLICY


def with_parameters(address: str, **parameters: str) -> str:
    """Return a registered address with the answer's parameters after those it has."""
    joint = "&" if urlsplit(address).query else "?"
    return f"{address}{joint}{urlencode({name: value for name, value in parameters.items() if value})}"


def code_address(ask: Ask, code: str) -> str:
    """Return where a code goes, with `iss` against mix-up (RFC 9207)."""
    return with_parameters(ask.redirect_uri, code=code, state=ask.state, iss=issuer())


def error_address(redirect_uri: str, *, error: str, description: str, state: str) -> str:
    """Return where an error goes."""
    return with_parameters(
        redirect_uri, error=error, error_description=description, state=state, iss=issuer()
    )


def send_back(
    request: HttpRequest, address: str, *, client: ClientView | None, by_page: bool
) -> HttpResponse:
    """Send the browser to a client. by_page: by a page that goes on by itself.

    Browsers hold a form's `form-action` against every redirect that follows it, so that after a form of ours (sign in, prove
    again) a redirect to another site would be stopped; a page in between begins anew.
    """
    if by_page and client:
        response = render(request, "identity/provider/returning.html", {"address": address, "client": client})
        response["Refresh"] = f"0;url={address}"
    else:
        response = HttpResponse(status=303)  # never 307: FAPI 2.0 Security Profile, 5.3.2.2
        response["Location"] = address
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def allow_form_to(response: HttpResponse, redirect_uri: str) -> HttpResponse:
    """Let a page's form end at the client's site, and at no other."""
    policy = CONTENT_SECURITY_POLICY.replace(
        "form-action 'self'", f"form-action 'self' {site_of(redirect_uri)}"
    )
    response["Content-Security-Policy"] = policy
    return response


def speak(request: HttpRequest, ask: Ask) -> str:
    """Speak the language that the client asks for, on this page; returns it, "" when it asks for none of ours."""
    language = first_language(ask.languages)
    if language:
        translation.activate(language)
        setattr(request, "LANGUAGE_CODE", language)  # noqa: B010 - set by Django's middleware, unknown to the type checker
    return language


def keep_language(response: HttpResponse, language: str) -> HttpResponse:
    """Remember the language for the sign-in pages that follow."""
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response
