"""Every picture, kept once under its digest: in a folder, or in a bucket."""

from imagekit_store.pictures.addresses import pictures_at
from imagekit_store.pictures.folder import Folder
from imagekit_store.pictures.kept import Kept
from imagekit_store.pictures.pictures import Pictures
from imagekit_store.pictures.place import Gone, reason
from imagekit_store.pictures.sweeping import GRACE, Needed, Swept, remove, sweep, unneeded
from imagekit_store.pictures.thumbnails import NoThumbnail

__all__ = [
    "GRACE",
    "Folder",
    "Gone",
    "Kept",
    "Needed",
    "NoThumbnail",
    "Pictures",
    "Swept",
    "pictures_at",
    "reason",
    "remove",
    "sweep",
    "unneeded",
]
