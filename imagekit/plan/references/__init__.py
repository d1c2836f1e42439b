"""Reference pictures and masks: read once, checked, and made to fit."""
