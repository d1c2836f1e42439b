"""What knows nothing of imagekit: bytes in little memory, whole files, addresses, file formats,
names that are nearly right. It imports nothing of imagekit but itself.
"""
