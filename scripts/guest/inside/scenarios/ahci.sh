# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Debian's AHCI driver, under libata and the SCSI disk driver.
load ahci sd_mod
# shellcheck source=/dev/null
. /guest/disk-driver.sh
disk_driver "$AHCI"
