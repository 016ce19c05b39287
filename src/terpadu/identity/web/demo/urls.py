"""The address of the one-tap sign-in; it refuses to exist without demo mode."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import path

from terpadu.identity.web.demo import pages

if not settings.DEMO:
    raise ImproperlyConfigured("the one-tap sign-in belongs to demo mode")

urlpatterns = [path("", pages.demo_page, name="demo")]
