"""Problems (RFC 9457) of a door: every stable code with its status, and whether to try again."""

from dataclasses import dataclass

import orjson

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What is always so for one code."""

    status: int
    title: str
    retryable: bool = False


KINDS: dict[str, ProblemKind] = {
    "door.key_unknown": ProblemKind(401, "The door's key is missing or wrong"),
    "door.unknown": ProblemKind(503, "No door has this name", retryable=True),
    "door.operation_unknown": ProblemKind(501, "The door has no such operation"),
    "door.method_refused": ProblemKind(405, "The operation does not take this method"),
    "door.media_type": ProblemKind(415, "The body is not of the type that the operation takes"),
    "door.security_refused": ProblemKind(
        400, "The envelope brings WS-Security headers, and this door signs in by itself"
    ),
    "door.body_too_large": ProblemKind(413, "The body is too large"),
    "door.body_invalid": ProblemKind(400, "The body is not what the interface describes"),
    "door.header_invalid": ProblemKind(400, "A header is missing or malformed"),
    "door.cursor_invalid": ProblemKind(400, "The cursor is not one that this operation gave"),
    "door.not_found": ProblemKind(404, "The system knows nothing under this reference"),
    "door.unavailable": ProblemKind(503, "The system cannot be reached", retryable=True),
    "door.slow": ProblemKind(504, "The system did not answer in time", retryable=True),
    "door.overloaded": ProblemKind(503, "The door has too many calls at once", retryable=True),
    "door.sign_in_failed": ProblemKind(502, "The system does not accept the door's credentials"),
    "door.system_failed": ProblemKind(502, "The system reported a failure of its own", retryable=True),
    "door.system_refused": ProblemKind(422, "The system refused the request"),
    "door.answer_garbled": ProblemKind(502, "The system's answer cannot be read"),
    "door.answer_too_large": ProblemKind(502, "The system's answer is too large"),
    "door.target_refused": ProblemKind(503, "The system stands where the operator allows no call"),
    "door.table_broken": ProblemKind(503, "The table has never been readable"),
    "door.internal": ProblemKind(500, "The door failed"),
}
"""Every stable code. 404 is for what the system does not know alone: gateways tell their callers so."""


class DoorProblem(Exception):
    """End a call with a problem.

    Args:
        code: stable code, a key of :data:`KINDS`.
        detail: one sentence for the provider's operator, without personal values.
        status: status code when it is not the usual one of the code.
    """

    def __init__(self, code: str, detail: str = "", *, status: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.kind = KINDS[code]
        self.status = status or self.kind.status

    def body(self) -> bytes:
        """Return the problem as JSON."""
        members: dict[str, str | int | bool] = {
            "type": f"urn:terpadu:problem:{self.code}",
            "title": self.kind.title,
            "status": self.status,
            "code": self.code,
            "side": "system",
            "retryable": self.kind.retryable,
        }
        return orjson.dumps(members | ({"detail": self.detail} if self.detail else {}))


class DescribeError(Exception):
    """Say in one line why a system cannot get a door, and what to do next.

    Args:
        code: stable code, such as ``wsdl.entity``.
        text: one sentence with the next step, without personal values.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
