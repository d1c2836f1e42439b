"""The conformance kit: what must hold of every family, wire and host, checked."""
