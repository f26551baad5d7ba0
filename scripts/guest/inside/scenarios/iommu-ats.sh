# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# A device that translates addresses itself, where the IOMMU believes it: not
# one to be called untrusted.

# shellcheck source=/dev/null
. /guest/translating.sh

load virtio_pci virtio_blk
works "bound" soon bound "$ATS_BLK"
works "insmod odma" load_odma
works "insmod the modules of the backend" load_iommu

works "unbind" unbind "$ATS_BLK"
say "mark of the refusal"
works "untrusted is refused" not put "pci $ATS_BLK iommu untrusted" "$ATTACH"
works "so says check" not put "pci $ATS_BLK iommu untrusted" /sys/kernel/odma/check
same "the remedy is named, each time" \
	"$(dmesg | sed '1,/mark of the refusal$/d' | grep -c 'pci=noats')" 2
works "bind" bind "$ATS_BLK"

works "strict: attach" attach "$ATS_BLK" iommu strict stats
works "strict: attached" attached "$ATS_BLK"
works "the file says that ATS is on" \
	grep -q 'ats=on' "$(pci "$ATS_BLK")/odma/protection"
works "so does status" sh -c "odma status | grep -q 'ATS on'"
disk_io "strict" "$ATS_BLK" 0
works "strict: detach" detach "$ATS_BLK"
works "rmmod the modules of the backend" unload_iommu
works "rmmod odma" unload_odma
unload virtio_blk
