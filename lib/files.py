"""What a file is known by, whatever its name."""

import base64
import hashlib


def checksum(content):
    """Return the SHA-256 of a file given as base64, as 64 hexadecimal digits.

    :param content: bytes or str in base64, as a binary field holds it; empty for no file
    :return: str, or False where there is no file
    """
    if not content:
        return False
    return hashlib.sha256(base64.b64decode(content)).hexdigest()
