"""The witness as a program of its own, asked over HTTP by a log; and `terpadu verify` without any of them."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from terpadu.config.cli import whole
from terpadu.exchange.adapters import witnesses
from terpadu.exchange.adapters.witnesses import WitnessAway, WitnessRefused, ask_witness
from terpadu_wire.keys import PrivateKey, generate_key
from terpadu_wire.receipts import format_receipt
from terpadu_wire.records import Record
from terpadu_wire.tlog.checkpoints import Checkpoint
from terpadu_wire.tlog.leaves import commitment
from terpadu_wire.tlog.merkle import inclusion_proof, leaf_hash
from terpadu_wire.tlog.notes import Note, NoteKey, parse_note, read_vkey, sign_note, signers_of
from terpadu_wire.tlog.proofs import LogPolicy, format_policy, format_proof
from terpadu_wire.tlog.tiles import TileTree
from terpadu_witness.config import WitnessConfig, WitnessConfigError, load_config
from terpadu_witness.server import MAX_BODY, answer, make_witness, serve
from tools.launch import free_port, wait_until

ORIGIN = "log.test/jalan-tol"
RECORD = Record(
    transaction_id="0198d0a0-0000-7000-8000-000000000001",
    side="out",
    phase="request",
    at=1_800_000_000_000,
    consumer="1",
    provider="2",
    service="s",
    operation="o",
    grant_hash="g",
    purpose="p",
    outcome="asked",
    salt="c2FsdA",
)


class LoneLog:
    """A log with one leaf, and its proof."""

    def __init__(self, key: PrivateKey) -> None:
        self.key = NoteKey(ORIGIN, key.public_key())
        self.tile = leaf_hash(commitment(RECORD))
        tree = TileTree(1, read=lambda level, index: self.tile)
        text = Checkpoint(ORIGIN, 1, tree.root()).text()
        self.note = str(Note(text, (sign_note(text, name=ORIGIN, key=key),)))
        self.path = inclusion_proof(0, 1, range_hash=tree.range_hash)

    def receipt(self, cosignature: str = "", *, record: Record = RECORD) -> bytes:
        return format_receipt([(record, format_proof(0, self.path, self.note + cosignature))])


@pytest.fixture(scope="module")
def log() -> LoneLog:
    return LoneLog(generate_key())


@pytest.fixture(scope="module")
def witness_url(log: LoneLog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("witness"), free_port()
    config = folder / "witness.toml"
    config.write_text(
        f'name = "saksi.test/satu"\nlisten = "127.0.0.1:{port}"\ndata_dir = "{folder}"\nlogs = ["{log.key.vkey()}"]\n'
    )
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen([sys.executable, "-m", "terpadu_witness", "--config", str(config)]) as process:
        try:
            wait_until(lambda: _answers(url))
            yield url
        finally:
            witnesses._client().close()  # it keeps its connection for the next question
            witnesses._client.cache_clear()
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def test_witness_cosigns_over_http_and_the_receipt_verifies_offline(
    witness_url: str, log: LoneLog, tmp_path: Path
) -> None:
    key = read_vkey(httpx.get(f"{witness_url}/key", trust_env=False).text)

    line = ask_witness(witness_url, key=key, old=0, proof=[], note=log.note)

    kept = httpx.get(
        f"{witness_url}/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint", trust_env=False
    )
    assert signers_of(parse_note(kept.text), [log.key, key]) == [log.key, key]
    keys = tmp_path / "keys"
    keys.write_text(format_policy(LogPolicy(log.key, (key,), quorum=1)))
    receipt = tmp_path / "receipt.json"
    receipt.write_bytes(log.receipt(line))
    done = CliRunner().invoke(whole(), ["verify", str(receipt), "--keys", str(keys)])
    assert done.exit_code == 0, done.output
    assert "PROVEN" in done.output
    assert "saksi.test/satu" in done.output
    receipt.write_bytes(log.receipt())
    assert CliRunner().invoke(whole(), ["verify", str(receipt), "--keys", str(keys)]).exit_code == 1


def test_witness_answers_what_is_not_asked_of_it_with_an_error(witness_url: str, log: LoneLog) -> None:
    for method, path, status in (
        ("GET", "/add-checkpoint", 405),
        ("GET", "/", 404),
        ("GET", f"/{'0' * 64}/checkpoint", 404),
        ("POST", "/add-checkpoint", 400),
    ):
        assert httpx.request(method, witness_url + path, trust_env=False).status_code == status
    huge = httpx.post(f"{witness_url}/add-checkpoint", content=b"a" * 200_000, trust_env=False)
    assert huge.status_code == 413
    with pytest.raises(WitnessRefused):
        ask_witness(witness_url, key=log.key, old=0, proof=[], note="nonsense\n\n")


def test_witness_that_is_not_there_is_away(log: LoneLog) -> None:
    with pytest.raises(WitnessAway):
        ask_witness(f"http://127.0.0.1:{free_port()}", key=log.key, old=0, proof=[], note=log.note)


@pytest.mark.parametrize(
    ("status", "text", "reason"),
    [(409, "9" * 5_000, "status 409"), (409, "\u0663", "status 409"), (200, "x" * 100_000, "log.note")],
)
def test_witness_that_answers_nonsense_has_refused(
    log: LoneLog, monkeypatch: pytest.MonkeyPatch, status: int, text: str, reason: str
) -> None:
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(status, text=text)))
    monkeypatch.setattr(witnesses, "_client", lambda: client)
    with pytest.raises(WitnessRefused, match=reason):
        ask_witness("http://witness.test", key=log.key, old=0, proof=[], note=log.note)


class Endless:
    """A request whose body never ends. given: how many bytes were taken of it."""

    given = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.given += 65_536
            yield b"a" * 65_536

    def response_str(self, status: int, headers: list[tuple[str, str]], body: str) -> None:
        raise AssertionError("the handler answers")


def test_witness_holds_no_more_of_a_body_than_it_may_have(tmp_path: Path, log: LoneLog) -> None:
    witness, memory = make_witness(_config(tmp_path, log))
    exchange = Endless()
    reply = asyncio.run(answer(witness, method="POST", path="/add-checkpoint", exchange=exchange))
    memory.close()
    assert reply.status == 413
    assert exchange.given <= MAX_BODY + 65_536


def _config(folder: Path, log: LoneLog, *, listen: str = "127.0.0.1:1") -> WitnessConfig:
    return WitnessConfig(name="saksi.test/dua", listen=listen, data_dir=folder, logs=[log.key.vkey()])


def test_witness_on_an_address_that_another_has_ends_and_says_so(
    witness_url: str, log: LoneLog, tmp_path: Path
) -> None:
    config = _config(tmp_path, log, listen=witness_url.removeprefix("http://"))
    with pytest.raises(WitnessConfigError, match="listen"):
        asyncio.run(serve(config))


@pytest.mark.parametrize("name", ["key.pem", "seen.sqlite3"])
def test_witness_with_an_unusable_file_names_it(log: LoneLog, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("neither a key nor a database, and long enough for both")
    with pytest.raises(WitnessConfigError, match=name):
        make_witness(_config(tmp_path, log))


@pytest.mark.parametrize(
    "text",
    ["", "name = 1", 'name = "a b"\n', 'name = "w"\nlisten = "127.0.0.1:1"\ndata_dir = "x"\nlogs = []\n'],
)
def test_witness_config_that_is_wrong_says_where(tmp_path: Path, text: str) -> None:
    path = tmp_path / "witness.toml"
    path.write_text(text)
    with pytest.raises(WitnessConfigError, match=r"witness\.toml"):
        load_config(path)


@pytest.mark.parametrize(
    ("receipt", "keys", "exit_code"),
    [("{}", "quorum 1", 1), ("{}", "\x00", 1), (None, "", 2), ("{}", None, 2)],
)
def test_verify_of_unusable_files_says_what_is_wrong(
    tmp_path: Path, receipt: str | None, keys: str | None, exit_code: int
) -> None:
    for name, text in (("receipt", receipt), ("keys", keys)):
        if text is not None:
            (tmp_path / name).write_text(text)
    done = CliRunner().invoke(
        whole(), ["verify", str(tmp_path / "receipt"), "--keys", str(tmp_path / "keys")]
    )
    assert done.exit_code == exit_code
    assert "Traceback" not in done.output


def test_verify_of_a_changed_record_says_that_it_was_changed(log: LoneLog, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(format_policy(LogPolicy(log.key)))
    (tmp_path / "receipt").write_bytes(log.receipt(record=replace(RECORD, purpose="lain")))
    done = CliRunner().invoke(
        whole(), ["verify", str(tmp_path / "receipt"), "--keys", str(tmp_path / "keys")]
    )
    assert done.exit_code == 1
    assert "log.inclusion" in done.output
