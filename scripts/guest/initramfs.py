# SPDX-License-Identifier: GPL-2.0
"""Write an initramfs.

The archive is put together here rather than by cpio(1), because a directory
tree on disk could hold the device node that init needs only if root made it.
"""

import stat


class Initramfs:
    """A cpio archive in the "newc" format, as the kernel unpacks it."""

    def __init__(self):
        self._chunks = []
        self._made = set()
        self._inode = 0

    def _entry(self, name, mode, content=b"", rdev=(0, 0)):
        self._inode += 1
        encoded = name.encode() + b"\0"
        fields = (
            self._inode,
            mode,
            0,  # owner
            0,  # group
            1,  # links
            0,  # time: the same input makes the same archive
            len(content),
            0,  # device that holds the file
            0,
            *rdev,
            len(encoded),
            0,  # checksum, unused in this format
        )
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
        for part in (head, content):
            self._chunks.append(part + b"\0" * (-len(part) % 4))

    def _parents(self, name):
        parts = name.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            self.directory("/".join(parts[:depth]))

    def directory(self, name):
        if name not in self._made:
            self._parents(name)
            self._made.add(name)
            self._entry(name, stat.S_IFDIR | 0o755)

    def file(self, name, content, mode=0o644):
        self._parents(name)
        self._entry(name, stat.S_IFREG | mode, content)

    def link(self, name, target):
        self._parents(name)
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def node(self, name, major, minor):
        self._parents(name)
        self._entry(name, stat.S_IFCHR | 0o600, rdev=(major, minor))

    def write(self, path):
        self._entry("TRAILER!!!", 0)
        with open(path, "wb") as out:
            out.writelines(self._chunks)
