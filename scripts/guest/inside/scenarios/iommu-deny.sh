# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# A device that reaches for what it has not been lent: no byte moves. Without
# an IOMMU in its way every one does.

# shellcheck source=/dev/null
. /guest/translating.sh

# lent_only <phase>: what no mapping allows
lent_only()
{
	try_all "$1"
	moves "$1" lent-read 512
	moves "$1" lent-write 512
	for attempt in never-read never-write returned-read returned-write \
		read-only-write; do
		moves "$1" $attempt 0
	done
}

# attach_rogue <phase> <word...>
attach_rogue()
{
	phase=$1
	shift
	works "$phase: attach" attach "$EDU" "$@"
	works "$phase: attached" attached "$EDU"
}

works "insmod odma" load_odma
works "insmod the modules of the backend" load_iommu
works "insmod odma-edu-rogue" insmod /odma/odma-edu-rogue.ko bits=32
works "the rogue is bound" soon bound "$EDU"

# Intel's driver lets a device read what it may write; others don't.
expect_faults "$EDU"
try_all "the kernel's translation"
readable=$(sed -n "s/^write-only-read //p" /run/moved)
no_more_faults

# What this would look like if nothing were denied.
attach_rogue "direct" direct
try_all "direct"
for attempt in lent-read lent-write never-read never-write returned-read \
	returned-write read-only-write write-only-read beside-read beside-write; do
	moves "direct" $attempt 512
done
works "direct: detach" detach "$EDU"

expect_faults "$EDU"
attach_rogue "strict" iommu strict
say "mark of strict"
lent_only "strict"
moves "strict" write-only-read "$readable"
# A page is the least that an IOMMU protects.
moves "strict" beside-read 512
moves "strict" beside-write 512
works "strict: the kernel's driver names the device" soon sh -c \
	"dmesg | sed '1,/mark of strict/d' |
		grep -q 'DMAR: \[DMA Write.* device \[${EDU#0000:}\] fault'"

# More addresses than there are above the interrupt window.
works "strict: a page is mapped often" \
	sh -c "cat '$(pci "$EDU")/doorbell' >/run/moved"
at_least "strict: addresses above the interrupt window" \
	"$(sed -n 's/^above //p' /run/moved)" 1000
moves "strict" inside 0
at_least "strict: addresses below the interrupt window" \
	"$(sed -n 's/^below //p' /run/moved)" 1000
works "strict: detach" detach "$EDU"

for mode in untrusted shadow; do
	attach_rogue "$mode" iommu $mode
	lent_only "$mode"
	moves "$mode" beside-read 0
	moves "$mode" beside-write 0
	moves "$mode" write-only-read "$readable"
	works "$mode: detach" detach "$EDU"
done

# What it is to write, it gets as zeroes.
attach_rogue "both" iommu untrusted shadow
lent_only "both"
moves "both" write-only-read 0
works "both: detach" detach "$EDU"
no_more_faults

# A probe that fails leaves no trace, and nothing mapped.
unbind "$EDU"
echo 1 >/sys/module/odma_edu_rogue/parameters/fail
works "a rule for a driver whose probe fails" \
	put "pci $EDU iommu strict" "$ATTACH"
echo "$EDU" >/sys/bus/pci/drivers_probe
works "its probe fails" not bound "$EDU"
works "it is not attached any more" soon not attached "$EDU"
works "the rule goes" put "pci $EDU" "$DETACH"
echo 0 >/sys/module/odma_edu_rogue/parameters/fail

# One that says, as VFIO does, that the kernel's DMA code is not for it.
load pci_stub
echo pci-stub >"$(pci "$EDU")/driver_override"
works "a rule for a driver that brings its own translation" \
	put "pci $EDU iommu strict" "$ATTACH"
echo "$EDU" >/sys/bus/pci/drivers_probe
works "it is not bound" not bound "$EDU"
same "it is refused" "$(counter "$EDU" state)" refused
works "the log says why" sh -c \
	"dmesg | grep 'odma-iommu-host: ' | grep -q 'brings a translation of its own'"
works "that rule goes, too" put "pci $EDU" "$DETACH"
works "it is not attached" not attached "$EDU"
bind "$EDU"
same "then it is bound" "$(driver_of "$EDU")" pci-stub
unbind "$EDU"
echo >"$(pci "$EDU")/driver_override"
unload pci_stub
works "rmmod the modules of the backend" unload_iommu
works "rmmod odma" unload_odma
works "bind again" bind "$EDU"
expect_faults "$EDU"
try_all "the kernel's translation"
moves "the kernel's translation" lent-read 512
moves "the kernel's translation" lent-write 512
moves "the kernel's translation" never-write 0
no_more_faults
works "rmmod odma-edu-rogue" rmmod odma_edu_rogue
