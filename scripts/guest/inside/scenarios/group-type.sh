# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The kernel's IOMMU translates the device, and the rule wants it direct: the
# core switches the group, also that of a device that comes back.

# shellcheck source=/dev/null
. /guest/translating.sh

load nvme e1000
works "the kernel translates the device" kernel_translates "$NVME"
before=$(group_type "$NVME")
works "insmod odma" load_odma

unbind "$NVME"
works "rule" put "pci $NVME direct stats" "$ATTACH"
same "the group is switched" "$(group_type "$NVME")" identity
works "bind" bind "$NVME"
works "attached" attached "$NVME"
disk_io "attached" "$NVME" 0
nothing_mapped "$NVME"
counters_add_up "$NVME" $(((2 * PATTERN_MIB + 2 * SLOT_MIB) << 20))

for time in first second; do
	echo 1 >"$(pci "$NVME")/remove"
	works "$time removal: the device has gone" not test -e "$(pci "$NVME")"
	echo 1 >/sys/bus/pci/rescan
	works "$time rescan: bound" soon bound "$NVME"
	works "$time rescan: attached" attached "$NVME"
	same "$time rescan: the new group is switched" \
		"$(group_type "$NVME")" identity
	disk_io "$time rescan" "$NVME" 1
done

unbind "$NVME"
works "no rule" put "pci $NVME" "$DETACH"
same "the group has its type back" "$(group_type "$NVME")" "$before"
works "bind after detach" bind "$NVME"
works "no longer attached" not attached "$NVME"
disk_io "detached" "$NVME" 2

# A rule of boot time, and the module of its backend some time later.
works "rmmod odma" unload_odma
unload nvme
works "insmod odma with a rule" load_odma "attach=\"pci $NVME swiotlb force stats\""
same "without the backend: the group stays" "$(group_type "$NVME")" "$before"
works "insmod odma-swiotlb" insmod /odma/odma-swiotlb.ko
same "with it: the group is switched" "$(group_type "$NVME")" identity
load nvme
works "with it: bound" soon bound "$NVME"
works "with it: attached" attached "$NVME"
disk_io "bounced" "$NVME" 3
works "with it: detach" detach "$NVME"
same "with it: the group has its type back" "$(group_type "$NVME")" "$before"
works "rmmod odma-swiotlb" rmmod odma_swiotlb

# Of three devices, one of which has a driver.
before=$(group_type "$BEHIND_A")
unbind "$BEHIND_A"
say "mark group"
works "a rule for a device of a group in use is refused" not \
	put "pci $BEHIND_A direct" "$ATTACH"
works "the log says who or what hinders it" sh -c \
	"dmesg | sed '1,/mark group\$/d' | grep 'odma: $BEHIND_A' |
	grep -q '$BEHIND_B (e1000)\|changes only groups of one'"
same "the group has the type that it had" "$(group_type "$BEHIND_A")" "$before"
works "bind after the refusal" bind "$BEHIND_A"
works "rmmod odma" unload_odma
unload nvme e1000
