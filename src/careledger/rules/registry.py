"""Which rules each code must meet, in the order a reader meets them in the proof.

Each family lists its codes in its ``codes`` module: adding a code is adding a line there; adding a rule is adding its name
where it belongs. An add-on meets what its base meets, but for the base's own first unit, which more minutes imply.
"""

from __future__ import annotations

from collections.abc import Mapping

from careledger.rules.apcm import codes as apcm
from careledger.rules.behavioral import codes as behavioral
from careledger.rules.ccm import codes as ccm
from careledger.rules.common import Rules
from careledger.rules.community import codes as community
from careledger.rules.cpo import codes as cpo
from careledger.rules.monitoring import codes as monitoring
from careledger.rules.neighbours import codes as neighbours
from careledger.rules.pain import codes as pain
from careledger.rules.pcm import codes as pcm
from careledger.rules.rural import codes as rural
from careledger.rules.tcm import codes as tcm

_FAMILIES = (ccm, cpo, pcm, apcm, behavioral, tcm, monitoring, pain, community, rural, neighbours)

REQUIREMENTS: Mapping[str, Rules] = {code: rules for family in _FAMILIES for code, rules in family.REQUIREMENTS.items()}
"""Every code this program decides, to its rules. The order of the codes settles ties between equal amounts."""

FAMILIES: Mapping[str, tuple[str, ...]] = {
    name: codes for family in _FAMILIES for name, codes in family.TOUCHED.items()
}
"""Codes that the same facts touch, by the program, agency or place that touches them."""

BASES: Mapping[str, str] = {
    "99494": "cocm.care_manager_time.add_on_base_codes",
    "G0568": "apcm.behavioral.base_codes",
    "G0569": "apcm.behavioral.base_codes",
    "G0570": "apcm.behavioral.base_codes",
}
"""Add-ons that several base codes may carry, to the policy value that lists them."""
