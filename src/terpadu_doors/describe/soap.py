"""What a SOAP door would offer."""

from terpadu_doors.config import SoapDoor
from terpadu_doors.describe.asked import AskedSoap, Described, head
from terpadu_doors.envelopes import messages_of
from terpadu_doors.fetching import Fetcher
from terpadu_doors.problems import DescribeError
from terpadu_doors.soap import carried_operations, soap_document
from terpadu_doors.targets import check_target
from terpadu_doors.wsdl import fetch_wsdl, make_client, soap_ports


def describe_soap(asked: AskedSoap) -> Described:
    """Return what a SOAP door would offer, and save its WSDL. Raises DescribeError, DoorProblem."""
    with Fetcher(asked.allow_targets) as fetcher:
        saved = fetch_wsdl(asked.wsdl, fetcher=fetcher)
    client = make_client(saved)
    ports = soap_ports(client)
    fitting = {place: binding for place, binding in ports.items() if asked.port in ("", place[1])}
    if not fitting:
        raise DescribeError(
            "wsdl.port", f"choose a SOAP port: {', '.join(port for _, port in ports) or 'there is none'}"
        )
    (service, port), binding = next(iter(fitting.items()))
    carried, left = carried_operations(binding)
    passed = list(messages_of(binding)) if asked.passes_envelopes else []
    unknown = next((one for one in asked.operations if one not in (*carried, *passed)), None)
    if unknown is not None or not (carried or passed):
        why = next((line for line in left if line.startswith(f"{unknown}:")), "")
        raise DescribeError(
            "wsdl.operation", why or f"there are {', '.join(carried) or 'no operations that JSON can carry'}"
        )
    address = asked.address_url or str(
        client.wsdl.services[service].ports[port].binding_options.get("address")
    )
    check_target(address, allowed=asked.allow_targets)
    asked.saved_to.parent.mkdir(parents=True, exist_ok=True)
    asked.saved_to.write_bytes(saved.to_json())
    door = SoapDoor(
        **head(asked),
        wsdl_file=asked.saved_to,
        service=service,
        port=port,
        address_url=address,
        operations=tuple(one for one in asked.operations or carried if one in carried),
        envelopes=tuple(one for one in asked.operations or passed if one in passed),
        client_security=asked.client_security,
        not_found=asked.not_found,
        wsse_file=asked.wsse_file,
        wsse_digest=asked.wsse_digest,
        basic_file=asked.basic_file,
    )
    return door, soap_document(door, binding), [_note(line, passed) for line in left]


def _note(line: str, passed: list[str]) -> str:
    """Return what becomes of an operation that JSON cannot carry."""
    as_envelope = line.partition(":")[0] in passed
    return f"as an envelope only, {line}" if as_envelope else f"left out, {line}"
