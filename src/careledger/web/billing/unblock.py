"""The month's list: totals by state, and blocked months grouped by what would unblock them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from careledger.core.month import Month
from careledger.web.billing.models import Standing
from careledger.web.billing.queries import policy

SHOWN = 12
"""Names shown of a group; all of them are one click away in the list below."""


@dataclass(slots=True)
class Group:
    """Patients that one act would move on: how many, and the first of them by id and name."""

    rule: str
    says: str
    next_step: str
    patients: list[tuple[int, str]] = field(default_factory=list)
    count: int = 0

    @property
    def topic(self) -> str:
        """The topic of policy the rule rests on; empty where none is named like it."""
        start = self.rule.rpartition(".")[0]
        return start if start in policy().topics else ""


def standings(month: Month, state: str = "", rule: str = "", words: str = "") -> QuerySet[Any]:
    """Where each patient stands, by name."""
    found = Standing.objects.filter(month=str(month)).select_related("patient", "biller")
    if state:
        found = found.filter(state=state)
    if rule:
        named = Standing.objects.filter(month=str(month), blockers__icontains=f'"{rule}"').values_list("pk", "blockers")
        found = found.filter(pk__in=[pk for pk, stops in named if any(one["rule"] == rule for one in stops)])
    for word in words.split():
        found = found.filter(Q(patient__family_name__istartswith=word) | Q(patient__given_name__istartswith=word))
    return found.order_by("patient__family_name", "patient__given_name", "pk")


def totals(month: Month) -> list[dict[str, Any]]:
    """Count and worth of every state, in the order of the states."""
    rows = Standing.objects.filter(month=str(month)).order_by().values("state")
    found = {row["state"]: row for row in rows.annotate(count=Count("pk"), cents=Sum("allowed_cents"))}
    return [
        {"state": key, "label": label, **{name: found.get(key, {}).get(name) for name in ("count", "cents")}}
        for key, label in Standing.STATES
    ]


def groups_of(month: Month) -> list[Group]:
    """Blocked months by what would unblock them, the largest group first; a month stands in each of its groups."""
    groups: dict[tuple[str, str], Group] = {}
    rows = Standing.objects.filter(month=str(month), state__in=("blocked", "person")).order_by(
        "patient__family_name", "pk"
    )
    for pk, family, given, blockers in rows.values_list(
        "patient", "patient__family_name", "patient__given_name", "blockers"
    ):
        for one in blockers:
            if not one["is_minutes"]:
                key = (one["rule"], one["says"])
                group = groups.setdefault(key, Group(one["rule"], one["says"], one["next_step"]))
                group.count += 1
                if len(group.patients) < SHOWN:
                    group.patients.append((pk, ", ".join(part for part in (family, given) if part) or f"patient {pk}"))
    return sorted(groups.values(), key=lambda group: -group.count)
