"""Requests made from an API's own description (schemathesis): whatever is sent, the answer is one that is described.

``GENERATED_EXAMPLES`` sets how many requests each operation gets of either kind: those that fit, and those that do not.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import SkipTest

import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from terpadu.kernel.http.descriptions import description

EXAMPLES = int(os.environ.get("GENERATED_EXAMPLES", "3"))
REFUSALS_ARE_FINE = [positive_data_acceptance]
"""For APIs whose rules no schema can say: a request that fits may still be refused, in a way that is described."""


@schemathesis.serializer("application/x-ndjson")
def lines(context: schemathesis.SerializationContext, value: object) -> dict[str, Any]:
    """Send a text as it is."""
    return {"data": str(value).encode()}


@contextmanager
def in_one_transaction() -> Iterator[None]:
    """Keep the test's connection open between requests, as Django's own test client does."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    try:
        yield
    finally:
        request_started.connect(close_old_connections)
        request_finished.connect(close_old_connections)


def schema_at(address: str) -> Any:
    """Return the description that the web application gives at an address, to be asked in this process."""
    with in_one_transaction():
        return schemathesis.openapi.from_wsgi(address, WSGIHandler())


def schema_of(file: Path, application: Any = None, **narrower: Any) -> Any:
    """Return a description of our own for generated requests.

    file: the description. application: what is asked (PEP 3333), the web application when None. narrower: schemas of the
    description by name, narrowed to what is there.
    """
    members = copy.deepcopy(description(file))
    members["components"]["schemas"].update(narrower)
    found = schemathesis.openapi.from_dict(members)
    found.app = application or WSGIHandler()
    return found


def check_generated(
    schema: Any,
    *,
    path_parameters: Mapping[str, str] | None = None,
    excluded: Iterable[Callable[..., Any]] = (),
    examples: int = EXAMPLES,
    **transport: Any,
) -> list[str]:
    """Send generated requests to every operation of a schema; return the names of the operations.

    path_parameters: values of path parameters that name something that is there. excluded: checks that do not hold here. examples: requests of either kind.
    transport: where to and with what, as schemathesis calls it: base_url, headers.
    Raises AssertionError or schemathesis' failures for an answer that is not described, and for every 5xx that is not.
    """
    plain = {"Accept-Encoding": "identity"} | transport.pop("headers", {})
    names = []
    for found in schema.get_all_operations():
        operation = found.ok()
        names.append(operation.definition.raw["operationId"])
        known = {one.name for one in operation.path_parameters}
        fixed = {name: value for name, value in (path_parameters or {}).items() if name in known}
        fitting = operation.as_strategy(path_parameters=fixed or None)
        _send(fitting, examples, excluded=list(excluded), headers=plain, **transport)
        try:
            wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
            _send(
                wrong, examples, checks=[schemathesis.checks.not_a_server_error], headers=plain, **transport
            )
        except (SkipTest, Unsatisfiable):  # it takes nothing that could be wrong
            continue
    return names


def _send(cases: Any, examples: int, *, checks: Any = None, excluded: Any = None, **transport: Any) -> None:
    @given(case=cases)
    @settings(
        max_examples=examples,
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
        phases=[
            Phase.generate
        ],  # a failure is shown as it was found; making it smaller takes longer than all else
    )
    def send(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=checks, excluded_checks=excluded, **transport)

    with in_one_transaction():
        send()
