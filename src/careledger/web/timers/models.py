"""Time: the append-only ledger of entries, and the timers that run on the server."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from careledger.core.ledger import KINDS
from careledger.core.records import PROGRAMS
from careledger.web.accounts.models import Membership
from careledger.web.patients.models.patient import patient_link
from careledger.web.tenancy.fields import WordsField, day, prose, truth, word
from careledger.web.tenancy.models import person_link
from careledger.web.tenancy.scope import OrganisationRow, ScopedManager, in_scope


class TimeLedger(models.Model):
    """What an organisation's ledger is bound to, and where its chain ends; a writer locks this row."""

    organisation = models.OneToOneField("tenancy.Organisation", on_delete=models.PROTECT, related_name="+")
    ledger_id = models.CharField(max_length=60)
    time_zone = models.CharField(max_length=60)
    late_after_days = models.PositiveIntegerField()
    sequence = models.BigIntegerField(default=0)
    head_hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.ledger_id


class EntryQuery(models.QuerySet):
    """Reads of the ledger."""

    def current(self) -> EntryQuery:
        """Work that stands: neither voided nor replaced."""
        return self.filter(correction__corrects__isnull=True).exclude(kind="voided")


class EntryManager(ScopedManager):
    """Entries of the organisation in scope only."""

    def get_queryset(self) -> EntryQuery:
        found: EntryQuery = in_scope(EntryQuery(self.model, using=self._db))
        return found

    def current(self) -> EntryQuery:
        """Work that stands: neither voided nor replaced."""
        return self.get_queryset().current()


class TimeEntry(OrganisationRow):
    """A step of the ledger, chained by its hash; see ``core.ledger.LedgerEntry`` and ``core.records.TimeEntry``.

    Attributes:
        corrects: the entry this one voids or replaces; an entry is corrected once at most.
        worked_on: the day the work began, in the practice's zone; for finding it.
        work_recorded_s: when another system recorded it, for imported work.
    """

    only_grows = True
    sequence = models.BigIntegerField()
    entry_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    patient = patient_link("time_entries")
    by = person_link()
    programs = WordsField()
    start_s = models.BigIntegerField(null=True)
    end_s = models.BigIntegerField(null=True)
    on = day()
    seconds = models.IntegerField(null=True)
    activity = word()
    documented = truth()
    patient_present = truth()
    part_of_visit = truth()
    contact = word()
    note = prose()
    work_recorded_s = models.BigIntegerField(null=True)
    worked_on = models.DateField()
    recorded_s = models.BigIntegerField()
    recorded_by = models.CharField(max_length=120)
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="correction")
    reason = prose()
    flags = WordsField(default=())
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = EntryManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "sequence"), name="entry_sequence"),
            models.UniqueConstraint(fields=("organisation", "entry_id"), name="entry_once"),
            models.CheckConstraint(
                condition=Q(end_s__isnull=True) | Q(end_s__gt=models.F("start_s")), name="entry_runs"
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "patient", "worked_on"), name="entry_by_patient"),
            models.Index(fields=("organisation", "by", "worked_on"), name="entry_by_person"),
        )

    def __str__(self) -> str:
        return self.entry_id

    @property
    def length_s(self) -> int:
        """Seconds of work."""
        if self.start_s is not None and self.end_s is not None:
            return self.end_s - self.start_s
        return self.seconds or 0

    @property
    def recorded_s_for_rules(self) -> int:
        """When the work was first recorded, by this ledger or the system it came from."""
        return self.recorded_s if self.work_recorded_s is None else self.work_recorded_s


class TimeApproval(OrganisationRow):
    """A second person's verdict on an entry. The last one counts; none is ever changed."""

    VERDICTS = (("approved", "approved"), ("returned", "given back"))

    only_grows = True
    patient_path = "entry__patient"
    entry = models.ForeignKey(TimeEntry, on_delete=models.PROTECT, related_name="approvals")
    verdict = models.CharField(max_length=10, choices=VERDICTS)
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("entry", "id"), name="approval_by_entry"),)

    def __str__(self) -> str:
        return f"approval {self.pk}"


class Timer(OrganisationRow):
    """A stopwatch on the server: one that is not done per member.

    Attributes:
        running_since_s: start of the stretch that runs now; None while paused.
        seen_s: when a visible page last said that someone was there.
        hidden_since_s: since when every page has been in the background; None while one is visible.
    """

    STATES = (("running", "running"), ("paused", "paused"), ("done", "done"))

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="timers")
    patient = patient_link("timers")
    program = models.CharField(max_length=12, choices=[(name, name.upper()) for name in PROGRAMS])
    activity = word()
    contact = word()
    note = prose()
    state = models.CharField(max_length=10, choices=STATES, default="running")
    started_s = models.BigIntegerField()
    running_since_s = models.BigIntegerField(null=True)
    seen_s = models.BigIntegerField()
    hidden_since_s = models.BigIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("membership",), condition=~Q(state="done"), name="one_timer_a_person"),
        )

    def __str__(self) -> str:
        return f"timer {self.pk}"


class TimerStretch(OrganisationRow):
    """A finished stretch of a timer. ``counts`` is None while nobody has said whether background time was work."""

    patient_path = "timer__patient"
    timer = models.ForeignKey(Timer, on_delete=models.CASCADE, related_name="stretches")
    start_s = models.BigIntegerField()
    end_s = models.BigIntegerField()
    counts = models.BooleanField(null=True)

    class Meta:
        ordering = ("start_s",)

    def __str__(self) -> str:
        return f"stretch {self.pk}"
