from __future__ import annotations

from django.urls import path, re_path

from careledger.web.fhir_api import exports, token, views

_KIND, _ID = r"(?P<kind>[A-Z][A-Za-z]{1,40})", r"(?P<id_>[A-Za-z0-9.-]{1,64})"

urlpatterns = [
    path("metadata", views.metadata, name="fhir_metadata"),
    path(".well-known/smart-configuration", views.smart, name="fhir_smart"),
    path("auth/token", token.token, name="fhir_token"),
    path("$export", exports.kick_off, {"level": "system"}, name="fhir_export"),
    path("Patient/$export", exports.kick_off, {"level": "patient"}, name="fhir_export_patients"),
    re_path(rf"^Group/{_ID.replace('id_', 'group')}/\$export$", exports.kick_off, {"level": "group"}, name="fhir_export_group"),
    path("exports/<int:export_id>", exports.status, name="fhir_export_status"),
    path("exports/<int:export_id>/<str:name>", exports.file, name="fhir_export_file"),
    re_path(rf"^{_KIND}/_search$", views.search, name="fhir_search"),
    re_path(rf"^{_KIND}$", views.type_level, name="fhir_type"),
    re_path(rf"^{_KIND}/{_ID}$", views.instance, name="fhir_instance"),
    re_path(rf"^{_KIND}/{_ID}/_history$", views.version, name="fhir_history"),
    re_path(rf"^{_KIND}/{_ID}/_history/(?P<version_id>[A-Za-z0-9.-]{{1,64}})$", views.version, name="fhir_version"),
    re_path(r"^(?P<rest>.*)$", views.nothing, name="fhir_nothing"),
]  # fmt: skip
