"""Prepare the virtual environment: hashed dependencies, the project itself, compiled messages.

Runs on the system's Python with nothing but the standard library, so that a fresh machine needs no more than
Python, make and git. Does nothing when the lock file and the project file have not changed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MINIMUM = (3, 11)


def say(text: str) -> None:
    """Print one line of progress."""
    print(f"  {text}", flush=True)


def stop(text: str) -> None:
    """Print one clear line and leave with an error."""
    print(f"setup: {text}", file=sys.stderr)
    raise SystemExit(1)


def run(*command: str | Path) -> None:
    """Run a command; on failure show what it printed and stop."""
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stdout[-3000:], done.stderr[-3000:], sep="\n", file=sys.stderr)
        stop(f"this failed: {' '.join(str(part) for part in command)}")


def apt_install(*packages: str) -> None:
    """Install Debian packages when root; otherwise say what to type."""
    line = f"apt-get install -y {' '.join(packages)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        stop(f"please install what is missing and start again: sudo {line}")
    say(line)
    run("apt-get", "update", "-qq")
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages)


def fingerprint(lock: Path) -> str:
    """Hash all that decides what the virtual environment must hold."""
    parts = [
        lock.read_bytes(),
        (ROOT / "pyproject.toml").read_bytes(),
        sys.version.encode(),
        str(ROOT).encode(),
    ]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def make_environment(lock: Path, stamp: Path) -> None:
    """Create the virtual environment and install the locked packages and the project into it."""
    if importlib.util.find_spec("ensurepip") is None:
        apt_install(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    if not PYTHON.exists():
        say("creating .venv")
        run(sys.executable, "-m", "venv", VENV)
    say(f"installing the locked packages of {lock.relative_to(ROOT)}")
    pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(*pip, "--no-compile", "--require-hashes", "-r", lock)
    run(*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT)
    compile_modules(VENV / "lib", ROOT / "src", ROOT / "demo")
    stamp.write_text(fingerprint(lock))


def compile_modules(*folders: Path) -> None:
    """Compile Python modules on all cores, where pip would use one; what does not compile is not for this Python."""
    command: list[str | Path] = [PYTHON, "-m", "compileall", "-q", "-j", "0", *folders]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=False)


def main(kind: str) -> None:
    """Bring the environment for `run` or `dev` up to date; `dev` also makes sure of Chromium and curl."""
    if sys.version_info < MINIMUM:
        stop(f"Python {MINIMUM[0]}.{MINIMUM[1]} or newer is needed, this is {sys.version.split()[0]}")
    lock = ROOT / "requirements" / f"{kind}.txt"
    stamp = VENV / f".{kind}-ready"
    started = time.monotonic()
    if not (PYTHON.exists() and stamp.exists() and stamp.read_text() == fingerprint(lock)):
        make_environment(lock, stamp)
        say(f"environment ready after {time.monotonic() - started:.0f} s")
    if kind == "dev":
        missing = ["curl"] if not shutil.which("curl") else []  # the tutorial's commands, which a test runs
        if not (shutil.which("chromium") or shutil.which("chromium-browser")):
            missing.append("chromium")
        if missing:
            apt_install(*missing)
    run(PYTHON, ROOT / "tools" / "messages.py", "compile")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "run")
