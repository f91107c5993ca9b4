"""Tables of oversight: acts, the director's log, findings of the radar, aims, studies."""

from __future__ import annotations

from careledger.web.oversight.models.acts import OversightAct
from careledger.web.oversight.models.director import DirectorAgreement, DirectorApproval, DirectorEntry
from careledger.web.oversight.models.improvement import Aim, AimNote, AimPoint, Cycle
from careledger.web.oversight.models.radar import FindingWork, RadarFinding, RadarRun, StudyReport

__all__ = [
    "Aim", "AimNote", "AimPoint", "Cycle", "DirectorAgreement", "DirectorApproval", "DirectorEntry", "FindingWork",
    "OversightAct", "RadarFinding", "RadarRun", "StudyReport",
]  # fmt: skip
