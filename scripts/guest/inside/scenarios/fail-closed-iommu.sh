# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# A device that is not translated, under rules that promise to keep it from
# something, while what that takes is missing.

# shellcheck source=/dev/null
. /guest/translating.sh

# unkept <what is missing> <words...>: the driver must not come by any DMA
unkept()
{
	missing=$1
	shift
	say "mark of $missing"
	works "$missing: rule '$*'" put "pci $PLUGGED_E1000E $*" "$ATTACH"
	echo "$PLUGGED_E1000E" >/sys/bus/pci/drivers_probe
	works "$missing: the driver does not bind" not bound "$PLUGGED_E1000E"
	same "$missing: no interface" "$(net_of "$PLUGGED_E1000E")" ""
	same "$missing: the log says why, once" \
		"$(dmesg | sed "1,/mark of $missing\$/d" |
			grep -c "odma: $PLUGGED_E1000E gets no DMA")" 1
	works "$missing: the rule goes" put "pci $PLUGGED_E1000E" "$DETACH"
}

load e1000e
works "bound" soon bound "$PLUGGED_E1000E"
works "unbind" unbind "$PLUGGED_E1000E"
before=$(group_type "$PLUGGED_E1000E")
works "it is not translated" put identity "$(pci "$PLUGGED_E1000E")/iommu_group/type"
works "insmod odma" load_odma
works "insmod odma-iommu" insmod /odma/odma-iommu.ko
unkept "no provider" iommu strict
works "insmod odma-iommu-host" insmod /odma/odma-iommu-host.ko
unkept "no bounce buffers" iommu untrusted

works "insmod odma-swiotlb" insmod /odma/odma-swiotlb.ko
works "all there: rule" put "pci $PLUGGED_E1000E iommu untrusted stats" "$ATTACH"
works "all there: bind" bind "$PLUGGED_E1000E"
works "all there: attached" attached "$PLUGGED_E1000E"
net_io "all there" "$PLUGGED_E1000E"
net_down
works "all there: detach" detach "$PLUGGED_E1000E"
works "unbind" unbind "$PLUGGED_E1000E"
works "it is translated again" put "$before" "$(pci "$PLUGGED_E1000E")/iommu_group/type"
works "rmmod the modules of the backend" unload_iommu
works "rmmod odma" unload_odma
bind "$PLUGGED_E1000E"
unload e1000e
