/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For backends: what serves the DMA of an attached device.
 *
 * A backend is a table of struct dma_map_ops and two callbacks.  Attaching a
 * device copies the table into the device's own struct odma_device and points
 * the device's dma_ops there, so the kernel calls the backend's functions with
 * one indirect call, and a container_of() leads back to the device's state.
 */
#ifndef _ODMA_BACKEND_H
#define _ODMA_BACKEND_H

#include <linux/list.h>
#include <linux/ratelimit.h>
#include <linux/types.h>
#include <odma/compat.h>

struct odma_bounce;
struct odma_device;
struct odma_bypass;
struct odma_counters;
struct odma_pool_plan;
struct odma_pool_set;

/* Flags of an attachment: the words of a rule. */
#define ODMA_STATS	BIT(0)	/* count every mapping */
#define ODMA_BYPASS	BIT(1)	/* direct where the mask covers all memory */
#define ODMA_REQUIRE	BIT(2)	/* this or no DMA at all */
#define ODMA_FLAGS	(ODMA_STATS | ODMA_BYPASS | ODMA_REQUIRE)

/* Room for the type of an IOMMU group. */
#define ODMA_TYPE_MAX	16

/* Where an attachment is in its life: mapping/life.c. */
enum odma_state {
	ODMA_ATTACHED,		/* a rule or odma_attach() wants it so */
	ODMA_LINGERING,		/* it is kept for what a driver left behind */
	ODMA_REFUSED,		/* its rule can't be kept: no DMA at all */
};

#define ODMA_BACKEND_NAME_MAX	31

/**
 * struct odma_noncontiguous - pages from anywhere that are a row for a device
 * @alloc:	as dma_alloc_noncontiguous(), the arguments having been checked
 * @free:	as dma_free_noncontiguous()
 * @pages:	what @alloc allocated
 */
struct odma_noncontiguous {
	struct sg_table *(*alloc)(struct device *dev, size_t size,
				  enum dma_data_direction dir, gfp_t gfp,
				  unsigned long attrs);
	void (*free)(struct device *dev, size_t size, struct sg_table *sgt,
		     enum dma_data_direction dir);
	struct page **(*pages)(struct sg_table *sgt);
};

/**
 * struct odma_leftovers - what a device's drivers hold
 * @mappings:	how many mappings can't be undone by anybody but the backend
 * @bytes:	of them
 * @allocations: how many allocations
 * @allocated:	bytes of them
 */
struct odma_leftovers {
	u64 mappings;
	u64 bytes;
	u64 allocations;
	u64 allocated;
};

/**
 * struct odma_backend - an implementation of DMA mapping
 * @name:	the word that selects it in a rule: letters, digits, '-', '_'
 *		and '.'
 * @owner:	the module that it is in, referenced while a device is attached;
 *		odma_register_backend() sets it
 * @ops:	its functions: it needs those that map and unmap a page and a
 *		scatterlist, alloc and free; any other may be NULL
 * @check_option: may a rule carry this key=value? 0 or -EINVAL. The value is
 *		NULL for a word without one. Process context. NULL: the backend
 *		takes no options.
 * @can_attach: could @dev come under it? 0, or an error with a line in the
 *		log; changes nothing. Process context. NULL: yes.
 * @suits:	may @dev be attached with these words of a rule, or NULL? 0; or
 *		-EINVAL, -EOPNOTSUPP with a line in the log that says what to
 *		do. Changes nothing. Process context. NULL: yes.
 * @attach:	a device comes under this backend: choose ops (odev->base),
 *		allocate state (odev->priv). Process context, may sleep, the
 *		device has no driver yet or its probe is about to run. An error
 *		leaves the device with the DMA that it had.
 * @detach:	undo @attach. Every mapping is gone by then.
 * @live:	add to @left what is mapped for the device now and would be lost
 *		with its state; of what it allocated, too, where that is mapped
 *		like everything else. Process context, may sleep. NULL where
 *		the kernel's own direct unmap ends any of its mappings rightly.
 * @abandon:	as @detach, though something is live: the device reaches none of
 *		it any more, and nothing is freed that somebody may still hold.
 *		NULL: nothing of the kind can be done, and @detach is called.
 * @unplug:	the device is leaving its bus: nothing of the backend's may
 *		translate it when this returns, as the kernel's IOMMU code is
 *		about to forget it. What is mapped stays as it is for late
 *		unmaps; @detach or @abandon come later. To be called before that
 *		code hears of BUS_NOTIFY_REMOVED_DEVICE; Intel's driver clears
 *		dma_ops there. Who comes by its name from now on is another
 *		device. Process context. NULL where nothing of this matters.
 * @resume:	a driver is bound while the device lingers: 0, or an error where
 *		it is served no more, with a line in the log. Process context.
 *		NULL: it is.
 * @shares:	the attached device by whose translation @dev is translated now,
 *		whatever anybody says; NULL where that is none's. Process
 *		context. NULL where @translates is false.
 * @translates:	it puts a translation of its own under the device, in the place
 *		of the kernel's where there is one
 * @in_place:	every buffer is used where it is: nothing is promised
 * @check_words: the words of a rule together, @check_option having taken each:
 *		0, or -EINVAL with a line in the log. NULL: none contradict.
 * @map_pool:	let the device reach a pool of its own, at this address; 0 or an
 *		error, with one line in the log. Process context. NULL where it
 *		does so anyway.
 * @unmap_pool:	undo it; nothing is allocated from there any more
 * @noncontiguous: NULL where a device can be given no such pages
 * @node:	the registry's
 *
 * Source: Documentation of struct dma_map_ops in the kernel's
 * core-api/dma-api.rst; seeds page mapping.md, "dma_map_ops".
 */
