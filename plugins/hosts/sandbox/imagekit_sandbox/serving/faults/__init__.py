"""What goes wrong: the failures there are, those of one request, and the rules that choose."""
