"""What the door of a service made for X-Road would be like."""

from terpadu_doors.config import XroadServiceDoor
from terpadu_doors.describe.asked import AskedXroadService, Described, head
from terpadu_doors.targets import check_target


def describe_xroad_service(asked: AskedXroadService) -> Described:
    """Return the door, without a document: the service brings its own. Raises DoorProblem, pydantic.ValidationError."""
    door = XroadServiceDoor(
        **head(asked),
        base_url=asked.base_url,
        instance=asked.instance,
        subsystem=asked.subsystem,
        header_name=asked.header_name,
        header_value_file=asked.header_value_file,
    )
    check_target(door.base_url, allowed=asked.allow_targets)
    return door, {}, []
