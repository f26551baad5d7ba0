# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Rounds of attach and detach, hot-unplug, and a look at what it cost.

ROUNDS=${ROUNDS:-50}
# What this looks for is something lost in every round.  Without odma, the same
# rounds of a stock kernel's NVMe driver took 100 to 300 kB.
NOISE_KB=1024
# KASAN holds back what was freed; but where it is, kmemleak is a finer sieve.
weigh=yes
[ ! -e /sys/kernel/debug/kmemleak ] || weigh=

# Free pages with those on the per-CPU lists, which hold tens of megabytes
# that MemFree does not count.
free_kb()
{
	awk '$1 == "nr_free_pages" || $1 == "count:" { pages += $2 }
		END { print pages * 4 }' /proc/zoneinfo
}

slab_kb()
{
	awk '$1 == "Slab:" { print $2 }' /proc/meminfo
}

# A driver that is bound has memory of its own.
settle()
{
	if bound "$NVME"; then
		unbind "$NVME"
	fi
	drop_caches
	sleep 1
	drop_caches
}

set_rule()
{
	with_odma || return 0
	echo "pci $1 direct stats" >"$ATTACH"
}

drop_rule()
{
	with_odma || return 0
	echo "pci $1" >"$DETACH"
}

is_attached()
{
	with_odma || return 0
	attached "$1"
}

# The first MiB as the host made it, and one that was written before.
small_io()
{
	soon have_disk "$NVME" || return 1
	disk=$(block_of "$NVME")
	[ "$(read_mib "$disk" 0 1 iflag=direct)" = "$first" ] || return 1
	dd if=/tmp/data of="/dev/$disk" bs=1M seek="$PATTERN_MIB" count=1 \
		oflag=direct conv=notrunc 2>/dev/null || return 1
	[ "$(read_mib "$disk" "$PATTERN_MIB" 1 iflag=direct)" = "$wrote" ]
}

idle()
{
	with_odma || return 0
	[ "$(counter "$1" live_mappings)" = 0 ]
}

round()
{
	step="unbind"
	if bound "$NVME"; then
		unbind "$NVME" || return 1
	fi
	step="attach"
	set_rule "$NVME" || return 1
	step="bind"
	bind "$NVME" || return 1
	is_attached "$NVME" || return 1
	step="I/O"
	small_io || return 1
	step="nothing left mapped"
	idle "$NVME" || return 1
	step="unbind from the attached device"
	unbind "$NVME" || return 1
	step="detach"
	drop_rule "$NVME" || return 1
	not attached "$NVME" || return 1
	# Every other round goes on without odma in between.
	[ $((rounds % 2)) -eq 0 ] || return 0
	step="bind after detach"
	bind "$NVME" && small_io
}

load nvme
works "insmod odma" load_odma
find_disk "$NVME"
first=$(read_mib "$disk" 0 1 iflag=direct)
wrote=$(make_data 1)

# The first rounds fill the caches that stay filled.
rounds=0
broken=
while [ "$rounds" -lt "$ROUNDS" ]; do
	if [ $((rounds % 10)) -eq 5 ]; then
		unload_odma || broken="rmmod odma"
		if [ -n "$weigh" ] && [ $rounds -eq 5 ]; then
			settle
			free=$(free_kb)
			slab=$(slab_kb)
		fi
		load_odma || broken="insmod odma"
	fi
	rounds=$((rounds + 1))
	round || broken="round $rounds: $step"
	[ -z "$broken" ] || break
done
same "$ROUNDS rounds of unbind, attach, bind, I/O, detach" "$broken" ""
works "rmmod odma after the rounds" unload_odma
if [ -n "$weigh" ]; then
	settle
	at_most "memory that $((ROUNDS - 5)) rounds took, kB" $((free - $(free_kb))) $NOISE_KB
	at_most "slab that $((ROUNDS - 5)) rounds took, kB" $(($(slab_kb) - slab)) $NOISE_KB
fi

# Hot-unplug: the rule outlives the device.
works "insmod odma again" load_odma
if bound "$NVME"; then
	unbind "$NVME"
fi
works "rule" set_rule "$NVME"
bind "$NVME"
works "attached" is_attached "$NVME"
works "I/O before the removal" small_io
for time in first second; do
	echo 1 >"$(pci "$NVME")/remove"
	works "$time removal: the device has gone" not test -e "$(pci "$NVME")"
	if with_odma; then
		works "$time removal: nothing of it in debugfs" \
			not grep -q "$NVME" /sys/kernel/debug/odma/devices
		works "$time removal: the rule remains" \
			grep -q "$NVME" /sys/kernel/odma/rules
	fi
	echo 1 >/sys/bus/pci/rescan
	works "$time rescan: the device is back and bound" soon bound "$NVME"
	works "$time rescan: attached" is_attached "$NVME"
	works "$time rescan: I/O" small_io
	works "$time rescan: nothing left mapped" idle "$NVME"
done
works "detach" detach "$NVME"
works "I/O after detach" small_io
echo "wrote $NVME $PATTERN_MIB 1 $wrote" >&9
works "rmmod odma" unload_odma
unload nvme
