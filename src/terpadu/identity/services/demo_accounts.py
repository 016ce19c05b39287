"""Which persons of the demo country have an account, and what the one-tap sign-in says of them. Demo mode only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from demo.population.personas import Persona, personas
from terpadu.identity.selectors.accounts import assignments_of, person_find_by_nik, person_many
from terpadu.kernel.clock import today

DEMO_PASSWORD = "negeri contoh serba terpadu"  # noqa: S105 - shown on the page of demo accounts on purpose
ADULT_AGE = 17

STORIES = {
    "siti": _("Mother of Raka (4), who can get his child identity card today. Start here."),
    "ahmad": _("Father of Raka and Alya, on the same family card as Siti."),
    "dewi": _("Has one name, and raises the twins Bima and Bayu (3) alone."),
    "bambang": _("Guardian of his niece Putri (8), and of his nephew Galih (13), who lives elsewhere."),
    "lestari": _("Works far away; her daughter Kirana (6) stands on another family card."),
    "wulan": _("Her baby Bintang was born seven weeks ago, and no registry knows him yet."),
}
"""What is special about each citizen; the first one is whom a newcomer should be."""

DUTIES = {
    "hendra": _("Coordinates the self-assessment of Kota Tangerang in the maturity index."),
    "rina": _("Answers for Disdukcapil in the maturity index."),
    "ratna": _("Assesses Kota Tangerang in the maturity index."),
    "yusuf": _("Leads the round of the maturity index."),
    "nadia": _("In the national team that keeps the inventory of applications."),
    "yoga": _("Manages the applications of a made-up city."),
    "laras": _("Asks for clearance of applications for a ministry."),
    "arif": _("Reviews requests for clearance at the architecture desk."),
    "mega": _("Reviews requests for clearance at four other desks."),
    "surya": _("Decides on requests for clearance."),
    "tari": _("Decides on appeals."),
    "dian": _("Operates the one account: applications, keys, abuse, locks."),
    "sekar": _("Decides who may read the population registry, and why; one purpose waits."),
    "indra": _("Runs the exchange of data between agencies."),
    "kartika": _("Supervises what is kept from persons; every look of hers is logged."),
}
"""What an officer does beside the position."""

START_PAGES = {
    "sekar": "/pertukaran/",
    "indra": "/pertukaran/peta/",
    "kartika": "/pertukaran/pengawas/",
    "ratna": "/maturitas/",
    "yusuf": "/maturitas/",
    "nadia": "/portofolio/",
    "yoga": "/portofolio/kerja/",
    "laras": "/portofolio/izin/saya/",
    "dian": "/operator/identitas/",
    **dict.fromkeys(("arif", "mega", "surya", "tari"), "/portofolio/izin/meja/"),
}


@dataclass(frozen=True)
class DemoAccount:
    """One button of the one-tap sign-in. position: title and agency of an officer, "" for a citizen."""

    key: str
    person_id: UUID
    nik: str
    name: str
    story: str | Promise
    position: str

    @property
    def start_page(self) -> str:
        """Where this person's day begins."""
        return START_PAGES.get(self.key, "/petugas/" if self.position else "/")


def has_account(persona: Persona) -> bool:
    """Whether a persona signs in: an adult with a phone."""
    years = today().year - persona.birth_on.year
    return years > ADULT_AGE and persona.phone is not None


def demo_accounts() -> list[DemoAccount]:
    """Return the accounts for the one-tap sign-in, in the order of the story."""
    found = [(persona, person_find_by_nik(persona.nik)) for persona in personas().values()]
    known = {persona.key: person_id for persona, person_id in found if person_id and has_account(persona)}
    names = person_many(known.values())
    order = [*STORIES, *(key for key in known if key not in STORIES)]
    return [
        DemoAccount(
            key=key,
            person_id=known[key],
            nik=personas()[key].nik,
            name=names[known[key]].name,
            story=(STORIES | DUTIES).get(key, ""),
            position=_position_title(known[key]) if personas()[key].position else "",
        )
        for key in order
        if key in known
    ]


def _position_title(person_id: UUID) -> str:
    held = assignments_of(person_id, on=today())
    return f"{held[0].position.title}, {held[0].position.agency.short_name}" if held else ""
