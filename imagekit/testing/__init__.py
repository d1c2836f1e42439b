"""Helpers for testing programs and plugins that use imagekit."""

from imagekit.testing.loopback import Answer, Loopback, Seen

__all__ = ["Answer", "Loopback", "Seen"]
