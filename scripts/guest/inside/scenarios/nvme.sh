# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Debian's NVMe driver on an attached device.
load nvme
# shellcheck source=/dev/null
. /guest/disk-driver.sh
disk_driver "$NVME"
unload nvme
