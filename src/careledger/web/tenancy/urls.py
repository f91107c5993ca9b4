from __future__ import annotations

from django.urls import path

from careledger.web.tenancy import views

urlpatterns = [path("", views.settings, name="settings")]
