from __future__ import annotations

from django.urls import path

from careledger.web.work import views

urlpatterns = [path("", views.jobs, name="jobs"), path("<int:job_id>/", views.job, name="job")]
