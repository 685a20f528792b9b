"""The levels and rules of this room, which planners of other rooms read as well."""

from crmcore.model._levels import LEVELS, LevelRule, NoLevel, as_levels, as_rules, check_levels

__all__ = ["LEVELS", "LevelRule", "NoLevel", "as_levels", "as_rules", "check_levels"]
