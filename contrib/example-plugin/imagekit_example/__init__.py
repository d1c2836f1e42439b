"""Example for imagekit."""

from imagekit_example.family import imagekit_families as imagekit_families
from imagekit_example.host import imagekit_hosts as imagekit_hosts
