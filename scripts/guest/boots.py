# SPDX-License-Identifier: GPL-2.0
"""Which scenarios there are, and which of them share a boot.

A boot costs more than most scenarios do, so everything that can run on one
machine runs there one after the other; each scenario starts with odma not
loaded and leaves it so.
"""

import shlex
from dataclasses import dataclass, replace

from kernel import DEBUG, KERNELS, SERIES

NVME = "0000:00:04.0"
VIRTIO_BLK = "0000:00:05.0"
E1000E = "0000:00:06.0"
EDU = "0000:00:07.0"
AHCI = "0000:00:08.0"
VIRTIO_NET = "0000:00:09.0"
E1000 = "0000:00:0a.0"
IVSHMEM = "0000:00:0b.0"
VIRTIO_MODERN = "0000:00:10.0"
VIRTIO_TRANSITIONAL = "0000:00:11.0"
VIRTIO_LEGACY = "0000:00:12.0"
# behind a bridge to conventional PCI
BRIDGE = "0000:00:0c.0"
BEHIND_A = "0000:01:01.0"
BEHIND_B = "0000:01:02.0"
XHCI = "0000:00:0d.0"
# ports for PCI Express hotplug, with what is plugged in
PORTS = ("0000:00:13.0", "0000:00:14.0", "0000:00:15.0")
PLUGGED_EDU = "0000:02:00.0"
PLUGGED_NVME = "0000:03:00.0"
PLUGGED_E1000E = "0000:04:00.0"
# sound cards
AC97 = "0000:00:16.0"
ES1370 = "0000:00:17.0"
HDA = "0000:00:18.0"
# of the machine q35
ICH9_AHCI = "0000:00:1f.2"


def _slot(function):
    """The addr= that puts a QEMU device there."""
    return "0x" + function.split(":")[2].split(".")[0].lstrip("0")


def _nvme():
    return ["-device", f"nvme,drive=nvme,serial=odma,addr={_slot(NVME)}"]


@dataclass(frozen=True)
class Boot:
    """A machine, and what is done on it."""

    name: str
    scenarios: tuple
    qemu: tuple
    modules: tuple
    disks: tuple = ()  # (QEMU drive, PCI function that will say what it wrote there)
    nets: tuple = ()  # QEMU netdevs; each is a network of its own, with the same addresses
    append: tuple = ()
    firmware: tuple = ()  # memory that it has devices use: see dmar.table()
    plan: tuple = ()
    kernels: tuple = SERIES
    sizes: tuple = ()  # (option of a session, MiB) where it is not the usual one


MAIN = Boot(
    name="devices",
    scenarios=("edu", "boot-param", "nvme", "virtio-blk", "ahci", "e1000e",
               "virtio-net", "e1000", "redirect", "trace", "badinput", "tool",
               "fail-closed", "lifecycle"),
    qemu=(
        "-machine", "pc",
        *_nvme(),
        "-device", f"virtio-blk-pci,drive=virtio,iommu_platform=on,"
                   f"disable-legacy=on,addr={_slot(VIRTIO_BLK)}",
        "-device", f"e1000e,netdev=net,addr={_slot(E1000E)}",
        "-device", f"edu,addr={_slot(EDU)}",
        "-device", f"ahci,id=ahci,addr={_slot(AHCI)}",
        "-device", "ide-hd,drive=sata,bus=ahci.0",
        "-device", f"virtio-net-pci,netdev=virtio,iommu_platform=on,"
                   f"disable-legacy=on,addr={_slot(VIRTIO_NET)}",
        "-device", f"e1000,netdev=e1000,addr={_slot(E1000)}",
    ),
    modules=("nvme", "virtio_pci", "virtio_blk", "e1000e", "ahci", "sd_mod",
             "virtio_net", "e1000"),
    disks=(("nvme", NVME), ("virtio", VIRTIO_BLK), ("sata", AHCI)),
    nets=("net", "virtio", "e1000"),
)

