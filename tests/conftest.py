"""What holds for every test: a busy machine makes a generated example slow, which is no fault of the code."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("careledger", deadline=None)
settings.load_profile("careledger")
