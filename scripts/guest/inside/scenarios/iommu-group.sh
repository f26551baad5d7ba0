# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Two cards behind a bridge to conventional PCI: the IOMMU can't tell them
# apart.

# shellcheck source=/dev/null
. /guest/translating.sh

group_of()
{
	readlink -f "$(pci "$1")/iommu_group"
}

load e1000
same "both are in one group" "$(group_of "$BEHIND_A")" "$(group_of "$BEHIND_B")"
works "insmod odma" load_odma
works "insmod the modules of the backend" load_iommu

works "refused while the other one is in use" not sh -c \
	"odma attach '$BEHIND_A' iommu strict 2>/run/why"
works "the tool names the other one, and what to do" \
	grep -q "can't tell it from $BEHIND_B, .*remedy: unbind that" /run/why
works "it is back under its driver" bound "$BEHIND_A"
net_io "after the refusal" "$BEHIND_A"
net_down

works "unbind the other one" unbind "$BEHIND_B"
works "attach" attach "$BEHIND_A" iommu strict stats
works "attached" attached "$BEHIND_A"
net_io "attached" "$BEHIND_A"
net_down
counters_add_up "$BEHIND_A" $(((2 * NET_MIB) << 20)) iommu
works "meanwhile the other one can't be bound" not sh -c \
	"echo '$BEHIND_B' >/sys/bus/pci/drivers/e1000/bind"
works "detach" detach "$BEHIND_A"
works "then it can" bind "$BEHIND_B"
net_io "detached" "$BEHIND_A"
net_down
net_io "detached, the other one" "$BEHIND_B"
net_down
works "rmmod the modules of the backend" unload_iommu
works "rmmod odma" unload_odma
unload e1000