struct odma_backend {
	const char *name;
	struct module *owner;
	const struct dma_map_ops *ops;
	int (*check_option)(const char *key, const char *value);
	int (*can_attach)(struct device *dev);
	int (*suits)(struct device *dev, const char *words);
	int (*attach)(struct odma_device *odev);
	void (*detach)(struct odma_device *odev);
	void (*live)(struct odma_device *odev, struct odma_leftovers *left);
	void (*abandon)(struct odma_device *odev);
	void (*unplug)(struct odma_device *odev);
	int (*resume)(struct odma_device *odev);
	struct odma_device *(*shares)(struct device *dev);
	bool translates;
	bool in_place;
	int (*check_words)(const char *device, const char *words);
	int (*map_pool)(struct odma_device *odev, phys_addr_t phys,
			dma_addr_t addr, size_t size);
	void (*unmap_pool)(struct odma_device *odev, dma_addr_t addr,
			   size_t size);
	const struct odma_noncontiguous *noncontiguous;
	struct list_head node;
};

/**
 * struct odma_device - an attached device
 * @ops:	what dev->dma_ops points to while the device is attached
 * @base:	the backend's functions for this device; @ops holds the same
 *		ones, or wrappers that call them when something watches
 * @dev:	the device, referenced
 * @backend:	who serves it; its module is referenced
 * @options:	the rule's key=value words, or NULL
 * @priv:	the backend's own
 * @flags:	ODMA_STATS, ...
 * @bypass:	with ODMA_BYPASS, who serves which calls; @base then chooses
 * @pools:	where its allocations come from first, or NULL; under RCU
 * @counters:	per CPU; allocations always, mappings with ODMA_STATS
 * @bounce:	the bounce buffers that it has used, or NULL
 * @bounce_priv: theirs
 * @unprepared:	bounce buffers came while its lock was taken, and a worker is to
 *		have some ready for it
 * @failures:	limits the failure messages of this device
 * @told:	mistakes of its drivers that the log has, though they asked for
 *		silence; a bit for each enum odma_failure
 * @saved_ops:	what dev->dma_ops was before
 * @saved_iommu: the kernel served it through dma-iommu, without asking dma_ops
 * @denied:	with ODMA_REFUSED, what @base points to
 * @allowed:	with ODMA_REFUSED, what @base pointed to before
 * @state:	where it is in its life
 * @since:	when that began, seconds since boot
 * @driver:	name of the driver that was bound last
 * @note:	what people should know of it, "" for nothing
 * @plan:	the pools that its rule asked for, or NULL
 * @ranges:	a copy of its dma-ranges, for when it lingers; or NULL
 * @lent:	what it has of them while it lingers, or NULL
 * @probe_failed: the driver's probe failed, and the device is looked after as
 *		soon as the driver core lets go of it
 * @group_type: what its IOMMU group is to be when it is given back, as the rule
 *		that changed that has gone; ""
 * @ruled:	a rule is what it is attached, or refused, by
 * @hidden:	it has no files in sysfs (any more)
 * @node:	in the list of attached devices
 * @rcu:	for who finds it in no call of the device's own
 */
