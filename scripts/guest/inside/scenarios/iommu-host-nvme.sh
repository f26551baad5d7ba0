# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The backend "iommu" under one driver, with everything else as it comes: the
# kernel may let all devices through, and the IOMMU may cache what is not mapped.

# shellcheck source=/dev/null
. /guest/translating.sh

load nvme
before=$(group_type "$NVME")
works "insmod odma" load_odma
works "insmod the modules of the backend" load_iommu
slot=0
for mode in strict lazy untrusted shadow; do
	works "$mode: attach" attach "$NVME" iommu $mode stats
	works "$mode: attached" attached "$NVME"
	disk_io "$mode" "$NVME" $slot
	nothing_mapped "$NVME"
	counters_add_up "$NVME" $(((2 * PATTERN_MIB + 2 * SLOT_MIB) << 20)) iommu
	works "$mode: detach" detach "$NVME"
	slot=$((slot + 1))
done
same "the group has the type it had" "$(group_type "$NVME")" "$before"
works "rmmod the modules of the backend" unload_iommu
works "rmmod odma" unload_odma
disk_io "unloaded" "$NVME" $slot
unload nvme
