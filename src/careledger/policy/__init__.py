"""The law as data: dated, cited values, and what is in force on a day under a payer.

policy = load_policy()
view = policy.on(date(2026, 3, 31), payer="medicare_ffs")
view["ccm.clinical_staff_time.first_unit_minutes"]        # 20
view.value("ccm.clinical_staff_time.add_on_limit").cite   # ids of sources
"""

from careledger.policy.load import load_policy
from careledger.policy.model import Activity, CodeFacts, Conflict, Overlay, Payer, PolicyValue, Source
from careledger.policy.store import Policy, plain_wording
from careledger.policy.view import PolicyView

__all__ = [
    "Activity",
    "CodeFacts",
    "Conflict",
    "Overlay",
    "Payer",
    "Policy",
    "PolicyValue",
    "PolicyView",
    "Source",
    "load_policy",
    "plain_wording",
]
