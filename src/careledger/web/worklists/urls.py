from __future__ import annotations

from django.urls import path

from careledger.web.worklists import views

urlpatterns = [
    path("", views.today, name="today"),
    path("today/views/", views.view_save, name="view_save"),
    path("today/views/<int:view_id>/remove/", views.view_remove, name="view_remove"),
    path("today/assign/", views.assign, name="assign"),
]
