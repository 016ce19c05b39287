"""The demo's requests and plans, made by the services people use, on a small part of the demo inventory."""

from __future__ import annotations

import pytest

from terpadu.directory import demo as directory_demo
from terpadu.identity import demo as identity_demo
from terpadu.portfolio import demo, demo_clearance
from terpadu.portfolio.enums import RequestKind, RequestState
from terpadu.portfolio.models import Appeal, Application, ClearanceRequest, DeskReview, Move, Plan
from tests.portfolio.clearance import make_application

pytestmark = pytest.mark.django_db


def test_seed_makes_requests_in_every_state_once(monkeypatch: pytest.MonkeyPatch) -> None:
    directory_demo.seed()
    identity_demo.seed()
    demo.made_agencies()
    demo.made_people()
    for _ in range(2):
        make_application("Aplikasi Lama", agency=demo_clearance.PROPOSING)  # one ends, one changes
    family = [make_application(f"E-Cuti {n}", agency=f"ministry.demo.00{n}").code for n in range(1, 6)]
    monkeypatch.setattr(demo_clearance, "_planted", lambda count: [("Cuti", family)])

    demo_clearance.seed()
    demo_clearance.seed()

    assert set(ClearanceRequest.objects.values_list("state", flat=True)) == set(RequestState)
    assert set(ClearanceRequest.objects.exclude(path="").values_list("path", flat=True)) == {
        "full",
        "short",
        "notice",
    }
    assert set(ClearanceRequest.objects.values_list("kind", flat=True)) == set(RequestKind)
    assert {"uphold", "dismiss", ""} == set(Appeal.objects.values_list("outcome", flat=True))
    assert DeskReview.objects.filter(delegated_to__isnull=False).exists()
    assert Application.objects.filter(state="ended", changes__source="clearance").exists()
    assert Plan.objects.get(state="adopted").moves.count() == Move.objects.count() == len(family)
