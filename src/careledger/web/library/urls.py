from __future__ import annotations

from django.urls import path

from careledger.web.library import views

urlpatterns = [
    path("", views.library, name="library"),
    path("<str:topic_id>/", views.topic, name="library_topic"),
]
