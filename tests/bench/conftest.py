"""Lets the tests import this folder by its name, as ``python -m tests.chaos`` does."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))
