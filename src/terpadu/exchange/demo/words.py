"""What each field of the demo agencies' answers is, in both languages, as the contracts say it."""

from __future__ import annotations

from terpadu_wire.properties import Text

MEMBER = "/data/anggota/*"
NIK = Text("NIK", "National identity number (NIK)")

VERIFICATION = {
    "/data/nik": NIK,
    "/data/ditemukan": Text("Terdaftar atau tidak", "Whether registered"),
    "/data/nama_lengkap": Text("Nama cocok atau tidak", "Whether the name matches"),
    "/data/tanggal_lahir": Text("Tanggal lahir cocok atau tidak", "Whether the date of birth matches"),
    "/data/jenis_kelamin": Text("Jenis kelamin", "Sex"),
    "/data/status_hidup": Text("Masih hidup atau tidak", "Whether alive"),
}
FAMILY_CARD = {
    "/data/nik": NIK,
    "/data/no_kk": Text("Nomor Kartu Keluarga", "Family card number"),
    "/data/nama_kepala_keluarga": Text("Nama kepala keluarga", "Name of the head of family"),
}
ADDRESS = {
    "/data/nik": NIK,
    "/data/alamat": Text("Alamat", "Address"),
    "/data/rt": Text("Alamat", "Address"),
    "/data/rw": Text("Alamat", "Address"),
    "/data/kelurahan": Text("Alamat", "Address"),
    "/data/kecamatan": Text("Alamat", "Address"),
}
MEMBERS = {
    f"{MEMBER}/nik": Text("NIK anggota keluarga", "NIK of family members"),
    f"{MEMBER}/nama_lengkap": Text("Nama anggota keluarga", "Names of family members"),
    f"{MEMBER}/tempat_lahir": Text("Tempat lahir anggota keluarga", "Places of birth of family members"),
    f"{MEMBER}/tanggal_lahir": Text("Tanggal lahir anggota keluarga", "Dates of birth of family members"),
    f"{MEMBER}/jenis_kelamin": Text("Jenis kelamin anggota keluarga", "Sex of family members"),
}
PARENTAGE = {
    f"{MEMBER}/nik_ibu": Text("NIK ibu, ayah, dan wali", "NIK of mother, father and guardian"),
    f"{MEMBER}/nik_ayah": Text("NIK ibu, ayah, dan wali", "NIK of mother, father and guardian"),
    f"{MEMBER}/nik_wali": Text("NIK ibu, ayah, dan wali", "NIK of mother, father and guardian"),
    f"{MEMBER}/nama_ibu": Text("Nama ibu dan ayah", "Names of mother and father"),
    f"{MEMBER}/nama_ayah": Text("Nama ibu dan ayah", "Names of mother and father"),
}
MARRIAGE = {f"{MEMBER}/status_kawin": Text("Status perkawinan", "Marital status")}
CHILD_CARD = {
    f"{MEMBER}/status_kawin": Text("Status perkawinan", "Marital status"),
    f"{MEMBER}/no_akta_lahir": Text("Nomor akta kelahiran", "Birth deed number"),
    f"{MEMBER}/kia_aktif": Text("Sudah punya KIA atau belum", "Whether a child identity card is held"),
}
CARD_RECORDED = {
    "/data/nik": NIK,
    "/data/nomor_kia": Text("Nomor KIA", "Child identity card number"),
    "/data/berlaku_hingga": Text("Masa berlaku KIA", "Validity of the child identity card"),
    "/data/tercatat": Text("KIA tercatat", "Child identity card recorded"),
}
BIRTH_DEED = {
    "/nik_anak": Text("NIK anak", "The child's NIK"),
    "/nomor_akta": Text("Nomor akta kelahiran", "Birth deed number"),
    "/tanggal_terbit": Text("Tanggal akta terbit", "Date of the birth deed"),
    "/nama_anak": Text("Nama anak", "The child's name"),
    "/jenis_kelamin": Text("Jenis kelamin anak", "The child's sex"),
    "/tempat_lahir": Text("Tempat lahir anak", "The child's place of birth"),
    "/tanggal_lahir": Text("Tanggal lahir anak", "The child's date of birth"),
    "/nama_ibu": Text("Nama ibu dan ayah", "Names of mother and father"),
    "/nama_ayah": Text("Nama ibu dan ayah", "Names of mother and father"),
}
