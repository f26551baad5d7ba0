# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of init, and of the scenarios
# What the scenarios share.  Descriptor 9 is the status channel to the host;
# the variables in capitals are the host's plan.

# shellcheck source=/dev/null
. /guest/plan

ATTACH=/sys/kernel/odma/attach
DETACH=/sys/kernel/odma/detach
TAB=$(printf '\t')

#
# Reports
#

# say <text>: into the kernel log, for whoever reads it later
say()
{
	echo "guest: $*" >/dev/kmsg
}

pass()
{
	echo pass >>/run/results
	say "pass: $1"
	echo "pass $scenario: $1" >&9
}

fail()
{
	echo fail >>/run/results
	say "fail: $1: $2"
	echo "fail $scenario: $1$TAB$(echo "$2" | tr '\n' ' ')" >&9
}

count()
{
	touch /run/results
	grep -c "^$1$" /run/results
}

# works <check> <command...>: passes if the command succeeds
works()
{
	check=$1
	shift
	if why=$("$@" 2>&1); then
		pass "$check"
	else
		fail "$check" "${why:-$* failed}"
		return 1
	fi
}

# same <check> <got> <expected>
same()
{
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "got '$2', expected '$3'"
		return 1
	fi
}

# at_least <check> <got> <limit> and at_most <check> <got> <limit>
at_least()
{
	if [ "$2" -ge "$3" ] 2>/dev/null; then
		pass "$1"
	else
		fail "$1" "got '$2', expected at least $3"
		return 1
	fi
}

at_most()
{
	if [ "$2" -le "$3" ] 2>/dev/null; then
		pass "$1 ($2)"
	else
		fail "$1" "got '$2', expected at most $3"
		return 1
	fi
}

not()
{
	! "$@"
}

# soon <command...>: try for up to ten seconds
soon()
{
	tries=200
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		usleep 50000
	done
}

# machine <command>: for QEMU's monitor; what goes wrong there fails
machine()
{
	echo "monitor $scenario: $1" >&9
}

#
# Devices and drivers
#

# is_module <name>: and not built in, nor missing
is_module()
{
	grep -q "^$(echo "$1" | tr - _)\.ko:" "/lib/modules/$(uname -r)/modules.dep"
}

# load <module...>: from the kernel; what is built in needs no loading
load()
{
	for module; do
		if is_module "$module"; then
			modprobe "$module" || return 1
		fi
	done
}

unload()
{
	for module; do
		if [ -d "/sys/module/$module/holders" ]; then
			modprobe -r "$module" || return 1
		fi
	done
}

pci()
{
	echo "/sys/bus/pci/devices/$1"
}

driver_of()
{
	link=$(readlink "$(pci "$1")/driver") && echo "${link##*/}"
}

bound()
{
	[ -e "$(pci "$1")/driver" ]
}

unbind()
{
	echo "$1" >"$(pci "$1")/driver/unbind"
}

bind()
{
	echo "$1" >/sys/bus/pci/drivers_probe && soon bound "$1"
}

rebind()
{
	unbind "$1" && bind "$1"
}

# function_of <driver>: the first PCI function that a driver has bound
function_of()
{
	for found in /sys/bus/pci/drivers/"$1"/*:*; do
		[ -e "$found" ] && echo "${found##*/}" && return
	done
	return 1
}

# block_of <function>: the disk behind it
block_of()
{
	for found in /sys/class/block/*; do
		case $(readlink -f "$found") in
		*/"$1"/*) echo "${found##*/}" && return ;;
		esac
	done
	return 1
}

# net_of <function>: the network interface behind it
net_of()
{
	for found in /sys/class/net/*; do
		case $(readlink -f "$found") in
		*/"$1"/*) echo "${found##*/}" && return ;;
		esac
	done
	return 1
}

#
# odma.  In a baseline run there is none, and everything else stays the same,
# down to the unbinding and binding: it tells a fault of the harness, of QEMU
# or of the driver from one of odma.
#

with_odma()
{
	[ -z "$BASELINE" ]
}

load_odma()
{
	with_odma || return 0
	insmod /odma/odma.ko "$@"
}

unload_odma()
{
	with_odma || return 0
	rmmod odma
}

# attach <function> <backend> [words...], detach <function>
attach()
{
	if with_odma; then
		odma attach "$@"
	else
		rebind "$1"
	fi
}

detach()
{
	if with_odma; then
		odma detach "$1"
	else
		rebind "$1"
	fi
}

attached()
{
	[ -d "$(pci "$1")/odma" ]
}

counter()
{
	cat "$(pci "$1")/odma/$2" 2>&1
}

# put <line> <file>: write it; if that fails, print the reason.  echo, as
# busybox's printf says nothing of an error.
put()
{
	{ echo "$1" >"$2"; } 2>&1
}

# counters_add_up <function> <bytes> [backend]: what the counters say of a
# device that has moved that much
counters_add_up()
{
	with_odma || return 0
	same "sysfs names the backend" "$(counter "$1" backend)" "${3:-direct}"
	at_least "sysfs counts the bytes that were mapped" \
		"$(counter "$1" map_bytes)" "$2"
	same "no failures counted" "$(counter "$1" failures)" 0
	works "debugfs lists the device" grep -q "$1" /sys/kernel/debug/odma/devices
	report_counters "$1"
}

