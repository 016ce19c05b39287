"""The households of the story: each function is one, fixed in every detail.

They open every population, whatever its size and seed. Today is 21 November 2026 (`records.AS_OF`).
"""

from dataclasses import replace
from datetime import date

from demo.population import cast_clearance, cast_exchange
from demo.population.records import Address, Household, Move, Person, Sex, UnregisteredChild

NIKS = {
    "siti": "3671015406920003", "ahmad": "3671010211890002", "alya": "3671016005170002",
    "raka": "3671010403220001", "dewi": "3671055102960001", "bima": "3671051708230001",
    "bayu": "3671051708230002", "bambang": "3671041203780001", "ningsih": "3671045907800002",
    "putri": "3671046508180001", "galih": "3671041009130001", "sumarni": "3671045211520001",
    "lestari": "3671074904930001", "kirana": "3671075801200001", "wulan": "3671096306000001",
    "suparno": "3671121507480001", "budi": "3671061705880001", "rina": "3671114309950001",
    "hendra": "3374012802720001", "agus": "3671020608850001",
    "ratna": "3671036501840001", "yusuf": "3671080909790001",
    "nadia": "3671015204860002", "yoga": "3671052111910001",
    **cast_clearance.NIKS,
    **cast_exchange.NIKS,
}  # fmt: skip
"""NIK of everybody whom the story calls by name."""


def household_siti() -> Household:
    """Siti Rahmawati (34) and Ahmad Fauzi; Raka (4) can get a child card, his sister Alya (9) has hers.

    Nothing is missing: the smooth story of a child identity card for Raka.
    """
    kk = "3671011807160004"
    father = _adult(
        "ahmad", "Ahmad Fauzi", "L", date(1989, 11, 2), kk, "Kepala Keluarga", phone="+6281200900001"
    )
    mother = _adult("siti", "Siti Rahmawati", "P", date(1992, 6, 14), kk, "Istri", phone="+6281200900002")
    mother = replace(mother, occupation="Mengurus Rumah Tangga", education="SLTA/Sederajat")
    alya = _child("alya", "Alya Rahma Fauzi", "P", date(2017, 5, 20), mother, father, "3671-LU-29052017-0007")
    alya = replace(alya, kia_number="3671-KIA-13062022-0003", kia_valid_until=date(2034, 5, 19))
    raka = _child(
        "raka", "Raka Pratama", "L", date(2022, 3, 4), mother, father, "3671-LU-11032022-0015", order=2
    )
    wed = date(2016, 7, 9)
    return Household(
        kk=kk,
        issued_on=date(2016, 7, 18),
        address=Address("Jl. Kenanga No. 12", "003", "005", "36.71.01.1007", "15118"),
        members=(replace(father, married_on=wed), replace(mother, married_on=wed), alya, raka),
    )


def household_dewi() -> Household:
    """Dewi (30), a one-word name, raises the twins Bima and Bayu (3) alone; their deeds name no father."""
    kk = "3671050409230002"
    mother = _adult("dewi", "Dewi", "P", date(1996, 2, 11), kk, "Kepala Keluarga", phone="+6281200900003")
    mother = replace(mother, marital_status="Belum Kawin")
    born = date(2023, 8, 17)
    bima = _child("bima", "Bima Saputra", "L", born, mother, None, "3671-LU-28082023-0001")
    bayu = _child("bayu", "Bayu Saputra", "L", born, mother, None, "3671-LU-28082023-0002", order=2)
    return Household(
        kk=kk,
        issued_on=date(2023, 9, 4),
        address=Address("Jl. Melati No. 8", "002", "004", "36.71.05.1002", "15148"),
        members=(mother, bima, bayu),
    )


def household_bambang() -> Household:
    """Bambang Hartono (48), guardian of Putri (8), who lives with him, and of Galih (13), who does not.

    Their late parents (`household_joko`) are his brother and sister-in-law.
    """
    kk = "3671042102050003"
    head = _adult(
        "bambang", "Bambang Hartono", "L", date(1978, 3, 12), kk, "Kepala Keluarga", phone="+6281200900004"
    )
    wife = _adult("ningsih", "Ningsih Purwanti", "P", date(1980, 7, 19), kk, "Istri")
    father, mother = household_joko().deceased
    putri = _child(
        "putri", "Putri Anggraini", "P", date(2018, 8, 25), mother, father, "3671-LU-03092018-0004", order=2
    )
    wed = date(2004, 11, 6)
    return Household(
        kk=kk,
        issued_on=date(2005, 2, 21),
        address=Address("Jl. Garuda No. 21", "004", "002", "36.71.04.1001", "15123"),
        members=(
            replace(head, married_on=wed, mother_nik=NIKS["sumarni"], mother_name="Sumarni"),
            replace(wife, married_on=wed),
            replace(putri, kk=kk, relation="Famili Lain", guardian_nik=head.nik),
        ),
    )


