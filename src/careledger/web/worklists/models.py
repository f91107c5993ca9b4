"""Views of the worklist that people keep for themselves."""

from __future__ import annotations

from django.db import models

from careledger.web.tenancy.scope import OrganisationRow


class SavedView(OrganisationRow):
    """What someone asks of the list again and again, under a name of their own; ``query`` is the page's own query."""

    membership = models.ForeignKey("accounts.Membership", on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=300)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("membership", "name"), name="saved_view_name"),)
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
