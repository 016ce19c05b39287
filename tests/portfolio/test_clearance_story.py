"""A proposer, the desks, the decider and the decider of appeals walk one request to its delivery in a real browser."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_django import Settings

from terpadu.exchange.public import peer_join
from terpadu.portfolio.models import Application, ClearanceRequest
from terpadu.portfolio.policies import MANAGER, NATIONAL_TEAM
from terpadu.portfolio.services.rationalisation.plans import plan_start
from tests.portfolio.clearance import (
    NEW,
    PDF,
    REASON,
    make_application,
    make_national_agencies,
    publish,
    work,
)
from tests.portfolio.conftest import CITY, MINISTRY, SYSTEM, Country
from tests.portfolio.walkers import Walker, address, apart, browser, person_of_the_story

__all__ = ["address", "browser"]

pytestmark = [pytest.mark.e2e]


@pytest.fixture
def site(address: str, country: Country, settings: Settings, tmp_path: Path) -> str:
    """Serve the pages to everybody who takes part; two agencies are on the exchange."""
    settings.EXCHANGE_DIR, settings.CONTROL_URL = tmp_path / "exchange", "http://control.test"
    make_national_agencies()
    for key, kind, agency in (
        ("laras", MANAGER, MINISTRY),
        ("arif", "penelaah_arsitektur", "panrb"),
        ("surya", "pemutus_izin", "panrb"),
        ("tari", "pemutus_banding_izin", "panrb"),
        ("nadia", NATIONAL_TEAM, MINISTRY),
    ):
        person_of_the_story(key, kind=kind, agency=agency)
    peer_join(CITY, by=SYSTEM)
    return address


def test_request_meets_what_exists_and_goes_all_the_way_to_its_delivery(browser: Browser, site: str) -> None:
    existing = make_application(
        "Antrean Uji Kendaraan", function="Pendaftaran dan antrean uji berkala kendaraan bermotor"
    )
    proposer = Walker(browser, site, name="Laras Kusuma")
    proposer.goto("/portofolio/izin/baru/")
    proposer.write("Name of the application", "Antrean Uji Kendaraan Daring")
    expect(proposer.page.locator("#overlaps")).to_contain_text(existing.code)  # before anything was sent
    proposer.write("What should it do?", NEW.function)
    proposer.write("Which need", NEW.need)
    proposer.write("Business process", "RAB.02.03")
    proposer.write("Contract value", "Rp40 jt")
    proposer.write("Budget year", "2027")
    proposer.write("Interfaces", NEW.interfaces_plan)
    proposer.look("clearance-write")
    proposer.tap("Save the draft")
    proposer.sees("Say why none of them will do")
    proposer.tap("Write on")
    proposer.write("Why none of the existing", REASON)
    proposer.tap("Save the draft")
    proposer.page.set_input_files(
        "input[type=file]", {"name": "kak.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    proposer.tap("Add")
    proposer.sees("The document is added.")
    proposer.tap("Send it in")
    proposer.look("clearance-submit")
    proposer.tap("Yes, send it in")
    proposer.sees("Its number is IZN-")
    apart(work)
    row = ClearanceRequest.objects.get()

    desk = Walker(browser, site, name="Arif", width=1280)
    desk.goto("/portofolio/izin/meja/")
    desk.tap("Antrean Uji Kendaraan Daring")
    desk.page.get_by_label("Objects").check()
    desk.tap("Give the opinion")
    desk.sees("Give your reasons in at least one full sentence")
    desk.write("Reasons", REASON)
    desk.look("clearance-review")
    desk.tap("Give the opinion")
    desk.sees("Your desk's opinion is given.")

    decider = Walker(browser, site, name="Surya")
    decider.goto(f"/portofolio/izin/{row.id}/putus/")
    expect(decider.page.get_by_label("Use an application that exists")).to_be_checked()
    expect(decider.page.get_by_label(re.compile("^Application named"))).to_have_value(existing.code)
    decider.write("Reasons", REASON)
    decider.look("clearance-decide")
    decider.tap("Take the decision")
    decider.sees("The decision is taken.")
    apart(work)

    proposer.goto(f"/portofolio/izin/{row.id}/")
    proposer.look("clearance-refused")
    proposer.tap("Signed letter")
    letter = row.decisions.get().letter
    pdf = proposer.page.context.request.get(f"{site}/dompet/{letter}/berkas.pdf").body()
    assert pdf.startswith(b"%PDF-")
    proposer.goto(f"/portofolio/izin/{row.id}/")
    proposer.tap("Appeal")
    proposer.write("Your grounds", REASON)
    proposer.page.get_by_label(re.compile(existing.code)).check()
    proposer.look("clearance-appeal")
    proposer.tap("File the appeal")
    proposer.sees("Your appeal is filed.")

    second = Walker(browser, site, name="Tari")
    second.goto(f"/portofolio/izin/{row.id}/putus/")
    second.page.get_by_label("Extend an application that exists").check()
    second.write("Application named", existing.code)
    second.write("Reasons", REASON)
    second.tap("Take the decision")
    second.sees("Decision on appeal")

    proposer.goto(f"/portofolio/izin/{row.id}/")
    proposer.sees("No interface of the application is published on the exchange yet.")
    proposer.tap("Look again")
    proposer.sees("Looked just now: something is still missing.")
    publish(CITY, existing.name)
    apart(work)
    proposer.goto(f"/portofolio/izin/{row.id}/")
    proposer.sees("Delivered")
    proposer.look("clearance-delivered")

    citizen = Walker(browser, site, lang="id")
    citizen.goto("/portofolio/izin/")
    citizen.look("clearance-register")
    citizen.tap("Antrean Uji Kendaraan Daring")
    citizen.sees("Terwujud")
    citizen.look("clearance-decision")
    assert "40.000.000" not in citizen.page.content()
    assert Application.objects.get(pk=existing.pk).related == [row.number]


def test_form_without_javascript_shows_overlaps_by_its_button(browser: Browser, site: str) -> None:
    existing = make_application("Antrean Uji Kendaraan")
    proposer = Walker(browser, site, name="Laras Kusuma")
    proposer.page.route("**/clearance.js", lambda route: route.abort())
    proposer.goto("/portofolio/izin/baru/")
    proposer.write("Name of the application", "Antrean Uji Kendaraan Baru")

    proposer.tap("Look what exists")

    proposer.sees(existing.code)
    expect(proposer.page.get_by_label("Name of the application")).to_have_value("Antrean Uji Kendaraan Baru")
    assert not ClearanceRequest.objects.exists()


def test_national_team_writes_and_adopts_a_plan(browser: Browser, site: str) -> None:
    rows = [make_application(f"E-Cuti {n}", users_actual=n * 100, hosting="own") for n in range(1, 4)]
    plan = plan_start(name="Konsolidasi cuti", starts_on=date(2027, 1, 1), by=SYSTEM)
    team = Walker(browser, site, name="Nadia", width=1280)
    team.goto(f"/portofolio/penataan/rencana/{plan.id}/keluarga/")
    team.page.get_by_label("Name of the family").fill("Cuti pegawai")
    team.page.get_by_label("Codes of its members").fill(f"{rows[0].code} {rows[1].code} {rows[2].code}")
    team.look("plan-family")
    team.tap("Add the family")
    team.tap("Order the waves")
    team.sees("The waves are ordered.")
    team.look("plan-draft")
    team.tap("Adopt the plan")
    team.page.get_by_label("Number and title of the act").fill("Keputusan 7/2026")
    team.tap("Adopt it")
    team.sees("The plan is adopted.")
    team.look("plan-adopted")

    assert Application.objects.get(pk=rows[0].pk).successor == rows[2]
    citizen = Walker(browser, site, lang="id")
    citizen.goto("/portofolio/penataan/")
    citizen.look("plan-list")
    citizen.tap("Konsolidasi cuti")
    citizen.look("plan-public")
