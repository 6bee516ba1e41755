"""What holds for every test of this suite."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# No test measures time: a busy machine may take long over an example, and over making one. What the profile that was in force says
# of all else, e.g. on a CI, is kept.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
