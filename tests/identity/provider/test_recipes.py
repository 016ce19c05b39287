"""The configurations that agencies copy, run as they are written: only the address differs, since this machine has no TLS."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory
from pytest_django import Settings

from terpadu.identity.selectors.provider.clients import client_get
from tests.identity.provider.conftest import MakeParty
from tests.identity.provider.party import REDIRECT, Party
from tests.identity.provider.test_foreign_clients import address, agree, person
from tools import existing

__all__ = ["address"]

pytestmark = [pytest.mark.django_db(transaction=True)]


def recipe(name: str, party: Party, issuer: str) -> str:
    """Return a recipe as the page shows it for a client."""
    client = client_get(party.client_id)
    shown = {
        "client": client,
        "issuer": issuer,
        "auth_method": "client_secret_basic",
        "redirect_uri": REDIRECT,
        "redirect_path": urlsplit(REDIRECT).path,
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
        said, _ = run.communicate(f"{location}\n", timeout=30)

    assert '"name":"Siti Rahmawati"' in said
    assert "code_challenge_method=S256" in url
