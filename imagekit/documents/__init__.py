"""Values as JSON documents that last: stored, sent elsewhere, and read again by a later version."""
