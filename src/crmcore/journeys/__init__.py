"""What customers do, visit by visit.

- `log`: Packs what many customers did into `Journeys`, which every room below reads.
- `paths`: Which paths do customers take, where do they turn back, and where do they leave?
- `journey_maps`: How does what customers do differ from the plan, and which step should be improved first?
- `attribution`: Which touchpoints earn the conversions?
- `abandonment`: How many contacts do customers give up, and why?
- `micro_moments`: Is the company there whenever a customer reaches for the phone?
"""
