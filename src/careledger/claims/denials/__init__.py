"""Denials as work: what the payer's codes usually mean here, what our own records say, what to do and by when."""

from careledger.claims.denials.work import Denial, denial, denials, end_denial

__all__ = ["Denial", "denial", "denials", "end_denial"]
