"""What is wrong with something that came over the wire; every error carries a stable code."""


class WireError(Exception):
    """Say that something from outside is not what the wire profile asks for.

    Args:
        code: stable code out of :data:`terpadu_wire.problems.KINDS`, for logs and answers.
        reason: one English sentence for the operator, without personal values.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


class JsonError(WireError):
    """Say that bytes are not the strict JSON that the exchange accepts."""


class KeyFileError(WireError):
    """Say that a key or certificate cannot be used."""


class ContractError(WireError):
    """Say that a contract, a grant or a contract signature is not valid."""


class TokenError(WireError):
    """Say that an access token must not be accepted."""


class SignatureError(WireError):
    """Say that a message signature or a content digest does not hold."""


class SnapshotError(WireError):
    """Say that a snapshot cannot be used."""


class LogError(WireError):
    """Say that a note, a checkpoint or a proof of a transparency log does not hold."""


class RecordError(WireError):
    """Say that a segment file is not one of ours or that a record in it is not readable."""


class PurposeError(WireError):
    """Say that a purpose or a signature on it is not valid."""


class ConsentError(WireError):
    """Say that a consent artefact, or the word on whether it holds, cannot be relied on."""


class OpenApiError(WireError):
    """Say that an OpenAPI document cannot be used to check requests and answers."""


class EventError(WireError):
    """Say that something is no event that the exchange carries."""


class EnvelopeError(WireError):
    """Say that bytes are no SOAP envelope that the exchange carries."""
