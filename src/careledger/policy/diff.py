"""``policy diff``: what changed in the law between two days."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import date

from careledger.policy.model import PolicyValue
from careledger.policy.render import Paint, doubt_text, no_paint, value_text
from careledger.policy.store import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A value that is another on the second day; None where nothing was said or there was none."""

    id: str
    before: PolicyValue | None
    after: PolicyValue | None


def diff(
    policy: Policy, first: date, second: date, payer: str = "medicare_ffs", *, overlays: tuple[str, ...] = ()
) -> tuple[Change, ...]:
    """Every value whose content, or whose doubt, differs between two days under a payer, by name.

    Overlays lie over the second day only, so that a day can be compared with itself under a proposal.
    """
    before, after = policy.on(first, payer), policy.on(second, payer, overlays=overlays)
    names = sorted({*before.all_ids(), *after.all_ids()})
    pairs = ((name, before.peek(name), after.peek(name)) for name in names)
    return tuple(Change(id=name, before=old, after=new) for name, old, new in pairs if _content(old) != _content(new))


def diff_text(
    policy: Policy,
    first: date,
    second: date,
    payer: str = "medicare_ffs",
    width: int = 100,
    paint: Paint = no_paint,
    *,
    overlays: tuple[str, ...] = (),
) -> str:
    """``policy diff`` as text."""
    changes = diff(policy, first, second, payer, overlays=overlays)
    with_ = f" with {', '.join(overlays)}" if overlays else ""
    lines = [paint(f"{first} to {second}{with_} under {payer}; policy {policy.version}", "quiet"), ""]
    for change in changes:
        lines.append(paint(change.id, "name"))
        lines += _side("-", change.before, width)
        lines += _side("+", change.after, width)
    lines.append(f"{len(changes)} changed" if changes else "nothing changed")
    return "\n".join(lines)


def _content(value: PolicyValue | None) -> object:
    return None if value is None else (value.value, value.absent, value.confirmed, value.disputed)


def _side(sign: str, value: PolicyValue | None, width: int) -> list[str]:
    if value is None:
        return [f"  {sign} nothing is said"]
    parts = [value_text(value), doubt_text(value), f"({', '.join(value.cite) or 'no source'})"]
    if value.note and (value.absent or value.disputed or not value.confirmed):
        parts.append(value.note)
    text = " ".join(part for part in parts if part)
    return textwrap.wrap(text, width, initial_indent=f"  {sign} ", subsequent_indent="    ", break_on_hyphens=False)
