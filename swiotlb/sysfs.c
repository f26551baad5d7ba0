// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/odma/swiotlb/<pool>: one value a file, for programs.
 */
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include "swiotlb.h"

static struct kobject *odma_swiotlb_kobj;

/* What sysfs refers to; the pool is there for as long as the files are. */
struct odma_pool_files {
	struct kobject kobj;
	struct odma_bounce_pool *pool;
};

static struct odma_bounce_pool *odma_pool_of_kobj(struct kobject *kobj)
{
	return container_of(kobj, struct odma_pool_files, kobj)->pool;
}

#define ODMA_POOL_FILE(name, expression)				\
static ssize_t name##_show(struct kobject *kobj,			\
			   struct kobj_attribute *attr, char *buf)	\
{									\
	struct odma_bounce_pool *pool = odma_pool_of_kobj(kobj);	\
									\
	return sysfs_emit(buf, "%llu\n", (u64)(expression));		\
}									\
static struct kobj_attribute name##_attr = __ATTR(name, 0400, name##_show, NULL)

ODMA_POOL_FILE(bytes, atomic_long_read(&pool->bytes));
ODMA_POOL_FILE(limit, pool->limit);
ODMA_POOL_FILE(slots, atomic_long_read(&pool->bytes) >> ODMA_SLOT_SHIFT);
ODMA_POOL_FILE(used, atomic_long_read(&pool->used));
ODMA_POOL_FILE(at_once, atomic_long_read(&pool->at_once));
ODMA_POOL_FILE(growth_failures, atomic_long_read(&pool->grow_failures));
ODMA_POOL_FILE(failed_full,
	       atomic_long_read(&pool->failures[ODMA_BOUNCE_FULL]));
ODMA_POOL_FILE(failed_growing,
	       atomic_long_read(&pool->failures[ODMA_BOUNCE_GROWING]));
ODMA_POOL_FILE(failed_too_large,
	       atomic_long_read(&pool->failures[ODMA_BOUNCE_TOO_LARGE]));
ODMA_POOL_FILE(failed_align,
	       atomic_long_read(&pool->failures[ODMA_BOUNCE_ALIGN]));
ODMA_POOL_FILE(failed_reach,
	       atomic_long_read(&pool->failures[ODMA_BOUNCE_REACH]));
ODMA_POOL_FILE(failed_share,
	       atomic_long_read(&pool->failures[ODMA_BOUNCE_SHARE]));

static ssize_t high_water_show(struct kobject *kobj,
			       struct kobj_attribute *attr, char *buf)
{
	struct odma_bounce_pool *pool = odma_pool_of_kobj(kobj);

	return sysfs_emit(buf, "%lu\n", atomic_long_read(&pool->high_water));
}

/* Whatever is written: it begins again at what is in use now. */
static ssize_t high_water_store(struct kobject *kobj,
				struct kobj_attribute *attr, const char *buf,
				size_t count)
{
	struct odma_bounce_pool *pool = odma_pool_of_kobj(kobj);

	atomic_long_set(&pool->high_water, atomic_long_read(&pool->used));
	return count;
}

static struct kobj_attribute high_water_attr =
	__ATTR(high_water, 0600, high_water_show, high_water_store);

static struct attribute *odma_pool_attrs[] = {
	&bytes_attr.attr,
	&limit_attr.attr,
	&slots_attr.attr,
	&used_attr.attr,
	&high_water_attr.attr,
	&at_once_attr.attr,
	&growth_failures_attr.attr,
	&failed_full_attr.attr,
	&failed_growing_attr.attr,
	&failed_too_large_attr.attr,
	&failed_align_attr.attr,
	&failed_reach_attr.attr,
	&failed_share_attr.attr,
	NULL
};
ATTRIBUTE_GROUPS(odma_pool);

static void odma_release_files(struct kobject *kobj)
{
	kfree(container_of(kobj, struct odma_pool_files, kobj));
}

static const struct kobj_type odma_pool_ktype = {
	.release = odma_release_files,
	.sysfs_ops = &kobj_sysfs_ops,
	.default_groups = odma_pool_groups,
};

/* Without its files a pool works as well, so nobody hears of an error. */
void odma_add_pool_files(struct odma_bounce_pool *pool)
{
	struct odma_pool_files *files = kzalloc(sizeof(*files), GFP_KERNEL);

	if (!files)
		return;
	files->pool = pool;
	if (kobject_init_and_add(&files->kobj, &odma_pool_ktype,
				 odma_swiotlb_kobj, "%s", pool->name))
		kobject_put(&files->kobj);
	else
		pool->files = &files->kobj;
}

/* Returns when nobody is in one of them any more. */
void odma_remove_pool_files(struct odma_bounce_pool *pool)
{
	if (!pool->files)
		return;
	kobject_del(pool->files);
	kobject_put(pool->files);
	pool->files = NULL;
}

int odma_swiotlb_sysfs_init(void)
{
	odma_swiotlb_kobj = kobject_create_and_add("swiotlb", odma_kobj);
	return odma_swiotlb_kobj ? 0 : -ENOMEM;
}

void odma_swiotlb_sysfs_exit(void)
{
	kobject_put(odma_swiotlb_kobj);
}
