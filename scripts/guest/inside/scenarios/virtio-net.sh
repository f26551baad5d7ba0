# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# virtio-net; its receive buffers stay mapped for as long as it is bound.
load virtio_pci virtio_net
# shellcheck source=/dev/null
. /guest/net-driver.sh
net_driver "$VIRTIO_NET"
unload virtio_net
