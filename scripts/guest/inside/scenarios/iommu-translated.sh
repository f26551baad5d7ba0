# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # find_net sets net
# The kernel's own IOMMU translates the device: a rule for a backend that does
# not translate switches its group to identity, and gives the type back when it
# goes.

group_type()
{
	cat "$(pci "$1")/iommu_group/type"
}

load nvme e1000
before=$(group_type "$NVME")
case $before in
DMA*) pass "the kernel translates the device" ;;
*) fail "the kernel translates the device" "iommu_group/type is '$before'" ;;
esac
works "insmod odma" load_odma

unbind "$NVME"
works "a rule alone" put "pci $NVME direct stats" "$ATTACH"
same "a rule alone: the group is switched to identity" "$(group_type "$NVME")" identity
bind "$NVME"
works "a rule alone: attached" attached "$NVME"
disk_io "a rule alone" "$NVME" 0
unbind "$NVME"
works "the rule goes" put "pci $NVME" "$DETACH"
same "the rule goes: the group has its type back" "$(group_type "$NVME")" "$before"
bind "$NVME"
disk_io "the rule has gone" "$NVME" 1

works "attach" attach "$NVME" direct stats
works "attached" attached "$NVME"
same "the group is switched to identity" "$(group_type "$NVME")" identity
disk_io "attached" "$NVME" 2
nothing_mapped "$NVME"
counters_add_up "$NVME" $(((2 * PATTERN_MIB + 2 * SLOT_MIB) << 20))
works "detach" detach "$NVME"
same "the group has its type back" "$(group_type "$NVME")" "$before"
works "attach once more" sh -c "odma attach '$NVME' direct >/run/said"
works "the tool says what has become of the group" \
	grep -q "its IOMMU group went from $before to identity; detach puts it back" /run/said
works "detach once more" detach "$NVME"
disk_io "detached" "$NVME" 3

# A group is switched as a whole: not under the driver of another device. Some
# kernels switch only groups of one device, and then that is what is said.
hinders="$BEHIND_B\\|changes only groups of one"
before=$(group_type "$BEHIND_A")
find_net "$BEHIND_A"
number=$(cat "/sys/class/net/$net/ifindex")
works "a peer is bound: the tool refuses" not sh -c \
	"odma attach '$BEHIND_A' direct 2>/run/why"
works "a peer is bound: it says what hinders" grep -q "$hinders" /run/why
same "a peer is bound: the driver was not touched" \
	"$(cat "/sys/class/net/$net/ifindex")" "$number"
unbind "$BEHIND_A"
say "mark peer"
works "a peer is bound: a rule is refused" not put "pci $BEHIND_A direct" "$ATTACH"
works "a peer is bound: so does the log" sh -c \
	"dmesg | sed '1,/mark peer/d' | grep 'odma: ' | grep -q '$hinders'"
same "a peer is bound: the group keeps its type" "$(group_type "$BEHIND_A")" "$before"
unbind "$BEHIND_B"
if grep -q "groups of one" /run/why; then
	works "no peer is bound: refused as well" not \
		put "pci $BEHIND_A direct" "$ATTACH"
else
	works "no peer is bound: a rule" put "pci $BEHIND_A direct" "$ATTACH"
	same "no peer is bound: the group is switched" \
		"$(group_type "$BEHIND_A")" identity
	works "no peer is bound: the rule goes" put "pci $BEHIND_A" "$DETACH"
fi
same "no peer is bound: the group has its type back" "$(group_type "$BEHIND_A")" "$before"
bind "$BEHIND_A"
bind "$BEHIND_B"
works "rmmod odma" unload_odma
unload nvme e1000
