# SPDX-License-Identifier: GPL-2.0
"""Search a kernel log for trouble.

A run whose every check passed still fails if the kernel complained about
anything: what a DMA layer gets wrong shows up as somebody else's bad page,
or as a driver that waits for a completion that never came.
"""

import re

TROUBLE = (
    # the kernel's own complaints
    r"\bWARNING\b",
    r"\bBUG\b",
    r"\bOops\b",
    r"\bKernel panic\b",
    r"\bCall Trace\b",
    r"\bgeneral protection fault\b",
    r"\bunable to handle\b",
    r"\bBad page\b",
    r"\bbad_page\b",
    r"\bUBSAN\b",
    r"\bKASAN\b",
    r"\bKMSAN: ",
    r"\bKCSAN\b",
    r"\bkmemleak: .*new suspected",
    r"\blist_(add|del) corruption\b",
    r"\brefcount_t: ",
    r"\bscheduling while atomic\b",
    r"\bsleeping function called\b",
    r"\bOut of memory\b",
    r"\ballocation failure\b",
    r"\bsysfs: cannot create duplicate\b",
    r"\bUnknown symbol\b",
    r"\bdisagrees about version\b",
    # lockdep and RCU
    r"\bpossible circular locking\b",
    r"\bpossible recursive locking\b",
    r"\bpossible irq lock inversion\b",
    r"\bpossible deadlock\b",
    r"\binconsistent lock state\b",
    r"\b(HARD|SOFT)IRQ-safe -> (HARD|SOFT)IRQ-unsafe\b",
    r"\bsuspicious RCU usage\b",
    r"\bbad unlock balance\b",
    r"\bheld lock freed\b",
    r"\bdetected stalls?\b",
    r"\bself-detected stall\b",
    # somebody waits for ever
    r"\bINFO: task .* blocked\b",
    r"\bsoft lockup\b",
    r"\bhard LOCKUP\b",
    # a driver that did not give back what it had mapped
    r"\bodma: .* left .* behind\b",
    r"\bodma: .* don't add up\b",
    # DMA that went where it should not, or never came
    r"\bDMAR: .*\bfault\b",
    r"\bDMAR: \[DMA\b",
    r"\bAMD-Vi: .*\bIO_PAGE_FAULT\b",
    r"\boverflow 0x[0-9a-f]+\+\d+ of DMA mask\b",
    r"\bswiotlb buffer is full\b",
    r"\bI/O error\b",
    r"\btimeout, (aborting|completion polled|reset controller|disable controller)",
    r"\bcontroller is down\b",
    r"\bDetected (Tx|Hardware) Unit Hang\b",
    r"\bNETDEV WATCHDOG\b",
)

# Said by stock kernels of the processor that QEMU shows them, with nothing of
# the project loaded; each one is matched as a whole so that nothing else is
# forgiven with it.
HARMLESS = (
    r"(Spectre V2|RETBleed|MDS|TAA|MMIO Stale Data|L1TF).*: WARNING: .*",
)

_trouble = re.compile("|".join(TROUBLE))
_harmless = re.compile(r"\s*(\[[^\]]*\])?\s*(" + "|".join(HARMLESS) + r")\s*")
_begin = re.compile(r"\bguest: begin (\S+)")

# A scenario that has a device do what it must not says so before and after.
_expecting = re.compile(r"\bguest: expecting (?:no more DMA faults|DMA faults of (\S+))$")
# What drivers leave behind is a scenario's, or a suite's, subject now and then.
_leaving = re.compile(r"\b(?:guest|odma-kunit): expecting (no more )?leftovers$")
_left = re.compile(r"\bodma: .* (left .* behind|don't add up)\b")
_fault = re.compile(r"\bDMAR: (?:DRHD: handling fault status reg [0-9a-f]+$|"
                    r"\[DMA (?:Read|Write) NO_PASID\] Request device \[(\S+)\] fault addr )")


def _is_expected(line, device):
    """Is this what the IOMMU's driver says of a fault of the device?"""
    fault = device and _fault.search(line)
    return fault and fault.group(1) in (None, device)


def troubles(log):
    """The offending lines, each with the scenario that was running."""
    where = "boot"
    faulty = None
    leaving = False
    found = []
    for line in log.splitlines():
        begin = _begin.search(line)
        expecting = _expecting.search(line)
        left = _leaving.search(line)
        if begin:
            where = begin.group(1)
            faulty = None
            leaving = False
        elif left:
            leaving = not left.group(1)
        elif expecting:
            faulty = expecting.group(1)
        # What the harness itself writes there quotes what went wrong.
        elif "guest: " in line:
            continue
        elif _trouble.search(line) and not (_harmless.fullmatch(line) or
                                            _is_expected(line, faulty) or
                                            leaving and _left.search(line)):
            found.append((where, line.strip()))
    return found


def said(log, by):
    """(scenario, line) of what one of the project's modules said."""
    where = "boot"
    found = []
    for line in log.splitlines():
        begin = _begin.search(line)
        if begin:
            where = begin.group(1)
        elif "guest: " not in line and re.search(rf"\b{by}[a-z-]*: ", line):
            found.append((where, line.strip()))
    return found
