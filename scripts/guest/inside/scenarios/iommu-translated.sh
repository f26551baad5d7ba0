# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The kernel's own IOMMU translates the device: a rule alone can't take it
# over, the tool can.

group_type()
{
	cat "$(pci "$NVME")/iommu_group/type"
}

load nvme
before=$(group_type)
case $before in
DMA*) pass "the kernel translates the device" ;;
*) fail "the kernel translates the device" "iommu_group/type is '$before'" ;;
esac
works "insmod odma" load_odma

unbind "$NVME"
say "mark rule"
if why=$(put "pci $NVME direct" "$ATTACH"); then
	fail "a rule alone is refused" "it was accepted"
else
	case $why in
	*"Operation not supported") pass "a rule alone is refused" ;;
	*) fail "a rule alone is refused" "with '$why'" ;;
	esac
fi
works "the log names the remedy" sh -c \
	"dmesg | sed '1,/mark rule/d' | grep 'odma: ' | grep -q identity"
bind "$NVME"
disk_io "after the refusal" "$NVME" 0

works "attach" attach "$NVME" direct stats
works "attached" attached "$NVME"
same "the group is switched to identity" "$(group_type)" identity
disk_io "attached" "$NVME" 1
nothing_mapped "$NVME"
counters_add_up "$NVME" $(((2 * PATTERN_MIB + 2 * SLOT_MIB) << 20))
works "detach" detach "$NVME"
same "the group has its type back" "$(group_type)" "$before"
disk_io "detached" "$NVME" 2
works "rmmod odma" unload_odma
unload nvme
