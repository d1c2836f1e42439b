"""``python -m imagekit.cli`` is ``imagekit``."""

from imagekit.cli import main

main()
