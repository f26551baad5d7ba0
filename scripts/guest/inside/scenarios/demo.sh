# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What the demonstration shows.  `step` lines are for the person who watches.

step()
{
	echo "step $*" >&9
}

load nvme e1000e
works "Debian's NVMe driver has the disk" soon bound "$NVME"
works "Debian's e1000e driver has the network card" soon bound "$E1000E"

step "insmod odma.ko"
works "insmod odma" load_odma
step "odma attach $NVME direct stats"
works "attach the disk" attach "$NVME" direct stats
step "odma attach $E1000E direct stats"
works "attach the network card" attach "$E1000E" direct stats

step "reading $PATTERN_MIB MiB that the host made, writing $SLOT_MIB MiB and reading them back"
# shellcheck disable=SC2154 # find_disk sets disk
if find_disk "$NVME"; then
	same "disk: what the host wrote reads right" \
		"$(read_mib "$disk" 0 "$PATTERN_MIB" iflag=direct)" "$PATTERN_SHA256"
	disk_write "disk" "$NVME" "$PATTERN_MIB" "$SLOT_MIB"
fi
step "receiving $NET_MIB MiB from the host over TCP, sending $NET_MIB MiB back"
net_io "net" "$E1000E"
net_down

works "the disk's traffic went through odma" \
	test "$(counter "$NVME" map_bytes)" -ge $(((PATTERN_MIB + 2 * SLOT_MIB) << 20))
works "the card's traffic went through odma" \
	test "$(counter "$E1000E" map_bytes)" -ge $(((2 * NET_MIB) << 20))
report_counters "$NVME"
report_counters "$E1000E"

step "odma detach, both; the drivers go on without it"
works "detach the disk" detach "$NVME"
works "detach the network card" detach "$E1000E"
find_disk "$NVME" && same "disk: still reads right after detach" \
	"$(read_mib "$disk" 0 "$PATTERN_MIB" iflag=direct)" "$PATTERN_SHA256"
works "rmmod odma" unload_odma
