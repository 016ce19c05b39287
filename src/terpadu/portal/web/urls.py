"""Addresses of the citizen's pages."""

from django.urls import path

from terpadu.portal.web import (
    applications,
    catalogue,
    complaints,
    gallery,
    home,
    inbox,
    launcher,
    pages,
    proof,
    questions,
    survey,
    trail,
    wallet,
)

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("layanan/", catalogue.catalogue, name="catalogue"),
    path("layanan/<str:service_id>/", catalogue.service, name="service"),
    path("layanan/<str:service_id>/mulai/", catalogue.start, name="start"),
    path("standar/", catalogue.standards, name="standards"),
    path("permohonan/", applications.applications, name="applications"),
    path("permohonan/berkas/<uuid:attachment_id>/", applications.attachment, name="attachment"),
    path("permohonan/<uuid:case_id>/", applications.case, name="case"),
    path("permohonan/<uuid:case_id>/terkirim/", applications.receipt, name="receipt"),
    path("permohonan/<uuid:case_id>/batal/", applications.cancel, name="cancel"),
    path("permohonan/<uuid:case_id>/nilai/", survey.survey, name="survey"),
    path("permohonan/<uuid:case_id>/pengaduan/", complaints.complain, name="complain"),
    path(
        "permohonan/<uuid:case_id>/pengaduan/<uuid:complaint_id>/tarik/",
        complaints.withdraw,
        name="complaint_withdraw",
    ),
    path("permohonan/<uuid:case_id>/periksa/", questions.check, name="check"),
    path("permohonan/<uuid:case_id>/<slug:page_id>/", questions.page, name="page"),
    path("permohonan/<uuid:case_id>/<slug:page_id>/ulang/", questions.retry, name="retry"),
    path("aplikasi-instansi/", launcher.launcher, name="launcher"),
    path("pesan/", inbox.inbox, name="inbox"),
    path("pesan/baca/", inbox.read_all, name="inbox_read"),
    path("pesan/<uuid:message_id>/", inbox.message, name="message"),
    path("dompet/", wallet.wallet, name="wallet"),
    path("dompet/<uuid:document_id>/", wallet.document, name="document"),
    path("dompet/<uuid:document_id>/berkas.pdf", wallet.document_file, name="document_file"),
    path("jejak/", trail.trail, name="trail"),
    path("jejak/unduh.csv", trail.trail_file, name="trail_file"),
    path("jejak/<uuid:transaction_id>/", proof.proof, name="proof"),
    path("jejak/<uuid:transaction_id>/bukti.json", proof.proof_file, name="proof_file"),
    path("bantuan/", pages.help_page, name="help"),
    path("aksesibilitas/", pages.accessibility, name="accessibility"),
    path("privasi/", pages.privacy, name="privacy"),
    path("galeri/", gallery.gallery, name="gallery"),
]
