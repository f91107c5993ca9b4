from __future__ import annotations

from django.urls import path

from careledger.web.api import views

urlpatterns = [
    path("", views.tokens, name="tokens"),
    path("new/", views.make, name="token_make"),
    path("<int:token_id>/revoke/", views.revoke, name="token_revoke"),
]
