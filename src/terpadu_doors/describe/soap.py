"""What a SOAP door would offer."""

from terpadu_doors.config import SoapDoor
from terpadu_doors.describe.asked import AskedSoap, Described, head
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
    unknown = next((one for one in asked.operations if one not in carried), None)
    if unknown is not None or not carried:
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
        operations=asked.operations or tuple(carried),
        not_found=asked.not_found,
        wsse_file=asked.wsse_file,
        wsse_digest=asked.wsse_digest,
        basic_file=asked.basic_file,
    )
    return door, soap_document(door, binding), [f"left out, {line}" for line in left]
