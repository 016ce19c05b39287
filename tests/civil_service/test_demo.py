"""The demo's officers are employees with sound numbers."""

from __future__ import annotations

import pytest

from terpadu.civil_service import demo
from terpadu.civil_service.models import Employee
from terpadu.directory import demo as directory_demo
from terpadu.identity import demo as identity_demo
from terpadu.kernel.models import AuditEvent


@pytest.mark.django_db
def test_seed_registers_every_officer_once_with_nothing_that_differs() -> None:
    directory_demo.seed()
    identity_demo.seed()

    demo.seed()
    demo.seed()

    assert Employee.objects.count() == 10
    entries = AuditEvent.objects.filter(event="civil_service.employee_registered")
    assert {entry.facts["differs"] for entry in entries} == {""}
