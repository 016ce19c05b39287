"""An agency's directory by SCIM 2.0: users, groups, versions, errors (RFC 7644), and the positions that follow."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from terpadu.directory.errors import PositionReserved
from terpadu.directory.models import Position
from terpadu.directory.public import AgencyView, PositionView
from terpadu.identity.errors.officers import AssignmentUnknown
from terpadu.identity.models import Account, Assignment, Person, ScimGroup, ScimUser
from terpadu.identity.public import assignment_create, assignments_of
from terpadu.identity.services.accounts import account_create
from terpadu.identity.services.scim.groups import group_map
from terpadu.identity.services.scim.sync import entries_claim
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today
from terpadu.kernel.models import AuditEvent
from tests.identity.conftest import NAME, NIK, OTHER_NIK, PASSWORD, SETUP
from tests.identity.people import person
from tests.identity.scim.directory import ERROR, OFFICER, Directory, connect, group, user

pytestmark = pytest.mark.django_db
TOMORROW = today() + timedelta(days=1)


def administrator(position: PositionView) -> Actor:
    """Return somebody who administers the agency's people."""
    boss = person(OTHER_NIK, "Budi", date(1988, 5, 17), has_account=False)
    return Actor.officer(boss, agency=position.agency.code, position=str(position.id))


def mapped(directory: Directory, position: PositionView, *members: str) -> str:
    """Make a group with members and map it to a position; return its identifier."""
    made = directory.made("/Groups", group("Operator SIAK", *members))
    group_map(UUID(made["id"]), position_id=position.id, by=administrator(position))
    return str(made["id"])


def held(person_id: UUID, *, on: date | None = None) -> list[str]:
    return [view.position.kind for view in assignments_of(person_id, on=on or today())]


def test_user_created_tells_back_what_was_sent_but_never_the_nik(directory: Directory) -> None:
    answer = directory.send("POST", "/Users", user(officer={"lastDay": "2027-12-31"}))

    body = answer.json()
    assert answer.status_code == 201
    assert answer["Content-Type"] == "application/scim+json"
    assert answer["Location"] == body["meta"]["location"]
    assert answer["ETag"] == body["meta"]["version"] == 'W/"1"'
    assert (body["userName"], body["externalId"], body["active"]) == ("siti.rahmawati", "peg-001", True)
    assert body[OFFICER] == {"lastDay": "2027-12-31"}
    assert NIK not in answer.content.decode()
    assert "emails" not in body


def test_user_created_answers_alike_for_a_nik_that_nobody_has(directory: Directory, account: Account) -> None:
    known = directory.made("/Users", user())
    unknown = directory.made("/Users", user(userName="budi", externalId="peg-2", officer={"nik": OTHER_NIK}))

    same = ("id", "userName", "externalId", "meta")
    assert {k: v for k, v in known.items() if k not in same} == {
        k: v for k, v in unknown.items() if k not in same
    }


def test_user_never_makes_or_changes_a_person(directory: Directory, account: Account) -> None:
    directory.made("/Users", user(name={"formatted": "Siti Rahmawati"}, displayName="Bu Siti"))
    directory.made("/Users", user(userName="b", externalId="b", officer={"nik": OTHER_NIK}))

    [siti] = Person.objects.all()
    assert (siti.id, siti.name) == (account.person_id, NAME)


def test_group_gives_nothing_until_the_administrator_maps_it(
    directory: Directory, account: Account, operator: PositionView
) -> None:
    entry = directory.made("/Users", user())
    made = directory.made("/Groups", group("Operator SIAK", entry["id"]))
    assert held(account.person_id) == []

    group_map(UUID(made["id"]), position_id=operator.id, by=administrator(operator))
    assert held(account.person_id) == ["operator_siak"]
    assert directory.read(f"/Users/{entry['id']}")["groups"][0]["value"] == made["id"]

    group_map(UUID(made["id"]), position_id=None, by=administrator(operator))
    assert held(account.person_id) == []


