"""Reading an answer while it arrives: JSON with pictures in it, events, in little memory."""
