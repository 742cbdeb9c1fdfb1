"""Centres ranked fairly, and what a campaign did: shrinkage, expected shares, places with their intervals, funnel, matched centres."""

from workbench.recovery.ranking.campaign import CampaignEffect, campaign_effect, rates_by_month
from workbench.recovery.ranking.fair_shares import APART, STRATA, fair_shares
from workbench.recovery.ranking.rank_units import funnel_limits, rank_units, unit_trends

__all__ = [
    "APART",
    "STRATA",
    "CampaignEffect",
    "campaign_effect",
    "fair_shares",
    "funnel_limits",
    "rank_units",
    "rates_by_month",
    "unit_trends",
]
