"""What a FHIR door would offer."""

from pydantic import JsonValue

from terpadu_doors.config import FhirDoor
from terpadu_doors.describe.asked import SECONDS, AskedFhir, Described, head
from terpadu_doors.fetching import Fetcher
from terpadu_doors.fhir import TokenKeeper, fhir_document, supported_resources
from terpadu_doors.problems import DescribeError
from terpadu_wire.errors import JsonError
from terpadu_wire.strict_json import parse_json


def describe_fhir(asked: AskedFhir) -> Described:
    """Return what a FHIR door would offer, after signing in once. Raises DescribeError, DoorProblem."""
    base = asked.base_url.rstrip("/")
    door = FhirDoor(
        **head(asked),
        base_url=base,
        token_url=asked.token_url,
        client_file=asked.client_file,
        resources=asked.resources or ("Patient",),
        nik_system=asked.nik_system,
        search=asked.search,
    )
    with Fetcher(asked.allow_targets) as fetcher:
        token = TokenKeeper(door, fetcher=fetcher).token(seconds=SECONDS)
        wanted = {"accept": "application/fhir+json", "authorization": f"Bearer {token}"}
        fetched = fetcher.send("GET", f"{base}/metadata", headers=wanted, seconds=SECONDS)
    if fetched.status != 200:
        raise DescribeError(
            "fhir.metadata", f"{base}/metadata answered {fetched.status}; is this the FHIR base address?"
        )
    supported = supported_resources(_parsed(fetched.body))
    unknown = next((one for one in asked.resources if one not in supported), None)
    if unknown is not None:
        raise DescribeError(
            "fhir.resource", f"the server cannot search {unknown} by patient; it can {', '.join(supported)}"
        )
    door = door.model_copy(update={"resources": asked.resources or tuple(supported)})
    return door, fhir_document(door), [f"resources: {', '.join(door.resources)}"]


def _parsed(body: bytes) -> JsonValue:
    try:
        return parse_json(body)
    except JsonError as error:
        raise DescribeError("fhir.metadata", "the server's metadata is not JSON") from error