def test_group_is_never_mapped_to_another_agencys_position(
    directory: Directory, operator: PositionView, other_agency: AgencyView
) -> None:
    made = directory.made("/Groups", group())
    stranger = Actor.officer(
        administrator(operator).person_id or UUID(int=0), agency=other_agency.code, position="x"
    )

    with pytest.raises(Exception, match="group_unknown"):
        group_map(UUID(made["id"]), position_id=operator.id, by=stranger)
    own = connect(other_agency.code).made("/Groups", group())
    with pytest.raises(AssignmentUnknown):
        group_map(UUID(own["id"]), position_id=operator.id, by=stranger)


def test_group_gives_no_position_that_operates_the_platform(
    directory: Directory, account: Account, operator: PositionView
) -> None:
    """Neither by a new mapping nor by one from before; the directory's other changes still come in."""
    stray = Position.objects.create(agency_id=operator.agency.id, kind="operator_platform", title="Operator")
    made = directory.made("/Groups", group())
    with pytest.raises(PositionReserved):
        group_map(UUID(made["id"]), position_id=stray.id, by=administrator(operator))
    ScimGroup.objects.filter(pk=made["id"]).update(position=stray.id)

    entry = directory.made("/Users", user())
    members = {"members": [{"value": entry["id"]}]}
    assert directory.send("PUT", f"/Groups/{made['id']}", {**group(), **members}).status_code == 200

    assert held(account.person_id) == []
    assert AuditEvent.objects.filter(event="identity.scim_position_refused").count() == 1


@pytest.mark.parametrize("how", ["delete", "deactivate", "leave", "group", "last day"])
def test_position_ends_when_the_directory_says_so(
    directory: Directory, account: Account, operator: PositionView, how: str
) -> None:
    entry = directory.made("/Users", user())["id"]
    group_id = mapped(directory, operator, entry)
    assert held(account.person_id) == ["operator_siak"]

    yesterday = (today() - timedelta(days=1)).isoformat()
    answers: dict[str, Any] = {
        "delete": lambda: directory.send("DELETE", f"/Users/{entry}"),
        "deactivate": lambda: directory.patched(
            f"/Users/{entry}", {"op": "Replace", "path": "active", "value": "False"}
        ),
        "leave": lambda: directory.patched(
            f"/Groups/{group_id}", {"op": "remove", "path": f'members[value eq "{entry}"]'}
        ),
        "group": lambda: directory.send("DELETE", f"/Groups/{group_id}"),
        "last day": lambda: directory.patched(
            f"/Users/{entry}", {"op": "add", "path": f"{OFFICER}:lastDay", "value": yesterday}
        ),
    }
    assert answers[how]().status_code in (200, 204)

    assert held(account.person_id) == []
    assert Assignment.objects.get().valid_to == today()
    assert Account.objects.get(pk=account.pk).is_active


def test_position_follows_first_and_last_day(
    directory: Directory, account: Account, operator: PositionView
) -> None:
    days = {"firstDay": TOMORROW.isoformat(), "lastDay": (TOMORROW + timedelta(days=1)).isoformat()}
    entry = directory.made("/Users", user(officer=days))["id"]
    mapped(directory, operator, entry)

    found = [held(account.person_id, on=today() + timedelta(days=ahead)) for ahead in range(4)]
    assert found == [[], ["operator_siak"], ["operator_siak"], []]

    directory.patched(f"/Users/{entry}", {"op": "remove", "path": f"{OFFICER}:firstDay"})
    assert held(account.person_id) == ["operator_siak"]


def test_position_comes_back_with_the_entry_on_the_same_day(
    directory: Directory, account: Account, operator: PositionView
) -> None:
    entry = directory.made("/Users", user())["id"]
    mapped(directory, operator, entry)
    for is_active in (False, True, False, True):
        directory.patched(f"/Users/{entry}", {"op": "replace", "value": {"active": is_active}})

    assert held(account.person_id) == ["operator_siak"]