# Slow, and with few drivers: what is there to find is in odma, not in them.
# q35, as the interrupt routing of the machine `pc` is a program in AML, which
# this kernel takes half a minute to run whenever a driver is bound.
CHECKED = Boot(
    name="debug",
    scenarios=("nvme", "trace", "badinput", "lifecycle", "bounce", "kmemleak"),
    qemu=("-machine", "q35", *_nvme()),
    modules=("nvme",),
    disks=(("nvme", NVME),),
    plan=(("ROUNDS", "8"),),
    kernels=(DEBUG,),
    sizes=(("pattern_mib", 4), ("slot_mib", 2)),
)

# Virtio as QEMU makes it if it is not asked for iommu_platform=on, which only
# a device that is modern and nothing else can have.
PAST = Boot(
    name="virtio",
    scenarios=("virtio-bypass",),
    qemu=(
        "-machine", "pc",
        "-device", f"virtio-blk-pci,drive=virtio,iommu_platform=on,"
                   f"disable-legacy=on,addr={_slot(VIRTIO_BLK)}",
        "-device", f"virtio-blk-pci,drive=modern,disable-legacy=on,"
                   f"addr={_slot(VIRTIO_MODERN)}",
        "-device", f"virtio-blk-pci,drive=transitional,disable-legacy=off,"
                   f"disable-modern=off,addr={_slot(VIRTIO_TRANSITIONAL)}",
        "-device", f"virtio-blk-pci,drive=legacy,disable-modern=on,"
                   f"disable-legacy=off,addr={_slot(VIRTIO_LEGACY)}",
    ),
    modules=("virtio_pci", "virtio_blk"),
    disks=(("virtio", VIRTIO_BLK), ("modern", VIRTIO_MODERN),
           ("transitional", VIRTIO_TRANSITIONAL), ("legacy", VIRTIO_LEGACY)),
    plan=(("VIRTIO_MODERN", VIRTIO_MODERN),
          ("VIRTIO_TRANSITIONAL", VIRTIO_TRANSITIONAL),
          ("VIRTIO_LEGACY", VIRTIO_LEGACY)),
    sizes=(("pattern_mib", 4), ("slot_mib", 2), ("memory", 512)),
)

# Half of the memory is above 4 GiB, where e1000 can't reach it, nor edu, which
# has 28 bits.
HIGH = Boot(
    name="high",
    scenarios=("reach", "bounce-edu"),
    qemu=("-machine", "pc,max-ram-below-4g=512M", *_nvme(),
          "-device", f"e1000,netdev=net,addr={_slot(E1000)}",
          "-device", f"edu,addr={_slot(EDU)}"),
    modules=("nvme", "e1000"),
    disks=(("nvme", NVME),),
    nets=("net",),
    sizes=(("net_mib", 1),),
)

# The kernel panics if its timer does not tick in time at boot, interrupts go
# through the IOMMU, and the machine has other things to do.
INTEL_IOMMU = ("intel_iommu=on", "no_timer_check")

TRANSLATED = Boot(
    name="iommu",
    scenarios=("iommu-translated", "iommu-host", "iommu-deny", "iommu-unmap",
               "iommu-group", "group-type"),
    qemu=(
        "-machine", "q35", "-device", "intel-iommu",
        *_nvme(),
        "-device", f"virtio-blk-pci,drive=virtio,iommu_platform=on,"
                   f"disable-legacy=on,addr={_slot(VIRTIO_BLK)}",
        "-device", f"e1000e,netdev=net,addr={_slot(E1000E)}",
        "-device", f"edu,dma_mask=0xffffffff,addr={_slot(EDU)}",
        "-device", f"pcie-pci-bridge,id=bridge,addr={_slot(BRIDGE)}",
        "-device", f"e1000,netdev=a,bus=bridge,addr={_slot(BEHIND_A)}",
        "-device", f"e1000,netdev=b,bus=bridge,addr={_slot(BEHIND_B)}",
    ),
    modules=("nvme", "virtio_pci", "virtio_blk", "e1000e", "e1000", "pci_stub"),
    disks=(("nvme", NVME), ("virtio", VIRTIO_BLK)),
    nets=("net", "a", "b"),
    append=INTEL_IOMMU,
    plan=(("BEHIND_A", BEHIND_A), ("BEHIND_B", BEHIND_B)),
    sizes=(("pattern_mib", 4), ("slot_mib", 2), ("net_mib", 1)),
)

