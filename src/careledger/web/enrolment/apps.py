from __future__ import annotations

from django.apps import AppConfig


class EnrolmentConfig(AppConfig):
    """Who could be enrolled, consent, and a patient's way into and out of a program."""

    name = "careledger.web.enrolment"

    def ready(self) -> None:
        from careledger.web.billing.keeper import ALSO
        from careledger.web.enrolment.finding import refresh

        if refresh not in ALSO:
            ALSO.append(refresh)
