# SPDX-License-Identifier: GPL-2.0
"""The device models of QEMU that Debian's kernels have drivers for.

Each says what drives it and what little work shows that its DMA does what it
should: see inside/scenarios/sweep.sh for the works. What is known to differ from
the kernel's own DMA is said here, with the reason, and so is what is left out.
"""

from dataclasses import dataclass

from boots import INTEL_IOMMU
from kernel import SERIES


@dataclass(frozen=True)
class Machine:
    """What the models are put into, and the rules that they are tried under."""

    name: str
    before: str  # the kernel's own DMA, before there was an odma ...
    after: str  # ... and when it has gone
    rules: dict
    qemu: tuple
    append: tuple = ()

    @property
    def modes(self):
        return (self.before, *self.rules, self.after)


PLAIN = Machine(
    name="plain",
    before="none",
    after="none again",
    rules={"direct": "direct stats",
           "swiotlb": "swiotlb force stats",
           "restricted": "swiotlb restricted pool_kib=4096 limit_kib=16384 stats"},
    # Half of the memory is where 32 bits do not reach.
    qemu=("-machine", "q35,max-ram-below-4g=512M"),
)

IOMMU = Machine(
    name="iommu",
    before="kernel's",
    after="kernel's again",
    rules={"strict": "iommu strict stats",
           "lazy": "iommu lazy stats",
           "untrusted": "iommu strict untrusted stats",
           "shadow": "iommu strict shadow stats"},
    qemu=("-machine", "q35", "-device", "intel-iommu"),
    append=INTEL_IOMMU,
)

MACHINES = (PLAIN, IOMMU)


@dataclass(frozen=True)
class Difference:
    """What is known not to work, and why.

    `where` are modes, or machines for all their modes. What is not even tried
    would take the whole machine down.
    """

    where: tuple
    why: str
    series: tuple = SERIES
    tried: bool = True

    def covers(self, series, machine, mode):
        return series in self.series and (machine.name in self.where or mode in self.where)


@dataclass(frozen=True)
class Model:
    """A PCI function, and what is behind it.

    In `options` and `behind`, {id} is the function's name in QEMU, {drive} a
    disk, {net} a network, {loop} a character device that answers with what it
    is sent, {sound} where sound goes.
    """

    name: str
    driver: str  # of the PCI function
    work: str
    modules: str
    options: str = ""
    behind: tuple = ()  # more devices
    objects: tuple = ()  # other options of QEMU
    device: str = ""  # QEMU's name of the function where it is not `name`
    dma: bool = True  # does its driver map or allocate anything?
    # What its driver leaves mapped when it is unbound, by whichever DMA; empty if
    # nothing. odma sees that, and keeps the device until it is told to let go.
    leaves: str = ""
    always: bool = True  # or only at times
    # The kernel complains so (a regular expression), by whichever DMA, ...
    noise: str = ""
    noise_why: str = ""  # ... and why
    differs: tuple = ()


def _disk(name, driver, modules, behind, **more):
    return Model(name, driver, "disk", modules, behind=(behind,), **more)


def _scsi(name, driver, module, **more):
    return _disk(name, driver, f"{module} sd_mod", "scsi-hd,drive={drive},bus={id}.0", **more)


def _net(name, driver, module="", **more):
    return Model(name, driver, "net", module or driver, options="netdev={net}", **more)


def _hcd(name, driver, modules):
    """A USB controller, with a disk behind it."""
    return _disk(name, driver, f"{modules} usb_storage sd_mod",
                 "usb-storage,drive={drive},bus={id}.0")


def _usb(name, work, modules, options="", more=()):
    """A USB device, behind a controller that takes everything."""
    return Model(name, "xhci_hcd", work, f"xhci_pci {modules}", device="qemu-xhci",
                 behind=(f"{name},bus={{id}}.0{options}", *more))


def _virtio(name, work, modules, options="", behind=(), **more):
    """As the others, virtio goes through the DMA API only if it is asked to."""
    return Model(name, "virtio-pci", work, f"virtio_pci {modules}",
                 options=f"iommu_platform=on,disable-legacy=on{options}",
                 behind=behind, **more)


# QEMU's models do not look behind the IOMMU.
_PAST_IOMMU = Difference(
    ("iommu",), "QEMU's model goes past the machine's IOMMU: under the kernel's own "
    "translation, too, Debian's driver fails or takes the machine down", tried=False)

_LOCKED = {
    "noise": r"\bkernel/dma/mapping\.c:\d+ dma_free_attrs\b",
    "noise_why": "its driver frees coherent memory with interrupts off, which the "
                 "kernel warns of before it looks whose DMA it is",
}

_STRAY = {
    "noise": r"\bDMAR: (DRHD: handling fault|\[DMA Read NO_PASID\] .* fault addr 0x86fa4000 )",
    "noise_why": "QEMU's model reads at an address that is in no buffer, always the "
                 "same one; the IOMMU denies it",
}

_EVENTS = {"leaves": "the buffers for its events stay in the queue, and mapped"}

