# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Rules as a module parameter, before any driver is there.

# The quotes are for the kernel, which takes a space for the end of a parameter.
works "insmod odma with rules" \
	load_odma "attach=\"pci $NVME direct stats,pci $E1000E direct\""
load nvme e1000e
works "the disk is bound" soon bound "$NVME"
works "the disk is attached" attached "$NVME"
works "the network card is bound" soon bound "$E1000E"
works "the network card is attached" attached "$E1000E"
disk_io "attached" "$NVME" 0
net_io "attached" "$E1000E"
net_down
nothing_mapped "$NVME"
counters_add_up "$NVME" $(((2 * PATTERN_MIB + 2 * SLOT_MIB) << 20))
same "no stats were asked for on the network card" "$(counter "$E1000E" maps)" 0
unload nvme e1000e
for device in "$NVME" "$E1000E"; do
	works "detach" detach "$device"
done
works "rmmod odma" unload_odma
