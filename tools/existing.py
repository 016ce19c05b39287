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
from pathlib import Path

from terpadu.config.existing import APACHE_PACKAGES, PACKAGES, environment, has_apache, installed

WITHIN_S = 300
NODE_CLIENT = "openid-client@6.8.9"


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


def node_client(*, install: bool) -> Path | None:
    """Return the directory of modules with openid-client for Node, None when it is not there. install: try to put it there."""
    directory = environment() / "node"
    modules = directory / "node_modules"
    if install and not (modules / "openid-client").exists() and shutil.which("npm"):
        directory.mkdir(parents=True, exist_ok=True)
        _try(["npm", "install", "--silent", "--prefix", str(directory), NODE_CLIENT])
    return modules if (modules / "openid-client").exists() and shutil.which("node") else None


def nginx(*, install: bool) -> str | None:
    """Return the path of nginx, None when it is not there. install: try to put it there."""
    if install and os.getuid() == 0 and shutil.which("apt-get") and not _nginx():
        _try(["apt-get", "install", "-y", "--no-install-recommends", "nginx-light"])
    return _nginx()


def _nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")


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
