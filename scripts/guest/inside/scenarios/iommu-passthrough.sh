# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# An IOMMU that passes everything through is in nobody's way.

load nvme
before=$(cat "$(pci "$NVME")/iommu_group/type")
same "the kernel does not translate the device" "$before" identity
works "insmod odma" load_odma
unbind "$NVME"
works "a rule alone" put "pci $NVME direct stats" "$ATTACH"
bind "$NVME"
works "attached by the rule" attached "$NVME"
disk_io "by the rule" "$NVME" 0
works "detach" detach "$NVME"
works "attach with the tool" attach "$NVME" direct stats
works "attached by the tool" attached "$NVME"
disk_io "by the tool" "$NVME" 1
nothing_mapped "$NVME"
counters_add_up "$NVME" $(((2 * PATTERN_MIB + 2 * SLOT_MIB) << 20))
works "detach at the end" detach "$NVME"
same "the group still has its type" "$(cat "$(pci "$NVME")/iommu_group/type")" "$before"
disk_io "detached" "$NVME" 2
works "rmmod odma" unload_odma
unload nvme
