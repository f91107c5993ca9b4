"""The codes an add-on may be billed beside."""

from __future__ import annotations

from careledger.policy.view import PolicyView
from careledger.rules.registry import BASES


def bases_of(code: str, view: PolicyView) -> tuple[str, ...]:
    """The base codes of an add-on, of which one is enough; none for a code that stands alone."""
    base = view.code(code).base_code
    if base is not None:
        return (base,)
    listed = view.peek(BASES[code]) if code in BASES else None
    return listed.value if listed is not None and isinstance(listed.value, tuple) else ()
