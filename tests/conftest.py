"""Settings for all tests."""

import os

from hypothesis import settings

# The daily run tries the same examples every time; `run.py test --all` looks for new ones.
settings.register_profile("daily", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("A2FBRIDGE_EXAMPLES", "daily"))
