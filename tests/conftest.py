"""What holds for every test: no settings of the caller, no chance, no heavy backend."""

import os

import pytest
from hypothesis import settings

# Keras chooses its backend when it is first imported; this one needs no accelerator.
os.environ.setdefault("KERAS_BACKEND", "numpy")

# Python takes compiled code for current by the second and the size: an edit that a test makes in
# the same second would not be loaded by the processes that it starts.
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
# Tests run side by side: threads of one that wait for each other would wait for the other's too.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples each time, and no deadline: a busy machine must not fail a true property.
settings.register_profile("dev", deadline=None, derandomize=True, max_examples=30)
settings.register_profile("ci", deadline=None, derandomize=True, max_examples=100)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(autouse=True)
def _without_the_callers_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide every `WHENCE_...` variable of the shell from the test."""
    for name in list(os.environ):
        if name.startswith("WHENCE_"):
            monkeypatch.delenv(name)
