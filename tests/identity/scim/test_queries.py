"""What is asked of an agency's directory by SCIM 2.0: filters and pages (RFC 7644, sections 3.4.2 and 3.4.3)."""

from __future__ import annotations

import pytest

from tests.identity.conftest import NIK
from tests.identity.scim.directory import OFFICER, Directory, user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('userName eq "SITI.rahmawati"', 1),
        ('externalId eq "peg-001"', 1),
        ('externalId eq "PEG-001"', 0),
        ('userName eq "siti.rahmawati" and active eq true', 1),
        ("active eq false", 0),
        ('id eq "nothing"', 0),
        ('urn:ietf:params:scim:schemas:core:2.0:User:userName eq "siti.rahmawati"', 1),
    ],
)
def test_filter_finds(directory: Directory, query: str, found: int) -> None:
    directory.made("/Users", user())

    assert directory.read(f"/Users?filter={query}")["totalResults"] == found


@pytest.mark.parametrize(
    "query",
    [
        'userName co "siti"',
        'userName eq "a" or userName eq "b"',
        'userName eq "a" and userName eq "b"',
        f'{OFFICER}:nik eq "{NIK}"',
        "userName eq",
        'bogus eq "x"',
        'userName eq "a%00"',
        "not (active eq true)",
    ],
)
def test_filter_that_is_not_there_is_refused(directory: Directory, query: str) -> None:
    answer = directory.send("GET", f"/Users?filter={query}")

    assert answer.status_code == 400
    assert answer.json()["scimType"] in ("invalidFilter", "sensitive", "invalidValue")
    assert NIK not in answer.content.decode()


def test_pages_count_from_one_and_hold_what_was_asked(directory: Directory) -> None:
    for number in range(5):
        directory.made(
            "/Users", {**user(userName=f"u{number}", externalId=f"e{number}", officer={"nik": None})}
        )

    page = directory.read("/Users?startIndex=4&count=3&attributes=userName")

    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (5, 4, 2)
    assert [one["userName"] for one in page["Resources"]] == ["u3", "u4"]
    assert "externalId" not in page["Resources"][0]
    assert directory.read("/Users?count=0")["totalResults"] == 5
    assert directory.read("/Users?startIndex=-3&count=1")["startIndex"] == 1
    search = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": 'userName eq "u1"',
    }
    assert directory.send("POST", "/Users/.search", search).json()["totalResults"] == 1
