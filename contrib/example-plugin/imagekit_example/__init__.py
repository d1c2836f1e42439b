"""Example for imagekit."""

# A hook is called where it is named here: whoever writes one more names it, too.
from imagekit_example.family import imagekit_families as imagekit_families
from imagekit_example.host import imagekit_hosts as imagekit_hosts
