"""What a provider's gateway answered, and what the application gets of it."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from pydantic import JsonValue

from terpadu_gateway.answers import Answer, StreamAnswer
from terpadu_gateway.messages import Refusal
from terpadu_gateway.receipts import SignedResponse
from terpadu_gateway.streaming import VerifiedContent, begun
from terpadu_wire.errors import JsonError
from terpadu_wire.problems import KINDS, MEDIA_TYPE, Side
from terpadu_wire.signing import VerifiedSignature
from terpadu_wire.strict_json import parse_json

_FSC_CODE = re.compile(r"[A-Z_]{1,60}")
_SIDES: dict[str, Side] = {
    "consumer-gateway": "consumer-gateway",
    "provider-gateway": "provider-gateway",
    "system": "system",
    "contract": "contract",
}


class Reply(NamedTuple):
    """What the provider's gateway answered, proven or not."""

    response: SignedResponse
    body: bytes
    proof: VerifiedSignature | None


def their_problem(reply: Reply) -> Refusal:
    """Return the problem that a provider's gateway answered, as one of ours."""
    response = reply.response
    try:
        value = parse_json(reply.body) if response.headers.get("content-type") == MEDIA_TYPE else None
    except JsonError:
        value = None
    members = value if isinstance(value, dict) else {}
    code = members.get("code")
    if not isinstance(code, str) or code not in KINDS:
        return Refusal("provider.unproven", "the answer is not understood", side="provider-gateway")
    detail, wait = members.get("detail"), members.get("retry_after")
    return Refusal(
        code,
        detail[:300] if isinstance(detail, str) else "",
        status=response.status,
        side=_SIDES.get(str(members.get("side")), "provider-gateway"),
        retry_after=wait if isinstance(wait, int) and 0 < wait < 8 * 86_400 else 0,
        quota=_quota(members.get("quota")),
    )


def foreign_refusal(reply: Reply) -> Refusal:
    """Return what a foreign gateway, or the system behind it, refused; FSC's code is told, its text is not."""
    code = reply.response.headers.get("fsc-error-code", "")
    told = code if _FSC_CODE.fullmatch(code) else ""
    return Refusal("provider.refused", told, status=reply.response.status, side="provider-gateway")


def _quota(value: JsonValue) -> dict[str, int | str]:
    """Return what the provider says of a quota that is used up: window, limit, remaining."""
    members = value if isinstance(value, dict) else {}
    limit, window = members.get("limit"), members.get("window")
    if not isinstance(limit, int) or window not in ("second", "day", "subject_day"):
        return {}
    return {"window": str(window), "limit": limit, "remaining": 0}


def whole_answer(transaction_id: str, reply: Reply) -> Answer:
    """Return the answer to an application out of a provider's."""
    headers = _own(transaction_id, reply.proof)
    if reply.response.headers.get("content-type"):
        headers["content-type"] = reply.response.headers["content-type"]
    return Answer(reply.response.status, headers, reply.body)


async def stream_answer(
    transaction_id: str, status: int, content: VerifiedContent, proof: VerifiedSignature
) -> StreamAnswer:
    """Return the answer to an application out of a provider's stream, when what describes its content is verified.

    Raises:
        Refusal: ``stream.invalid`` or ``stream.broken``.
    """
    headers = await content.head() | _own(transaction_id, proof)
    return StreamAnswer(status, headers, b"", await begun(content.pieces()))


def _own(transaction_id: str, proof: VerifiedSignature | None) -> dict[str, str]:
    headers = {"fsc-transaction-id": transaction_id}
    if proof is not None:
        headers["terpadu-read-at"] = _moment(proof.created)
    return headers


@lru_cache(maxsize=64)
def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