def household_joko() -> Household:
    """Joko Hartono and Sri Wahyuni, parents of Putri and Galih, died on the same day; their card is closed."""
    kk, died, wed = "3671040907120001", date(2021, 2, 2), date(2012, 6, 3)
    father = _adult(
        None, "Joko Hartono", "L", date(1982, 1, 21), kk, "Kepala Keluarga", nik="3671042101820001"
    )
    mother = _adult(None, "Sri Wahyuni", "P", date(1985, 4, 11), kk, "Istri", nik="3671045104850001")
    father = replace(father, mother_nik=NIKS["sumarni"], mother_name="Sumarni")
    return Household(
        kk=kk,
        issued_on=date(2012, 7, 9),
        address=Address("Jl. Garuda No. 14", "004", "002", "36.71.04.1001", "15123"),
        members=(),
        deceased=(
            replace(father, married_on=wed, died_on=died, death_deed="3671-KM-10022021-0001"),
            replace(mother, married_on=wed, died_on=died, death_deed="3671-KM-10022021-0002"),
        ),
    )


def household_sumarni() -> Household:
    """Sumarni (74), Bambang's mother, with her grandson Galih (13), whose guardian is on another card."""
    kk = "3671040903210001"
    head = _adult("sumarni", "Sumarni", "P", date(1952, 11, 12), kk, "Kepala Keluarga")
    father, mother = household_joko().deceased
    galih = _child("galih", "Galih Hartono", "L", date(2013, 9, 10), mother, father, "3671-LU-20092013-0002")
    return Household(
        kk=kk,
        issued_on=date(2021, 3, 9),
        address=Address("Jl. Garuda No. 5", "001", "002", "36.71.04.1001", "15123"),
        members=(
            replace(head, marital_status="Cerai Mati", occupation="Mengurus Rumah Tangga"),
            replace(galih, kk=kk, relation="Cucu", guardian_nik=NIKS["bambang"]),
        ),
    )


def household_lestari() -> Household:
    """Lestari Handayani (33) works far away and has a card of her own; her daughter Kirana (6) is on another."""
    kk = "3671071506220001"
    mother = _adult(
        "lestari", "Lestari Handayani", "P", date(1993, 4, 9), kk, "Kepala Keluarga", phone="+6281200900006"
    )
    return Household(
        kk=kk,
        issued_on=date(2022, 6, 15),
        address=Address("Jl. Proklamasi No. 40", "006", "003", "36.71.07.1001", "15115"),
        members=(
            replace(
                mother, marital_status="Cerai Hidup", mother_nik="3671076208680001", mother_name="Rohayati"
            ),
        ),
        move=Move(date(2022, 6, 1), "36.71.09", "36.71.07"),
    )


def household_kirana() -> Household:
    """Kirana (6) lives with her grandmother Rohayati; her mother Lestari is on another family card."""
    kk = "3671072006220002"
    head = _adult(None, "Rohayati", "P", date(1968, 8, 22), kk, "Kepala Keluarga", nik="3671076208680001")
    mother = household_lestari().members[0]
    kirana = _child(
        "kirana", "Kirana Handayani", "P", date(2020, 1, 18), mother, None, "3671-LT-02052020-0001"
    )
    return Household(
        kk=kk,
        issued_on=date(2022, 6, 20),
        address=Address("Jl. Merdeka No. 3", "002", "001", "36.71.07.1001", "15115"),
        members=(replace(head, marital_status="Cerai Mati"), replace(kirana, kk=kk, relation="Cucu")),
    )


def household_wulan() -> Household:
    """Wulan Sari (26) and Rizal Maulana have a baby, Bintang (seven weeks), whom no registry knows yet."""
    kk = "3671101404250001"
    father = _adult(
        None, "Rizal Maulana", "L", date(1997, 1, 30), kk, "Kepala Keluarga", nik="3671093001970001"
    )
    mother = _adult("wulan", "Wulan Sari", "P", date(2000, 6, 23), kk, "Istri", phone="+6281200900007")
    wed = date(2025, 3, 22)
    return Household(
        kk=kk,
        issued_on=date(2025, 4, 14),
        address=Address("Jl. Cempaka No. 17", "005", "006", "36.71.10.1001", "15129"),
        members=(replace(father, married_on=wed), replace(mother, married_on=wed)),
        unregistered=(UnregisteredChild("Bintang Maulana", "L", date(2026, 9, 30), mother.nik),),
    )


