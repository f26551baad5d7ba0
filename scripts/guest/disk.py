# SPDX-License-Identifier: GPL-2.0
"""Disk images whose content the host knows.

The first part of an image holds a pattern that the guest has to find there;
behind it are slots that the guest fills, and tells the checksums of.
"""

import hashlib
import random

MIB = 1 << 20


class Disk:
    def __init__(self, path, seed, pattern_mib=16, size_mib=64):
        self.path = path
        self.pattern_mib = pattern_mib
        self.size_mib = size_mib
        pattern = random.Random(seed).randbytes(pattern_mib * MIB)
        self.sha256 = hashlib.sha256(pattern).hexdigest()
        with open(path, "wb") as image:
            image.write(pattern)
            image.truncate(size_mib * MIB)

    def checksum(self, offset_mib, size_mib):
        digest = hashlib.sha256()
        with open(self.path, "rb") as image:
            image.seek(offset_mib * MIB)
            for _ in range(size_mib):
                digest.update(image.read(MIB))
        return digest.hexdigest()

    def pattern_intact(self):
        return self.checksum(0, self.pattern_mib) == self.sha256
