"""Make the native build of this checkout, unless it is there already: gateways of `make run` use it from their next start."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
from pathlib import Path

from terpadu.config import native
from tools.setup import ROOT, apt_install, say

_BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
"""The hook that pip calls too (PEP 517); pip would have everything translated once more for the wheel's description."""


def make() -> Path:
    """Return where the native build lies, made now when it was not there or is of another source. Takes a minute."""
    found = native.folder()
    if found is not None:
        return found
    _need_compiler()
    say("translating the gateway's hot modules to machine code (a minute)")
    started = time.monotonic()
    shutil.rmtree(ROOT / "build", ignore_errors=True)  # what an earlier source left there
    made_of = native.fingerprint()
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-W", "ignore", "-c", _BUILD, folder]
        subprocess.run(
            build, cwd=ROOT, check=True, env=os.environ | {"TERPADU_NATIVE": "1"}, stdout=subprocess.DEVNULL
        )
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            wheel.extractall(native.FOLDER, [name for name in wheel.namelist() if _is_of_a_gateway(name)])
    native.STAMP.write_text(made_of)
    say(f"native build ready after {time.monotonic() - started:.0f} s")
    return native.FOLDER


def _is_of_a_gateway(name: str) -> bool:
    return name.startswith(
        (*native.PACKAGES, "terpadu__mypyc")
    )  # the second holds the machine code of all modules


def _need_compiler() -> None:
    """Make sure of a C compiler and of Python's headers."""
    if not shutil.which(os.environ.get("CC", "cc")):
        apt_install("gcc", "libc6-dev")
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        apt_install(f"python{sys.version_info.major}.{sys.version_info.minor}-dev")


if __name__ == "__main__":
    make()