# virtio_gpu_deinit() does not wait for the answers that are under way.
_PICTURE = {
    "leaves": "at times a picture stays mapped, as the driver resets the device before "
              "that has said that it let go of it",
    "always": False,
    "noise": r"\bdrivers/gpu/drm/drm_mm\.c:\d+ drm_mm_takedown\b",
    "noise_why": "the kernel then warns of the picture's address",
}

MODELS = (
    # Disks
    Model("nvme", "nvme", "disk", "nvme", "drive={drive},serial={id}"),
    _disk("ich9-ahci", "ahci", "ahci sd_mod", "ide-hd,drive={drive},bus={id}.0"),
    _disk("piix3-ide", "ata_piix", "ata_piix sd_mod", "ide-hd,drive={drive},bus={id}.0"),
    _scsi("lsi53c810", "sym53c8xx", "sym53c8xx", differs=(_PAST_IOMMU,), **_LOCKED),
    _scsi("lsi53c895a", "sym53c8xx", "sym53c8xx", differs=(_PAST_IOMMU,), **_LOCKED),
    _scsi("megasas", "megaraid_sas", "megaraid_sas"),
    _scsi("megasas-gen2", "megaraid_sas", "megaraid_sas"),
    Model("mptsas1068", "mptsas", "disk", "mptsas sd_mod", "sas_address=0x5000c50015ea71ac",
          behind=("scsi-hd,drive={drive},bus={id}.0,wwn=0x5000c50015ea71ad",)),
    _scsi("pvscsi", "vmw_pvscsi", "vmw_pvscsi", differs=(_PAST_IOMMU,)),
    _scsi("am53c974", "am53c974", "am53c974"),
    _scsi("dc390", "am53c974", "am53c974"),
    _virtio("virtio-blk-pci", "disk", "virtio_blk", ",drive={drive}"),
    _virtio("virtio-scsi-pci", "disk", "virtio_scsi sd_mod",
            behind=("scsi-hd,drive={drive},bus={id}.0",), **_EVENTS),
    _disk("sdhci-pci", "sdhci-pci", "sdhci_pci mmc_block", "sd-card,drive={drive}"),
    # Networks
    _net("e1000", "e1000"),
    _net("e1000-82544gc", "e1000"),
    _net("e1000-82545em", "e1000"),
    _net("e1000e", "e1000e"),
    _net("rtl8139", "8139cp", "8139cp"),
    _net("pcnet", "pcnet32"),
    _net("ne2k_pci", "ne2k-pci", "ne2k_pci", dma=False),
    _net("tulip", "tulip"),
    _net("vmxnet3", "vmxnet3"),
    _virtio("virtio-net-pci", "net", "virtio_net", ",netdev={net}"),
    _net("i82550", "e100", **_STRAY),
    _net("i82557a", "e100", **_STRAY),
    _net("i82557b", "e100", **_STRAY),
    _net("i82557c", "e100", **_STRAY),
    _net("i82558a", "e100", **_STRAY),
    _net("i82558b", "e100", **_STRAY),
    _net("i82559a", "e100", **_STRAY),
    _net("i82559b", "e100", **_STRAY),
    _net("i82559c", "e100", **_STRAY),
    _net("i82559er", "e100", **_STRAY),
    _net("i82562", "e100", **_STRAY),
    _net("i82801", "e100", **_STRAY),
    # Sound
    Model("AC97", "snd_intel8x0", "sound", "snd_intel8x0 snd_pcm_oss", "audiodev={sound}"),
    Model("ES1370", "snd_ens1370", "sound", "snd_ens1370 snd_pcm_oss", "audiodev={sound}"),
    Model("intel-hda", "snd_hda_intel", "sound",
          "snd_hda_intel snd_hda_codec_generic snd_pcm_oss",
          behind=("hda-duplex,bus={id}.0,audiodev={sound}",)),
    Model("ich9-intel-hda", "snd_hda_intel", "sound",
          "snd_hda_intel snd_hda_codec_generic snd_pcm_oss",
          behind=("hda-output,bus={id}.0,audiodev={sound}",)),
    _usb("usb-audio", "sound", "snd_usb_audio snd_pcm_oss", ",audiodev={sound}"),
    # USB
    _hcd("piix3-usb-uhci", "uhci_hcd", "uhci_hcd"),
    _hcd("piix4-usb-uhci", "uhci_hcd", "uhci_hcd"),
    _hcd("ich9-usb-uhci1", "uhci_hcd", "uhci_hcd"),
    _hcd("ich9-usb-ehci1", "ehci-pci", "ehci_pci"),
    _hcd("ich9-usb-ehci2", "ehci-pci", "ehci_pci"),
    _hcd("usb-ehci", "ehci-pci", "ehci_pci"),
    _hcd("pci-ohci", "ohci-pci", "ohci_pci"),
    _hcd("nec-usb-xhci", "xhci_hcd", "xhci_pci"),
    _hcd("qemu-xhci", "xhci_hcd", "xhci_pci"),
    _usb("usb-uas", "disk", "uas sd_mod",
         more=("scsi-hd,drive={drive},bus={id}-usb.0",)),
    _usb("usb-bot", "disk", "usb_storage sd_mod",
         more=("scsi-hd,drive={drive},bus={id}-usb.0",)),
    _usb("usb-net", "net", "cdc_ether rndis_host", ",netdev={net}"),
    _usb("usb-serial", "serial", "ftdi_sio", ",chardev={loop}"),
    _usb("usb-kbd", "key", "usbhid hid_generic evdev"),
    _usb("usb-mouse", "button", "usbhid hid_generic evdev"),
    _usb("usb-tablet", "button", "usbhid hid_generic evdev"),
    _usb("usb-wacom-tablet", "usb", "usbhid wacom evdev"),
    _usb("usb-mtp", "usb", "", ",rootdir={folder}"),
    _usb("usb-ccid", "usb", ""),
    _usb("usb-hub", "usb", ""),
    # Screens
    Model("VGA", "bochs-drm", "screen", "bochs", dma=False),
    Model("secondary-vga", "bochs-drm", "screen", "bochs", dma=False),
    Model("bochs-display", "bochs-drm", "screen", "bochs", dma=False),
    Model("cirrus-vga", "cirrus", "screen", "cirrus", dma=False),
    Model("ati-vga", "aty128fb", "screen", "aty128fb", dma=False),
    _virtio("virtio-gpu-pci", "screen", "virtio_gpu", **_PICTURE),
    _virtio("virtio-vga", "screen", "virtio_gpu", **_PICTURE),
    # The rest of virtio
    _virtio("virtio-rng-pci", "random", "virtio_rng"),
    _virtio("virtio-serial-pci", "port", "virtio_console",
            behind=("virtserialport,bus={id}.0,chardev={loop}",)),
    _virtio("virtio-9p-pci", "share", "9pnet_virtio 9p", ",fsdev={id}-share,mount_tag={id}",
            objects=("-fsdev", "local,id={id}-share,path={folder},security_model=none")),
    _virtio("virtio-keyboard-pci", "key", "virtio_input evdev", **_EVENTS),
    _virtio("virtio-mouse-pci", "button", "virtio_input evdev", **_EVENTS),
    _virtio("virtio-tablet-pci", "button", "virtio_input evdev", **_EVENTS),
    # Without DMA: they can be attached all the same
    Model("i6300esb", "i6300ESB timer", "watchdog", "i6300esb", dma=False),
    Model("pci-serial", "serial", "serial", "", "chardev={loop}", dma=False),
)

