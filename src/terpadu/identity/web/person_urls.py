"""Addresses of pages about persons: proofing, devices, acting for others, recovery, data rights, counters."""

from __future__ import annotations

from django.urls import URLPattern, path

from terpadu.identity.web import (
    acting,
    counter,
    cross_device,
    proofing,
    recovery,
    relying_parties,
    rights,
    step_up,
)

urlpatterns: list[URLPattern] = [
    path("masuk/tingkat/", step_up.step_up_page, name="step_up"),
    path("masuk/ponsel/", cross_device.screen_page, name="screen"),
    path("masuk/ponsel/status/", cross_device.screen_status, name="screen_status"),
    path("masuk/pulih/", recovery.use_page, name="recovery_use"),
    path("setuju/", cross_device.agree_typed, name="agree_typed"),
    path("setuju/<slug:code>/", cross_device.agree_page, name="agree"),
    path("akun/bukti-diri/", proofing.proofing_page, name="proofing"),
    path("akun/bukti-diri/wajah/", proofing.face_page, name="face"),
    path("akun/pemulihan/", recovery.own_page, name="recovery"),
    path("akun/wakil/", acting.mandates_page, name="mandates"),
    path("akun/wakil/keluarga/", acting.family_page, name="family"),
    path("akun/wakil/beri/", acting.give_page, name="mandate_give"),
    path("akun/wakil/bantuan/", acting.help_page, name="mandate_help"),
    path("akun/wakil/terima/", acting.accept_page, name="mandate_accept"),
    path("akun/wakil/perwalian/", acting.guardian_page, name="guardian"),
    path("akun/wakil/berhenti/", acting.stop, name="acting_stop"),
    path("akun/wakil/diri-sendiri/", acting.elsewhere_page, name="acting_elsewhere"),
    path("akun/wakil/<uuid:mandate_id>/akhiri/", acting.end_page, name="mandate_end"),
    path("akun/wakil/<uuid:mandate_id>/mulai/", acting.start, name="acting_start"),
    path("akun/layanan/", relying_parties.parties_page, name="relying_parties"),
    path("akun/hak-data/", rights.rights_page, name="rights"),
    path("akun/hak-data/salinan/", rights.copy_page, name="rights_copy"),
    path("akun/hak-data/salinan.json", rights.copy_file, name="rights_file"),
    path("akun/hak-data/hapus-akun/", rights.delete_page, name="rights_delete"),
    path("akun/hak-data/<uuid:request_id>/batal/", rights.cancel, name="rights_cancel"),
    path("akun/hak-data/<slug:asked>/", rights.ask_page, name="rights_ask"),
    path("petugas/loket/", counter.counter_page, name="counter"),
    path("petugas/loket/orang/<slug:code>/", counter.confirm_page, name="counter_confirm"),
    path("petugas/loket/minta/", counter.ask_page, name="counter_ask"),
    path("petugas/loket/bantu/", counter.help_page, name="counter_help"),
    path("petugas/loket/layar/", counter.screen_page, name="counter_screen"),
    path("petugas/loket/perwalian/", counter.guardians_page, name="counter_guardians"),
    path("petugas/loket/perwalian/<uuid:mandate_id>/", counter.guardian_page, name="counter_guardian"),
    path("petugas/loket/pemulihan/", recovery.desk_page, name="counter_recovery"),
    path("petugas/loket/pemulihan/<uuid:recovery_id>/", recovery.second_page, name="counter_recovery_second"),
    path("petugas/hak-data/", rights.queue_page, name="rights_queue"),
    path("petugas/hak-data/<uuid:request_id>/", rights.answer_page, name="rights_answer"),
]
