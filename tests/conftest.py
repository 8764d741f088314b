"""Shared by all tests: the data once, and hypothesis without chance."""

import numpy as np
import pytest
from browser import browser, visit  # noqa: F401, fixtures of the browser tests
from hypothesis import settings

from nndl import load_mnist

settings.register_profile("fixed", derandomize=True, deadline=None)
settings.load_profile("fixed")


@pytest.fixture(scope="session")
def mnist():
    return load_mnist()


@pytest.fixture
def rng():
    return np.random.default_rng(0)
