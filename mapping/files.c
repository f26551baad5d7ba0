// SPDX-License-Identifier: GPL-2.0
/*
 * <device>/odma: what there is to know of one attached device.
 *
 * sysfs waits for the readers of its files before it removes them, and that is
 * done while the device is still attached, and listed as such.
 */
#include <linux/rculist.h>
#include <linux/sysfs.h>
#include "core.h"

/*
 * Not odma_device_of(): the kernel may have pointed dev->dma_ops elsewhere. Nor
 * under odma_mutex, which is held where sysfs waits.
 */
static struct odma_device *odma_shown(struct device *dev)
{
	struct odma_device *odev, *found = NULL;

	rcu_read_lock();
	list_for_each_entry_rcu(odev, &odma_devices, node)
		if (odev->dev == dev)
			found = odev;
	rcu_read_unlock();
	return found;
}

static ssize_t backend_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%s\n", odma_shown(dev)->backend->name);
}
static DEVICE_ATTR_ADMIN_RO(backend);

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%s\n", odma_state_name(odma_shown(dev)));
}
static DEVICE_ATTR_ADMIN_RO(state);

static ssize_t note_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%s\n", odma_shown(dev)->note);
}
static DEVICE_ATTR_ADMIN_RO(note);

static ssize_t protection_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	size_t len = odma_describe_protection(dev, buf, PAGE_SIZE - 1);

	return len + sysfs_emit_at(buf, len, "\n");
}
static DEVICE_ATTR_ADMIN_RO(protection);

static ssize_t flags_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct odma_device *odev = odma_shown(dev);
	const char *words = odma_flag_words(odev->flags);

	return sysfs_emit(buf, "%s%s%s\n", *words ? words + 1 : "",
			  *words && odev->options ? " " : "",
			  odev->options ?: "");
}
static DEVICE_ATTR_ADMIN_RO(flags);

#define ODMA_COUNTER(name, expression)					\
static ssize_t name##_show(struct device *dev,				\
			   struct device_attribute *attr, char *buf)	\
{									\
	struct odma_counters c;						\
									\
	odma_sum_counters(odma_shown(dev), &c);				\
	return sysfs_emit(buf, "%llu\n", (u64)(expression));		\
}									\
static DEVICE_ATTR_ADMIN_RO(name)

ODMA_COUNTER(maps, c.maps);
ODMA_COUNTER(unmaps, c.unmaps);
ODMA_COUNTER(map_bytes, c.map_bytes);
ODMA_COUNTER(unmap_bytes, c.unmap_bytes);
ODMA_COUNTER(syncs, c.syncs);
ODMA_COUNTER(allocs, c.allocs);
ODMA_COUNTER(frees, c.frees);
ODMA_COUNTER(failures, c.failures);

#define ODMA_BALANCE(name, of, member)					\
static ssize_t name##_show(struct device *dev,				\
			   struct device_attribute *attr, char *buf)	\
{									\
	struct odma_counters c;						\
	struct odma_balance b;						\
									\
	odma_sum_counters(odma_shown(dev), &c);				\
	odma_balance_##of(&c, &b);					\
	return sysfs_emit(buf, "%llu\n", b.member);			\
}									\
static DEVICE_ATTR_ADMIN_RO(name)

ODMA_BALANCE(live_mappings, mappings, live);
ODMA_BALANCE(live_bytes, mappings, bytes);
ODMA_BALANCE(extra_unmaps, mappings, extra);
ODMA_BALANCE(stray_bytes, mappings, stray);
ODMA_BALANCE(live_allocs, allocs, live);
ODMA_BALANCE(live_alloc_bytes, allocs, bytes);
ODMA_BALANCE(extra_frees, allocs, extra);
ODMA_BALANCE(stray_alloc_bytes, allocs, stray);

#define ODMA_POOL_VALUE(name, member)					\
static ssize_t pool_##name##_show(struct device *dev,			\
				  struct device_attribute *attr,	\
				  char *buf)				\
{									\
	struct odma_pool_sums sum;					\
									\
	odma_pool_ops->sum(odma_shown(dev), &sum);			\
	return sysfs_emit(buf, "%llu\n", (u64)sum.member);		\
}									\
static DEVICE_ATTR_ADMIN_RO(pool_##name)

ODMA_POOL_VALUE(bytes, size);
ODMA_POOL_VALUE(used, used);
ODMA_POOL_VALUE(high_water, high_water);
ODMA_POOL_VALUE(largest_free, largest);
ODMA_POOL_VALUE(fragmentation, fragmentation);
ODMA_POOL_VALUE(failures, failures);

static struct attribute *odma_device_attrs[] = {
	&dev_attr_backend.attr,
	&dev_attr_flags.attr,
	&dev_attr_state.attr,
	&dev_attr_note.attr,
	&dev_attr_protection.attr,
	&dev_attr_maps.attr,
	&dev_attr_unmaps.attr,
	&dev_attr_map_bytes.attr,
	&dev_attr_unmap_bytes.attr,
	&dev_attr_live_mappings.attr,
	&dev_attr_live_bytes.attr,
	&dev_attr_extra_unmaps.attr,
	&dev_attr_stray_bytes.attr,
	&dev_attr_syncs.attr,
	&dev_attr_allocs.attr,
	&dev_attr_frees.attr,
	&dev_attr_live_allocs.attr,
	&dev_attr_live_alloc_bytes.attr,
	&dev_attr_extra_frees.attr,
	&dev_attr_stray_alloc_bytes.attr,
	&dev_attr_failures.attr,
	&dev_attr_pool_bytes.attr,
	&dev_attr_pool_used.attr,
	&dev_attr_pool_high_water.attr,
	&dev_attr_pool_largest_free.attr,
	&dev_attr_pool_fragmentation.attr,
	&dev_attr_pool_failures.attr,
	NULL
};

const struct attribute_group odma_device_group = {
	.name = "odma",
	.attrs = odma_device_attrs,
};
