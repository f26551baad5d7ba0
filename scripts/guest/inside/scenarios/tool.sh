# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # find_disk sets disk, find_net net
# The control tool: what it refuses before it has touched anything, what it does
# with -f, and what it says.

# says <check> <exit status> <pattern> <the tool's words...>
says()
{
	check=$1
	expected=$2
	pattern=$3
	shift 3
	odma "$@" >/run/said 2>&1
	same "$check: exit status" $? "$expected"
	if grep -q -- "$pattern" /run/said; then
		pass "$check: it says so"
	else
		fail "$check: it says so" "it says: $(cat /run/said)"
	fi
}

# An interface or a disk that comes anew has another number.
net_state()
{
	cat "/sys/class/net/$net/ifindex" "/sys/class/net/$net/flags"
	ip -4 -o addr show dev "$net"
}

untouched()
{
	same "$1: the interface is as it was" "$(net_state)" "$as_it_was"
	same "$1: no rule has come of it" "$(cat /sys/kernel/odma/rules)" ""
}

disk_number()
{
	cat "/sys/class/block/$disk/diskseq"
}

open_disk()
{
	# shellcheck disable=SC2217
	sleep 100 <"/dev/$disk" &
	holder=$!
}

close_disk()
{
	kill "$holder"
	wait "$holder"
}

# in_status <device>: its state; below_row <device>: the line that follows
in_status()
{
	odma status | awk -v dev="$1" '$2 == dev { print $5 }'
}

below_row()
{
	odma status | awk -v dev="$1" 'found { print; exit } $2 == dev { found = 1 }'
}

load nvme e1000e virtio_pci virtio_blk
works "insmod odma" load_odma
find_disk "$NVME"
find_net "$E1000E"

works "help is on standard output" \
	sh -c "odma --help 2>/dev/null | grep -q '^ *odma detach '"
says "help" 0 "odma detach .*--force" attach -h
says "no command" 2 "odma attach "
says "an unknown option" 2 "odma attach " attach -x "$NVME" direct
says "too few words" 2 "odma attach " attach "$NVME"

# A card whose interface is up.
ip link set "$net" up
ip addr add 10.0.2.15/24 dev "$net"
as_it_was=$(net_state)
says "a word that nobody knows" 1 nonesuch attach "$E1000E" direct nonesuch
untouched "a word that nobody knows"
says "a word that nobody knows, and -f" 1 nonesuch attach -f "$E1000E" direct nonesuch
untouched "a word that nobody knows, and -f"
says "no such backend" 1 "no backend 'nonesuch'" attach -f "$E1000E" nonesuch
untouched "no such backend"
says "interface up, only asked" 1 "interface $net on $E1000E is up" \
	attach -n "$E1000E" direct
says "interface up" 1 "interface $net on $E1000E is up.*ip link set $net down" \
	attach "$E1000E" direct stats
untouched "interface up"
says "interface up, only asked, and -f" 0 "can be attached" \
	attach -n -f "$E1000E" direct
untouched "interface up, only asked, and -f"
says "interface up, and -f" 0 "$E1000E (e1000e) is attached to direct (stats)" \
	attach -f "$E1000E" direct stats
works "interface up, and -f: attached" attached "$E1000E"
works "an interface that is down needs no DMA, as the tool says" \
	grep -q "no DMA call of e1000e seen yet" /run/said
since=$(cut -d . -f 1 /proc/uptime)

# A disk that a process has open.
number=$(disk_number)
says "only asked" 0 "$NVME (nvme) can be attached to direct (stats)" \
	attach -n "${NVME#0000:}" direct stats
works "only asked: no rule" not grep -q "$NVME" /sys/kernel/odma/rules
says "only asked, an unknown word" 1 nonesuch attach -n "$NVME" direct nonesuch
open_disk
says "open disk" 1 "/dev/$disk on $NVME is held open by .*(process $holder)" \
	attach "$NVME" direct
