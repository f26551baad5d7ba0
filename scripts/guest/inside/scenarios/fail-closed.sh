# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Rules of boot time that can't be kept, yet or at all; and many of them.

# shellcheck source=/dev/null
. /guest/providing.sh

# said_since <mark> <pattern>: how many lines of odma's log
said_since()
{
	dmesg | sed "1,/mark of $1\$/d" | grep 'odma: ' | grep -c -- "$2"
}

# Its module is nowhere.
say "mark of absent"
works "absent: insmod odma" load_odma \
	"attach=\"pci $NVME swiotlb force require\""
works "absent: the rule holds" grep -q "$NVME swiotlb" /sys/kernel/odma/rules
load nvme
works "absent: the driver does not bind" not bound "$NVME"
same "absent: no disk" "$(block_of "$NVME")" ""
same "absent: the reason is in the log, once" \
	"$(said_since absent "$NVME gets no DMA: its rule .* can't be kept")" 1
works "absent: with the missing module's name" \
	[ "$(said_since absent "no backend 'swiotlb'")" -ge 1 ]
# It comes, and the next attempt goes well.
works "absent: insmod odma-swiotlb" insmod /odma/odma-swiotlb.ko
works "absent, and there: bind" bind "$NVME"
same "absent, and there: attached" "$(counter "$NVME" backend)" swiotlb
disk_io "absent, and there" "$NVME" 0
works "absent, and there: detach" detach "$NVME"
works "absent, and there: rmmod odma-swiotlb" rmmod odma_swiotlb
works "absent, and there: rmmod odma" unload_odma
unload nvme

# A rule without a promise leaves the device with the kernel's DMA.
say "mark of lenient"
works "lenient: insmod odma" load_odma "attach=\"pci $NVME swiotlb force\""
load nvme
works "lenient: the driver binds" soon bound "$NVME"
works "lenient: not attached" not attached "$NVME"
at_least "lenient: the log says so" "$(said_since lenient "$NVME not attached")" 1
works "lenient: detach" detach "$NVME"
works "lenient: rmmod odma" unload_odma
unload nvme

# modprobe finds it: whoever reads the rule, or binds the device, asks for it.
provide odma-swiotlb
works "present: insmod odma" load_odma \
	"attach=\"pci $NVME swiotlb force require stats\""
load nvme
works "present: the driver binds" soon bound "$NVME"
same "present: attached" "$(counter "$NVME" backend)" swiotlb
disk_io "present" "$NVME" 1
works "present: detach" detach "$NVME"
works "present: rmmod odma-swiotlb" rmmod odma_swiotlb
works "present: rmmod odma" unload_odma
unload nvme
withdraw odma-swiotlb

# Many rules, in more than one parameter, each longer than a line may be; the
# one that is wrong is quoted, and the others hold.
many=
more=
for number in $(seq 101 160); do
	many="${many:+$many,}platform nonesuch.$number direct coherent=yes"
	more="${more:+$more,}platform nonesuch.$((number + 100)) direct"
done
say "mark of many"
works "many: insmod odma" load_odma "attach=\"$many\"" \
	"attach=\"pci $NVME direct;,pci ${NVME#0000:} direct stats\"" \
	"attach=\"$more\""
same "many: every rule is there" "$(grep -c nonesuch /sys/kernel/odma/rules)" 120
same "many: and none is cut off" "$(tail -n 1 /sys/kernel/odma/rules)" \
	"platform nonesuch.260 direct"
works "many: a short name is the long one" \
	grep -q "^pci $NVME direct stats$" /sys/kernel/odma/rules
same "many: the wrong one is quoted" \
	"$(said_since many "refused: 'pci $NVME direct;'")" 1
works "many: rules at run time" sh -c \
	"for number in \$(seq 301 330); do
		echo \"platform nonesuch.\$number direct\" >$ATTACH || exit
	done"
same "many: the tool shows each" "$(odma status | grep -c nonesuch)" 150
works "many: the last one goes" odma detach -b platform nonesuch.330
same "many: the others stay" "$(grep -c nonesuch /sys/kernel/odma/rules)" 149
load nvme
works "many: attached" soon attached "$NVME"
works "many: detach" detach "$NVME"
works "many: rmmod odma" unload_odma
unload nvme