def test_position_given_by_hand_is_not_the_directorys_to_end(
    directory: Directory, account: Account, operator: PositionView
) -> None:
    assignment_create(
        person_id=account.person_id, position_id=operator.id, valid_from=date(2025, 1, 1), by=SETUP
    )
    entry = directory.made("/Users", user())["id"]
    mapped(directory, operator, entry)
    directory.send("DELETE", f"/Users/{entry}")

    assert held(account.person_id) == ["operator_siak"]
    assert AuditEvent.objects.filter(event="identity.scim_position_held").exists()


def test_entry_waits_for_somebody_with_this_nik_and_name(
    directory: Directory, siti: UUID, operator: PositionView
) -> None:
    entry = directory.made("/Users", user(name={"formatted": "Siti Rahmawaty"}))["id"]
    mapped(directory, operator, entry)
    account_create(siti, password=PASSWORD, by=SETUP)
    entries_claim(siti, by=SETUP)
    assert held(siti) == []

    directory.patched(f"/Users/{entry}", {"op": "replace", "path": "name.formatted", "value": NAME})
    assert held(siti) == ["operator_siak"]


def test_entry_is_claimed_when_the_account_is_made(
    directory: Directory, siti: UUID, operator: PositionView
) -> None:
    mapped(directory, operator, directory.made("/Users", user())["id"])
    account_create(siti, password=PASSWORD, by=SETUP)

    assert entries_claim(siti, by=SETUP) == 1
    assert held(siti) == ["operator_siak"]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"externalId": "x", "officer": {"nik": OTHER_NIK}}, "userName"),
        ({"userName": "SITI.rahmawati", "externalId": "x", "officer": {"nik": OTHER_NIK}}, "case"),
        ({"userName": "x", "officer": {"nik": OTHER_NIK}}, "externalId"),
        ({"userName": "x", "externalId": "x"}, "nik"),
    ],
)
def test_user_twice_is_refused_as_scim_says(directory: Directory, changes: Any, kind: str) -> None:
    directory.made("/Users", user())

    answer = directory.send("POST", "/Users", user(**changes))

    assert answer.status_code == 409
    assert answer.json()["schemas"] == [ERROR]
    assert answer.json()["scimType"] == "uniqueness"
    assert answer.json()["status"] == "409"


def test_user_of_one_nik_may_be_in_two_agencies(directory: Directory, other_agency: AgencyView) -> None:
    directory.made("/Users", user())
    connect(other_agency.code).made("/Users", user())

    assert ScimUser.objects.count() == 2


def test_user_deleted_is_gone_and_may_come_back(directory: Directory) -> None:
    entry = directory.made("/Users", user())["id"]

    assert directory.send("DELETE", f"/Users/{entry}").status_code == 204
    assert directory.send("GET", f"/Users/{entry}").status_code == 404
    assert directory.send("DELETE", f"/Users/{entry}").status_code == 404
    assert directory.read("/Users")["totalResults"] == 0
    directory.made("/Users", user())


def test_nik_of_an_entry_cannot_be_moved_to_somebody_else(directory: Directory) -> None:
    entry = directory.made("/Users", user())["id"]

    change = {"op": "replace", "path": f"{OFFICER}:nik", "value": OTHER_NIK}
    answer = directory.patched(f"/Users/{entry}", change)

    assert (answer.status_code, answer.json()["scimType"]) == (400, "mutability")
    put = directory.send("PUT", f"/Users/{entry}", user(officer={"nik": OTHER_NIK}))
    assert put.json()["scimType"] == "mutability"


def test_user_replaced_keeps_the_nik_and_forgets_what_is_left_out(
    directory: Directory, account: Account
) -> None:
    entry = directory.made("/Users", user(displayName="Bu Siti"))["id"]

    answer = directory.send("PUT", f"/Users/{entry}", user(displayName=None, officer={"nik": None}))

    assert answer.status_code == 200
    assert "displayName" not in answer.json()
    assert ScimUser.objects.get().person_id == account.person_id


