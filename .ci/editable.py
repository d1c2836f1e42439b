"""Builds editable wheels of the distributions in these folders, into the first one.

pip does the same with `-e`, but starts Python three times for each of them.
"""

import os
import sys
from pathlib import Path

from setuptools import build_meta

wheels, *folders = [str(Path(name).resolve()) for name in sys.argv[1:]]
for folder in folders:
    os.chdir(folder)  # where the hooks of PEP 660 look for what they build
    build_meta.build_editable(wheels)
