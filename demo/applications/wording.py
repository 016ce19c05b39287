"""How agencies name and describe their applications: acronyms, nicknames, boilerplate, places and typing errors."""

from __future__ import annotations

from dataclasses import dataclass

from demo.applications.functions import Function
from demo.population.dice import Dice, Weighted


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


HEADS = Weighted(
    [
        ("Sistem Informasi", 50), ("Aplikasi", 14), ("Sistem", 12), ("Sistem Informasi Manajemen", 10), ("Layanan", 8),
        ("Pusat", 3), ("Sistem Elektronik", 3),
    ]
)  # fmt: skip
STYLES = Weighted(
    [("acronym (expansion)", 42), ("expansion", 16), ("expansion (acronym)", 8), ("e-word", 10), ("acronym", 10),
     ("nickname (expansion)", 9), ("nickname", 5)]
)  # fmt: skip
NICKNAMES = _words(
    "Sahabat Jendela Kanal Rumah Gerbang Lentera Pelita Mitra Teras Saung Balai Cakap Sigap Tangkas Cermat Prima Bijak "
    "Gesit Ramah Peduli Siaga Ceria Madani Amanah Harmoni Mandiri Andalan Pintar Satria Kencana"
)
NICKNAME_TAILS = _words("Kita Desa Warga Digital Hebat Juara Online Muda Nusantara Plus Utama Baru Satu Emas")
POPULAR = _words(
    "SIMPEL SIAP SIPINTAR SIMANTAP SIGAP SIDIA SICANTIK SIPANDU SIMPATI SILANCAR SIDEWI SIJAGA SIRATU SIPERI SIMOLEK SIBOS "
    "SIDATA SIKOMPAK SIBERANI SICERDAS SIPATEN SIMUDAH SIKILAT SITEPAT SIPRIMA SIJEMPOL SIUNGGUL SIMAJU SITANGKAS SIHEBAT"
)
POPULAR_SHARE = 0.12
OPENINGS = Weighted(
    [("", 34), ("Aplikasi untuk ", 12), ("Digunakan untuk ", 10), ("Untuk ", 10), ("Membantu ", 9), ("Sistem yang ", 6),
     ("Berfungsi ", 6), ("Sarana ", 5), ("Aplikasi ini ", 4), ("Memudahkan petugas ", 4)]
)  # fmt: skip
CLOSINGS = Weighted(
    [("", 40), (" dalam rangka meningkatkan pelayanan kepada masyarakat", 9), (" secara cepat, tepat dan akurat", 8),
     (" sebagai bahan pengambilan keputusan pimpinan", 7), (" secara efektif dan efisien", 7), (" berbasis web", 6),
     (" yang terintegrasi dengan perangkat daerah lain", 5), (" guna mewujudkan tata kelola yang baik", 5),
     (" dan dapat diakses kapan saja", 5), (" sesuai ketentuan yang berlaku", 4), (" melalui telepon pintar", 4)]
)  # fmt: skip
JOINTS = ("; ", ". ", ", serta ", ", dan juga ", " sekaligus ")
WHERE = Weighted([("", 62), (" di {place}", 18), (" di lingkungan {owner}", 12), (" {place}", 8)])
ACRONYM_LONGEST = 11


@dataclass(frozen=True, slots=True)
class Label:
    """How one product is called everywhere: its acronym, its written-out name, its nickname and its habit."""

    acronym: str
    expansion: str
    nickname: str
    style: str


def label(function: Function, *, dice: Dice) -> Label:
    """Return a new product's names; some acronyms are so popular that quite different products bear them."""
    words = f"{dice.pick(function.activity.names)} {dice.pick(function.topic.wordings)}"
    expansion = f"{dice.draw(HEADS)} {words[0].upper()}{words[1:]}".title()
    nickname = f"{dice.pick(NICKNAMES)} {dice.pick(NICKNAME_TAILS)}"
    acronym = dice.pick(POPULAR) if dice.chance(POPULAR_SHARE) else _acronym(words, dice=dice)
    return Label(acronym, expansion, nickname, dice.draw(STYLES))


def name(of: Label, *, place: str, dice: Dice) -> str:
    """Return a product's name as one agency registers it, with its place now and then."""
    shown = place if place and dice.chance(0.3) else ""
    expansion = f"{of.expansion} {shown}".strip()
    forms = {
        "acronym (expansion)": f"{of.acronym} ({expansion})",
        "expansion": expansion,
        "expansion (acronym)": f"{expansion} ({of.acronym})",
        "e-word": f"e-{of.acronym.removeprefix('SI').capitalize()} ({expansion})",
        "acronym": f"{of.acronym} {shown}".strip(),
        "nickname (expansion)": f"{of.nickname} ({expansion})",
        "nickname": f"{of.nickname} {shown}".strip(),
    }
    return forms[of.style]


def renamed(text: str, *, dice: Dice) -> str:
    """Return a name as a second person registers the same application: shortened, with another head or other capitals."""
    bare = text.split(" (")[0]
    return dice.pick(
        [
            text,
            bare,
            f"Aplikasi {bare}",
            text.upper(),
            text.replace("Sistem Informasi", "SI"),
            typo(text, dice=dice),
        ]
    )


def description(function: Function, *, place: str, owner: str, dice: Dice) -> str:
    """Return a function text: one or two sentences that say what the application does, wrapped as offices wrap it."""
    sentences = [_sentence(function, dice=dice)]
    if dice.chance(0.45):
        sentences.append(_sentence(function, dice=dice))
    where = dice.draw(WHERE).format(place=place or owner, owner=owner) if owner else ""
    body = dice.pick(JOINTS).join(dict.fromkeys(sentences))
    text = f"{dice.draw(OPENINGS)}{body}{where}{dice.draw(CLOSINGS)}"
    return text[0].upper() + text[1:] + dice.pick([".", "", "."])


def reworded(text: str, *, dice: Dice) -> str:
    """Return a text as it is copied by hand: a word dropped, a closing added, a typing error."""
    words = text.rstrip(".").split(" ")
    if len(words) > 6 and dice.chance(0.5):
        words.pop(dice.between(1, len(words) - 2))
    changed = " ".join(words) + (dice.draw(CLOSINGS) if dice.chance(0.4) else "")
    return typo(changed, dice=dice) if dice.chance(0.3) else changed


def typo(text: str, *, dice: Dice) -> str:
    """Return the text with two neighbouring letters swapped or one dropped."""
    at = dice.between(1, max(len(text) - 3, 1))
    if dice.chance(0.5):
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def _sentence(function: Function, *, dice: Dice) -> str:
    return dice.pick(function.activity.sentences).replace("{x}", dice.pick(function.topic.wordings))


def _acronym(words: str, *, dice: Dice) -> str:
    heads = [word[: dice.between(1, 3)] for word in words.replace("-", " ").split() if word[0].isalpha()]
    return ("SI" + "".join(heads))[:ACRONYM_LONGEST].upper()