@pytest.mark.parametrize(
    "body",
    [
        {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]},
        user(userName=" "),
        user(userName="x" * 201),
        user(userName="a\0b"),
        user(active="perhaps"),
        user(officer={"nik": "123"}),
        user(officer={"lastDay": "31-12-2026"}),
        user(officer={"firstDay": "2026-12-31", "lastDay": "2026-01-01"}),
        user(name="Siti"),
        [],
        "x",
    ],
)
def test_user_broken_is_refused_with_the_reason(directory: Directory, body: Any) -> None:
    answer = directory.send("POST", "/Users", body)

    assert answer.status_code == 400
    assert answer.json()["scimType"] in ("invalidValue", "invalidSyntax")
    assert NIK not in answer.content.decode()


def test_body_that_is_no_json_is_refused(directory: Directory) -> None:
    answer = directory.send("POST", "/Users")

    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidSyntax")


def test_version_that_moved_on_is_refused(directory: Directory) -> None:
    entry = directory.made("/Users", user())["id"]
    change = {"op": "replace", "path": "displayName", "value": "Bu Siti"}

    first = directory.patched(f"/Users/{entry}", change, **{"If-Match": 'W/"1"'})
    second = directory.patched(f"/Users/{entry}", change, **{"If-Match": 'W/"1"'})

    assert (first.status_code, first["ETag"]) == (200, 'W/"2"')
    assert (second.status_code, second.json()["status"]) == (412, "412")
    assert directory.send("GET", f"/Users/{entry}", **{"If-None-Match": 'W/"2"'}).status_code == 304
    assert directory.send("GET", f"/Users/{entry}", **{"If-None-Match": 'W/"1"'}).status_code == 200
    assert directory.send("DELETE", f"/Users/{entry}", **{"If-Match": 'W/"1"'}).status_code == 412


def test_change_that_changes_nothing_keeps_the_version(directory: Directory) -> None:
    entry = directory.made("/Users", user())["id"]

    answer = directory.patched(f"/Users/{entry}", {"op": "replace", "path": "active", "value": True})

    assert answer["ETag"] == 'W/"1"'


def test_group_members_come_go_and_are_found(directory: Directory) -> None:
    entry = directory.made("/Users", user())["id"]
    path = f"/Groups/{directory.made('/Groups', group('Loket'))['id']}"

    directory.patched(path, {"op": "add", "path": "members", "value": [{"value": entry}]})
    assert [one["value"] for one in directory.read(path)["members"]] == [entry]
    assert "members" not in directory.read(f"{path}?excludedAttributes=members")
    assert directory.read(f'/Groups?filter=members.value eq "{entry}"')["totalResults"] == 1
    assert directory.read('/Groups?filter=displayName eq "loket"')["totalResults"] == 1

    directory.patched(path, {"op": "remove", "path": "members", "value": [{"value": entry}]})
    assert "members" not in directory.read(path)
    directory.send("PUT", path, group("Loket 2", entry))
    assert directory.read(path)["displayName"] == "Loket 2"
    assert directory.send("POST", "/Groups", group("LOKET 2")).json()["scimType"] == "uniqueness"


def test_group_with_another_agencys_user_is_refused(directory: Directory, other_agency: AgencyView) -> None:
    stranger = connect(other_agency.code).made("/Users", user())["id"]

    for member in (stranger, "x", "00000000-0000-0000-0000-000000000000"):
        answer = directory.send("POST", "/Groups", group("Loket", member))
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")


def test_every_change_is_on_record_with_agency_and_client(directory: Directory) -> None:
    entry = directory.made("/Users", user())["id"]
    directory.patched(f"/Users/{entry}", {"op": "replace", "path": "active", "value": False})
    directory.send("DELETE", f"/Users/{entry}")

    rows = AuditEvent.objects.filter(about_kind="scim_user", about_id=entry).order_by("id")
    events = [row.event.removeprefix("identity.scim_user_") for row in rows]
    assert events == ["created", "changed", "deleted"]
    assert {row.actor_agency for row in rows} == {"disdukcapil.36.71"}
    assert {row.actor_position for row in rows} == {f"scim:{directory.party.client_id}"}
