"""The provider side of X-Road's REST message protocol: a service made for it, behind our gateway.

Source: X-Road "PR-REST" (message protocol for REST, version 1), "Use of HTTP Headers".
"""

import base64
from collections.abc import Iterable
from urllib.parse import quote

import orjson

from terpadu_doors.config import XroadServiceDoor
from terpadu_doors.desk import Question, Reply
from terpadu_doors.fetching import Fetcher
from terpadu_doors.problems import DoorProblem
from terpadu_doors.secrets import read_secret
from terpadu_wire.addresses import Network

_PASSED_BACK = ("content-type", "retry-after")


class XroadServiceProgram:
    """An X-Road style REST service behind our gateway gets the headers that it expects.

    Args:
        door: its configuration.
        allowed: private networks that the operator lets doors call.
    """

    def __init__(self, door: XroadServiceDoor, *, allowed: Iterable[Network]) -> None:
        self._door = door
        self._fetcher = Fetcher(allowed)

    def answer(self, question: Question) -> Reply:
        """Return the service's answer as it is. Raises DoorProblem."""
        door, given = self._door, question.headers
        headers = {
            "accept": given.get("accept", "application/json"),
            **self._parties(given.get("fsc-authorization", "")),
            "x-road-service": f"{door.instance}/{door.member_class}/{door.peer_id}/{door.subsystem}/{door.name}",
            "x-road-id": given.get("fsc-transaction-id", ""),
            "x-road-request-id": given.get("fsc-transaction-id", ""),
        }
        told = {"x-road-issue": "terpadu-evidence", "x-road-userid": "terpadu-on-behalf-of"}
        headers |= {name: given[source] for name, source in told.items() if given.get(source)}
        if question.body:
            headers["content-type"] = given.get("content-type", "application/json")
        if door.header_value_file is not None:
            headers[door.header_name.lower()] = read_secret(door.header_value_file)
        query = f"?{question.query}" if question.query else ""
        fetched = self._fetcher.send(
            question.method,
            door.base_url.rstrip("/") + question.path + query,
            headers=headers,
            body=question.body,
            seconds=door.seconds,
        )
        kept = {name: text for name, text in fetched.headers.items() if name in _PASSED_BACK}
        return Reply(fetched.status, kept, fetched.body)

    def close(self) -> None:
        """Close connections."""
        self._fetcher.close()

    def _parties(self, authorization: str) -> dict[str, str]:
        """Return who calls, and on whose behalf when that is another peer (PR-REST, "X-Road-Represented-Party").

        The gateway has verified the token before it passed it on, and only the gateway has the door's key.
        """
        door = self._door
        parts = authorization.removeprefix("Bearer ").split(".")
        try:
            claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
            member = quote(str(claims["sub"]), safe="")
            caller = quote(str(claims["act"]["sub"]), safe="") if "act" in claims else member
        except (IndexError, ValueError, KeyError, TypeError) as error:
            raise DoorProblem("door.header_invalid", "the gateway passed no token on") from error
        client = f"{door.instance}/{door.member_class}/{caller}/{quote(door.subsystem, safe='')}"
        if caller == member:
            return {"x-road-client": client}
        return {"x-road-client": client, "x-road-represented-party": f"{door.member_class}/{member}"}
