// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that the kernel's IOMMU driver translates, under a backend that does
 * not: their group goes over to identity while a rule wants it so.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include "core.h"

/* struct odma_return - a group that is to have its type back */
struct odma_return {
	struct list_head node;
	struct work_struct work;
	struct device *dev;
	char type[ODMA_TYPE_MAX];
};

static LIST_HEAD(odma_returns);	/* with odma_mutex held */
/* Some kernels take the device's lock for it: so each return waits alone. */
static struct workqueue_struct *odma_returner;

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

/**
 * odma_keep_identity() - the group of a device is not given back yet
 * @dev: the device, for which there is a new rule
 * @old: of ODMA_TYPE_MAX characters: set to what its type is to be when that
 *	rule ends, where it was to be that now
 *
 * Context: process context, odma_mutex held.
 */
void odma_keep_identity(struct device *dev, char *old)
{
	struct odma_return *r;

	list_for_each_entry(r, &odma_returns, node)
		if (r->dev == dev) {
			if (!*old)
				strscpy(old, r->type, ODMA_TYPE_MAX);
			/* Its work finds that nothing is left to be done. */
			list_del_init(&r->node);
			return;
		}
}

static void odma_return_type(struct work_struct *work)
{
	struct odma_return *r = container_of(work, struct odma_return, work);
	bool wanted;

	mutex_lock(&odma_mutex);
	wanted = !list_empty(&r->node);
	list_del_init(&r->node);
	mutex_unlock(&odma_mutex);
	if (wanted)
		odma_unmake_identity(r->dev, r->type);
	put_device(r->dev);
	kfree(r);
}

/**
 * odma_unmake_identity_later() - odma_unmake_identity(), as soon as may be
 * @dev: the device
 * @old: what the type was; "" where it was not changed
 *
 * Context: process context, odma_mutex held; with or without the device's lock.
 */
void odma_unmake_identity_later(struct device *dev, const char *old)
{
	struct odma_return *r;

	if (!*old)
		return;
	r = kzalloc(sizeof(*r), GFP_KERNEL);
	if (!r) {
		pr_err("%s: its IOMMU group stays as it is: no memory (remedy: with no driver bound, write '%s' to the device's iommu_group/type)\n",
		       dev_name(dev), old);
		return;
	}
	r->dev = get_device(dev);
	strscpy(r->type, old, ODMA_TYPE_MAX);
	INIT_WORK(&r->work, odma_return_type);
	list_add_tail(&r->node, &odma_returns);
	queue_work(odma_returner, &r->work);
}

int odma_identity_init(void)
{
	odma_returner = alloc_workqueue("odma-identity", WQ_UNBOUND, 0);
	return odma_returner ? 0 : -ENOMEM;
}

/* No device is attached any more, so nothing comes after this. */
void odma_identity_exit(void)
{
	destroy_workqueue(odma_returner);
}
