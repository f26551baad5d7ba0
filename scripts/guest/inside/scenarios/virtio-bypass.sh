# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Virtio disks whose driver hands physical addresses to them, in each of the
# ways that there are of being such a device; and one that is none.

# warnings <function>: since its last rule
warnings()
{
	dmesg | awk -v dev="$1" '
		index($0, "guest: rule for " dev) { n = 0 }
		/odma: / && index($0, dev) && /iommu_platform/ { n++ }
		END { print n + 0 }'
}

# rule <function> <words...>: with no driver bound
rule()
{
	say "rule for $1"
	put "pci $*" "$ATTACH"
}

no_rule()
{
	put "pci $1" "$DETACH"
}

goes_past()
{
	counter "$1" note | grep -q "goes past the DMA API"
}

load virtio_pci virtio_blk
works "insmod odma" load_odma
works "insmod odma-swiotlb" insmod /odma/odma-swiotlb.ko

for kind in "modern $VIRTIO_MODERN" "transitional $VIRTIO_TRANSITIONAL" \
	"legacy $VIRTIO_LEGACY"; do
	device=${kind#* }
	kind=${kind% *}
	works "$kind: bound" soon bound "$device"
	unbind "$device"

	works "$kind: bounced: rule" rule "$device" swiotlb force stats
	works "$kind: bounced: bind" bind "$device"
	works "$kind: bounced: attached" attached "$device"
	same "$kind: bounced: one warning says the remedy" "$(warnings "$device")" 1
	works "$kind: bounced: its note says so" goes_past "$device"
	disk_io "$kind: bounced" "$device" 0
	same "$kind: bounced: indeed nothing was mapped" \
		"$(counter "$device" maps)" 0
	unbind "$device"
	works "$kind: bounced: no rule" no_rule "$device"

	works "$kind: required: rule" rule "$device" swiotlb force require
	echo "$device" >/sys/bus/pci/drivers_probe
	works "$kind: required: no driver" not bound "$device"
	same "$kind: required: refused" "$(counter "$device" state)" refused
	at_least "$kind: required: the log says the remedy" \
		"$(warnings "$device")" 1
	works "$kind: required: no rule" no_rule "$device"

	works "$kind: direct: rule" rule "$device" direct
	works "$kind: direct: bind" bind "$device"
	works "$kind: direct: attached" attached "$device"
	same "$kind: direct: no warning" "$(warnings "$device")" 0
	disk_io "$kind: direct" "$device" 1
	works "$kind: direct: detach" detach "$device"
done

works "platform: bound" soon bound "$VIRTIO_BLK"
unbind "$VIRTIO_BLK"
works "platform: rule" rule "$VIRTIO_BLK" swiotlb force require stats
works "platform: bind" bind "$VIRTIO_BLK"
works "platform: attached" attached "$VIRTIO_BLK"
same "platform: no warning" "$(warnings "$VIRTIO_BLK")" 0
works "platform: no note" not goes_past "$VIRTIO_BLK"
disk_io "platform" "$VIRTIO_BLK" 0
counters_add_up "$VIRTIO_BLK" $(((2 * PATTERN_MIB + 2 * SLOT_MIB) << 20)) swiotlb
works "platform: detach" detach "$VIRTIO_BLK"

works "rmmod odma-swiotlb" rmmod odma_swiotlb
works "rmmod odma" unload_odma
