"""What a program pays for that has the store installed, and may not use it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = "{'sqlalchemy', 'alembic', 'psycopg', 'obstore', 'PIL', 'click'}"


@pytest.mark.parametrize(
    "program",
    [
        "import imagekit_store",
        "from imagekit_store import StoreUnavailable",
        "from imagekit import Client; Client().plan('a heron', model='sandbox:seedream-4.5')",
    ],
)
def test_no_database_is_loaded_before_one_is_used(program):
    look = f"import sys; loaded = {HEAVY} & {{*sys.modules}}; assert not loaded, loaded"
    done = subprocess.run([sys.executable, "-c", f"{program}\n{look}"], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