def household_suparno() -> Household:
    """Suparno (78), widower, lives alone and has no telephone."""
    kk = "3671120311090001"
    head = _adult("suparno", "Suparno", "L", date(1948, 7, 15), kk, "Kepala Keluarga")
    wife = _adult(None, "Sukinah", "P", date(1951, 5, 2), kk, "Istri", nik="3671124205510001")
    gone = replace(wife, died_on=date(2019, 10, 4), death_deed="3671-KM-09102019-0001")
    return Household(
        kk=kk,
        issued_on=date(2009, 11, 3),
        address=Address("Jl. Raden Saleh No. 9", "001", "008", "36.71.12.1001", "15157"),
        members=(replace(head, marital_status="Cerai Mati", occupation="Pensiunan"),),
        deceased=(gone,),
    )


def household_budi() -> Household:
    """Budi Santoso (38), operator SIAK at Disdukcapil Kota Tangerang, with his wife."""
    kk = "3671060802150001"
    head = _adult(
        "budi", "Budi Santoso", "L", date(1988, 5, 17), kk, "Kepala Keluarga", phone="+6281200900008"
    )
    wife = _adult(None, "Maya Puspita", "P", date(1990, 10, 8), kk, "Istri", nik="3671064810900001")
    wed = date(2015, 1, 24)
    head = _officer(head, nip="198805172012031001")
    return Household(
        kk=kk,
        issued_on=date(2015, 2, 8),
        address=Address("Jl. Raden Fatah No. 33", "003", "001", "36.71.06.1001", "15153"),
        members=(replace(head, married_on=wed), replace(wife, married_on=wed)),
    )


def household_rina() -> Household:
    """Rina Kusumawati (31), second operator SIAK at Disdukcapil, lives alone."""
    kk = "3671111101230001"
    head = _adult(
        "rina", "Rina Kusumawati", "P", date(1995, 9, 3), kk, "Kepala Keluarga", phone="+6281200900009"
    )
    return Household(
        kk=kk,
        issued_on=date(2023, 1, 11),
        address=Address("Jl. Maulana Hasanudin No. 2", "002", "002", "36.71.11.1001", "15145"),
        members=(replace(_officer(head, nip="199509032020122001"), marital_status="Belum Kawin"),),
    )


def household_hendra() -> Household:
    """Hendra Wijaya (54), head of Disdukcapil Kota Tangerang, born in Semarang."""
    kk = "3671011909080001"
    head = _adult(
        "hendra", "Hendra Wijaya", "L", date(1972, 2, 28), kk, "Kepala Keluarga", phone="+6281200900010"
    )
    wife = _adult(None, "Diah Prastuti", "P", date(1974, 12, 1), kk, "Istri", nik="3374014112740001")
    wed = date(2001, 9, 1)
    head = replace(_officer(head, nip="197202281998031001"), birth_place="Semarang", education="Strata II")
    return Household(
        kk=kk,
        issued_on=date(2008, 9, 19),
        address=Address("Jl. Ahmad Yani No. 1", "001", "001", "36.71.01.1002", "15111"),
        members=(replace(head, married_on=wed), replace(wife, married_on=wed, birth_place="Semarang")),
        move=Move(date(2008, 9, 1), "33.74.01", "36.71.01"),
    )


def household_agus() -> Household:
    """Agus Setiawan (41), officer of another agency: Kecamatan Tangerang."""
    kk = "3671022503140001"
    head = _adult(
        "agus", "Agus Setiawan", "L", date(1985, 8, 6), kk, "Kepala Keluarga", phone="+6281200900011"
    )
    wife = _adult(None, "Fitri Yuliarti", "P", date(1987, 3, 27), kk, "Istri", nik="3671026703870001")
    wed = date(2014, 2, 15)
    return Household(
        kk=kk,
        issued_on=date(2014, 3, 25),
        address=Address("Jl. Gatot Subroto No. 77", "004", "003", "36.71.02.1001", "15134"),
        members=(
            replace(_officer(head, nip="198508062010011001"), married_on=wed),
            replace(wife, married_on=wed),
        ),
    )


def household_nadia() -> Household:
    """Nadia Larasati (40), member of the national team that keeps the inventory of applications; lives alone."""
    kk, home = "3671011706190002", Address("Jl. Daan Mogot No. 5", "001", "002", "36.71.01.1002", "15111")
    head = _adult(
        "nadia", "Nadia Larasati", "P", date(1986, 4, 12), kk, "Kepala Keluarga", phone="+6281200900014"
    )
    head = replace(_officer(head, nip="198604122010122002"), marital_status="Belum Kawin")
    return Household(kk=kk, issued_on=date(2019, 6, 17), address=home, members=(head,))


