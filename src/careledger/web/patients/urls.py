from __future__ import annotations

from django.urls import path

from careledger.web.patients import views

urlpatterns = [
    path("", views.patients, name="patients"),
    path("<int:patient_id>/", views.patient, name="patient"),
]
