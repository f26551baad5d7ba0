# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # find_disk sets disk
# Stock drivers on the backend "iommu", behind the IOMMU that the kernel's own
# driver runs, which has its devices back in between and after.

# shellcheck source=/dev/null
. /guest/translating.sh

slot=0

# begin <name> <function> <word>
begin()
{
	works "$1, $3: attach" attach "$2" iommu "$3" stats
	works "$1, $3: attached" attached "$2"
	works "$1, $3: its group is not switched" kernel_translates "$2"
}

# finish <name> <function> <word>
finish()
{
	works "$1, $3: detach" detach "$2"
	works "$1, $3: not attached" not attached "$2"
	works "$1, $3: bound again" soon bound "$2"
}

# served_as <name> <function> <word>: is it by whom it should be, and how?
served_as()
{
	report=/sys/kernel/debug/odma/pgtable/$2
	works "$1, $3: by the provider" grep -q "^# $2 by host: " "$report"
	case $3 in
	lazy) works "$1, $3: one invalidation for many unmaps" \
		grep -q "^# invalidations: .* for [1-9][0-9]* unmaps" "$report" ;;
	*) works "$1, $3: an invalidation for each unmap" \
		grep -q "^# invalidations: [0-9]* of ranges, 0 of the domain$" "$report" ;;
	esac
}

# disk <name> <function> <word>
disk()
{
	begin "$@"
	disk_io "$1, $3" "$2" $slot
	slot=$((slot + 1))
	nothing_mapped "$2"
	counters_add_up "$2" $(((2 * PATTERN_MIB + 2 * SLOT_MIB) << 20)) iommu
	served_as "$@"
	finish "$@"
}

# net <name> <function> <word>
net()
{
	begin "$@"
	net_io "$1, $3" "$2"
	net_down
	nothing_mapped "$2"
	counters_add_up "$2" $(((2 * NET_MIB) << 20)) iommu
	served_as "$@"
	finish "$@"
}

load nvme virtio_pci virtio_blk e1000e
for function in "$NVME" "$VIRTIO_BLK" "$E1000E"; do
	works "the kernel translates $function" kernel_translates "$function"
done
works "insmod odma" load_odma
works "insmod the modules of the backend" load_iommu

for mode in strict lazy untrusted shadow; do
	disk nvme "$NVME" $mode
	disk virtio-blk "$VIRTIO_BLK" $mode
	net e1000e "$E1000E" $mode
done

# With the kernel's own translation, which lets through what its own DMA code
# has mapped, and nothing else.
disk_io "nvme, the kernel's translation" "$NVME" $slot
disk_io "virtio-blk, the kernel's translation" "$VIRTIO_BLK" $slot
net_io "e1000e, the kernel's translation" "$E1000E"
net_down

# A rule, without the tool.
unbind "$NVME"
works "a rule alone" put "pci $NVME iommu strict stats" "$ATTACH"
bind "$NVME"
works "a rule alone: attached" attached "$NVME"
for module in odma_iommu_host odma_iommu odma; do
	works "rmmod $module is refused while a device is attached" \
		not rmmod $module
done

# Unplugged while it is attached; the rule waits for it.
for time in first second; do
	echo 1 >"$(pci "$NVME")/remove"
	works "$time removal: the device has gone" not test -e "$(pci "$NVME")"
	echo 1 >/sys/bus/pci/rescan
	works "$time rescan: the device is back and bound" soon bound "$NVME"
	works "$time rescan: attached" attached "$NVME"
	find_disk "$NVME"
	same "$time rescan: reads right" \
		"$(read_mib "$disk" 0 "$PATTERN_MIB" iflag=direct)" "$PATTERN_SHA256"
done
works "detach" detach "$NVME"

# From identity, too, and back to it.  A driver that is unbound while it still
# begins, in a thread, frees its memory later, and the kernel's own DMA must not
# have become another one's meanwhile: the disk is waited for each time.
find_disk "$NVME"
unbind "$NVME"
echo identity >"$(pci "$NVME")/iommu_group/type"
bind "$NVME"
find_disk "$NVME"
works "from identity: attach" attach "$NVME" iommu strict
find_disk "$NVME"
same "from identity: reads right" \
	"$(read_mib "$disk" 0 "$PATTERN_MIB" iflag=direct)" "$PATTERN_SHA256"
works "from identity: detach" detach "$NVME"
same "from identity: as before" "$(group_type "$NVME")" identity
find_disk "$NVME"
same "identity again: reads right" \
	"$(read_mib "$disk" 0 "$PATTERN_MIB" iflag=direct)" "$PATTERN_SHA256"
unbind "$NVME"
echo DMA >"$(pci "$NVME")/iommu_group/type"
bind "$NVME"

works "rmmod the modules of the backend" unload_iommu
works "rmmod odma" unload_odma
disk_io "unloaded" "$NVME" $((slot + 1))
unload nvme e1000e
