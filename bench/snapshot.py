"""How long a country's snapshot takes to load, what it weighs in memory, and how fast a call is decided by it.

1,000 agencies, 20,000 interfaces, 100,000 contracts. Contracts differ in parties, service and dates; one real contract,
signed by both sides, stands among them, so that the decision is the one a gateway makes. Loading and deciding are
measured in a process of their own, so that its memory is the snapshot's and not the maker's.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from uuid import UUID

import orjson

from terpadu_wire.contracts import (
    ConnectedService,
    ContractContent,
    ContractSignatures,
    GrantItem,
    Outway,
    ServiceConnectionGrant,
    Validity,
    grant_hash,
    sign_contract,
)
from terpadu_wire.keys import generate_key, load_public_key, public_key_pem, public_key_thumbprint
from terpadu_wire.policy import Facts, decide
from terpadu_wire.properties import (
    FieldRules,
    Operation,
    Properties,
    Purpose,
    Quota,
    Text,
    properties_to_json,
)
from terpadu_wire.snapshot import (
    PeerKey,
    Snapshot,
    SnapshotContract,
    SnapshotPeer,
    SnapshotPurpose,
    SnapshotService,
)
from terpadu_wire.snapshot_wire import load_snapshot_file, sign_snapshot

AGENCIES, INTERFACES, CONTRACTS = 1_000, 20_000, 100_000
ROUNDS = 5
DECISIONS = 20_000
NOW = 1_800_000_000
ROOT = Path(__file__).parents[1]


def run() -> Iterator[dict[str, object]]:
    """Yield loading time, memory, and time of a decision: known grant, found grant, first use of a contract."""
    with tempfile.TemporaryDirectory(prefix="terpadu-bench-") as folder:
        _make(Path(folder))
        arguments = [sys.executable, "-m", "bench.snapshot", folder]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
        done = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, cwd=ROOT, env=environment)  # noqa: S603 (our own module)
        for name, value, unit in json.loads(done.stdout):
            yield {"bench": f"snapshot.{name}", "value": value, "unit": unit, "baseline": None, "ratio": None}


def measure(folder: Path) -> list[tuple[str, float, str]]:
    """Return (name, value, unit) of each figure, measured on the snapshot in a folder."""
    group_key = load_public_key((folder / "group.pem").read_bytes())
    path = folder / "snapshot"
    before = _memory_mb()
    loads = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        snapshot = load_snapshot_file(path, group_key=group_key, now=NOW)
        snapshot.has_service("", "")
        snapshot.peer("")
        loads.append(time.perf_counter() - began)
    weight = _memory_mb() - before
    facts = Facts(**json.loads((folder / "facts.json").read_text()))
    began = time.perf_counter()
    first = decide(facts, snapshot, now=NOW)
    first_ms = (time.perf_counter() - began) * 1000
    if not first.allowed:
        raise RuntimeError(first.code)
    return [
        ("size", round(path.stat().st_size / 1e6, 1), "MB"),
        ("load", round(median(loads), 3), "s"),
        ("memory_after_load", round(weight, 1), "MB"),
        ("first_use_of_a_contract", round(first_ms, 3), "ms"),
        ("decide", _per_decision(facts, snapshot), "us"),
        ("decide_without_grant_hash", _per_decision(facts._replace(grant_hash=""), snapshot), "us"),
        (
            "decide_unknown_connection",
            _per_decision(facts._replace(grant_hash="", consumer=_peer(500)), snapshot),
            "us",
        ),
    ]


def _per_decision(facts: Facts, snapshot: Snapshot) -> float:
    began = time.perf_counter()
    for _ in range(DECISIONS):
        decide(facts, snapshot, now=NOW)
    return round((time.perf_counter() - began) / DECISIONS * 1e6, 2)


def _memory_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def _make(folder: Path) -> None:
    consumer, provider, group = generate_key(), generate_key(), generate_key()
    keys = [PeerKey.of(key.public_key()) for key in (consumer, provider)]
    content = _content(0, public_key_thumbprint(consumer.public_key()))
    accepted = {
        _peer(0): sign_contract("accept", content, key=consumer, at=NOW),
        _peer(1): sign_contract("accept", content, key=provider, at=NOW),
    }
    real = SnapshotContract.of(content, ContractSignatures(accepted), state="valid")
    others = (_other(number, real) for number in range(1, CONTRACTS))
    snapshot = Snapshot(
        "bench",
        1,
        NOW,
        NOW + 1000,
        NOW + 2000,
        peers=tuple(
            SnapshotPeer(_peer(n), Text(f"Instansi {n}", f"Agency {n}"), (keys[n % 2],))
            for n in range(AGENCIES)
        ),
        services=tuple(SnapshotService(_peer(n % AGENCIES), f"s{n}", "0" * 64) for n in range(INTERFACES)),
        contracts=(real, *others),
        purposes=tuple(
            SnapshotPurpose(str(UUID(int=n)), "0" * 64, "active", NOW - 10, NOW + 5000)
            for n in range(INTERFACES)
        ),
    )
    (folder / "snapshot").write_bytes(sign_snapshot(snapshot, key=group))
    (folder / "group.pem").write_bytes(public_key_pem(group.public_key()))
    facts = {
        "consumer": _peer(0),
        "provider": _peer(1),
        "service": "s1",
        "method": "POST",
        "path": "/penduduk/cari",
        "key_thumbprint": public_key_thumbprint(consumer.public_key()),
        "purpose": "kia.penerbitan",
        "grant_hash": grant_hash(content, next(content.connection_grants())),
    }
    (folder / "facts.json").write_text(json.dumps(facts))


def _peer(number: int) -> str:
    return f"{10_000_000 + number % AGENCIES}"


def _content(number: int, thumbprint: str) -> ContractContent:
    pointers = tuple(f"/data/anggota/*/kolom_{n}" for n in range(12))
    properties = Properties(
        Purpose(
            "kia.penerbitan",
            Text("Penerbitan KIA", "Issue of the KIA"),
            "Pasal 3",
            "P1D",
            str(UUID(int=1)),
            "0" * 64,
        ),
        (
            Operation(
                "cari", "POST", "/penduduk/cari", FieldRules(pointers), {p: Text(p, p) for p in pointers}
            ),
            Operation("lain", "POST", "/penduduk/lain", FieldRules(pointers)),
        ),
        "0" * 64,
        quota=Quota(rps=100, per_day=10_000),
    )
    grant = ServiceConnectionGrant(
        Outway(_peer(number), thumbprint),
        ConnectedService(_peer(number + 1), f"s{(number * 7 + 1) % INTERFACES}"),
        properties_to_json(properties),
    )
    return ContractContent(
        str(UUID(int=number)), "bench", Validity(NOW - 10, NOW + 5000), (GrantItem(grant),), NOW - 10
    )


def _other(number: int, real: SnapshotContract) -> SnapshotContract:
    """Return an entry of real size that no call here uses; its hashes are made up, since nobody recomputes them."""
    content = orjson.loads(orjson.dumps(real.content))
    data = content["grants"][0]["data"]
    data["outway"]["peer_id"] = _peer(number)
    data["service"] |= {"peer_id": _peer(number * 7 + 1), "name": f"s{number % INTERFACES}"}
    content["iv"] = str(UUID(int=number))
    return replace(
        real,
        content=content,
        content_hash=f"$1$1${number:086d}",
        grant_hashes=(f"$1$3${number:086d}",),
    )


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
