"""Organisations are fenced: a query without a scope raises, a row cannot cross."""

from __future__ import annotations

import pytest
from tests.web.cast import Cast

from careledger.web.patients.models import Patient
from careledger.web.tenancy.scope import UnscopedQuery, acting_in
from careledger.web.timers.models import TimeEntry


def test_it_raises_on_a_query_without_an_organisation(cast: Cast) -> None:
    for model in (Patient, TimeEntry):
        with pytest.raises(UnscopedQuery):
            model.objects.count()


def test_it_sees_only_the_rows_of_the_scope(cast: Cast) -> None:
    with acting_in(cast.clinic):
        assert list(Patient.objects.values_list("code", flat=True)) == ["p1"]
        assert not Patient.objects.filter(pk=cast.foreign_patient.pk).exists()
    with acting_in(cast.elsewhere):
        assert list(Patient.objects.values_list("code", flat=True)) == ["x1"]


def test_it_refuses_to_save_a_row_of_another_organisation(inside: Cast) -> None:
    inside.foreign_patient.family_name = "Taken"
    with pytest.raises(UnscopedQuery, match="another organisation"):
        inside.foreign_patient.save()


def test_it_gives_new_rows_to_the_organisation_in_scope(inside: Cast) -> None:
    (made,) = Patient.objects.bulk_create([Patient(code="p2")])
    assert made.organisation == inside.clinic
