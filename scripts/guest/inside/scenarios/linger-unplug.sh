# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # find_disk sets disk
# Devices that go while their drivers have something mapped, and come back: taken
# away by the kernel, and pulled out of a PCI Express slot.

# shellcheck source=/dev/null
. /guest/translating.sh
# shellcheck source=/dev/null
. /guest/lingering.sh

# What is in which slot, as QEMU is to plug it in again.
device_in_slot()
{
	case $1 in
	"$PLUGGED_EDU") echo "edu,id=edu,dma_mask=0xffffffff,bus=port0" ;;
	"$PLUGGED_NVME") echo "nvme,id=nvme,drive=nvme,serial=odma,bus=port1" ;;
	"$PLUGGED_E1000E") echo "e1000e,id=e1000e,netdev=net,bus=port2" ;;
	esac
}

gone()
{
	[ ! -e "$(pci "$1")" ]
}

# slot_is_empty <function>: in the first slot is what is on the second bus
slot_is_empty()
{
	[ "$(cat /sys/bus/pci/slots/$(($(echo "$1" | cut -c 7) - 1))/adapter)" = 0 ]
}

# take_away <how> <function>; the button's light blinks for five seconds first
take_away()
{
	case $1 in
	remove)
		echo 1 >"$(pci "$2")/remove"
		works "$1, $2: it has gone" gone "$2"
		;;
	pciehp)
		machine "device_del $(device_in_slot "$2" | cut -d , -f 1)"
		works "$1, $2: it has gone" soon gone "$2"
		works "$1, $2: its slot is empty" soon slot_is_empty "$2"
		;;
	esac
}

# bring_back <how> <function>
bring_back()
{
	case $1 in
	remove) echo 1 >/sys/bus/pci/rescan ;;
	pciehp) machine "device_add $(device_in_slot "$2")" ;;
	esac
	works "$1, $2: it is back and bound" soon bound "$2"
}

# old_ones <function>: attachments of what has gone
old_ones()
{
	awk -v dev="$1" '$2 == dev && $4 == "lingering" { n++ }
		END { print n + 0 }' /sys/kernel/odma/attachments
}

no_old_ones()
{
	[ "$(old_ones "$1")" = 0 ]
}

# gone_for_good <how> <phase>: nothing comes in its place while something is live
gone_for_good()
{
	take_away "$1" "$PLUGGED_EDU"
	works "$2, gone again: late unmap and free" let_go all
	works "$2, gone again: its attachment ends" soon no_old_ones "$PLUGGED_EDU"
	bring_back "$1" "$PLUGGED_EDU"
}

# unplug_leaver <how> <words...>
unplug_leaver()
{
	how=$1
	shift
	phase="$how, $*"
	unbind "$PLUGGED_EDU"
	let_go all
	works "$phase: rule" put "pci $PLUGGED_EDU $*" "$ATTACH"
	works "$phase: bind" bind "$PLUGGED_EDU"
	moves_right "$phase" "$PLUGGED_EDU"
	take_away "$how" "$PLUGGED_EDU"
	same "$phase, gone: what is live stays attached" "$(old_ones "$PLUGGED_EDU")" 1
	works "$phase, gone: rmmod odma is refused" not rmmod odma
	bring_back "$how" "$PLUGGED_EDU"
	same "$phase, back: attached" "$(counter "$PLUGGED_EDU" state)" attached
	same "$phase, back: next to what was" "$(old_ones "$PLUGGED_EDU")" 1
	moves_right "$phase, back" "$PLUGGED_EDU"
	works "$phase, back: late unmap and free" let_go all
	same "$phase, back: nothing is left" "$(cat "$LEAVER/left")" 0
	works "$phase, back: the old attachment ends" soon no_old_ones "$PLUGGED_EDU"
	moves_right "$phase, back, after that" "$PLUGGED_EDU"

	[ "$how" = pciehp ] || gone_for_good "$how" "$phase"
	works "$phase: unbind" unbind "$PLUGGED_EDU"
	works "$phase: detach" put "pci $PLUGGED_EDU" "$DETACH"
	works "$phase: late unmap and free" let_go all
	given_back "$phase" "$PLUGGED_EDU"
	works "$phase: bind without a rule" bind "$PLUGGED_EDU"
}

read_on()
{
	while dd if="/dev/$disk" of=/dev/null bs=1M count="$PATTERN_MIB" \
		iflag=direct 2>/run/dd.log; do :; done
}

receive_on()
{
	while peer get >/dev/null; do :; done
}

# unplug_nvme <how>: while it is read
unplug_nvme()
{
	find_disk "$PLUGGED_NVME"
	read_on &
	user=$!
	sleep 1
	take_away "$1" "$PLUGGED_NVME"
	wait $user
	bring_back "$1" "$PLUGGED_NVME"
	works "$1: nvme is attached" attached "$PLUGGED_NVME"
	disk_io "$1, nvme" "$PLUGGED_NVME" 0
	nothing_mapped "$PLUGGED_NVME"
}

# unplug_e1000e <how>: while it receives
unplug_e1000e()
{
	net_up "$PLUGGED_E1000E"
	receive_on &
	user=$!
	sleep 1
	take_away "$1" "$PLUGGED_E1000E"
	kill $user
	wait $user
	bring_back "$1" "$PLUGGED_E1000E"
	works "$1: e1000e is attached" attached "$PLUGGED_E1000E"
	net_io "$1, e1000e" "$PLUGGED_E1000E"
	net_down
}

load nvme e1000e
works "insmod odma" load_odma
works "insmod the modules of the backends" load_iommu
works "insmod the driver that leaves things behind" load_leaver
works "the driver binds the device" soon bound "$PLUGGED_EDU"

expect_leftovers
unplug_leaver remove direct
unplug_leaver remove iommu strict
unplug_leaver pciehp iommu strict
unplug_leaver pciehp swiotlb force
leaver_leaves 0
works "rmmod the driver that leaves things behind" rmmod odma_edu_leaver
no_more_leftovers

works "attach nvme" attach "$PLUGGED_NVME" iommu strict stats
works "attach e1000e" attach "$PLUGGED_E1000E" swiotlb force stats
for how in remove pciehp; do
	unplug_nvme $how
	unplug_e1000e $how
done
works "detach nvme" detach "$PLUGGED_NVME"
works "detach e1000e" detach "$PLUGGED_E1000E"
works "rmmod the modules of the backends" unload_iommu
works "rmmod odma" unload_odma
disk_io "unloaded" "$PLUGGED_NVME" 1
unload nvme e1000e
