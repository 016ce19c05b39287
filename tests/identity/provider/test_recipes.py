"""The configurations that agencies copy, run as they are written: only the address differs, since this machine has no TLS."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory
from pytest_django import Settings

from terpadu.config.processes import port_in_use
from terpadu.identity.selectors.provider.clients import client_get
from tests.identity.provider.agency_server import serving
from tests.identity.provider.conftest import MakeParty
from tests.identity.provider.fake_oauth2_proxy import Proxy, running_proxy
from tests.identity.provider.party import Party
from tests.identity.provider.test_foreign_clients import agree, person
from tools import existing
from tools.launch import free_port, wait_until

pytestmark = [pytest.mark.django_db(transaction=True)]


def recipe(name: str, party: Party, issuer: str) -> str:
    """Return a recipe as the page shows it for a client."""
    client = client_get(party.client_id)
    shown = {
        "client": client,
        "issuer": issuer,
        "auth_method": "client_secret_basic",
        "redirect_uri": client.redirect_uris[0],
        "redirect_path": urlsplit(client.redirect_uris[0]).path,
        "scope": "openid profile",
    }
    return render_to_string(f"identity/agency/recipes/{name}.txt", shown).strip()


def request_with(session: SessionStore, path: str, query: dict[str, str]) -> HttpRequest:
    found = RequestFactory().get(path, query)
    found.session = session
    return found


def test_django_recipe_signs_in(
    make_party: MakeParty, address: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    party = make_party(plain=True)
    monkeypatch.setenv("TERPADU_SECRET", party.extra["secret"])
    settings_text, views_text = recipe("django", party, address).split("# views.py")
    names: dict[str, Any] = {"os": os}
    exec(settings_text, names)  # noqa: S102 - the recipe itself is what is tested
    settings.AUTHLIB_OAUTH_CLIENTS = names["AUTHLIB_OAUTH_CLIENTS"]
    exec(f"{views_text}\n    return person\n", names)  # noqa: S102 - as above
    session = SessionStore()

    begun = names["login"](request_with(session, "/masuk", {}))
    with person(party, address) as browser:
        location = agree(browser, begun["Location"])
    answer = dict(parse_qsl(urlsplit(location).query))
    told = names["callback"](request_with(session, "/balik", answer))

    assert told["name"] == "Siti Rahmawati"
    assert "code_challenge_method=S256" in begun["Location"]


@pytest.fixture
def node_modules() -> Iterator[Path]:
    """Where the client for Node is installed, or a word about why not."""
    wanted = bool(os.environ.get("TERPADU_SCREENSHOTS"))
    found = existing.node_client(install=wanted)
    if found is None:
        pytest.skip("the client for Node is not installed: `make e2e` does it where there is Node")
    yield found


def test_node_recipe_signs_in(
    make_party: MakeParty, address: str, node_modules: Path, tmp_path: Path
) -> None:
    party = make_party(plain=True)
    text = recipe("node", party, address)
    begin, finish = re.split(r"// at http\S+\n", text)
    begin = begin.replace(
        "(process.env.TERPADU_SECRET),\n",
        "(process.env.TERPADU_SECRET),\n  { execute: [client.allowInsecureRequests] },\n",
    )
    program = (
        f"{begin}\nconsole.log(address.href)\n"
        "const { createInterface } = await import('node:readline/promises')\n"
        "const currentUrl = new URL(await createInterface({ input: process.stdin }).question(''))\n"
        f"{finish}\nconsole.log(JSON.stringify({{ sub, name: person.name }}))\nprocess.exit(0)\n"
    )
    (tmp_path / "node_modules").symlink_to(node_modules)
    (tmp_path / "recipe.mjs").write_text(program)
    with subprocess.Popen(
        ["node", "recipe.mjs"],
        cwd=tmp_path,
        env={**os.environ, "TERPADU_SECRET": party.extra["secret"]},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        url = run.stdout.readline().strip()
        with person(party, address) as browser:
            location = agree(browser, url)
        said, _ = run.communicate(f"{location}\n", timeout=60)

    assert '"name":"Siti Rahmawati"' in said
    assert "code_challenge_method=S256" in url


class Archive(BaseHTTPRequestHandler):
    """An application that knows nothing of sign-in: it believes a header."""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        told = f"{self.headers.get('X-Remote-User', '')} {len(body)} {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running_nginx(program: str, text: str, directory: Path, port: int) -> Iterator[str]:
    """Run nginx with the recipe's locations; gives its address."""
    temporary = "".join(f"{kind}_temp_path {directory};" for kind in ("client_body", "proxy"))
    conf = directory / "nginx.conf"
    conf.write_text(
        f"daemon off; master_process off; pid {directory}/pid; error_log {directory}/errors; events {{}}\n"
        f"http {{ access_log off; {temporary} server {{ listen 127.0.0.1:{port};\n{text}\n}} }}"
    )
    with subprocess.Popen([program, "-c", str(conf), "-e", str(directory / "errors")]) as run:
        try:
            wait_until(lambda: port_in_use(port))
            yield f"http://127.0.0.1:{port}"
        finally:
            run.terminate()


@pytest.fixture
def nginx() -> str:
    """The program, or a word about why not."""
    found = existing.nginx(install=bool(os.environ.get("TERPADU_SCREENSHOTS")))
    if found is None:
        pytest.skip("nginx is not installed: `make e2e` does it where it can")
    return found


@pytest.fixture
def gate(
    make_party: MakeParty, address: str, nginx: str, tmp_path: Path
) -> Iterator[tuple[str, Proxy, Party]]:
    """An application behind nginx as the recipe shows it: nginx's address, what stands beside it, the client."""
    port = free_port()
    party = make_party(plain=True, redirect_uris=(f"http://127.0.0.1:{port}/oauth2/callback",))
    proxy = Proxy(address, party.client_id, party.extra["secret"], f"http://127.0.0.1:{port}/oauth2/callback")
    with running_proxy(proxy), serving(Archive) as archive:
        _, text = recipe("nginx", party, address).split("# nginx\n")
        text = text.replace("127.0.0.1:4180", f"127.0.0.1:{proxy.port}").replace(
            "127.0.0.1:8080", f"127.0.0.1:{archive}"
        )
        with running_nginx(nginx, text, tmp_path, port) as site:
            yield site, proxy, party


def test_nginx_recipe_signs_in_and_lets_nobody_else_name_the_person(
    gate: tuple[str, Proxy, Party], address: str
) -> None:
    site, proxy, party = gate
    cheat = {"X-Remote-User": "admin", "X-Auth-Request-User": "admin"}
    with httpx.Client(base_url=site) as visitor, person(party, address) as browser:
        asked = visitor.get("/arsip/3?a=1&b=2", headers=cheat)
        posted = visitor.post("/arsip/3", content=b"x" * 2000, headers=cheat)
        back = visitor.get(agree(browser, asked.headers["location"]))
        read = visitor.get(back.headers["location"], headers=cheat)
        sent = visitor.post("/arsip/3", content=b"x" * 2000)
        [subject] = proxy.people.values()
        asked_directly = visitor.get("/oauth2/auth")
        visitor.get("/oauth2/sign_out")
        after = visitor.get("/arsip/3")

    assert [one.status_code for one in (asked, posted, asked_directly, after)] == [302, 302, 404, 302]
    assert read.text == f"{subject} 0 /arsip/3?a=1&b=2"
    assert sent.text == f"{subject} 2000 /arsip/3"
    assert subject != "admin"