# (models, with * for anything; why they are not there)
LEFT_OUT = (
    (("cxl-*", "i82801b11-bridge", "ioh3420", "pci-bridge*", "pcie-pci-bridge",
      "pcie-root-port", "pxb*", "vfio-pci-igd-lpc-bridge", "x3130-upstream",
      "xio3130-downstream"),
     "bridges and memory: no DMA of their own"),
    (("usb-host", "usb-redir", "u2f-passthru", "vfio-pci*", "virtio-input-host-pci"),
     "hand a device of the host on"),
    (("vhost-*", "x-pci-proxy-dev", "usb-braille"),
     "take a kernel module or a server of the host's"),
    (("virtio-gpu-gl-pci", "virtio-vga-gl"), "take a display of the host's"),
    (("virtio-*-non-transitional",), "the same as without that, and disable-legacy=on"),
    (("virtio-*-transitional",),
     "can't have iommu_platform=on, and go past the DMA API: scenario virtio-bypass"),
    (("virtio-balloon-pci",),
     "its driver declines VIRTIO_F_ACCESS_PLATFORM, and so goes past the DMA API"),
    (("virtio-crypto-pci",),
     "its driver takes the kernel down when it is unbound while the kernel tests its "
     "ciphers, without odma, too"),
    (("virtio-mem-pci", "virtio-pmem-pci"), "take memory that can be plugged in"),
    (("AMDVI-PCI", "virtio-iommu-pci"), "are IOMMUs"),
    (("edu",), "has drivers of odma's own: scenarios edu, iommu-deny, linger-*"),
    (("acpi-erst", "ctucan_pci", "ivshmem-*", "pci-testdev", "pvrdma", "rocker",
      "tpci200"),
     "Debian's kernels have no driver for the function"),
    (("i82551",), "its driver does not come up without a firmware that is not free"),
    (("vmware-svga",), "its driver refuses QEMU's model, which lacks the pitch lock"),
    (("qxl", "qxl-vga"),
     "its driver takes the kernel down when it is bound again, without odma, too"),
    (("kvaser_pci", "mioe3680_pci", "pcm3680_pci", "pci-ipmi-*", "pvpanic-pci"),
     "do no DMA"),
    (("pci-serial-2x", "pci-serial-4x"), "the same as pci-serial, several times"),
    (("piix4-ide",), "the same as piix3-ide, at the same ports"),
    (("ich9-usb-uhci[2-6]",), "the same as ich9-usb-uhci1"),
)
