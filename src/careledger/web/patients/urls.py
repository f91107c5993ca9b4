from __future__ import annotations

from django.urls import path

from careledger.web.patients import chart_views, views

urlpatterns = [
    path("", views.patients, name="patients"),
    path("new/", chart_views.patient_add, name="patient_add"),
    path("<int:patient_id>/", views.patient, name="patient"),
    path("<int:patient_id>/change/", chart_views.patient_change, name="patient_change"),
    path("<int:patient_id>/practitioner/", chart_views.practitioner_of_record, name="practitioner_of_record"),
    path("<int:patient_id>/care-manager/", chart_views.care_manager, name="care_manager"),
    path("<int:patient_id>/record/<slug:table>/new/", chart_views.chart_row_add, name="chart_row_add"),
    path("<int:patient_id>/record/<slug:table>/<int:row_id>/", chart_views.chart_row, name="chart_row"),
    path(
        "<int:patient_id>/record/<slug:table>/<int:row_id>/remove/",
        chart_views.chart_row_remove,
        name="chart_row_remove",
    ),
]
