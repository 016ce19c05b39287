"""Addresses of clearance, under /portofolio/izin/: the register for everyone, the rest for those who have a part."""

from __future__ import annotations

from django.urls import path

from terpadu.portfolio.web import clearance_desk_views as desks
from terpadu.portfolio.web import clearance_public_views as public
from terpadu.portfolio.web import clearance_request_views as requests

urlpatterns = [
    path("", public.register_page, name="clearance"),
    path("register.csv", public.register_csv, name="clearance_csv"),
    path("cara/", public.method, name="clearance_method"),
    path("putusan/<str:number>/", public.decision, name="clearance_decision"),
    path("saya/", requests.mine, name="clearance_mine"),
    path("baru/", requests.new, name="clearance_new"),
    path("tumpang-tindih/", requests.look, name="clearance_look"),
    path("meja/", desks.inbox, name="clearance_inbox"),
    path("dokumen/<uuid:document_id>/", requests.document, name="clearance_document"),
    path("dokumen/<uuid:document_id>/buang/", requests.document_out, name="clearance_document_out"),
    path("<uuid:request_id>/", requests.dossier, name="clearance_request"),
    path("<uuid:request_id>/ubah/", requests.edit, name="clearance_edit"),
    path("<uuid:request_id>/dokumen/", requests.document_in, name="clearance_document_in"),
    path("<uuid:request_id>/kirim/", requests.submit, name="clearance_submit"),
    path("<uuid:request_id>/tarik/", requests.withdraw, name="clearance_withdraw"),
    path("<uuid:request_id>/terwujud/", requests.deliver, name="clearance_deliver"),
    path("<uuid:request_id>/komentar/", desks.comment, name="clearance_comment"),
    path("<uuid:request_id>/lengkap/", desks.accept, name="clearance_accept"),
    path("<uuid:request_id>/kembalikan/", desks.send_back, name="clearance_return"),
    path("<uuid:request_id>/meja/<str:desk>/", desks.review, name="clearance_review"),
    path("<uuid:request_id>/meja/<str:desk>/ambil/", desks.take, name="clearance_take"),
    path("<uuid:request_id>/meja/<str:desk>/serahkan/", desks.delegate, name="clearance_delegate"),
    path("<uuid:request_id>/putus/", desks.decide, name="clearance_decide"),
    path("<uuid:request_id>/banding/", desks.appeal, name="clearance_appeal"),
    path("<uuid:request_id>/banding/cabut/", desks.retract, name="clearance_retract"),
    path("<uuid:request_id>/banding/tolak/", desks.dismiss, name="clearance_dismiss"),
]
