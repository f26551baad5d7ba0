# SPDX-License-Identifier: GPL-2.0
"""The ACPI table that tells of a machine's IOMMU, with regions for firmware.

QEMU's own table has no RMRR: no memory that a device uses by DMA for firmware,
whatever the kernel maps for it. The one made here says what QEMU's says, and
has some. The kernel takes it in the place of QEMU's when it finds it in its
initramfs: it bears the same names, and a higher revision.

It is for the machine `q35` with `-device intel-iommu`, whose own table can be
had from /sys/firmware/acpi/tables/DMAR. That one lists the functions that are
behind the IOMMU; here, it is all of them.

Source: Intel's specification of VT-d, "BIOS Considerations"; the kernel's
admin-guide/acpi/initrd_table_override.
"""

import struct

# where the kernel looks for it, in an archive that is not compressed
PATH = "kernel/firmware/acpi/dmar.aml"

_HEADER = struct.Struct("<4sIBB6s8sI4sI")
_OEM = (b"BOCHS ", b"BXPC    ")
_OEM_REVISION = 2  # QEMU's is 1
_CREATOR = (b"BXPC", 1)

_ADDRESS_BITS = 39
_REMAPS_INTERRUPTS = 1

_UNIT = 0
_UNIT_REGISTERS = 0xfed90000
_UNIT_HAS_ALL = 1
_REGION = 1

_ENDPOINT = 1
_IOAPIC = 3
_IOAPIC_BUS = 0xff


def _scope(kind, bus, device, function):
    """A device, by its place on its bus."""
    return struct.pack("<BBHBBBB", kind, 8, 0, 0, bus, device, function)


def _structure(kind, content, *scopes):
    content += b"".join(scopes)
    return struct.pack("<HH", kind, 4 + len(content)) + content


def _unit():
    return _structure(_UNIT, struct.pack("<BBHQ", _UNIT_HAS_ALL, 0, 0, _UNIT_REGISTERS),
                      _scope(_IOAPIC, _IOAPIC_BUS, 0, 0))


def _region(function, first, size):
    """`size` bytes at `first`, for a PCI function that is behind no bridge."""
    domain, bus, slot = function.split(":")
    place = (int(part, 16) for part in (bus, *slot.split(".")))
    return _structure(_REGION, struct.pack("<HHQQ", 0, int(domain, 16), first,
                                           first + size - 1),
                      _scope(_ENDPOINT, *place))


def _with_header(content, checksum=0):
    return _HEADER.pack(b"DMAR", _HEADER.size + len(content), 1, checksum, *_OEM,
                        _OEM_REVISION, *_CREATOR) + content


def table(regions):
    """The table with these regions: (PCI function, first address, bytes) each.

    Both are whole pages. The kernel believes in those that its memory map has
    as reserved.
    """
    content = struct.pack("<BB10x", _ADDRESS_BITS - 1, _REMAPS_INTERRUPTS) + _unit()
    content += b"".join(_region(*region) for region in regions)
    # All bytes of a table add up to 0.
    return _with_header(content, -sum(_with_header(content)) % 256)
