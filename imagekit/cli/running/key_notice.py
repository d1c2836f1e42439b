"""Whose key a host has refused: several may be at hand, and the host names none."""

from __future__ import annotations

from imagekit import AuthenticationError, BillingError, Client, ImagekitError, PermissionDenied
from imagekit.cli import output

__all__ = ["tell_of_key"]


def tell_of_key(client: Client, error: ImagekitError) -> None:
    """Where the key of a refused call came from, and where others are made."""
    if not isinstance(error, AuthenticationError | PermissionDenied | BillingError):
        return
    host = client.registry.hosts.get(error.host or "")
    source = client.credential_source(host) if host and host.auth.variables else None
    if host and source:
        made = f"; keys are made at {host.keys_url}" if host.keys_url else ""
        output.note(f"its key came from {source}{made}")
