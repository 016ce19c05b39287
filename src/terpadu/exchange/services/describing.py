"""Asking the doors' program to read an existing system: a process of its own, with little memory and time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from django.conf import settings

from terpadu.exchange.errors import SystemUndescribed

_PATIENCE_S = 90
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Description:
    """What a door would offer: its settings, its OpenAPI document, and what the operator should know."""

    settings: dict[str, object]
    openapi: bytes
    notes: tuple[str, ...]


def system_describe(asked: Mapping[str, object]) -> Description:
    """Return what a door to a system would offer.

    asked: members of the doors' `Asked…` of one kind. Raises SystemUndescribed with the doors' code and next step.
    """
    value = orjson.loads(_run(asked))
    openapi = orjson.dumps(value["openapi"], option=orjson.OPT_INDENT_2)
    return Description(value["door"], openapi, tuple(value["notes"]))


def document_fetch(url: str, *, networks: list[str]) -> bytes:
    """Return a document from an address that may be called. Raises SystemUndescribed."""
    return _run({"kind": "document", "url": url, "allow_targets": networks})


def _run(asked: Mapping[str, object]) -> bytes:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "terpadu_doors", "describe"],
            input=orjson.dumps(asked, default=str),
            capture_output=True,
            timeout=_PATIENCE_S,
            env={**environment, "PYTHONPATH": str(settings.SRC)},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SystemUndescribed(reason="describe.slow", detail="The system did not answer in time.") from None
    if done.returncode == 0:
        return done.stdout
    last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    code, _, text = last.partition(": ")
    if done.returncode != 2 or not text:
        raise SystemUndescribed(
            reason="describe.failed", detail="Reading the system took too much memory or failed."
        )
    raise SystemUndescribed(reason=code, detail=text)
