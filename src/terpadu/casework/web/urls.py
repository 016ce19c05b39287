"""Addresses of the officers' workbench."""

from django.urls import path

from terpadu.casework.web import cases, complaints, queue, satisfaction

app_name = "casework"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("berikutnya/", queue.following, name="next"),
    path("tanda-tangan/", queue.signing, name="sign"),
    path("pengaduan/", complaints.complaints, name="complaints"),
    path("pengaduan/<uuid:complaint_id>/", complaints.complaint, name="complaint"),
    path("pengaduan/<uuid:complaint_id>/ambil/", complaints.take, name="complaint_take"),
    path("kepuasan/", satisfaction.satisfaction, name="satisfaction"),
    path("kepuasan/kepuasan.csv", satisfaction.satisfaction_file, name="satisfaction_file"),
    path("berkas/<uuid:attachment_id>/", cases.attachment, name="attachment"),
    path("permohonan/<uuid:case_id>/", cases.case, name="case"),
    path("permohonan/<uuid:case_id>/ambil/", cases.take, name="take"),
    path("permohonan/<uuid:case_id>/lepas/", cases.release, name="release"),
    path("permohonan/<uuid:case_id>/serahkan/", cases.hand_over, name="hand_over"),
    path("permohonan/<uuid:case_id>/putuskan/<slug:action>/", cases.decide, name="decide"),
    path("permohonan/<uuid:case_id>/perbaiki/", cases.send_back, name="send_back"),
    path("permohonan/<uuid:case_id>/tolak/", cases.reject, name="reject"),
    path("permohonan/<uuid:case_id>/kembalikan/", cases.give_back, name="return"),
]
