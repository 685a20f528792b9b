"""Journeys: which way do customers go?

Here: the packed log of journeys, paths through it, journey maps, attribution, abandoned contacts and micro-moments.
"""
