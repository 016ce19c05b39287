"""A witness's configuration: a TOML file.

name = "saksi.example/ombudsman"     # names it in its signatures
listen = "127.0.0.1:8040"
data_dir = "…"                        # its key and what it remembers; made at first start
logs = ["<verifier key of a log>", …]
"""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from terpadu_wire.errors import LogError
from terpadu_wire.tlog.notes import KeyKind, NoteKey, read_vkey


class WitnessConfigError(Exception):
    """Say that the configuration cannot be used, and why."""


class WitnessConfig(BaseModel):
    """What a witness is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[^\s+]{1,200}$")]
    listen: Annotated[str, Field(pattern=r"^[^\s:]+:\d{1,5}$")]
    data_dir: Path
    logs: Annotated[list[str], Field(min_length=1)]

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port to listen on."""
        host, _, port = self.listen.rpartition(":")
        return host, int(port)

    def log_keys(self) -> list[NoteKey]:
        """Return the keys of the logs that the witness knows.

        Raises:
            WitnessConfigError: a line is not the key of a log.
        """
        try:
            keys = [read_vkey(line) for line in self.logs]
        except LogError as error:
            raise WitnessConfigError(f"logs: {error.reason}") from error
        if any(key.kind is not KeyKind.NOTE for key in keys):
            raise WitnessConfigError("logs: a key is a witness's, not a log's")
        return keys


def load_config(path: Path) -> WitnessConfig:
    """Return the configuration of a file.

    Raises:
        WitnessConfigError: it cannot be read or something in it is wrong.
    """
    try:
        return WitnessConfig.model_validate(tomllib.loads(path.read_text()))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WitnessConfigError(f"{path}: {error}") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise WitnessConfigError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
