from __future__ import annotations

from django.urls import path

from careledger.web.plans import assess_views, goal_views, version_views, views

urlpatterns = [
    path("", views.plans, name="plans"),
    path("goals/", goal_views.goals, name="goals"),
    path("<int:patient_id>/goals/<int:goal_pk>/", goal_views.goal, name="goal"),
    path("<int:patient_id>/goals/<int:goal_pk>/reading/", goal_views.reading, name="goal_reading"),
    path("<int:patient_id>/goals/<int:goal_pk>/review/", goal_views.review, name="goal_review"),
    path(
        "<int:patient_id>/goals/<int:goal_pk>/reading/<int:reading_pk>/withdraw/",
        goal_views.withdraw,
        name="reading_withdraw",
    ),
    path("<int:patient_id>/assessments/", assess_views.assessments, name="assessments"),
    path("<int:patient_id>/assessments/<int:assessment_pk>/alarm/", assess_views.alarm, name="alarm_answer"),
    path("<int:patient_id>/assessments/<slug:instrument>/", assess_views.assess, name="assess"),
    path("<int:patient_id>/<slug:program>/", views.plan, name="plan"),
    path("<int:patient_id>/<slug:program>/templates/", views.templates, name="plan_templates"),
    path("<int:patient_id>/<slug:program>/sign/", version_views.sign, name="plan_sign"),
    path("<int:patient_id>/<slug:program>/deliver/", version_views.deliver, name="plan_deliver"),
    path("<int:patient_id>/<slug:program>/review/", version_views.review, name="plan_review"),
    path("<int:patient_id>/<slug:program>/plan.pdf", version_views.printed, name="plan_pdf"),
    path("<int:patient_id>/<slug:program>/versions/", version_views.versions, name="plan_versions"),
    path("<int:patient_id>/<slug:program>/versions/<int:version_number>/", version_views.version, name="plan_version"),
    path("<int:patient_id>/<slug:program>/<slug:part>/<path:item_id>/", views.item, name="plan_item"),
]
