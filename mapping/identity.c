// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that the kernel's IOMMU driver translates, under a backend that does
 * not: their group goes over to identity while a rule wants it so.
 */
#include <linux/string.h>
#include "core.h"

/**
 * odma_make_identity() - have a device's addresses be those of memory
 * @dev: the device, with no driver bound
 * @old: of ODMA_TYPE_MAX characters: set to what its group's type was, if that
 *	had to be changed and @old is empty
 *
 * Context: process context, without the device's lock and odma_mutex.
 *
 * Return: 0; or an error, with one line in the log that names the remedy.
 */
int odma_make_identity(struct device *dev, char *old)
{
	char type[ODMA_TYPE_MAX];
	int ret;

	if (!odma_kernel_translates(dev))
		return 0;
	ret = odma_group_type(dev, type, sizeof(type));
	if (!ret)
		ret = odma_group_set_type(dev, "identity");
	if (ret)
		return ret;
	if (!*old)
		strscpy(old, type, ODMA_TYPE_MAX);
	return 0;
}

/**
 * odma_unmake_identity() - undo odma_make_identity()
 * @dev: the device
 * @old: what the type was; "" where it was not changed
 *
 * Where that can't be, as a driver is bound, a line in the log says so.
 *
 * Context: process context, without the device's lock and odma_mutex.
 */
void odma_unmake_identity(struct device *dev, const char *old)
{
	if (*old)
		odma_group_set_type(dev, old);
}
