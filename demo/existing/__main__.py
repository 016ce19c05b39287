"""Start one of the existing programs: write its configuration, then become it."""

from __future__ import annotations

import argparse
import json
import os
import pwd
import subprocess
from pathlib import Path
from typing import Any

MODULES = (
    "mpm_event",
    "authn_core",
    "authz_core",
    "authz_user",
    "env",
    "headers",
    "proxy",
    "proxy_http",
    "auth_openidc",
)
APACHE_CONFIGURATION = """\
ServerName {host}
Listen {listen}
PidFile {directory}/apache.pid
ErrorLog {directory}/apache-error.log
DefaultRuntimeDir {directory}
Mutex pthread
{modules}
{user}
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {secret}
OIDCRedirectURI http://{host}/oidc/callback
OIDCCryptoPassphrase {cookie_key}
OIDCPKCEMethod S256
OIDCScope "openid profile"
OIDCRemoteUserClaim sub
OIDCPassClaimsAs environment
OIDCCookie wiki
OIDCSessionInactivityTimeout 3600
OIDCDefaultLoggedOutURL {issuer}/
<Location />
  AuthType openid-connect
  Require valid-user
  RequestHeader unset x-otterwiki-name
  RequestHeader set x-otterwiki-name "%{{OIDC_CLAIM_name}}e"
  RequestHeader set x-otterwiki-email "%{{OIDC_CLAIM_sub}}e@wiki.invalid"
  RequestHeader set x-otterwiki-permissions "READ,WRITE,UPLOAD"
</Location>
ProxyPass /oidc/callback !
ProxyPass / http://127.0.0.1:{program_port}/
ProxyPassReverse / http://127.0.0.1:{program_port}/
ProxyPreserveHost On
"""
"""What an agency writes in front of a program that reads who somebody is from headers."""


def main() -> None:
    """Read the command line and become the program."""
    parser = argparse.ArgumentParser(prog="demo.existing")
    parser.add_argument("program", choices=("wiki", "apache", "roster"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--environment", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--program-port", type=int, default=0)
    parser.add_argument("--apache", default="")
    parser.add_argument("--modules", default="")
    given = parser.parse_args()
    given.data.mkdir(parents=True, exist_ok=True)
    {"wiki": _wiki, "apache": _apache, "roster": _roster}[given.program](given)


def _wiki(given: argparse.Namespace) -> None:
    pages = given.data / "wiki"
    if not (pages / ".git").exists():
        subprocess.run(["git", "init", "--quiet", str(pages)], check=True)
    settings = given.data / "wiki.cfg"
    settings.write_text(
        f"REPOSITORY = {str(pages)!r}\nSECRET_KEY = {_client(given, 'wiki')['cookie_key']!r}\n"
        "AUTH_METHOD = 'PROXY_HEADER'\nSESSION_COOKIE_NAME = 'wiki_pages'\nSITE_NAME = 'Wiki Disdukcapil'\n"
        "READ_ACCESS = 'APPROVED'\nWRITE_ACCESS = 'APPROVED'\nATTACHMENT_ACCESS = 'APPROVED'\nSITE_LANG = 'id'\n"
    )
    _become_waitress(given, "otterwiki.server:app", OTTERWIKI_SETTINGS=str(settings))


def _roster(given: argparse.Namespace) -> None:
    client = str(given.data / "roster.json")
    _become_waitress(given, "demo.existing.roster:app", ROSTER_CLIENT=client, ROSTER_DATA=str(given.data))


def _become_waitress(given: argparse.Namespace, application: str, **environment: str) -> None:
    python = str(given.environment / "bin" / "python")
    command = [python, "-m", "waitress", f"--listen=127.0.0.1:{given.port}", application]
    os.execve(python, command, {**os.environ, **environment})


def _apache(given: argparse.Namespace) -> None:
    directory = given.data / "apache"
    directory.mkdir(exist_ok=True)
    (directory / "apache.pid").unlink(missing_ok=True)
    configuration = directory / "apache.conf"
    configuration.touch(mode=0o600)
    listen = f"127.0.0.1:{given.port}"
    configuration.write_text(
        APACHE_CONFIGURATION.format(
            **_client(given, "wiki"),
            host=listen,
            listen=listen,
            directory=directory,
            modules="\n".join(f"LoadModule {name}_module {given.modules}/mod_{name}.so" for name in MODULES),
            user=_user(),
            program_port=given.program_port,
        )
    )
    os.execv(given.apache, [given.apache, "-f", str(configuration), "-d", str(directory), "-D", "FOREGROUND"])


def _user() -> str:
    """Name the account that answers requests; only needed, and only allowed, when root starts Apache."""
    if os.getuid() != 0:
        return ""
    known = {entry.pw_name for entry in pwd.getpwall()}
    name = "www-data" if "www-data" in known else "nobody"
    return f"User {name}\nGroup {name if name == 'www-data' else 'nogroup'}"


def _client(given: argparse.Namespace, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((given.data / f"{name}.json").read_text())
    return found


if __name__ == "__main__":
    main()
