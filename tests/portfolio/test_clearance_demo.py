"""The demo's requests and plans, made by the services people use, on a small part of the demo inventory."""

from __future__ import annotations

import pytest

from terpadu.directory import demo as directory_demo
from terpadu.identity import demo as identity_demo
from terpadu.portfolio import demo, demo_clearance
from terpadu.portfolio.models import ClearanceRequest, Move, Plan
from tests.portfolio.clearance import make_application

pytestmark = pytest.mark.django_db


def test_seed_makes_requests_in_every_state_once(monkeypatch: pytest.MonkeyPatch) -> None:
    directory_demo.seed()
    identity_demo.seed()
    demo.made_agencies()
    demo.made_people()
    family = [make_application(f"E-Cuti {n}", agency=f"ministry.demo.00{n}").code for n in range(1, 6)]
    monkeypatch.setattr(demo_clearance, "_planted", lambda count: [("Cuti", family)])

    demo_clearance.seed()
    demo_clearance.seed()

    states = set(ClearanceRequest.objects.values_list("state", flat=True))
    assert states >= {
        "draft",
        "submitted",
        "returned",
        "review",
        "decision",
        "approved",
        "refused",
        "appealed",
        "withdrawn",
    }
    assert Plan.objects.get(state="adopted").moves.count() == Move.objects.count() == len(family)
