"""From nothing to the first signed call: how long an agency needs to join with what it has, on a platform that runs.

Measured as an operator would do it, with `terpadu connect`: the agency is made (key, certificate), its CSV register becomes
an interface, a trial contract is signed by both sides, and the printed first call is made until both gateways know of it.
The platform's own start is not counted. The baseline is the bar that issue 3 sets: 60 seconds.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial

from bench.figures import Figure, figure_of
from tools.launch import ROOT, Platform, running_platform, wait_until

figure = partial(figure_of, "joining")
BAR_S = 60.0
_NIK = "3671010211890002"
_AGENCY = "connect agency dinkes.36.71 --peer-id 36710009 --name 'Dinas Kesehatan Kota Tangerang' --kind regional_office --region 36.71 --gateway agencies"  # fmt: skip
_TABLE = "connect table {file} --agency dinkes.36.71 --name register --rules {rules} --reader portal --subject /nik --match '/items/*/nik'"  # fmt: skip


def run() -> Iterator[Figure]:
    """Yield the seconds of each step and of the whole."""
    with running_platform() as platform:
        file = platform.data_dir / "demo" / "kelurahan" / "Register Surat 2026.csv"
        rules = ROOT / "demo" / "kelurahan" / "rules.toml"
        moments = [time.monotonic()]
        _terpadu(platform, _AGENCY)
        moments.append(time.monotonic())
        said = _terpadu(platform, _TABLE.format(file=shlex.quote(str(file)), rules=rules))
        moments.append(time.monotonic())
        call = re.sub(r'"nik":"[0-9]+"', f'"nik":"{_NIK}"', said.partition("First call:\n")[2])
        wait_until(lambda: _is_answered(call), within_s=BAR_S)
        moments.append(time.monotonic())
    steps = ("agency, key and certificate", "interface and contract", "until the first call is answered")
    for name, began, ended in zip(steps, moments, moments[1:], strict=False):
        yield figure(name, ended - began, unit="s", bar=None)
    yield figure("from nothing to the first signed call", moments[-1] - moments[0], unit="s", bar=BAR_S)


def _terpadu(platform: Platform, arguments: str) -> str:
    """Run one command of the platform's command line; return what it says."""
    environment = os.environ | {
        "TERPADU_DATA": str(platform.data_dir),
        "PORT": str(platform.port),
        "TERPADU_DEMO": "1",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    command = [sys.executable, "-m", "terpadu.config.cli", *shlex.split(arguments)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)  # noqa: S603 - our own
    return done.stdout


def _is_answered(call: str) -> bool:
    """Make the printed call as it stands; tell whether it gave data."""
    done = subprocess.run(["/bin/sh", "-c", call], check=False, capture_output=True, text=True)  # noqa: S603 - as printed
    return '"items"' in done.stdout
