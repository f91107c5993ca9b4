"""Which way a value is looser than the federal rule, told by its name; what a contract may settle as it likes.

The names of policy values say what kind of rule they are: minutes are asked for, limits allow, ``needs_`` demands,
``excluded_`` forbids. A value whose direction its name does not tell may not be changed by a contract at all.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from careledger.policy.model import STRICTEST_FIRST

Direction = Literal["less", "more", "fixed"]
"""The way that is looser: less of it, more of it, or any change."""

_TERMS = re.compile(r"\w+\.payers\.\w+|terms\.\w+\.\w+|cpo\.cpt\.(payer_recognises|not_paid_separately|when_\w+)")
_FEES = re.compile(r"fees\.\w+\.\w+")

_LESS_NUMBER = (
    r"\w*minutes(_low|_high|_min|_short|_middle|_long)?|\w*days_min|min_days|prior_service_days|\w*interval_days|\w*_conditions"
    r"|expected_months|pain_months|gap_months|attempts_suffice|coinsurance_percent|no_visit_\w+"
)
_MORE_NUMBER = (
    r"\w*limit|\w*units|units|paid_\w+|times_\w+|lookback_months|review_months|\w+_visit_days|business_days|\w+_max_\w+"
)
_LESS_FLAG = (
    r"\w*needs_\w+|forbids_\w+|must_\w+|bars_\w+|\w+_bars|\w+_excluded|exclusive\w*|new_when_\w+|once_\w+|every_\w+|\w+_once_\w+"
    r"|whole_units_only|before_services|renewed_yearly|needed|needed_for_established|monthly_visit_needed|alone_on_claim"
    r"|after_month_end|same_day_as_visit|by_biller|disease_specific|electronic|deductible_applies|specialty_restricted"
    r"|separate_from_ccm_plan|conference_time_is_bundled|either_\w+|consultant_qualified_to_prescribe"
)
_MORE_FLAG = (
    r"may_\w+|\w+_counts?|\w+_count_for_ccm|counts_staff|\w+_accepted|\w+_allowed|\w+_fills|\w+_suffices|\w+_may_\w+|carried_over"
    r"|minute_used_twice|paid_separately|\w+_within_paid|short_takes_add_on|minutes_reach_a_claim|waived_\w+|medicare_pays_\w+"
    r"|individual_codes_payable|beside_general_code|\w+_are_business_days"
)
_LESS_LIST = r"required_statements|elements|\w+_month_elements|\w+_parts|excluded_\w+|never_\w+|exclusive_with|\w*bundled_codes|ends_with|\w+_never|oversight_never"
_MORE_LIST = (
    r"\w+_kinds|forms|copy_forms|codes|visit_codes|initiating_codes|\w*mdm_levels|sufficient_levels|systems|optional_elements"
    r"|base_codes|\w+_counts|with|separate_codes|settings"
)


def is_term(id_: str, kind: str) -> bool:
    """May a contract of a payer of that kind settle the value as it likes? Medicare Part B itself has no contract."""
    if kind == "medicare_ffs":
        return False
    return bool(_TERMS.fullmatch(id_)) or (kind != "medicare_advantage" and bool(_FEES.fullmatch(id_)))


def looser_way(id_: str, value: Any) -> Direction:
    """The way in which a value of that name would be looser than the one given."""
    if id_.startswith(("codes.", "ncci.")):
        return "fixed"
    if id_.startswith("conflicts."):
        return "more"
    name = id_.rpartition(".")[2]
    less, more = _names(value)
    if re.fullmatch(less, name):
        return "less"
    return "more" if re.fullmatch(more, name) else "fixed"


def _names(value: Any) -> tuple[str, str]:
    if isinstance(value, bool):
        return _LESS_FLAG, _MORE_FLAG
    if isinstance(value, int | float):
        return _LESS_NUMBER, _MORE_NUMBER
    if isinstance(value, list | tuple):
        return _LESS_LIST, _MORE_LIST
    return "$^", "$^"


def is_looser(id_: str, federal: Any, other: Any) -> bool:
    """Is ``other`` looser than the federal value? With direction ``fixed`` every other value is."""
    way = looser_way(id_, federal)
    if way == "fixed" or type(federal) is not type(other):
        return bool(federal != other)
    if id_.startswith("conflicts."):
        return STRICTEST_FIRST.index(other) > STRICTEST_FIRST.index(federal)
    if isinstance(federal, list | tuple):
        added, removed = set(other) - set(federal), set(federal) - set(other)
        return bool(added if way == "more" else removed)
    return bool(other > federal if way == "more" else other < federal)
