from __future__ import annotations

from django.urls import path

from careledger.web.tenancy import claims_views, people_views, views

urlpatterns = [
    path("", views.settings, name="settings"),
    path("setup/", views.setup, name="setup"),
    path("house/", views.house, name="house"),
    path("practices/new/", people_views.practice_new, name="practice_new"),
    path("practices/<int:practice_id>/", people_views.practice, name="practice"),
    path("people/", people_views.people, name="people"),
    path("people/new/", people_views.person_new, name="person_new"),
    path("people/<int:person_id>/", people_views.person, name="person"),
    path("people/<int:person_id>/credentials/", people_views.credential_add, name="credential_add"),
    path("credentials/<int:credential_id>/remove/", people_views.credential_remove, name="credential_remove"),
    path("submitter/", claims_views.submitter, name="submitter"),
    path("payers/", claims_views.payers, name="payers"),
    path("payers/<str:payer_id>/", claims_views.payer, name="payer"),
    path("payers/<str:payer_id>/remove/", claims_views.payer_remove, name="payer_remove"),
    path("charges/", claims_views.charges, name="charges"),
]
