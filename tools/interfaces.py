"""Write down what `terpadu connect` finds in the demo agencies' systems: `demo/*/interface.json` and `door.json`.

Run it after a change of a system: `python -m tools.interfaces`. A test compares without writing.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

import orjson
from ruamel.yaml import YAML

from demo.population.cast import story_households
from terpadu.exchange.rules.importing import import_document
from terpadu_doors.describe import describe

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "demo"
_PLACES = frozenset(
    {"name", "peer_id", "title", "key_file", "url_file", "file", "wsdl_file", "address_url", "wsse_file",
     "base_url", "token_url", "client_file"}
)  # fmt: skip
"""Members of a door that say where things are; the demo's seed adds them."""
NEUTRAL = "http://127.0.0.1:8024/SiksWs/DtsenService"


def main() -> int:
    """Write every file; the health platform must run for its own, see `health`."""
    for path, content in found().items():
        path.write_bytes(content)
        print(path.relative_to(ROOT))
    return 0


def found() -> dict[Path, bytes]:
    """Return the content of every file that needs no running system."""
    files: dict[Path, bytes] = {}
    for system in ("sekolah", "penerimaan", "kepegawaian"):
        files[DEMO / system / "interface.json"] = _imported(system)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        files |= _licences(data) | _letters(data) | _social_aid(data)
    return files


def health(base_url: str, *, client_file: Path) -> dict[Path, bytes]:
    """Return the content of the health platform's files, from a running one."""
    asked = {
        "base_url": f"{base_url}/fhir-r4/v1",
        "token_url": f"{base_url}/oauth2/v1/accesstoken",
        "client_file": str(client_file),
    }
    return _described("kesehatan", "fhir", "Layanan SATUSEHAT (contoh)", asked)


def _imported(system: str) -> bytes:
    yaml = DEMO / system / "openapi.yaml"
    value = (
        YAML(typ="safe", pure=True).load(yaml.read_bytes())
        if yaml.exists()
        else orjson.loads((DEMO / system / "openapi.json").read_bytes())
    )
    return _json(import_document(value).document)


def _licences(data: Path) -> dict[Path, bytes]:
    from demo.sim.intake import build

    build(data / "SIMDB.sqlite3", story_households())
    (data / "url").write_text(f"sqlite:///{data / 'SIMDB.sqlite3'}")
    rules = tomllib.loads((DEMO / "sim" / "rules.toml").read_text())
    asked = {"url_file": str(data / "url"), **rules}
    return _described("sim", "database", "Data SIM Korlantas (contoh)", asked)


def _letters(data: Path) -> dict[Path, bytes]:
    from demo.kelurahan.intake import build

    file = data / "register.csv"
    build(file, story_households())
    rules = tomllib.loads((DEMO / "kelurahan" / "rules.toml").read_text())
    asked = {"file": str(file), "refresh_hours": 168, **rules}
    return _described("kelurahan", "table", "Register surat kelurahan (contoh)", asked)


def _social_aid(data: Path) -> dict[Path, bytes]:
    asked = {
        "wsdl": str(DEMO / "bansos" / "service.wsdl"),
        "saved_to": str(data / "wsdl.json"),
        "address_url": NEUTRAL,
        "not_found": ["DataTidakDitemukan"],
    }
    files = _described("bansos", "soap", "Layanan DTSEN Kemensos (contoh)", asked)
    return files | {DEMO / "bansos" / "wsdl.json": (data / "wsdl.json").read_bytes() + b"\n"}


def _described(system: str, kind: str, title: str, asked: Mapping[str, object]) -> dict[Path, bytes]:
    head = {"kind": kind, "name": system, "peer_id": "0", "title": title, "key_file": "/key"}
    value = orjson.loads(describe(orjson.dumps({**head, "allow_targets": ["127.0.0.0/8"], **asked})))
    door = {name: member for name, member in value["door"].items() if name not in _PLACES}
    return {
        DEMO / system / "door.json": _json(door),
        DEMO / system / "interface.json": _json(value["openapi"]),
    }


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    sys.exit(main())
