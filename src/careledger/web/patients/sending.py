"""A form of the chart on its way: carried out once, refused with the reason beside the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction

from careledger.web.accounts.doors import MemberRequest
from careledger.web.patients.changes import ChartChanged, first_time
from careledger.web.patients.fields import SentOnce
from careledger.web.patients.refusals import ChartRefused


def carry_out(request: MemberRequest, form: SentOnce, act: Callable[[], Any], said: str) -> bool:
    """Do what a valid form asks for, the first time it is sent; say so to the person.

    Returns:
        False when it is refused: the reason stands in the form, and nothing was written.
    """
    try:
        with transaction.atomic():
            if first_time(form.cleaned_data.get("once") or ""):
                act()
                messages.success(request, said)
            else:
                messages.info(request, "That was sent twice; it was done once.")
    except ChartChanged as changed:
        form.add_error(None, changed.sentence)
        form.look_again(changed.changes, changed.revision)
        return False
    except ChartRefused as refused:
        for field, says in refused.beside:
            form.add_error(field if field in form.fields else None, says)
        return False
    return True
