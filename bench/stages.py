"""Gateways that lack some guarantee, for :mod:`bench.guarantees` alone: ``python -m bench.stages STAGE CONFIG``.

A stage puts something empty in the place of a part of the gateway, in its own process. Nothing of this can be configured.
What stands for the disk takes the time of one, since that makes the batches in which messages are signed and verified.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import uvloop

from bench.relay import relay
from terpadu_gateway import journal
from terpadu_gateway.config import GatewayConfig, load_config
from terpadu_gateway.process import run
from terpadu_gateway.processors import keep_to
from terpadu_gateway.segments import SegmentFile
from terpadu_wire import signing
from terpadu_wire.signing import MessageSignature, Unsigned

_DISK = 0.0004
"""Seconds that a write with its sync takes under load on a quick disk."""
_ZEROS = f"exchange=:{'A' * 86}==:"


def _without_signatures() -> None:
    """Give every message a signature of 64 zero bytes, and believe every signature."""

    def sign(messages: Sequence[Unsigned]) -> list[MessageSignature]:
        return [MessageSignature(f"exchange={one.params}", _ZEROS) for one in messages]

    def believe(*_: Any, **__: Any) -> bool:
        return True

    patch.object(journal, "sign_together", sign).start()
    patch.object(signing, "holds", believe).start()


class _Forgetful(SegmentFile):
    """Keeps nothing."""

    def append(self, frames: bytes) -> None:
        time.sleep(_DISK)


def _without_records() -> None:
    """Write no record at all."""
    patch.object(journal, "SegmentFile", _Forgetful).start()


def _without_sync() -> None:
    """Write records, but never sync them."""
    patch.object(os, "fdatasync", lambda file: time.sleep(_DISK)).start()


STAGES: dict[str, tuple[Callable[[], None], ...]] = {
    "mtls_relay": (),
    "contract_token_quota_fields": (_without_signatures, _without_records),
    "and_signatures": (_without_records,),
    "and_records": (_without_sync,),
    "and_records_on_disk": (),
}
"""What is left out, by stage; the first is no gateway at all, the last is the whole gateway."""


def main() -> None:
    """Run one stage with a gateway's configuration."""
    stage, path = sys.argv[1], Path(sys.argv[2])
    for leave_out in STAGES[stage]:
        leave_out()
    config: GatewayConfig = load_config(path)
    keep_to(config.limits.processor)
    uvloop.run(relay(config) if stage == "mtls_relay" else run(config, path=path))


if __name__ == "__main__":
    main()
