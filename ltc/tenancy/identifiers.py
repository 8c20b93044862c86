"""Public ids: UUIDv7, known before the insert, in time order, telling nothing of volume."""

import os
import time
import uuid


def uuid7() -> uuid.UUID:
    """48 bits of milliseconds, the version, and random bits (RFC 9562, 5.7)."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    return uuid.UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | (7 << 76) | (2 << 62))