# A disk that asks the IOMMU for translations, which only one behind a port can.
ATS_BLK = "0000:01:00.0"
ATS = Boot(
    name="iommu-ats",
    scenarios=("iommu-ats",),
    qemu=(
        "-machine", "q35", "-device", "intel-iommu,device-iotlb=on",
        "-device", f"pcie-root-port,id=port0,chassis=1,slot=1,addr={_slot(PORTS[0])}",
        "-device", "virtio-blk-pci,drive=virtio,iommu_platform=on,"
                   "disable-legacy=on,ats=on,bus=port0",
    ),
    modules=("virtio_pci", "virtio_blk"),
    disks=(("virtio", ATS_BLK),),
    append=INTEL_IOMMU,
    plan=(("ATS_BLK", ATS_BLK),),
    sizes=(("pattern_mib", 4), ("slot_mib", 2)),
)

PASSTHROUGH = Boot(
    name="iommu-pt",
    scenarios=("iommu-passthrough", "iommu-host-nvme"),
    qemu=("-machine", "q35", "-device", "intel-iommu,caching-mode=on", *_nvme()),
    modules=("nvme",),
    disks=(("nvme", NVME),),
    append=(*INTEL_IOMMU, "iommu=pt"),
    sizes=(("pattern_mib", 4), ("slot_mib", 2)),
)

AMD_TRANSLATED = Boot(
    name="iommu-amd",
    scenarios=("iommu-host-nvme",),
    qemu=("-machine", "q35", "-device", "amd-iommu", *_nvme()),
    modules=("nvme",),
    disks=(("nvme", NVME),),
    append=("no_timer_check",),
    sizes=(("pattern_mib", 4), ("slot_mib", 2)),
)

# Addresses are given from the highest downwards, so that these regions are among
# the first to be given away by mistake: edu has 28 bits, and the controller gets
# the last ones below 4 GiB. The kernel believes in a region that is reserved in
# its memory map: the first one, with what is beside it, by memmap=, while the
# other one is the machine's flash.
REGION_SIZE = 64 << 10
EDU_REGION = 0x0ff80000
XHCI_REGION = 0xffff0000

FIRMWARE = Boot(
    name="iommu-rmrr",
    scenarios=("iommu-rmrr",),
    qemu=("-machine", "q35", "-device", "intel-iommu",
          "-device", f"edu,addr={_slot(EDU)}",
          "-device", f"qemu-xhci,addr={_slot(XHCI)}",
          "-device", "usb-storage,drive=usb",
          "-device", "ide-hd,drive=sata,bus=ide.0"),
    modules=("xhci_pci", "usb_storage", "sd_mod", "ahci"),
    disks=(("usb", XHCI), ("sata", ICH9_AHCI)),
    append=(*INTEL_IOMMU, "memmap=1M$0xff00000"),
    firmware=((EDU, EDU_REGION, REGION_SIZE), (XHCI, XHCI_REGION, REGION_SIZE)),
    plan=(("XHCI", XHCI), ("ICH9_AHCI", ICH9_AHCI), ("REGION_SIZE", REGION_SIZE),
          ("EDU_REGION", f"{EDU_REGION:#018x}"),
          ("XHCI_REGION", f"{XHCI_REGION:#018x}")),
    sizes=(("pattern_mib", 4), ("slot_mib", 2)),
)

TRANSLATED_CHECKED = Boot(
    name="iommu-debug",
    scenarios=("iommu-host-nvme",),
    qemu=("-machine", "q35", "-device", "intel-iommu", *_nvme()),
    modules=("nvme",),
    disks=(("nvme", NVME),),
    append=INTEL_IOMMU,
    kernels=(DEBUG,),
    sizes=(("pattern_mib", 1), ("slot_mib", 1)),
)

# What of Debian's sound drivers QEMU has a card for. It plays to nobody.
SOUND = Boot(
    name="sound",
    scenarios=("sound",),
    qemu=(
        "-machine", "q35", "-device", "intel-iommu",
        "-audiodev", "none,id=nobody",
        "-device", f"AC97,audiodev=nobody,addr={_slot(AC97)}",
        "-device", f"ES1370,audiodev=nobody,addr={_slot(ES1370)}",
        "-device", f"intel-hda,id=hda,addr={_slot(HDA)}",
        "-device", "hda-duplex,bus=hda.0,audiodev=nobody",
    ),
    modules=("snd_intel8x0", "snd_ens1370", "snd_hda_intel",
             "snd_hda_codec_generic", "snd_pcm_oss"),
    append=INTEL_IOMMU,
    plan=(("AC97", AC97), ("ES1370", ES1370), ("HDA", HDA)),
)

