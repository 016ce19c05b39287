"""Addresses of the operator's pages."""

from __future__ import annotations

from django.urls import path

from terpadu.identity.web.operator import abuse, approval, audit, clients, keys, locks

urlpatterns = [
    path("operator/identitas/", approval.queue_page, name="operator_clients"),
    path("operator/identitas/aplikasi/", clients.list_page, name="operator_client_list"),
    path("operator/identitas/aplikasi/<str:client_id>/", clients.detail_page, name="operator_client"),
    path("operator/identitas/alamat/<str:agency_code>/", clients.hosts_page, name="operator_hosts"),
    path("operator/identitas/kunci/", keys.keys_page, name="operator_keys"),
    path("operator/identitas/penyalahgunaan/", abuse.abuse_page, name="operator_abuse"),
    path("operator/identitas/penguncian/", locks.locks_page, name="operator_locks"),
    path("operator/identitas/audit/", audit.audit_page, name="operator_audit"),
]
