from __future__ import annotations

from django.urls import path

from careledger.web.enrolment import consent_views, views

urlpatterns = [
    path("", views.finder, name="enrolment"),
    path("<slug:program>/", views.finder, name="finder"),
    path("<slug:program>/form.pdf", consent_views.consent_blank, name="consent_blank"),
    path("<slug:program>/<int:patient_id>/", views.place, name="place"),
    path("<slug:program>/<int:patient_id>/step/", views.step, name="enrolment_step"),
    path("<slug:program>/<int:patient_id>/begin/", views.begin, name="enrolment_begin"),
    path("<slug:program>/<int:patient_id>/consent/", consent_views.consent, name="consent"),
    path("<slug:program>/<int:patient_id>/consent/form.pdf", consent_views.consent_prepared, name="consent_prepared"),
    path(
        "<slug:program>/<int:patient_id>/consent/<int:consent_id>/form.pdf",
        consent_views.consent_printed,
        name="consent_printed",
    ),
    path("<slug:program>/<int:patient_id>/consent/<int:consent_id>/revoke/", views.revoke, name="consent_revoke"),
]
