"""What a question said, as read: nothing here is assumed."""

from __future__ import annotations

from dataclasses import dataclass, field

from careledger.core.month import Month
from careledger.library.ask.lexicon import Mention

BESIDE_ANY = frozenset(["visit", "awv", "acp", "cognitive", "conference", "prolonged"])


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of time that was said; ``who`` is a concept such as staff.nurse or ``self``, ``program`` a family.

    Attributes:
        goal: a target that was named ("to reach 20 minutes") and no time that was worked.
    """

    seconds: int
    who: str | None
    program: str | None
    goal: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as it was understood.

    Attributes:
        text: the question, cut to the longest that is read; never logged.
        concepts: everything recognised, such as fam.ccm, payer.humana, topic.consent.
        codes: procedure codes that were written, in order.
        counts: numbers of things by thing: conditions, days, months_ago, attempts.
        year: the year that was named without a month.
        running: the asker speaks of a month that is not over ("so far", "this month").
        role: the reader's role, where it was given.
        rest: how many words with a meaning of their own were not recognised.
    """

    text: str
    mentions: tuple[Mention, ...] = ()
    concepts: frozenset[str] = frozenset()
    codes: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    amounts: tuple[Amount, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    month: Month | None = None
    year: int | None = None
    running: bool = False
    relation: str | None = None
    mended: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    role: str | None = None
    rest: int = 0

    @property
    def programs(self) -> tuple[str, ...]:
        """Families that are programs of their own, without the visits and talks that stand beside any."""
        return tuple(one for one in self.families if one not in BESIDE_ANY)

    @property
    def payer(self) -> str | None:
        """The payer that was named; the most particular one where several were."""
        return self._first("payer.", skip=("payer.secondary", "payer.capitation", "payer.dual"))

    @property
    def place(self) -> str | None:
        """Where the patient lives or is."""
        return self._first("place.")

    @property
    def setting(self) -> str | None:
        """What kind of practice bills."""
        return self._first("setting.")

    @property
    def worked(self) -> tuple[Amount, ...]:
        """Amounts that are work done, not targets."""
        return tuple(amount for amount in self.amounts if not amount.goal)

    def has(self, concept: str) -> bool:
        """Was it said? ``a|b`` asks for either."""
        return any(one in self.concepts for one in concept.split("|"))

    def _first(self, start: str, skip: tuple[str, ...] = ()) -> str | None:
        named = [one.concept for one in self.mentions if one.concept.startswith(start) and one.concept not in skip]
        named = list(dict.fromkeys(named))
        particular = [one for one in named if one not in ("payer.medicare",)]
        chosen = particular or named
        return chosen[0].removeprefix(start) if chosen else None
