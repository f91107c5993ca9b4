from __future__ import annotations

from django.urls import path

from careledger.web.intake import export_views, views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/server/", views.server, name="fhir_server"),
    path("imports/server/begin/", views.server_import, name="server_import"),
    path("imports/<int:import_id>/", views.one_import, name="import"),
    path("imports/<int:import_id>/write/", views.import_write, name="import_write"),
    path("imports/<int:import_id>/again/", views.import_again, name="import_again"),
    path("imports/<int:import_id>/columns/", views.import_columns, name="import_columns"),
    path("imports/<int:import_id>/drop/", views.import_drop, name="import_drop"),
    path("export/", export_views.export_page, name="exports"),
    path("export/begin/", export_views.export_begin, name="export_begin"),
    path("export/<int:job_id>/", export_views.export_download, name="export_download"),
    path("export/<int:job_id>/remove/", export_views.export_remove, name="export_remove"),
]
