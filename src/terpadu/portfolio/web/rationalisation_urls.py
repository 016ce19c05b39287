"""Addresses of rationalisation, under /portofolio/penataan/."""

from __future__ import annotations

from django.urls import path

from terpadu.portfolio.web import rationalisation_plan_views as plans
from terpadu.portfolio.web import rationalisation_views as views

urlpatterns = [
    path("", views.overview, name="consolidation"),
    path("metode/", views.method, name="consolidation_method"),
    path("kuadran/<str:agency>/", views.quadrants, name="consolidation_agency"),
    path("kuadran/<str:agency>/kuadran.csv", views.quadrants_csv, name="consolidation_csv"),
    path("aplikasi/<str:code>/", views.application, name="consolidation_application"),
    path("rencana/baru/", plans.new, name="plan_new"),
    path("rencana/<uuid:plan_id>/", plans.plan, name="plan"),
    path("rencana/<uuid:plan_id>/rencana.csv", plans.plan_csv, name="plan_csv"),
    path("rencana/<uuid:plan_id>/keluarga/", plans.family, name="plan_family"),
    path("rencana/<uuid:plan_id>/susun/", plans.arrange, name="plan_arrange"),
    path("rencana/<uuid:plan_id>/tetapkan/", plans.adopt, name="plan_adopt"),
    path("langkah/<uuid:move_id>/", plans.move, name="plan_move"),
    path("langkah/<uuid:move_id>/buang/", plans.remove, name="plan_remove"),
    path("langkah/<uuid:move_id>/centang/", plans.tick, name="plan_tick"),
]
