from __future__ import annotations

from django.urls import path

from careledger.web.audit import views

urlpatterns = [path("", views.audit, name="audit")]
