"""Install the demo agencies' own web programs: Apache with mod_auth_openidc by apt (as root), the others by pip.

    python -m tools.existing

What cannot be installed is said and left out: the demo country starts without it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv

from terpadu.config.existing import APACHE_PACKAGES, PACKAGES, environment, has_apache, installed

WITHIN_S = 300


def install() -> frozenset[str]:
    """Install what is missing; return which programs can be started afterwards."""
    if not has_apache() and os.getuid() == 0 and shutil.which("apt-get"):
        _try(["apt-get", "install", "-y", "--no-install-recommends", *APACHE_PACKAGES])
    python = environment() / "bin" / "python"
    if not python.exists():
        venv.create(environment(), with_pip=True)
    if not any(environment().glob("lib/python3*/site-packages/waitress")):
        _try([str(python), "-m", "pip", "install", "--quiet", *PACKAGES])
    return installed()


def _try(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, timeout=WITHIN_S, stdout=subprocess.DEVNULL)
    except (subprocess.SubprocessError, OSError) as error:
        print(f"not installed: {error}", file=sys.stderr)


def main() -> int:
    """Install into the directory of TERPADU_EXISTING and say what is there."""
    found = install()
    print(f"installed: {', '.join(sorted(found)) or 'nothing'}")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
