"""The inventory at full size: import of 27,000 records, search, dashboards and a record, on this machine.

The list is the demo's: 27,000 made-up applications of 600 agencies with ten years of cost, read from CSV and from XLSX through
the same steps as on the page: upload, dry run, writing. Pages are asked over HTTP of the running platform with its demo, one web
process; the figure is the 95th percentile of requests made one after the other on one connection. The baseline is the bar
that issue 5 sets.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
from openpyxl import Workbook

from bench.figures import Figure, figure_of, page_ms
from bench.pages import Walker
from tools.launch import ROOT, Platform, running_platform

figure = partial(figure_of, "portfolio")
BAR_IMPORT_S = 60.0
BAR_SEARCH_MS = 100.0
BAR_DASHBOARD_MS = 150.0
SEARCHES = {
    "one word": "q=pegawai",
    "the same word in another form": "q=kepegawaian",
    "common words": "q=sistem+informasi",
    "typing error": "q=perizinn+usaha",
    "agency": "instansi=city.demo.001",
    "code tree": "kode=RAB.02",
    "code tree, services": "kode=RAL.01",
    "word inside the code tree": "kode=RAB.09&q=pegawai",
    "class and state": "kelas=khusus&status=live",
    "last page": "page=9999",
}
CONFIDENTIAL = {
    "total cost": "biaya_dari=1000000000",
    "total cost between two amounts": "biaya_dari=1000000000&biaya_sampai=2000000000",
    "technology": "teknologi=PHP",
}
"""Asked by the national team, who may search all of it."""
DASHBOARDS = {
    "country": "/portofolio/",
    "agency": "/portofolio/instansi/city.demo.001/",
    "agencies": "/portofolio/instansi/?page=3",
    "record": "/portofolio/aplikasi/APL-000123/",
}


def run() -> Iterator[Figure]:
    """Yield all figures with their bars."""
    with running_platform({"TERPADU_WEB_WORKERS": "1"}) as platform:
        client = httpx.Client(base_url=platform.url, timeout=60)
        for name, query in SEARCHES.items():
            yield figure(
                f"search, {name} p95",
                page_ms(client, f"/portofolio/cari/?{query}"),
                unit="ms",
                bar=BAR_SEARCH_MS,
            )
        yield figure(
            "search, records that one form of a word finds and another does not",
            form_difference(client),
            unit="records",
            bar=0.0,
        )
        for name, path in DASHBOARDS.items():
            yield figure(f"dashboard, {name} p95", page_ms(client, path), unit="ms", bar=BAR_DASHBOARD_MS)
        walker = Walker(platform)
        walker.sign_in("Nadia")
        for name, query in CONFIDENTIAL.items():
            spent = page_ms(walker.client, f"/portofolio/cari/?{query}")
            yield figure(f"search, {name} p95", spent, unit="ms", bar=BAR_SEARCH_MS)
        yield from _imports(platform, walker)


def form_difference(client: httpx.Client) -> float:
    """Return how many of the first records that two forms of one word find are found by one of them alone, by the API."""
    found = [
        {
            one["code"]
            for one in client.get(f"/portofolio/api/v1/applications?limit=100&q={word}").json()[
                "applications"
            ]
        }
        for word in ("kepegawaian", "pegawai")
    ]
    return float(len(found[0] ^ found[1]))


def _imports(platform: Platform, walker: Walker) -> Iterator[Figure]:
    """Take the inventory's own export in again, which compares every row; then the same rows as 27,000 new ones."""
    whole = walker.get("/portofolio/data/aplikasi.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(whole, newline="")))
    with tempfile.TemporaryDirectory() as folder:
        for form, content in (("csv", whole.encode()), ("xlsx", _workbook(rows))):
            file = Path(folder) / f"daftar.{form}"
            file.write_bytes(content)
            name = f"import of the {len(rows) - 1} rows again, {form}"
            yield figure(name, import_s(platform, file), unit="s", bar=BAR_IMPORT_S)
        file = Path(folder) / "baru.csv"
        file.write_text(_as_new(rows), encoding="utf-8")
        yield figure(
            f"import of {len(rows) - 1} new rows, csv", import_s(platform, file), unit="s", bar=BAR_IMPORT_S
        )


def import_s(platform: Platform, file: Path) -> float:
    """Return the seconds of the command line's import of a file. Raises RuntimeError when rows are rejected."""
    environment = {
        **os.environ,
        "TERPADU_DATA": str(platform.data_dir),
        "PORT": str(platform.port),
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    command = [sys.executable, "-m", "terpadu.config.cli", "portfolio", "import", str(file), "--json"]
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)  # noqa: S603 - our own
    if done.returncode or json.loads(done.stdout)["rejected"]:
        raise RuntimeError(done.stdout[-500:] + done.stderr[-500:])
    return time.perf_counter() - started


def _as_new(rows: list[list[str]]) -> str:
    """Return the rows with other identifiers and without what ties them to the records that exist."""
    head = rows[0]
    local_id, code, successor = head.index("local_id"), head.index("code"), head.index("successor")
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    for at, row in enumerate(rows[1:]):
        row[local_id], row[code], row[successor] = f"B-{at}", "", ""
        writer.writerow(row)
    return text.getvalue()


def _workbook(rows: list[list[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for cells in rows:
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
