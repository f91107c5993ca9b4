"""What a clinic adds to the library: editorial acts on articles.

The acts stand in the clinic's own database, not in a file beside it: so the wall between organisations, the backup, the
export and PostgreSQL hold for them as for everything else. What an act may do is decided by ``careledger.library.workflow``.
"""

from __future__ import annotations

from django.db import models

from careledger.web.tenancy.scope import OrganisationRow

ACTS = (
    ("submit", "submitted a version"),
    ("begin_review", "began the review"),
    ("comment", "commented"),
    ("approve", "approved"),
    ("send_back", "sent back"),
    ("dispute", "disputed"),
    ("supersede", "superseded"),
    ("withdraw", "withdrew"),
    ("go_stale", "marked as stale"),
)


class EditorialAct(OrganisationRow):
    """One act on an article; the rows of an article in order are its public history.

    Attributes:
        by: the user's id as text, or ``careledger`` for a text that came with the software.
        role: what readers see of who it was.
        text: the article's whole Markdown, with ``submit`` only.
        fingerprint: of what the text rested on when it was approved.
    """

    only_grows = True
    for_auditors = True

    article = models.CharField(max_length=80)
    act = models.CharField(max_length=20, choices=ACTS)
    by = models.CharField(max_length=40)
    role = models.CharField(max_length=80)
    at = models.DateTimeField()
    text = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="")
    fingerprint = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("organisation", "article"), name="editorial_article"),)
