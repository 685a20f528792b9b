"""How hard Hypothesis tries, by the environment variable HYPOTHESIS_PROFILE."""

import os

from hypothesis import HealthCheck, Phase, settings

REPEATABLE = settings(
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a busy machine is slow
    print_blob=True,
)

settings.register_profile("quick", REPEATABLE, max_examples=3)
settings.register_profile("normal", REPEATABLE, max_examples=20)
settings.register_profile("thorough", REPEATABLE, max_examples=100)
settings.register_profile(
    "mutants",
    derandomize=True,
    deadline=None,
    max_examples=10,
    phases=[Phase.explicit, Phase.generate],  # a mutant that fails is dead: how it fails does not matter
    suppress_health_check=list(HealthCheck),  # a mutant may make them ill
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "normal"))