struct odma_device {
	struct dma_map_ops ops;
	const struct dma_map_ops *base;
	struct device *dev;
	const struct odma_backend *backend;
	char *options;
	void *priv;
	unsigned long flags;
	struct odma_bypass *bypass;
	struct odma_pool_set __rcu *pools;
	struct odma_counters __percpu *counters;
	const struct odma_bounce *bounce;
	void *bounce_priv;
	bool unprepared;
	struct ratelimit_state failures;
	unsigned long told;
	const struct dma_map_ops *saved_ops;
	bool saved_iommu;
	struct dma_map_ops denied;
	const struct dma_map_ops *allowed;
	enum odma_state state;
	time64_t since;
	char driver[32];
	char note[160];
	struct odma_pool_plan *plan;
	struct bus_dma_region *ranges;
	const struct bus_dma_region *lent;
	bool probe_failed;
	char group_type[ODMA_TYPE_MAX];
	bool ruled;
	bool hidden;
	struct list_head node;
	struct rcu_head rcu;
};

/*
 * Allocation goes through the core on every attached device (that is where a
 * device's own pools come first), so its entry tells our tables from others'.
 */
void *odma_core_alloc(struct device *dev, size_t size, dma_addr_t *handle,
		      gfp_t gfp, unsigned long attrs);

/**
 * odma_device_of() - the state of an attached device
 * @dev: any device
 *
 * Context: any. The result is good while the device cannot be detached: in the
 * device's DMA calls, or between bind and unbind of its driver; and otherwise
 * under rcu_read_lock().
 *
 * Return: the state, or NULL where @dev is not attached.
 */
static __always_inline struct odma_device *odma_device_of(struct device *dev)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);

	if (!ops || ops->alloc != odma_core_alloc)
		return NULL;
	return container_of(ops, struct odma_device, ops);
}

/* /sys/kernel/odma, for what a backend has to tell there */
extern struct kobject *odma_kobj;

/* What is attached holds a reference on the module that registers. */
#define odma_register_backend(backend) \
	__odma_register_backend(backend, THIS_MODULE)

int __odma_register_backend(struct odma_backend *backend, struct module *owner);
int odma_unregister_backend(struct odma_backend *backend);

int odma_attach(struct device *dev, const char *backend, unsigned long flags);
int odma_detach(struct device *dev);

int odma_add_rule(const char *rule);
int odma_remove_rule(const char *rule);

bool odma_word_is(const char *words, const char *key, const char *value);
bool odma_word_number(const char *words, const char *key,
		      unsigned int *number);
bool odma_option_is(const struct odma_device *odev, const char *key,
		    const char *value);
bool odma_option_number(const struct odma_device *odev, const char *key,
			unsigned int *number);

/* Why a mapping or an allocation failed; see odma_map_failed(). */
enum odma_failure {
	ODMA_FAIL_DIRECTION,
	ODMA_FAIL_NO_MASK,
	ODMA_FAIL_SIZE_ZERO,
	ODMA_FAIL_WRAP,
	ODMA_FAIL_RANGE,
	ODMA_FAIL_REACH,
	ODMA_FAIL_VMALLOC,
	ODMA_FAIL_P2PDMA,
	ODMA_FAIL_SIZE_HUGE,
	ODMA_FAIL_GFP,
	ODMA_FAIL_ATTRS,
	ODMA_FAIL_NO_PARMS,
	ODMA_FAIL_ATOMIC,
	ODMA_FAIL_MEMORY,
	ODMA_FAIL_POOL,
	ODMA_FAIL_BOUNCE,
	ODMA_FAIL_TOO_LONG,
	ODMA_FAIL_IOVA,
	ODMA_FAIL_MASK,
	ODMA_FAIL_TABLES,
	ODMA_FAIL_TAKEN,
	ODMA_FAIL_TRANSLATION,
	ODMA_FAIL_PROVIDER,
	ODMA_FAIL_BOUNDARY,
	ODMA_FAIL_REFUSED,
};

dma_addr_t odma_map_failed(struct device *dev, u64 addr, size_t size,
			   enum dma_data_direction dir, unsigned long attrs,
			   enum odma_failure why);
enum odma_failure odma_why_not_translated(int error);

#endif /* _ODMA_BACKEND_H */
