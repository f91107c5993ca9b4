from __future__ import annotations

from django.urls import path

from careledger.web.billing import views

urlpatterns = [
    path("", views.month, name="month"),
    path("<str:month>/", views.month, name="month_of"),
    path("<str:month>/patient/<int:patient_id>/", views.patient_month, name="patient_month"),
]
