from __future__ import annotations

from django.urls import path

from careledger.web.accounts import views

urlpatterns = [
    path("state/", views.state, name="lock_state"),
    path("here/", views.here, name="lock_here"),
    path("lock/", views.lock, name="lock"),
    path("unlock/", views.unlock, name="unlock"),
]