def household_yoga() -> Household:
    """Yoga Nugraha (35), manager of the applications of a made-up city; lives alone."""
    kk, home = "3671060902180003", Address("Jl. Merdeka No. 60", "004", "002", "36.71.06.1001", "15153")
    head = _adult(
        "yoga", "Yoga Nugraha", "L", date(1991, 11, 21), kk, "Kepala Keluarga", phone="+6281200900015"
    )
    head = replace(_officer(head, nip="199111212015031001"), marital_status="Belum Kawin")
    return Household(kk=kk, issued_on=date(2018, 2, 9), address=home, members=(head,))


def household_ratna() -> Household:
    """Ratna Permatasari (42), of Ditjen Dukcapil, assesses the digital maturity of other agencies; lives alone."""
    kk = "3671031405120001"
    head = _adult(
        "ratna", "Ratna Permatasari", "P", date(1984, 1, 25), kk, "Kepala Keluarga", phone="+6281200900012"
    )
    head = replace(_officer(head, nip="198401252008012002"), marital_status="Belum Kawin")
    return Household(
        kk=kk,
        issued_on=date(2012, 5, 14),
        address=Address("Jl. Anggrek No. 6", "002", "003", "36.71.03.1001", "15122"),
        members=(replace(head, education="Strata II"),),
    )


def household_yusuf() -> Household:
    """Yusuf Hidayat (47), of the ministry that measures every agency's maturity, lives alone."""
    kk = "3671082111070001"
    head = _adult(
        "yusuf", "Yusuf Hidayat", "L", date(1979, 9, 9), kk, "Kepala Keluarga", phone="+6281200900013"
    )
    head = replace(_officer(head, nip="197909092005011003"), marital_status="Cerai Hidup")
    return Household(
        kk=kk,
        issued_on=date(2007, 11, 21),
        address=Address("Jl. Teratai No. 15", "004", "007", "36.71.08.1001", "15131"),
        members=(head,),
    )


CAST = (
    household_siti, household_dewi, household_joko, household_bambang, household_sumarni, household_lestari, household_kirana,
    household_wulan, household_suparno, household_budi, household_rina, household_hendra, household_agus,
    household_ratna, household_yusuf, household_nadia, household_yoga, *cast_clearance.CAST, *cast_exchange.CAST,
)  # fmt: skip
"""The households of the story, in the order in which every population begins."""


def story_households() -> tuple[Household, ...]:
    """Return the households of the story, each built anew."""
    return tuple(build() for build in CAST)


def _adult(
    key: str | None,
    name: str,
    sex: Sex,
    birth_on: date,
    kk: str,
    relation: str,
    *,
    phone: str | None = None,
    nik: str = "",
) -> Person:
    return Person(
        nik=nik if key is None else NIKS[key],
        name=name,
        sex=sex,
        birth_on=birth_on,
        birth_place="Tangerang",
        kk=kk,
        relation=relation,
        religion="Islam",
        education="SLTA/Sederajat",
        occupation="Karyawan Swasta",
        blood_type="O",
        marital_status="Kawin",
        father_name="Sukirno",
        mother_name="Romlah",
        phone=phone,
    )


def _officer(person: Person, *, nip: str) -> Person:
    return replace(person, nip=nip, occupation="Pegawai Negeri Sipil", education="Diploma IV/Strata I")


def _child(
    key: str,
    name: str,
    sex: Sex,
    birth_on: date,
    mother: Person,
    father: Person | None,
    deed: str,
    *,
    order: int = 1,
) -> Person:
    day = deed.split("-")[2]
    return Person(
        nik=NIKS[key],
        name=name,
        sex=sex,
        birth_on=birth_on,
        birth_place="Tangerang",
        kk=mother.kk,
        relation="Anak",
        religion="Islam",
        education="Belum Tamat SD/Sederajat" if birth_on.year < 2020 else "Tidak/Belum Sekolah",
        occupation="Pelajar/Mahasiswa" if birth_on.year < 2020 else "Belum/Tidak Bekerja",
        blood_type="Tidak Tahu",
        marital_status="Belum Kawin",
        father_name=father.name if father else None,
        mother_name=mother.name,
        father_nik=father.nik if father else None,
        mother_nik=mother.nik,
        birth_order=order,
        birth_deed=deed,
        birth_deed_on=date(int(day[4:]), int(day[2:4]), int(day[:2])),
    )
