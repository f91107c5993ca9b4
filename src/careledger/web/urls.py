"""Every address of the clinic. An app's addresses stand in its own ``urls.py``."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("careledger.web.worklists.urls")),
    path("patients/", include("careledger.web.patients.urls")),
    path("enrolment/", include("careledger.web.enrolment.urls")),
    path("plans/", include("careledger.web.plans.urls")),
    path("time/", include("careledger.web.timers.urls")),
    path("month/", include("careledger.web.billing.urls")),
    path("oversight/", include("careledger.web.oversight.urls")),
    path("library/", include("careledger.web.library.urls")),
    path("work/", include("careledger.web.work.urls")),
    path("claims/", include("careledger.web.revenue.urls")),
    path("audit/", include("careledger.web.audit.urls")),
    path("settings/api/", include("careledger.web.api.pages")),
    path("settings/fhir/", include("careledger.web.fhir_api.pages")),
    path("smart/", include("careledger.web.fhir_api.launch_urls")),
    path("settings/", include("careledger.web.tenancy.urls")),
    path("settings/", include("careledger.web.intake.urls")),
    path("access/", include("careledger.web.accounts.urls")),
    path("account/", include("allauth.urls")),
    path("api/", include("careledger.web.api.urls")),
    path("fhir/", include("careledger.web.fhir_api.urls")),
]
