"""The care plan that a patient takes home, in plain words, in English or Spanish, in normal or large print."""

from careledger.documents.plan.build import build_plan
from careledger.documents.plan.data import PlanData, PlanGoal, PlanMedication, PlanProblem, PlanStep, PlanText

__all__ = ["PlanData", "PlanGoal", "PlanMedication", "PlanProblem", "PlanStep", "PlanText", "build_plan"]
