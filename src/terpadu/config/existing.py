"""The demo agencies' own web programs (`demo.existing`): which are installed on this machine, and how they are started.

They live in a Python environment of their own, made by `python -m tools.existing`; a demo country without them starts all the same.
"""

from __future__ import annotations

import sys
from pathlib import Path

from terpadu.config import env
from terpadu.config.ports import Ports
from terpadu.config.processes import port_in_use
from terpadu.config.supervisor import Program

PACKAGES = ("otterwiki==2.26.1", "flask-appbuilder[oauth]==5.3.0", "requests", "waitress")
APACHE_PACKAGES = ("apache2", "libapache2-mod-auth-openidc")
APACHE = Path("/usr/sbin/apache2")
APACHE_MODULES = Path("/usr/lib/apache2/modules")
NAMES = {
    "wiki": "wiki behind Apache mod_auth_openidc",
    "roster": "program with its own OpenID Connect library",
}


def environment() -> Path:
    """Return the directory of the programs' Python environment."""
    return Path(env.EXISTING.read() or env.PROJECT_ROOT / ".existing")


def has_apache() -> bool:
    """Tell whether Apache and mod_auth_openidc are there."""
    return APACHE.exists() and (APACHE_MODULES / "mod_auth_openidc.so").exists()


def installed() -> frozenset[str]:
    """Return which of `NAMES` can be started here."""
    packages = {"wiki": "otterwiki", "roster": "flask_appbuilder"}
    found = {
        name
        for name, package in packages.items()
        if any(environment().glob(f"lib/python3*/site-packages/{package}"))
    }
    return frozenset(found if has_apache() else found - {"wiki"})


def programs(data_dir: Path, ports: Ports) -> list[Program]:
    """Return those of the programs that are installed, Apache after the wiki it stands before."""
    names, found = installed(), []
    if "wiki" in names:
        found.append(_program("wiki", data_dir, ports.wiki_program))
        behind = ["--program-port", str(ports.wiki_program), "--apache", str(APACHE)]
        found.append(_program("apache", data_dir, ports.wiki, *behind, "--modules", str(APACHE_MODULES)))
    if "roster" in names:
        found.append(_program("roster", data_dir, ports.roster))
    return found


def addresses(ports: Ports) -> dict[str, str]:
    """Return where people reach the programs that are installed, by name.

    roster is signed out by the browser in a frame of our last page, where a browser sends cookies of the same site alone: it goes
    by the name that the platform has on this machine.
    """
    known = {"wiki": f"http://127.0.0.1:{ports.wiki}", "roster": f"http://localhost:{ports.roster}"}
    return {name: known[name] for name in sorted(installed())}


def _program(name: str, data_dir: Path, port: int, *options: str) -> Program:
    command = [sys.executable, "-m", "demo.existing", name, "--port", str(port), *options]
    command += ["--data", str(data_dir / "demo" / "existing"), "--environment", str(environment())]
    return Program(
        name=f"existing-{name}",
        command=command,
        ready=lambda: port_in_use(port),
        environment={"PYTHONPATH": str(env.PROJECT_ROOT)},
    )
