"""How a gateway reaches an agency's system and signs in to it: what the control plane writes down and the gateway reads.

Both hold it against this one form, since a gateway refuses its whole configuration for one system that is written wrong.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

HttpUrl: TypeAlias = Annotated[str, Field(pattern=r"^https?://[^/?#\s]+(/[^?#\s]*)?$")]
TokenUrl: TypeAlias = Annotated[str, Field(pattern=r"^https?://[^/?#\s]+(/[^?#\s]*)?(\?[^#\s]*)?$")]
HeaderName: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,100}$")]
Auth: TypeAlias = Literal["none", "header", "basic", "oauth2", "mtls"]
_NEEDS: dict[str, tuple[str, ...]] = {
    "header": ("header_value_file",),
    "basic": ("basic_file",),
    "oauth2": ("token_url", "client_id", "client_secret_file"),
    "mtls": ("client_certificate", "client_key"),
}


class SystemAccess(BaseModel):
    """Where a system stands and how to sign in to it.

    ``auth`` says how: ``header`` sends ``header_name`` with the value in ``header_value_file`` (an API key); ``basic``
    sends the ``name:password`` in ``basic_file``; ``oauth2`` asks ``token_url`` for a client-credentials token (RFC
    6749, section 4.4) and keeps it; ``mtls`` shows ``client_certificate``. Left out, it follows from the files given.
    A client certificate may stand beside every kind. ``authority`` is a further root that the system's own certificate
    may come from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: HttpUrl
    auth: Auth = "none"
    header_name: HeaderName = "X-API-Key"
    header_value_file: Path | None = None
    basic_file: Path | None = None
    token_url: TokenUrl | None = None
    client_id: str = ""
    client_secret_file: Path | None = None
    client_auth_method: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic"
    scope: str = ""
    client_certificate: Path | None = None
    client_key: Path | None = None
    authority: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _with_auth(cls, members: Any) -> Any:
        """Let ``auth`` follow from the files that are given."""
        if isinstance(members, dict) and "auth" not in members:
            implied = next((kind for kind, names in _NEEDS.items() if names[0] in members), "none")
            return {**members, "auth": implied}
        return members

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        missing = [name for name in _NEEDS.get(self.auth, ()) if not getattr(self, name)]
        if missing:
            raise ValueError(f"auth = {self.auth} needs {missing[0]}")
        if (self.client_certificate is None) != (self.client_key is None):
            raise ValueError("client_certificate and client_key go together")
        return self
