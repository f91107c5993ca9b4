from __future__ import annotations

from django.urls import path

from careledger.web.audit import views

urlpatterns = [
    path("", views.audit, name="audit"),
    path("export.csv", views.export, name="audit_export"),
    path("audits/", views.audits, name="audits"),
    path("audits/new/", views.audit_open, name="audit_open"),
    path("audits/<int:engagement_id>/end/", views.audit_end, name="audit_end"),
]