# Bounce buffers under every driver; as little memory as takes a while to fill.
BOUNCE = Boot(
    name="bounce",
    scenarios=("bounce", "bounce-drivers", "bounce-full", "bounce-pressure"),
    qemu=(
        "-machine", "pc",
        *_nvme(),
        "-device", f"virtio-blk-pci,drive=virtio,iommu_platform=on,"
                   f"disable-legacy=on,addr={_slot(VIRTIO_BLK)}",
        "-device", f"e1000e,netdev=net,addr={_slot(E1000E)}",
        "-device", f"ahci,id=ahci,addr={_slot(AHCI)}",
        "-device", "ide-hd,drive=sata,bus=ahci.0",
        "-device", f"virtio-net-pci,netdev=virtio,iommu_platform=on,"
                   f"disable-legacy=on,addr={_slot(VIRTIO_NET)}",
    ),
    modules=("nvme", "virtio_pci", "virtio_blk", "e1000e", "ahci", "sd_mod",
             "virtio_net"),
    disks=(("nvme", NVME), ("virtio", VIRTIO_BLK), ("sata", AHCI)),
    nets=("net", "virtio"),
    sizes=(("pattern_mib", 4), ("slot_mib", 2), ("net_mib", 2), ("memory", 512)),
)

# Two nodes, each with a processor and half of the memory. One disk is on the
# second node, and of the other the machine does not say where it is.
FAR_NVME = "0000:81:00.0"
NODES = Boot(
    name="nodes",
    scenarios=("bounce-nodes",),
    qemu=(
        "-machine", "q35",
        # No CPU's cores are on two nodes.
        "-smp", "2,sockets=2",
        "-object", "memory-backend-ram,id=near,size=256M",
        "-object", "memory-backend-ram,id=far,size=256M",
        "-numa", "node,nodeid=0,memdev=near,cpus=0",
        "-numa", "node,nodeid=1,memdev=far,cpus=1",
        "-device", "pxb-pcie,id=bridge,bus_nr=128,bus=pcie.0,numa_node=1",
        "-device", "pcie-root-port,id=port1,bus=bridge,chassis=1,addr=0",
        "-device", "nvme,drive=far,serial=far,bus=port1",
        "-device", f"nvme,drive=nvme,serial=odma,bus=pcie.0,addr={_slot(NVME)}",
    ),
    modules=("nvme",),
    disks=(("nvme", NVME), ("far", FAR_NVME)),
    plan=(("FAR_NVME", FAR_NVME),),
    sizes=(("pattern_mib", 4), ("slot_mib", 2), ("memory", 512)),
)

# 32 MiB at 128 MiB are kept aside, for pools; ivshmem brings more.
ASIDE = Boot(
    name="pools",
    scenarios=("pool",),
    qemu=("-machine", "q35", *_nvme(),
          "-object", "memory-backend-ram,id=shared,size=8M",
          "-device", f"ivshmem-plain,memdev=shared,addr={_slot(IVSHMEM)}"),
    modules=("nvme",),
    disks=(("nvme", NVME),),
    append=("memmap=32M$0x8000000",),
    kernels=KERNELS,
    sizes=(("pattern_mib", 4), ("slot_mib", 2)),
)

