"""Check everything that can be checked without running the platform; with `--fix` mend what can be mended."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PLACES = ["src", "demo", "tests", "bench", "tools"]


@dataclass(frozen=True)
class Step:
    """One check: its name, its command, and the command that mends what it finds, if there is one."""

    name: str
    command: tuple[str, ...]
    fix: tuple[str, ...] = ()


STEPS = (
    Step("types", (f"{BIN}/mypy",)),
    Step(
        "format",
        (f"{BIN}/ruff", "format", "--check", "-q", *PLACES),
        (f"{BIN}/ruff", "format", "-q", *PLACES),
    ),
    Step("lint", (f"{BIN}/ruff", "check", "-q", *PLACES), (f"{BIN}/ruff", "check", "-q", "--fix", *PLACES)),
    Step("layers", (f"{BIN}/lint-imports", "--no-cache")),
    Step(
        "migrations",
        (sys.executable, "-W", "ignore", "-m", "django", "makemigrations", "--check", "--dry-run"),
    ),
    Step(
        "messages",
        (sys.executable, "tools/messages.py", "check"),
        (sys.executable, "tools/messages.py", "extract"),
    ),
    Step("docs", (sys.executable, "tools/docs.py", "--check"), (sys.executable, "tools/docs.py")),
    Step("architecture", (sys.executable, "-m", "pytest", "tests/architecture")),
)


def environment(data_dir: str) -> dict[str, str]:
    """Return the environment of the checks: this checkout's code and a throw-away data directory."""
    return {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "DJANGO_SETTINGS_MODULE": "terpadu.config.settings",
        "TERPADU_DATA": data_dir,
    }


def run(command: tuple[str, ...], env: dict[str, str]) -> tuple[bool, str]:
    """Run a command; return whether it succeeded and all it printed."""
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def check(step: Step, env: dict[str, str]) -> bool:
    """Run one check and print how it went; its output only when it failed."""
    started = time.monotonic()
    good, output = run(step.command, env)
    print(f"{'ok  ' if good else 'FAIL'} {step.name} ({time.monotonic() - started:.0f} s)", flush=True)
    if not good:
        print(output, flush=True)
    return good


def main() -> int:
    """Mend first when asked, then check; return the exit code."""
    with tempfile.TemporaryDirectory() as data_dir:
        env = environment(data_dir)
        if "--fix" in sys.argv[1:]:
            for step in STEPS:
                if step.fix:
                    run(step.fix, env)
        with ThreadPoolExecutor(max_workers=2) as pool:
            results = list(pool.map(lambda step: check(step, env), STEPS))
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
