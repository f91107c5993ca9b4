from __future__ import annotations

from django.urls import path

from careledger.web.timers import approval_views, views

urlpatterns = [
    path("timer/", views.widget, name="timer"),
    path("timer/start/<int:patient_id>/", views.start, name="timer_start"),
    path("timer/pause/", views.pause, name="timer_pause"),
    path("timer/resume/", views.resume, name="timer_resume"),
    path("timer/stop/", views.stop, name="timer_stop"),
    path("timer/discard/", views.discard, name="timer_discard"),
    path("timer/seen/", views.seen, name="timer_seen"),
    path("timer/hidden/", views.hidden, name="timer_hidden"),
    path("timer/background/<int:stretch_id>/", views.background, name="timer_background"),
    path("patient/<int:patient_id>/", views.type_time, name="type_time"),
    path("entry/<int:entry_pk>/correct/", views.correct, name="correct_entry"),
    path("entry/<int:entry_pk>/void/", views.void, name="void_entry"),
    path("approvals/", approval_views.approvals, name="approvals"),
    path("approvals/approve/", approval_views.time_approve, name="time_approve"),
    path("approvals/<int:entry_pk>/return/", approval_views.time_return, name="time_return"),
    path("mine/", approval_views.my_time, name="my_time"),
]
