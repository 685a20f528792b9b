"""The types that all other modules use: money, rates, periods, tallies, explanations, findings and proportions."""
