from __future__ import annotations

from django.urls import path

from careledger.web.fhir_api import client_views

urlpatterns = [
    path("", client_views.clients, name="fhir_clients"),
    path("new/", client_views.register, name="fhir_client_register"),
    path("<int:client_id>/revoke/", client_views.revoke, name="fhir_client_revoke"),
]
