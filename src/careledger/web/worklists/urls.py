from __future__ import annotations

from django.urls import path

from careledger.web.worklists import views

urlpatterns = [path("", views.today, name="today")]
