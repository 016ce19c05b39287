"""The inbox: messages about a person's cases and documents, newest first."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from terpadu.identity.public import current_actor, current_person, signed_in_required
from terpadu.messaging.public import inbox_for, inbox_read, message_get, message_read
from terpadu.portal.web.parameters import uuid_or_none

PAGE_SIZE = 20


@require_safe
@signed_in_required
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the messages, twenty a page."""
    before = uuid_or_none(request.GET.get("before"))
    found = inbox_for(current_person(request), before=before, limit=PAGE_SIZE + 1)
    shown, more = found[:PAGE_SIZE], len(found) > PAGE_SIZE
    context = {"inbox": shown, "older": shown[-1].id if more else None, "is_first": before is None}
    return render(request, "portal/inbox.html", context)


@require_safe
@signed_in_required
def message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Show one message; opening it marks it as read."""
    actor = current_actor(request)
    found = message_get(message_id, by=actor)
    if found.is_unread:
        message_read(message_id, by=actor)
    return render(request, "portal/message.html", {"message": found})


@require_POST
@signed_in_required
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark every message as read."""
    inbox_read(by=current_actor(request))
    messages.success(request, _("All messages are marked as read."))
    return redirect("portal:inbox")
