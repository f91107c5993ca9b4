from __future__ import annotations

from django.urls import path

from careledger.web.fhir_api import launch

urlpatterns = [
    path("launch/", launch.launch, name="smart_launch"),
    path("callback/<slug:ehr_id>/", launch.callback, name="smart_callback"),
]
