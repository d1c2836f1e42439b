"""Reference pictures and masks: read once, checked, made to fit, and told of."""
