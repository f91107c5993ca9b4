from __future__ import annotations

from django.urls import path

from careledger.web.accounts import people, views

urlpatterns = [
    path("state/", views.state, name="lock_state"),
    path("here/", views.here, name="lock_here"),
    path("lock/", views.lock, name="lock"),
    path("unlock/", views.unlock, name="unlock"),
    path("users/", people.users, name="users"),
    path("users/new/", people.user_add, name="user_add"),
    path("users/<int:member_id>/", people.user_change, name="user_change"),
    path("users/<int:member_id>/active/", people.user_active, name="user_active"),
    path("users/<int:member_id>/reset/", people.user_reset, name="user_reset"),
]
