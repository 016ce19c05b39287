"""The ministries' systems answer in their own ways, about the same people; what was written down of them still holds."""

import csv
import sqlite3
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from demo.ministries.__main__ import prepare
from demo.population.personas import persona
from tests.demo.ministries import Ministries, running_ministries
from tests.demo.programs import run_to_end
from tools.interfaces import found, health

SITI, ALYA, RAKA, BUDI, AHMAD = (persona(key) for key in ("siti", "alya", "raka", "budi", "ahmad"))


@pytest.fixture(scope="module")
def ministries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministries]:
    """The ministries' systems with 200 persons."""
    with running_ministries(tmp_path_factory.mktemp("ministries")) as program:
        yield program


def test_interfaces_written_down_are_those_of_the_systems(ministries: Ministries) -> None:
    """What `terpadu connect` finds now is what the demo country is made from; `python -m tools.interfaces` renews it."""
    files = found() | health(
        ministries.url("kesehatan"), client_file=ministries.data / "kesehatan" / "client"
    )

    stale = [str(path) for path, content in files.items() if path.read_bytes() != content]

    assert stale == []


def test_pupil_is_known_to_whoever_has_the_key(ministries: Ministries) -> None:
    url = f"{ministries.url('sekolah')}/v2/peserta-didik/cari"
    headers = {"X-Kunci-Aplikasi": ministries.secret("sekolah", "api_key")}

    pupil = httpx.post(url, json={"nik": ALYA.nik}, headers=headers).json()

    assert pupil["nama"] == ALYA.name
    assert pupil["nisn"].startswith("017")
    assert httpx.post(url, json={"nik": ALYA.nik}).status_code == 401
    assert httpx.post(url, json={"nik": SITI.nik}, headers=headers).status_code == 404
    assert httpx.post(url, content=b"{", headers=headers).status_code == 400
    school = f"{ministries.url('sekolah')}/v2/satuan-pendidikan/{pupil['satuanPendidikan']['npsn']}"
    assert httpx.get(school, headers=headers).json()["jenjang"] == "SD"


def test_civil_servant_is_told_to_nobody_without_a_certificate(ministries: Ministries) -> None:
    papers = ministries.data / "kepegawaian" / "papers"
    url = f"{ministries.url('kepegawaian', scheme='https')}/asn/profil"
    trusting = ssl.create_default_context(cafile=papers / "ca.pem")
    with pytest.raises(httpx.TransportError):
        httpx.post(url, json={"nik": BUDI.nik}, verify=trusting)

    trusting.load_cert_chain(papers / "caller.pem", papers / "caller.key")
    answer = httpx.post(url, json={"nik": BUDI.nik}, verify=trusting)

    assert answer.json()["nip"] == BUDI.nip


def test_bill_asked_for_twice_is_one_bill(ministries: Ministries) -> None:
    base = ministries.url("penerimaan")
    secret = ministries.secret("penerimaan", "client_secret")
    form = {"grant_type": "client_credentials"}
    assert httpx.post(f"{base}/oauth/token", data=form, auth=("terpadu", "x")).status_code == 401
    token = httpx.post(f"{base}/oauth/token", data=form, auth=("terpadu", secret)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    asked = {
        "nikWajibBayar": SITI.nik, "namaWajibBayar": SITI.name, "kodeAkun": "425411", "kodeSatker": "660001",
        "jumlah": 75_000, "kunciPermintaan": "satu",
    }  # fmt: skip

    first = httpx.post(f"{base}/api/v1/tagihan", json=asked, headers=headers)
    again = httpx.post(f"{base}/api/v1/tagihan", json=asked, headers=headers)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["kodeBilling"].startswith("8")
    assert len(first.json()["kodeBilling"]) == 15
    assert httpx.post(f"{base}/api/v1/tagihan", json=asked).status_code == 401


def test_systems_without_a_program_hold_the_same_people(ministries: Ministries) -> None:
    with sqlite3.connect(ministries.data / "sim" / "SIMDB.sqlite3") as file:
        [[kind]] = file.execute(
            "SELECT GOL_SIM FROM TBL_SIM_MST WHERE NIK_PMLK = ? AND STS_REC = 'A'", [SITI.nik]
        )
    file.close()
    with (ministries.data / "kelurahan" / "Register Surat 2026.csv").open(
        encoding="cp1252", newline=""
    ) as text:
        rows = list(csv.DictReader(text, delimiter=";"))

    assert kind == "C"
    assert AHMAD.nik in {row["N I K"] for row in rows}


def test_storage_of_another_population_is_refused(ministries: Ministries) -> None:
    done = run_to_end("demo.ministries", ministries.data, "--size", "300")

    assert done.returncode == 1
    assert "another population" in done.stderr


def test_storage_is_the_same_for_the_same_population(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run_dir = tmp_path / name
        run_dir.mkdir()
        prepare(run_dir, size=120, seed=3671)

    assert (tmp_path / "one" / "kelurahan" / "Register Surat 2026.csv").read_bytes() == (
        tmp_path / "two" / "kelurahan" / "Register Surat 2026.csv"
    ).read_bytes()
