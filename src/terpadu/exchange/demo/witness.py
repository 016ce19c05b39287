"""The demo country's witness: a program of its own, as an ombudsman would run it."""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings

from terpadu.directory.public import private_file_write, private_key_ensure
from terpadu.exchange.services.log import log_key_ensure, witness_register
from terpadu.kernel.actors import Actor
from terpadu_wire.tlog.notes import KeyKind, NoteKey

NAME = "saksi.contoh.id/ombudsman"


def seed_witness() -> None:
    """Write the witness's configuration and key, and let it cosign the log. A real one makes its key itself, elsewhere."""
    folder: Path = settings.DATA_DIR / "demo" / "witness"
    listen = f"127.0.0.1:{settings.DEMO_PORTS['witness']}"
    config = folder / "witness.toml"
    members = {"name": NAME, "listen": listen, "data_dir": str(folder), "logs": [log_key_ensure().vkey()]}
    text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in members.items())
    private_file_write(config, text.encode())
    key = NoteKey(NAME, private_key_ensure(folder / "key.pem").public_key(), KeyKind.COSIGNATURE)
    witness_register(url=f"http://{listen}", vkey=key.vkey(), by=Actor.system("demo"))
