// SPDX-License-Identifier: GPL-2.0
/*
 * Which devices are attached.
 */
#include "core.h"

/* Guards attachments, rules and backends; see core.h for the order. */
DEFINE_MUTEX(odma_mutex);
LIST_HEAD(odma_devices);

const struct odma_pool_ops *odma_pool_ops;

struct odma_device *odma_find_device(struct device *dev)
{
	struct odma_device *odev;

	lockdep_assert_held(&odma_mutex);
	list_for_each_entry(odev, &odma_devices, node)
		if (odev->dev == dev)
			return odev;
	return NULL;
}

const char *odma_state_name(const struct odma_device *odev)
{
	static const char * const names[] = {
		[ODMA_ATTACHED] = "attached",
		[ODMA_LINGERING] = "lingering",
		[ODMA_REFUSED] = "refused",
	};

	return names[odev->state];
}
