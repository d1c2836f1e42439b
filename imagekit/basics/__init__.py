"""What knows nothing of pictures or plugins: bytes in little memory, whole files, addresses, names
that are nearly right. It imports nothing of imagekit but itself.
"""
