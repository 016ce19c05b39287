"""The snapshot: signed, numbered, true at every moment, cheap to serve."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from terpadu.directory.demo import DISDUKCAPIL, DUKCAPIL, PORTAL
from terpadu.directory.models import Certificate
from terpadu.directory.public import agency_get, certificate_get
from terpadu.exchange.models import Grant, PublishedSnapshot
from terpadu.exchange.public import contract_revoke, one_snapshot, peer_join, snapshot_publish
from terpadu.exchange.selectors.places import group_public_key
from terpadu.exchange.services import snapshots
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze, now
from terpadu.kernel.models import Timer
from terpadu.kernel.timers import fire_due
from terpadu_wire.errors import SnapshotError
from terpadu_wire.keys import generate_key
from terpadu_wire.policy import Facts, decide
from terpadu_wire.snapshot import Snapshot
from terpadu_wire.snapshot_wire import load_snapshot

BY = Actor.system("tests")
URL = "/exchange/snapshot"
pytestmark = pytest.mark.django_db


def _newest(client: Client) -> Snapshot:
    response = client.get(URL)
    assert response.status_code == 200
    return load_snapshot(response.content, group_key=group_public_key(), now=now().timestamp())


def _facts() -> Facts:
    return Facts(
        consumer=agency_get(PORTAL).peer_id,
        provider=agency_get(DUKCAPIL).peer_id,
        service="kependudukan",
        method="POST",
        path="/v1/keluarga/cari",
        key_thumbprint=certificate_get(PORTAL).public_key_thumbprint,
        purpose="kia.verifikasi",
        evidence="DRAF-01a1fff5",
        grant_hash=Grant.objects.get(purpose="kia.verifikasi", service="kependudukan").grant_hash,
    )


def _code(client: Client, facts: Facts) -> str:
    return decide(facts, _newest(client), now=now().timestamp()).code


def test_snapshot_allows_what_the_contracts_allow(client: Client, country: Path) -> None:
    assert _code(client, _facts()) == ""


def test_snapshot_is_signed_by_the_group_alone(client: Client, country: Path) -> None:
    body = client.get(URL).content

    with pytest.raises(SnapshotError):
        load_snapshot(body, group_key=generate_key().public_key(), now=now().timestamp())


def test_snapshot_follows_a_revocation_at_once(client: Client, country: Path) -> None:
    before = _newest(client).version
    contract = Grant.objects.get(purpose="kia.verifikasi", service="kependudukan").contract

    contract_revoke(contract.content_hash, agency_code=DISDUKCAPIL, by=BY)

    assert _newest(client).version == before + 1
    assert _code(client, _facts()) == "contract.revoked"


def test_snapshot_names_no_key_without_certificate_in_force(client: Client, country: Path) -> None:
    Certificate.objects.filter(agency__code=DUKCAPIL).update(revoked_at=now())
    snapshot_publish()

    assert _newest(client).keys_of(agency_get(DUKCAPIL).peer_id) == {}
    assert _code(client, _facts()) == "contract.signature_invalid"


def test_snapshot_says_until_when_it_may_be_believed(client: Client, country: Path) -> None:
    newest = _newest(client)

    assert newest.soft_expires_at - newest.issued_at == 24 * 3600
    assert newest.hard_expires_at - newest.issued_at == 14 * 24 * 3600


def test_snapshot_is_renewed_by_the_worker_before_it_grows_stale(client: Client, country: Path) -> None:
    newest = _newest(client)

    with freeze(now() + timedelta(hours=13)):
        assert fire_due() >= 1
        renewed = _newest(client)

        assert renewed.version == newest.version + 1
        assert renewed.soft_expires_at > newest.soft_expires_at
        assert Timer.objects.get(kind="exchange.snapshot").due_at > now()


def test_snapshot_restored_database_serves_what_it_now_holds(client: Client, country: Path) -> None:
    """After a restore the same number may stand for other bytes; a process must not serve the old ones."""
    client.get(URL)
    PublishedSnapshot.objects.all().delete()
    PublishedSnapshot.objects.create(version=1, body=b"restored", sha256="0" * 64)

    assert client.get(URL).content == b"restored"


def test_snapshot_unchanged_is_not_sent_again(client: Client, country: Path) -> None:
    etag = client.get(URL).headers["ETag"]

    again = client.get(URL, headers={"if-none-match": etag})

    assert (again.status_code, again.content) == (304, b"")
    snapshot_publish()
    assert client.get(URL, headers={"if-none-match": etag}).status_code == 200


def test_snapshot_costs_one_query_once_known(
    client: Client, country: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    etag = client.get(URL).headers["ETag"]

    with django_assert_num_queries(1):
        client.get(URL)
    with django_assert_num_queries(1):
        client.get(URL, headers={"if-none-match": etag})


def test_snapshot_before_the_first_publication_is_unavailable(client: Client, country: Path) -> None:
    PublishedSnapshot.objects.all().delete()

    response = client.get(URL)

    assert (response.status_code, response.headers["Fsc-Error-Code"]) == (503, "exchange.no_snapshot")


def test_one_snapshot_publishes_once_for_many_changes(country: Path) -> None:
    before = PublishedSnapshot.objects.count()

    with one_snapshot():
        for agency_code in (PORTAL, DUKCAPIL, DISDUKCAPIL):
            peer_join(agency_code, by=BY)

    assert PublishedSnapshot.objects.count() == before + 1


def test_one_snapshot_failed_publishes_nothing_and_lets_go(country: Path) -> None:
    before = PublishedSnapshot.objects.count()

    with pytest.raises(ZeroDivisionError), one_snapshot():
        peer_join(PORTAL, by=BY)
        raise ZeroDivisionError

    assert PublishedSnapshot.objects.count() == before
    assert snapshot_publish() == before + 1


def test_snapshot_publish_keeps_the_last_versions_only(
    country: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "KEPT_VERSIONS", 3)

    last = [snapshot_publish() for _ in range(5)][-1]

    kept = list(PublishedSnapshot.objects.order_by("version").values_list("version", flat=True))
    assert kept == [last - 2, last - 1, last]