same "open disk: it is as it was" "$(disk_number)" "$number"
close_disk
says "closed disk" 0 "$NVME (nvme) is attached to direct (stats)" \
	attach "${NVME#0000:}" direct stats
works "closed disk: attached" attached "$NVME"
works "closed disk: DMA has been seen" not grep -q "no DMA" /run/said
find_disk "$NVME"
number=$(disk_number)
says "attach again" 1 already attach "$NVME" direct
open_disk
says "open disk, detach" 1 "is held open by .*(process $holder)" detach "$NVME"
works "open disk, detach: attached" attached "$NVME"
same "open disk, detach: it is as it was" "$(disk_number)" "$number"
close_disk

# A disk that is swapped to, of a device below the function.
find_disk "$VIRTIO_BLK"
dd if="/dev/$disk" of=/tmp/begin bs=64K count=1 2>/run/dd.log
mkswap "/dev/$disk" >/dev/null
works "swap" swapon "/dev/$disk"
says "swap: attach" 1 "/dev/$disk on $VIRTIO_BLK is mounted or swapped to" \
	attach "$VIRTIO_BLK" direct
works "swap: still in use" grep -q "^/dev/$disk " /proc/swaps
works "no swap" swapoff "/dev/$disk"
dd if=/tmp/begin of="/dev/$disk" bs=64K conv=notrunc,fsync 2>/run/dd.log
rm /tmp/begin
says "no swap, only asked" 0 "can be attached" attach -n "$VIRTIO_BLK" direct

# Rules of all kinds.
works "a rule for a device that is not there" \
	put "platform nonesuch.0 direct" "$ATTACH"
says "no driver" 0 "$EDU will be attached to direct when a driver binds it" \
	attach "$EDU" direct
same "status: attached" "$(in_status "$NVME")" attached
same "status: waiting" "$(in_status "$EDU")" waiting
same "status: absent" "$(in_status nonesuch.0)" absent
while [ $(($(cut -d . -f 1 /proc/uptime) - since)) -lt 12 ]; do
	sleep 1
done
same "status: no DMA seen" "$(below_row "$E1000E")" \
	"  no DMA seen: e1000e has mapped and allocated nothing"
works "status: DMA seen" not sh -c "odma status | grep -q 'no DMA seen: nvme'"
says "detach, no driver" 0 "$EDU is detached" detach "$EDU"
says "detach, no device" 0 "nonesuch.0 is detached" detach -b platform nonesuch.0
says "detach, no rule" 1 "there is no rule for it" detach "$EDU"
says "detach, neither rule nor device" 1 "there is no device" \
	detach -b platform nonesuch.0
says "detach, no bus" 1 "there is no bus 'nonesuch'" detach -b nonesuch nonesuch.0

find_net "$E1000E"
ip link set "$net" up
says "interface up, detach" 1 "interface $net on $E1000E is up" detach "$E1000E"
works "interface up, detach: attached" attached "$E1000E"
same "status: in use" "$(below_row "$E1000E" | grep "no DMA")" ""
says "interface up, detach -f" 0 "$E1000E (e1000e) is detached" detach -f "$E1000E"
works "interface up, detach -f: not attached" not attached "$E1000E"
works "interface up, detach -f: bound" bound "$E1000E"

# A device that has gone.
echo 1 >"$(pci "$NVME")/remove"
same "status: removed" "$(in_status "$NVME")" absent
says "detach, removed" 0 "$NVME is detached" detach "${NVME#0000:}"
echo 1 >/sys/bus/pci/rescan
works "the device is back and bound" soon bound "$NVME"
works "it is not attached" not attached "$NVME"
disk_io "after all" "$NVME" 0

says "attach once more" 0 "is attached" attach "$NVME" direct
says "detach --force, and nothing is left" 0 "$NVME (nvme) is detached" \
	detach --force "$NVME"
works "nothing was leaked" not grep -q leaked /run/said
works "rmmod odma" unload_odma
unload nvme e1000e virtio_blk
