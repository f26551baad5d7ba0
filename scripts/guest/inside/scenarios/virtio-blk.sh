# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# virtio-blk; the device that does DMA is the PCI function under it.
load virtio_pci virtio_blk
# shellcheck source=/dev/null
. /guest/disk-driver.sh
disk_driver "$VIRTIO_BLK"
