/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For backends: the safety net under a device that can't reach a buffer.
 *
 * odma-swiotlb.ko spreads it out; where that is not loaded there is none, and
 * such a mapping fails.
 */
#ifndef _ODMA_BOUNCE_H
#define _ODMA_BOUNCE_H

#include <odma/backend.h>

/**
 * struct odma_bounce - what a provider of bounce buffers offers
 * @owner:	module that holds a reference for each device that has bounced
 * @map:	a bounce buffer in the device's reach for the memory at @phys,
 *		with the driver's bytes in it. Where @granule is not 0 the
 *		device's addresses are translated in pages of that size: then
 *		the buffer has whole pages to itself, anywhere in memory, and
 *		begins where it does in the driver's page if that takes no page
 *		more. Where it is 0, all that a device under the direct path
 *		may see there has been written back from the caches. Returns its
 *		physical address; PHYS_ADDR_MAX, having said why. Any context.
 * @unmap:	give it back, copying by direction and attributes; false where
 *		no mapping of this device begins at @phys: nothing is touched
 *		then, and if @phys can't be anything else either, that is said.
 *		All of a mapping ends whatever @size says, which is said, too.
 *		Any context.
 * @sync:	bring a part of it up to date; false where @phys is in none of
 *		the device's. Any context.
 * @prepare:	the device is about to get this mask: have buffers that it
 *		reaches. 0 or an error. Process context.
 * @live:	add to @left the buffers that the device has mapped now, unless
 *		its backend counts them. Process context, may sleep.
 * @abandon:	leave them taken for good: the device goes, by force, and its
 *		driver will not give them back. Process context, may sleep.
 * @unplug:	the device is leaving its bus: who comes by its name from now on
 *		is another one. Process context.
 * @max_mapping_size: the largest buffer that can bounce into the device's
 *		reach, bytes. Any context.
 */
struct odma_bounce {
	struct module *owner;
	phys_addr_t (*map)(struct odma_device *odev, phys_addr_t phys,
			   size_t size, unsigned int granule,
			   unsigned long attrs);
	bool (*unmap)(struct odma_device *odev, phys_addr_t phys, size_t size,
		      enum dma_data_direction dir, unsigned long attrs);
	bool (*sync)(struct odma_device *odev, phys_addr_t phys, size_t size,
		     enum dma_data_direction dir, bool for_cpu);
	int (*prepare)(struct odma_device *odev, u64 mask);
	void (*live)(struct odma_device *odev, struct odma_leftovers *left);
	void (*abandon)(struct odma_device *odev);
	void (*unplug)(struct odma_device *odev);
	size_t (*max_mapping_size)(struct odma_device *odev);
};

int odma_register_bounce(const struct odma_bounce *bounce);
void odma_unregister_bounce(const struct odma_bounce *bounce);

const struct odma_bounce *odma_get_bounce(struct odma_device *odev);

#endif /* _ODMA_BOUNCE_H */