# Drivers that leave things behind, and devices that go. 2 MiB at 128 MiB are
# kept aside, for a pool. Hotplug is PCI Express's own, and not ACPI's. The last
# scenario leaves modules that can't go any more.
LEFTOVERS = Boot(
    name="leftovers",
    scenarios=("linger-leaky", "linger-page-pool", "linger-force"),
    qemu=(
        "-machine", "q35", "-device", "intel-iommu",
        "-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off",
        "-device", f"edu,dma_mask=0xffffffff,addr={_slot(EDU)}",
        "-device", f"pcie-pci-bridge,id=bridge,addr={_slot(BRIDGE)}",
        "-device", f"edu,dma_mask=0xffffffff,bus=bridge,addr={_slot(BEHIND_A)}",
        "-device", f"e1000,netdev=b,bus=bridge,addr={_slot(BEHIND_B)}",
        *(option for number, port in enumerate(PORTS) for option in (
            "-device", f"pcie-root-port,id=port{number},chassis={number + 1},"
                       f"slot={number + 1},addr={_slot(port)}")),
        "-device", "edu,id=edu,dma_mask=0xffffffff,bus=port0",
        "-device", "nvme,id=nvme,drive=nvme,serial=odma,bus=port1",
        "-device", "e1000e,id=e1000e,netdev=net,bus=port2",
    ),
    modules=("nvme", "e1000e", "e1000"),
    disks=(("nvme", PLUGGED_NVME),),
    nets=("net", "b"),
    append=(*INTEL_IOMMU, "memmap=2M$0x8000000"),
    plan=(("BRIDGE", BRIDGE), ("BEHIND_A", BEHIND_A), ("BEHIND_B", BEHIND_B),
          ("PLUGGED_EDU", PLUGGED_EDU), ("PLUGGED_NVME", PLUGGED_NVME),
          ("PLUGGED_E1000E", PLUGGED_E1000E)),
    sizes=(("pattern_mib", 4), ("slot_mib", 2), ("net_mib", 1)),
)

HOTPLUG = replace(
    LEFTOVERS,
    name="hotplug",
    scenarios=("linger-unplug", "linger-peers", "fail-closed-iommu"),
)

BOOTS = (MAIN, CHECKED, PAST, BOUNCE, NODES, ASIDE, TRANSLATED, ATS, PASSTHROUGH,
         AMD_TRANSLATED, SOUND, LEFTOVERS, HOTPLUG, FIRMWARE, TRANSLATED_CHECKED, HIGH)

DEMO = Boot(
    name="demo",
    scenarios=("demo",),
    qemu=("-machine", "pc", *_nvme(),
          "-device", f"e1000e,netdev=net,addr={_slot(E1000E)}"),
    modules=("nvme", "e1000e"),
    disks=(("nvme", NVME),),
    nets=("net",),
)

# What can't be done, or shows nothing, without odma.
NOT_IN_BASELINE = ("edu", "redirect", "boot-param", "trace", "badinput", "tool", "iommu-translated",
                   "iommu-passthrough", "iommu-host", "iommu-host-nvme", "iommu-deny",
                   "iommu-unmap", "iommu-group", "iommu-ats", "iommu-rmrr", "reach", "pool", "bounce",
                   "bounce-drivers",
                   "bounce-full", "bounce-pressure", "bounce-nodes", "bounce-edu",
                   "virtio-bypass", "group-type", "linger-leaky",
                   "linger-unplug", "linger-peers", "linger-page-pool", "linger-force",
                   "fail-closed", "fail-closed-iommu")

# Those of several boots are there once.
SCENARIOS = tuple(dict.fromkeys(name for boot in BOOTS for name in boot.scenarios))


def selected(names, baseline=False):
    """The boots that it takes to run these scenarios, all of them if none."""
    for boot in BOOTS:
        wanted = tuple(
            scenario for scenario in boot.scenarios
            if (not names or scenario in names)
            and not (baseline and scenario in NOT_IN_BASELINE))
        if wanted:
            yield replace(boot, scenarios=wanted)


def generic(qemu, modules, driver, test, append=""):
    """A boot for a device that this file knows nothing about.

    The QEMU options may use the drive `disk` and the netdev `net`.
    """
    qemu = shlex.split(qemu)
    if not any(option.lstrip("-") in ("machine", "M") for option in qemu):
        qemu = ["-machine", "pc", *qemu]
    return Boot(
        name="any",
        scenarios=("any",),
        qemu=tuple(qemu),
        modules=tuple(modules),
        disks=(("disk", ""),) if test == "disk" else (),
        nets=("net",) if test == "net" else (),
        kernels=KERNELS,
        append=tuple(shlex.split(append)),
        plan=(("ANY_MODULES", " ".join(modules)), ("ANY_DRIVER", driver),
              ("ANY_TEST", test)),
    )
