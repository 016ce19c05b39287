"""Names as Indonesians bear them: one word to three, seldom a family name, no titles.

Name lists come from Faker's `id_ID` locale; the few lists of our own are what it lacks.
"""

from datetime import date

from faker.providers.person.id_ID import Provider

from demo.population.dice import Dice, Weighted
from demo.population.records import Sex


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST: dict[Sex, tuple[str, ...]] = {
    "L": tuple(dict.fromkeys(Provider.first_names_male)),
    "P": tuple(dict.fromkeys(Provider.first_names_female)),
}
CLANS = _words(
    "Damanik Dongoran Dabukke Hutagalung Hutapea Hutasoit Mangunsong Manullang Marpaung Marbun Nainggolan "
    "Nababan Napitupulu Siregar Sihombing Samosir Saragih Sihotang Simanjuntak Sinaga Simbolon Sitompul "
    "Sitorus Sirait Situmorang Tampubolon Tamba Tarihoran"
)
"""Batak clan names, the ones that pass from father to child."""
LAST: dict[Sex, tuple[str, ...]] = {
    "L": tuple(name for name in dict.fromkeys(Provider.last_names_male) if name not in CLANS),
    "P": tuple(dict.fromkeys(Provider.last_names_female)),
}
ONE_WORD: dict[Sex, tuple[str, ...]] = {
    "L": _words(
        "Suparman Sukirno Paijo Wagimin Ngadimin Tukiman Sarmidi Poniman Sugeng Slamet Subandi Sutrisno Karto "
        "Mulyono Kasiman Jumadi Sanusi Marwan Rohmat Udin Asep Dadang Ujang Sarip Madrais Nurdin"
    ),
    "P": _words(
        "Sukinah Tukinem Poniyem Sumiati Suminah Ngatinah Wagiyem Painem Rohayati Juminten Kartini Sumarni "
        "Rusmini Saodah Romlah Iyah Enok Cucu Euis Marsinah Jumiati Sarinah Murni Halimah"
    ),
}
YOUNG: dict[Sex, tuple[str, ...]] = {
    "L": _words(
        "Arkana Rafa Zayn Alvaro Fathir Kenzie Rayyan Gibran Azka Daffa Rizky Farel Bagas Dimas Ilham Rakha "
        "Naufal Hafiz Galang Satria Elang Banyu Langit Damar Yusuf Ibrahim"
    ),
    "P": _words(
        "Aqila Naura Kayla Zahra Khalisa Shakila Nadira Alesha Kirana Humaira Salsabila Keisha Anindya Raisa "
        "Syifa Aurel Adiba Mentari Embun Kinanti Larasati Maryam Hanifah Nabila"
    ),
}
_MIDDLE: dict[Sex, tuple[str, ...]] = {
    "L": ("Adi", "Dwi", "Tri", "Eka", "Nur", "Budi", "Bayu", "Putra", "Rizki", "Hadi"),
    "P": ("Dwi", "Tri", "Eka", "Nur", "Sri", "Putri", "Ayu", "Dewi", "Indah", "Rizki"),
}
_MARK: dict[Sex, str] = {"L": "Muhammad", "P": "Siti"}
_WORDS_OLD = Weighted(((1, 0.30), (2, 0.58), (3, 0.12)))
_WORDS_YOUNG = Weighted(((1, 0.04), (2, 0.56), (3, 0.40)))


def new_name(dice: Dice, *, sex: Sex, birth_on: date, clan: str | None = None) -> str:
    """Return a name fit for a person of that sex and age, ending in `clan` when there is one."""
    young = birth_on.year >= 2005
    words = dice.draw(_WORDS_YOUNG if young else _WORDS_OLD)
    if clan is not None:
        return f"{dice.pick(FIRST[sex])} {clan}"
    if words == 1:
        return dice.pick(YOUNG[sex] if young else ONE_WORD[sex])
    first = dice.pick(YOUNG[sex] if young and dice.chance(0.6) else FIRST[sex])
    if words == 2:
        return f"{first} {dice.pick(LAST[sex])}"
    if dice.chance(0.4):
        return f"{_MARK[sex]} {first} {dice.pick(LAST[sex])}"
    return f"{first} {dice.pick(_MIDDLE[sex])} {dice.pick(LAST[sex])}"


def clan_of(name: str) -> str | None:
    """Return the clan name that a child takes over from the bearer of `name`, if there is one."""
    last = name.rpartition(" ")[2]
    return last if last in CLANS else None
