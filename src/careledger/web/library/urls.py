from __future__ import annotations

from django.urls import path

from careledger.web.library import editing, views

urlpatterns = [
    path("", views.library, name="library"),
    path("ask/", views.ask_page, name="library_ask"),
    path("try/", views.try_case, name="library_try"),
    path("article/<str:article_id>/", views.article, name="library_article"),
    path("article/<str:article_id>/history/", editing.article_history, name="library_history"),
    path("article/<str:article_id>/act/", editing.do_act, name="library_act"),
    path("article/<str:article_id>/report/", editing.report_error, name="library_report"),
    path("code/<str:code>/", views.code_page, name="library_code"),
    path("review/", editing.desk, name="library_desk"),
    path("submit/", editing.submit_article, name="library_submit"),
    path("topics/", views.topics, name="library_topics"),
    path("topics/<str:topic_id>/", views.topic, name="library_topic"),
]
