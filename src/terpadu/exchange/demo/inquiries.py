"""What is read of the population registry without the person seeing it at once; each line is a contract.

Made up to show the classes of disclosure. Articles marked "(diasumsikan)" were not read in the law's own text.
"""

from __future__ import annotations

from terpadu.directory.demo import KEMENKEU, POLRI
from terpadu.exchange.demo import words
from terpadu.exchange.demo.contracts import POPULATION, Right
from terpadu.exchange.selectors.disclosure_law import disclosure_law
from terpadu_wire.disclosures import Disclosure, DisclosureClass
from terpadu_wire.properties import Purpose, Text

_UNTIL_THE_END = "Sampai perkara selesai (diasumsikan)"

ACCIDENT = Purpose(
    "lakalantas.penyidikan",
    Text("Menyidik kecelakaan lalu lintas tabrak lari", "To investigate a hit-and-run accident"),
    "UU 22/2009 ps. 227 (diasumsikan)",
    _UNTIL_THE_END,
)
CRIME = Purpose(
    "pidana.penyelidikan",
    Text("Menyelidiki tindak pidana yang masih tertutup", "To inquire into a crime that is not public yet"),
    "UU 2/2002 ps. 14 ayat (1) huruf g (diasumsikan)",
    _UNTIL_THE_END,
)
TAX_AUDIT = Purpose(
    "pnbp.pemeriksaan",
    Text("Memeriksa wajib bayar penerimaan negara", "To audit who owes state revenue"),
    "UU 9/2018 ps. 45 (diasumsikan)",
    "10 tahun (diasumsikan)",
)


def _kept_back(kind: DisclosureClass, ground: str, days: int | None = None) -> Disclosure:
    found = disclosure_law().rules()[ground].ground
    return Disclosure(kind=kind, days=days, ground=found)


def _family(purpose: Purpose, disclosure: Disclosure) -> Right:
    return Right(
        POPULATION,
        "cariKeluarga",
        purpose,
        words.FAMILY_CARD | words.ADDRESS,
        match=f"{words.MEMBER}/nik",
        by_portal=False,
        disclosure=disclosure,
    )


INQUIRIES: tuple[tuple[str, tuple[Right, ...]], ...] = (
    (POLRI, (_family(ACCIDENT, _kept_back("closed", "law_enforcement", 730)),)),
    (POLRI, (_family(CRIME, _kept_back("supervisor", "law_enforcement")),)),
    (KEMENKEU, (_family(TAX_AUDIT, _kept_back("delayed", "state_administration", 60)),)),
)
"""One contract each, as `contracts.RIGHTS`; these agencies call by themselves."""
