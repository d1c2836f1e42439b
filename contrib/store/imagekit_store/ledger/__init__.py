"""The steps of paid calls, as rows have them, and the journal that takes them."""
