# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # tracing.sh sets tracing
# Memory that firmware has a device use, at addresses that nobody maps for it
# (an RMRR; the host has put one each into the machine's ACPI tables): it is in
# the device's reach whoever translates, and no mapping gets one of its
# addresses. Intel's driver on 6.1 refuses such a device, but for USB.

# shellcheck source=/dev/null
. /guest/translating.sh
# shellcheck source=/dev/null
. /guest/tracing.sh

# region_is <function> <first address> <type>: by what the kernel knows
region_is()
{
	last=$(printf '0x%016x' $(($2 + REGION_SIZE - 1)))
	grep -qx "$2 $last $3" "$(pci "$1")/iommu_group/reserved_regions"
}

# reaches_region <phase>: edu reaches its own, and nothing beside it
reaches_region()
{
	try_all "$1" firmware
	for attempt in first-read first-write last-read last-write; do
		moves "$1" $attempt 512
	done
	for attempt in before-read before-write behind-read behind-write; do
		moves "$1" $attempt 0
	done
}

# reaches_own <phase>: edu reaches what is mapped for it
reaches_own()
{
	try_all "$1"
	moves "$1" lent-read 512
	moves "$1" lent-write 512
	moves "$1" never-read 0
	moves "$1" never-write 0
}

# attach_watched <function>: and the trace has what the IOMMU's driver did
attach_watched()
{
	trace_clear
	for event in map attach_device_to_domain; do
		echo 1 >"$tracing/events/iommu/$event/enable"
	done
	attach "$1" iommu strict stats
	ret=$?
	for event in map attach_device_to_domain; do
		echo 0 >"$tracing/events/iommu/$event/enable"
	done
	cp "$tracing/trace" /run/trace
	return $ret
}

# mapped_first <function> <first address>: how many bytes of its region were
# mapped to themselves before it came into the domain? Regions are 64 KiB.
mapped_first()
{
	awk -v arrival="device=$1" -v begin="iova=${2%????}" '
		/ attach_device_to_domain: / && $NF == arrival {
			arrived = 1
			exit
		}
		/ map: IOMMU: / && index($(NF - 4), begin) == 1 &&
			substr($(NF - 4), 6) == substr($(NF - 1), 7) {
			bytes += substr($NF, 6)
		}
		END { print arrived ? bytes + 0 : "it never came" }
	' /run/trace
}

# mapped_since <function> <first address>: "inside <mappings>" that are in its
# region, and "outside <mappings>", since it came into the domain
mapped_since()
{
	awk -v arrival="device=$1" -v begin="iova=${2%????}" '
		/ attach_device_to_domain: / && $NF == arrival {
			arrived = 1
		}
		arrived && / map: IOMMU: / {
			if (index($(NF - 4), begin) == 1)
				inside++
			else
				outside++
		}
		END { print "inside", inside + 0; print "outside", outside + 0 }
	' /run/trace
}

edu_attached()
{
	works "attach" attach_watched "$EDU"
	works "attached" attached "$EDU"
	same "the region is mapped before the domain takes effect" \
		"$(mapped_first "$EDU" "$EDU_REGION")" "$REGION_SIZE"
	reaches_own "attached"
	reaches_region "attached"
	works "a page is mapped often" \
		sh -c "cat '$(pci "$EDU")/given' >/run/moved"
	at_least "addresses above the region" \
		"$(sed -n 's/^above //p' /run/moved)" 50
	moves "given" inside 0
	at_least "addresses below the region" \
		"$(sed -n 's/^below //p' /run/moved)" 1000
	works "detach" detach "$EDU"
}

edu_refused()
{
	works "refused" not sh -c "odma attach '$EDU' iommu strict 2>/run/why"
	works "the tool says why" \
		grep -q "$EDU not taken over: .* (firmware uses it at fixed addresses)" \
		/run/why
	works "it is back under its driver" bound "$EDU"
	works "it is not attached" not attached "$EDU"
	reaches_own "refused"
}

works "the table is the one that the host has made" \
	cmp /kernel/firmware/acpi/dmar.aml /sys/firmware/acpi/tables/DMAR
works "the kernel knows edu's region" region_is "$EDU" "$EDU_REGION" direct
works "the kernel knows the USB controller's region" \
	region_is "$XHCI" "$XHCI_REGION" direct-relaxable
works "insmod odma" load_odma
works "insmod the modules of the backend" load_iommu
works "insmod odma-edu-rogue" insmod /odma/odma-edu-rogue.ko \
	firmware="$EDU_REGION" firmware_size="$REGION_SIZE"
works "the rogue is bound" soon bound "$EDU"

expect_faults "$EDU"
reaches_region "the kernel's translation"
case $(uname -r) in
6.1.*) edu_refused ;;
*) edu_attached ;;
esac
reaches_region "the kernel's translation again"
no_more_faults
works "rmmod odma-edu-rogue" rmmod odma_edu_rogue

load xhci_pci usb_storage sd_mod
works "usb: attach" attach_watched "$XHCI"
works "usb: attached" attached "$XHCI"
same "usb: the region is mapped before the domain takes effect" \
	"$(mapped_first "$XHCI" "$XHCI_REGION")" "$REGION_SIZE"
mapped_since "$XHCI" "$XHCI_REGION" >/run/moved
moves "usb: mappings" inside 0
at_least "usb: mappings outside" "$(sed -n 's/^outside //p' /run/moved)" 1
disk_io "usb" "$XHCI" 0
counters_add_up "$XHCI" $(((2 * PATTERN_MIB + 2 * SLOT_MIB) << 20)) iommu
works "usb: detach" detach "$XHCI"
disk_io "usb, the kernel's translation" "$XHCI" 1

# The memory of old DMA controllers, from page 0 on: Intel's driver has it mapped
# for ISA bridges, and so for all of their group.
load ahci
works "sata: the group's region" \
	grep -qx "0x0*0 0x0*ffffff direct-relaxable" \
	"$(pci "$ICH9_AHCI")/iommu_group/reserved_regions"
works "sata: attach" attach "$ICH9_AHCI" iommu strict stats
works "sata: attached" attached "$ICH9_AHCI"
disk_io "sata" "$ICH9_AHCI" 0
works "sata: detach" detach "$ICH9_AHCI"
works "rmmod the modules of the backend" unload_iommu
works "rmmod odma" unload_odma
unload usb_storage xhci_pci ahci
