"""Two web programs that nobody here wrote sign in against a running platform, and one sign-out ends both.

An Otter Wiki behind Apache with mod_auth_openidc, and Flask-AppBuilder with a library of its own; see `demo.existing`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import sync_playwright

from tools import existing
from tools.launch import Platform, running_platform, wait_until

pytestmark = pytest.mark.slow

CHROMIUM = "/usr/bin/chromium"
NAME = "Siti Rahmawati"
OVER = frozenset({301, 302, 303})


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """A platform with its demo country and both programs, or a word about why not."""
    wanted = {"wiki", "roster"}
    if wanted - existing.installed() and not os.environ.get("TERPADU_SCREENSHOTS"):
        pytest.skip("installing two more programs takes minutes: `make e2e` does it and tests them")
    missing = wanted - existing.install()
    if missing:
        pytest.skip(f"not installed here and could not be: {', '.join(sorted(missing))}")
    with running_platform() as found:
        yield found


class Surfer:
    """A person's browser: follows redirects one by one and remembers where it went."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.client = httpx.Client(follow_redirects=False, timeout=20)
        self.visited: list[str] = []

    def open(self, url: str) -> httpx.Response:
        """Open an address and go where it leads; agree when asked."""
        answer = self.client.get(url)
        for _ in range(20):
            self.visited.append(str(answer.url))
            if answer.status_code in OVER:
                answer = self.client.get(answer.url.join(answer.headers["location"]))
            elif 'action="/oidc/decide"' in answer.text:
                answer = self.client.post(f"{self.platform.url}/oidc/decide", data=agreement(answer.text))
            else:
                return answer
        raise AssertionError(self.visited)

    def sign_in(self) -> None:
        """Sign in to the platform as Siti with one tap."""
        page = self.client.get(f"{self.platform.url}/demo/masuk/").text
        button = next(part for part in page.split("<button")[1:] if NAME in part.split("</button>")[0])
        chosen = re.findall(r'name="([^"]+)" value="([^"]+)"', button)[:1]
        form = page[: page.index(button)].rsplit("<form", 1)[1]
        self.client.post(f"{self.platform.url}/demo/masuk/", data={**fields(form), **dict(chosen)})

    def sign_out(self) -> None:
        """Sign out at the platform."""
        page = self.client.get(f"{self.platform.url}/keluar/").text
        form = next(part for part in page.split("<main")[1].split("<form")[1:])
        self.client.post(f"{self.platform.url}/keluar/", data=fields(form))

    def request_to_provider(self) -> dict[str, list[str]]:
        """Return what the newest authorization request said."""
        asked = [url for url in self.visited if "/oidc/authorize" in url and "code_challenge" in url]
        return parse_qs(urlsplit(asked[-1]).query)


def fields(form: str) -> dict[str, str]:
    """Return a form's hidden fields and its button."""
    inside = form.split("</form>")[0]
    found = re.findall(r'<(?:input|button)[^>]* name="([^"]+)"[^>]* value="([^"]*)"', inside)
    return {name: unescape(value) for name, value in found}


def agreement(page: str) -> dict[str, str]:
    """Return the answer of somebody who agrees to everything essential."""
    return {**fields(page[page.index('action="/oidc/decide"') :]), "answer": "allow"}


@pytest.fixture
def surfer(platform: Platform) -> Iterator[Surfer]:
    """Siti's browser, signed in."""
    found = Surfer(platform)
    found.sign_in()
    yield found
    found.client.close()


def wiki(platform: Platform) -> str:
    return f"http://127.0.0.1:{platform.port + 32}/"


def roster(platform: Platform) -> str:
    return f"http://localhost:{platform.port + 33}/"


def test_wiki_behind_apache_signed_in_person_writes_under_their_own_name(surfer: Surfer) -> None:
    address = wiki(surfer.platform)
    page = surfer.open(f"{address}Antrean/edit")

    sent = {**fields(page.text), "content": "Loket buka pukul delapan.", "commit": "Jam buka"}
    surfer.client.post(f"{address}Antrean/save", data=sent)

    asked = surfer.request_to_provider()
    assert NAME in surfer.open(f"{address}Antrean/history").text
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]


def test_launcher_lists_both_programs_with_their_agencies(surfer: Surfer) -> None:
    page = surfer.open(f"{surfer.platform.url}/aplikasi-instansi/").text

    assert wiki(surfer.platform) in page
    assert roster(surfer.platform) in page


def test_wiki_name_sent_by_a_stranger_in_a_header_opens_nothing(platform: Platform) -> None:
    forged = {"x-otterwiki-name": NAME, "x-otterwiki-email": "a@b.id", "x-otterwiki-permissions": "READ"}

    answer = httpx.get(wiki(platform), headers=forged)

    assert answer.status_code in OVER
    assert answer.headers["location"].startswith(f"{platform.url}/oidc/authorize")


def test_roster_with_its_own_library_gets_subject_and_consented_name(surfer: Surfer) -> None:
    page = surfer.open(roster(surfer.platform) + "login/terpadu")
    own = surfer.open(roster(surfer.platform) + "users/userinfo/")

    assert surfer.request_to_provider()["code_challenge_method"] == ["S256"]
    assert page.status_code == own.status_code == 200
    assert NAME in own.text
    assert re.search(r"User Name.{1,200}?[A-Za-z0-9_-]{20,}", own.text, re.DOTALL), "no pairwise subject"


def test_sign_out_at_the_platform_reaches_the_wiki_by_back_channel(surfer: Surfer) -> None:
    surfer.open(wiki(surfer.platform))
    assert surfer.client.get(wiki(surfer.platform)).status_code == 200

    surfer.sign_out()

    wait_until(lambda: surfer.client.get(wiki(surfer.platform)).status_code in OVER)


def test_sign_out_in_one_program_ends_the_session_of_the_other(surfer: Surfer) -> None:
    surfer.open(wiki(surfer.platform))
    surfer.open(roster(surfer.platform) + "login/terpadu")

    question = surfer.open(roster(surfer.platform) + "logout/")
    assert "/oidc/logout" in surfer.visited[-1]
    confirm = question.text[question.text.index('action="/oidc/logout/confirm"') :]
    surfer.client.post(f"{surfer.platform.url}/oidc/logout/confirm", data=fields(confirm))

    wait_until(lambda: surfer.client.get(wiki(surfer.platform)).status_code in OVER)
    again = surfer.client.get(roster(surfer.platform) + "users/userinfo/")
    assert again.status_code in OVER


def test_sign_out_at_the_platform_ends_the_program_without_back_channel_too(platform: Platform) -> None:
    """Flask-AppBuilder has a page that signs out and nothing else: the browser opens it, in a frame of our last page."""
    own = roster(platform) + "users/userinfo/"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page(locale="id-ID")
        page.goto(f"{platform.url}/demo/masuk/")
        with page.expect_navigation():
            page.get_by_role("button", name=re.compile(NAME)).click()
        page.goto(roster(platform) + "login/terpadu")
        if "/oidc/" in page.url:
            with page.expect_navigation(url=lambda url: url.startswith(roster(platform))):
                page.get_by_role("button", name="Setuju dan lanjutkan").click()
        page.goto(own)
        assert NAME in page.content()

        page.goto(f"{platform.url}/keluar/")
        with page.expect_navigation(wait_until="load"):
            page.get_by_role("main").get_by_role("button", name="Keluar").click()
        assert "Direktori Pengguna Dukcapil" in page.inner_text("main")
        page.goto(own)

        assert "/login/" in page.url
        chromium.close()
