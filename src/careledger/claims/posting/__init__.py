"""Remittances into the ledger: read, matched, balanced, booked once, or quarantined whole."""

from careledger.claims.posting.post import PostResult, Release, post_835, quarantined, release_file

__all__ = ["PostResult", "Release", "post_835", "quarantined", "release_file"]
