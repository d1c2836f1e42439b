"""The face: what programs call."""
