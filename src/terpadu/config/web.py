"""The web server: one process imports the platform, and those that answer are forked from it, also after one has died."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from importlib import import_module

from granian.constants import Interfaces
from granian.server import Server

from terpadu.config.loading import importing
from terpadu.config.processes import LOOPBACK

THREADS = 4


def preload() -> None:
    """Import what every answering process needs: once instead of once each, and they share its memory.

    Nothing here may open a connection or start a thread: neither survives a fork.
    """
    with importing():
        import django

        django.setup()
        _read_ahead()


def _read_ahead() -> None:
    """Read what the first pages would wait for; a file of ours that is at fault stops the start here."""
    from django.conf import settings
    from django.urls import get_resolver
    from django.utils.translation import gettext, override

    from terpadu.documents.public import kinds
    from terpadu.messaging.public import templates

    _ = get_resolver().url_patterns, import_module("lokal"), kinds(), templates()
    for code, _name in settings.LANGUAGES:
        with override(code):
            gettext("")  # reads the language's catalogues


def main() -> int:
    """Serve until told to stop; return the exit code."""
    parser = argparse.ArgumentParser(prog="terpadu.config.web", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True, help="processes that answer")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "terpadu.config.settings")
    multiprocessing.set_start_method("fork")
    server = Server(
        "terpadu.config.wsgi:application",
        address=LOOPBACK,
        port=arguments.port,
        interface=Interfaces.WSGI,
        workers=arguments.workers,
        blocking_threads=THREADS,
        websockets=False,
        respawn_failed_workers=True,
    )
    server.on_startup(preload)
    server.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
