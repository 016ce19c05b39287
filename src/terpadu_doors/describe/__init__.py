"""Reading an existing system once: what its door would offer, as configuration and OpenAPI document.

Runs as a process of its own with little memory and time, since what it reads comes from outside.
"""

import resource

import orjson
from pydantic import ValidationError

from terpadu_doors.config import first_fault
from terpadu_doors.describe.asked import (
    ASKED,
    SECONDS,
    AskedDatabase,
    AskedDocument,
    AskedFhir,
    AskedSettings,
    AskedSoap,
    AskedTable,
    AskedXroadService,
    Described,
)
from terpadu_doors.problems import DescribeError, DoorProblem

MEMORY = 1 << 30
CPU_S = 60


def limit_resources() -> None:
    """Let this process have 1 GB of memory and a minute of processor time, whatever it is made to read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))


def describe(raw: bytes) -> bytes:
    """Return what a door would offer: members ``door`` (configuration), ``openapi`` and ``notes``; or a document's bytes.

    raw: JSON of one of the `Asked…` classes.

    Raises:
        DescribeError: the system cannot get a door; the text says what to do next.
    """
    try:
        asked = ASKED.validate_json(raw)
        if isinstance(asked, AskedDocument):
            return _fetched(asked)
        door, document, notes = (
            (asked.door, {}, []) if isinstance(asked, AskedSettings) else _described(asked)
        )
    except ValidationError as error:
        raise DescribeError("describe.asked", first_fault(error)) from error
    except DoorProblem as problem:
        detail = f": {problem.detail}" if problem.detail else ""
        raise DescribeError(problem.code, f"{problem.kind.title}{detail}") from problem
    value = {"door": door.model_dump(mode="json", exclude_none=True), "openapi": document, "notes": notes}
    return orjson.dumps(value)


def _fetched(asked: AskedDocument) -> bytes:
    from terpadu_doors.fetching import Fetcher

    with Fetcher(asked.allow_targets) as fetcher:
        accept = {"accept": "application/json, application/yaml, */*"}
        found = fetcher.send("GET", asked.url, headers=accept, seconds=SECONDS)
    if found.status != 200:
        raise DescribeError(
            "document.unreachable", f"the server answered {found.status}; give the document itself"
        )
    return found.body


def _described(
    asked: AskedDatabase | AskedTable | AskedSoap | AskedFhir | AskedXroadService,
) -> Described:
    """Return what the describer of a kind says; each is loaded only when it is needed, for they are large."""
    match asked:
        case AskedDatabase():
            from terpadu_doors.describe.database import describe_database

            return describe_database(asked)
        case AskedTable():
            from terpadu_doors.describe.table import describe_table

            return describe_table(asked)
        case AskedSoap():
            from terpadu_doors.describe.soap import describe_soap

            return describe_soap(asked)
        case AskedFhir():
            from terpadu_doors.describe.fhir import describe_fhir

            return describe_fhir(asked)
        case AskedXroadService():
            from terpadu_doors.describe.xroad_service import describe_xroad_service

            return describe_xroad_service(asked)
