from __future__ import annotations

from django.urls import path

from careledger.web.oversight import act_views, aim_views, director_views, radar_views, study_views, views

urlpatterns = [
    path("", views.oversight, name="oversight"),
    path("measure/<str:measure_id>/", views.measure, name="oversight_measure"),
    path("export/<str:kind>/", views.export, name="oversight_export"),
    path("acts/", act_views.acts, name="acts"),
    path("acts/new/", act_views.log_act, name="log_act"),
    path("director/", director_views.director_log, name="director_log"),
    path("director/agree/", director_views.agree, name="director_agree"),
    path("director/<int:oversight_pk>/log/", director_views.log_work, name="director_work"),
    path("director/<int:oversight_pk>/statement/", director_views.statement_page, name="director_statement"),
    path("director/<int:oversight_pk>/statement.pdf", director_views.statement_file, name="director_statement_pdf"),
    path("director/<int:oversight_pk>/approve/", director_views.approve_month, name="director_approve"),
    path("director/entry/<int:oversight_pk>/void/", director_views.void, name="director_void"),
    path("radar/", radar_views.radar, name="radar"),
    path("radar/run/", radar_views.run_now, name="radar_run"),
    path("radar/worksheet.csv", radar_views.worksheet, name="radar_worksheet"),
    path("radar/finding/<int:oversight_pk>/", radar_views.finding, name="radar_finding"),
    path("improvement/", aim_views.aims, name="aims"),
    path("improvement/new/", aim_views.new_aim, name="new_aim"),
    path("improvement/<int:oversight_pk>/", aim_views.aim, name="aim"),
    path("improvement/cycle/<int:oversight_pk>/", aim_views.cycle, name="cycle"),
    path("study/", study_views.studies, name="studies"),
    path("study/<int:oversight_pk>/", study_views.study, name="study"),
    path("study/<int:oversight_pk>/report.pdf", study_views.study_pdf, name="study_pdf"),
]
