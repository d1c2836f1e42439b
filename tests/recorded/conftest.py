"""What reads the samples and the tables is a package beside the test."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
