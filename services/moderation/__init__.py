"""Checks photographs against a policy."""

from services.moderation.policy import Category, Policies, Policy
from services.moderation.service import Moderation, ModerationService, Verdict

__all__ = ["Category", "Moderation", "ModerationService", "Policies", "Policy", "Verdict"]