# nothing_mapped <function>: for drivers that map only what is under way.
# Some keep buffers mapped for as long as they are bound; that they give those
# back is seen from the log, where odma names what a driver left behind.
nothing_mapped()
{
	with_odma || return 0
	same "idle, nothing is left mapped" \
		"$(counter "$1" live_mappings) $(counter "$1" live_bytes)" "0 0"
	same "as many unmapped as mapped" \
		"$(counter "$1" unmaps) $(counter "$1" unmap_bytes)" \
		"$(counter "$1" maps) $(counter "$1" map_bytes)"
}

# report_counters <function>: every value there is, for the host
report_counters()
{
	line="device=$1 driver=$(driver_of "$1")"
	for file in "$(pci "$1")"/odma/*; do
		[ -f "$file" ] || continue
		value=$(tr ' \n' ',,' <"$file")
		line="$line ${file##*/}=${value%,}"
	done
	echo "table $line" >&9
}

# tidy_up: what a scenario left behind must not fail the next one
tidy_up()
{
	[ -d /sys/module/odma ] || return 0
	ls /sys/kernel/odma >/dev/null 2>&1 || return 0
	# shellcheck disable=SC2034
	cat /sys/kernel/odma/rules /sys/kernel/odma/attachments 2>/dev/null |
		while read -r bus device words; do
			odma detach -f --force -b "$bus" "$device"
		done >/dev/null 2>&1
	rmmod odma_iommu_host odma_iommu odma_swiotlb 2>/dev/null
	rmmod odma 2>/dev/null
	return 0
}

#
# Disk I/O with checksums
#

sum()
{
	sha256sum | cut -d ' ' -f 1
}

# make_data <MiB>: /tmp/data, never the same twice; prints its checksum
make_data()
{
	dd if=/dev/urandom of=/tmp/data bs=1M count="$1" 2>/run/dd.log
	sum </tmp/data
}

drop_caches()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

have_disk()
{
	disk=$(block_of "$1") && [ -b "/dev/$disk" ] &&
		[ "$(cat "/sys/class/block/$disk/size")" -gt 0 ]
}

# find_disk <function>: sets $disk
find_disk()
{
	if ! soon have_disk "$1"; then
		fail "the disk is there" "no disk behind $1"
		return 1
	fi
	disk=$(block_of "$1")
}

read_mib()
{
	dd if="/dev/$1" bs=1M skip="$2" count="$3" "$4" 2>/run/dd.log | sum
}

# disk_io <phase> <function> <slot>: what the host wrote is there, and what
# is written here comes back and reaches the host.  Each slot of the disk is
# SLOT_MIB long, they begin behind the host's pattern.
disk_io()
{
	find_disk "$2" || return 0
	same "$1: O_DIRECT read gives the host's checksum" \
		"$(read_mib "$disk" 0 "$PATTERN_MIB" iflag=direct)" "$PATTERN_SHA256"
	drop_caches
	same "$1: buffered read gives the host's checksum" \
		"$(read_mib "$disk" 0 "$PATTERN_MIB" iflag=fullblock)" "$PATTERN_SHA256"
	disk_write "$1" "$2" "$((PATTERN_MIB + $3 * SLOT_MIB))" "$SLOT_MIB"
}

# disk_write <phase> <function> <offset> <size>, in MiB, to the $disk that
# find_disk has found
disk_write()
{
	wrote=$(make_data "$4")
	if works "$1: O_DIRECT write" dd if=/tmp/data of="/dev/$disk" bs=1M \
		seek="$3" oflag=direct conv=notrunc,fsync; then
		drop_caches
		same "$1: what was written reads back" \
			"$(read_mib "$disk" "$3" "$4" iflag=direct)" "$wrote"
		# for the host to look at once the guest has gone
		echo "wrote $2 $3 $4 $wrote" >&9
	fi
	rm -f /tmp/data
}

#
# Network I/O with checksums, against the host's server
#

carrier()
{
	[ "$(cat "/sys/class/net/$1/carrier" 2>/dev/null)" = 1 ]
}

find_net()
{
	if ! soon net_of "$1"; then
		fail "the network interface is there" "no interface behind $1"
		return 1
	fi
	net=$(net_of "$1")
}

# net_up <function>: sets $net
net_up()
{
	find_net "$1" || return 1
	ip link set "$net" up
	ip addr add 10.0.2.15/24 dev "$net" 2>/dev/null
	if ! soon carrier "$net"; then
		fail "the link comes up" "no carrier on $net"
		return 1
	fi
	soon ping -c 1 -W 1 10.0.2.2 || true
}

net_down()
{
	ip addr flush dev "$net"
	ip link set "$net" down
}

# peer <command> [file]: talk to the host's server
sent_again()
{
	awk '/^Tcp:/ && ++n == 2 { print $13 }' /proc/net/snmp
}

peer()
{
	{
		echo "$1"
		[ $# -lt 2 ] || cat "$2"
	} | timeout 60 nc 10.0.2.2 "$PEER_PORT"
}

# net_io <phase> <function>; leaves the interface up
net_io()
{
	net_up "$2" || return 0
	same "$1: received data has the host's checksum" "$(peer get | sum)" "$PEER_SHA256"
	sent=$(make_data "$NET_MIB")
	again=$(sent_again)
	same "$1: the host received what was sent" "$(peer put /tmp/data)" "$sent"
	# TCP makes good for packets that are lost, and hides it.
	at_most "$1: hardly a packet was sent twice" \
		$(($(sent_again) - again)) 20
	echo "sent $sent" >&9
	rm -f /tmp/data
}
