/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the core share among themselves.
 *
 * Locks: device_lock(dev), then the bus's notifier chain, then odma_mutex,
 * which guards the backends, the rules and the list of attached devices.
 * Nothing on a DMA path takes any of them.
 */
#ifndef _ODMA_CORE_H
#define _ODMA_CORE_H

#include <linux/mutex.h>
#include <odma/backend.h>
#include "pools.h"

/*
 * struct odma_counters - what went through one device on one CPU
 *
 * A mapping may be undone on another CPU than it was made on: only the sums
 * over all CPUs mean anything, and live is the difference of two of them.
 */
struct odma_counters {
	u64 maps;
	u64 unmaps;
	u64 map_bytes;
	u64 unmap_bytes;
	u64 syncs;
	u64 allocs;
	u64 frees;
	u64 alloc_bytes;
	u64 free_bytes;
	u64 failures;
};

/*
 * struct odma_balance - what the counters say is live, and what they can't mean
 * @live: how many have begun and not ended
 * @bytes: of them
 * @extra: how many more have ended than had begun
 * @stray: bytes that ended and had not begun, or begun of which nothing is live
 */
struct odma_balance {
	u64 live;
	u64 bytes;
	u64 extra;
	u64 stray;
};

/*
 * struct odma_terms - what an attachment is to be like
 * @backend: its name
 * @options: words for the backend, and pool= words; or NULL
 * @flags: ODMA_STATS, ...
 * @pools: what the pool= words ask for, or NULL
 */
struct odma_terms {
	const char *backend;
	const char *options;
	unsigned long flags;
	struct odma_pool_plan *pools;
};

/* Of an allocation: the zone is for the backend to choose. */
#define ODMA_ZONE_FLAGS	(__GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM)

/* Longer than any bus, device, backend and options have reason to be. */
#define ODMA_RULE_MAX	256

/*
 * struct odma_rule - attach this device when a driver binds it
 * @group_type: of its IOMMU group, before that was changed for the rule; ""
 */
struct odma_rule {
	struct list_head node;
	char *bus;
	char *device;
	struct odma_terms terms;
	char group_type[ODMA_TYPE_MAX];
};

extern struct mutex odma_mutex;
extern struct list_head odma_devices;
extern struct list_head odma_rules;
extern struct list_head odma_backends;

/* backend.c */
struct odma_backend *odma_find_backend(const char *name);
bool odma_backend_name_ok(const char *name);
void odma_ask_for_backend(const char *name, bool wait);
int odma_attach_backend(struct odma_device *odev);
void odma_hear_of_backends(struct notifier_block *nb);

/* attachments.c */
struct odma_device *odma_find_device(struct device *dev);
const char *odma_state_name(const struct odma_device *odev);

/* options.c */
const char *odma_flag_words(unsigned long flags);
bool odma_is_promise(const struct odma_terms *terms);

/* check.c */
int odma_may_serve(struct device *dev, const struct odma_backend *backend,
		   const struct odma_terms *terms);
int odma_may_attach(struct device *dev, const struct odma_backend *backend,
		    const struct odma_terms *terms);

/* group.c */
bool odma_kernel_translates(struct device *dev);
int odma_group_type(struct device *dev, char *type, size_t len);
int odma_group_set_type(struct device *dev, const char *type);
int odma_group_can_be_identity(struct device *dev);

/* identity.c */
int odma_make_identity(struct device *dev, char *old);
void odma_unmake_identity(struct device *dev, const char *old);
void odma_unmake_identity_later(struct device *dev, const char *old);
void odma_keep_identity(struct device *dev, char *old);
int odma_identity_init(void);
void odma_identity_exit(void);

/* virtio.c */
bool odma_goes_past_dma_api(struct device *dev);
struct device *odma_dma_parent(struct device *dev);

/* refuse.c */
extern const struct odma_backend odma_refusal;
void odma_refusing_ops(struct dma_map_ops *to, const struct dma_map_ops *from);
void odma_stop_bus_master(struct device *dev);

/* veto.c */
int odma_veto_bind(struct device *dev, int error);
void odma_end_veto(struct device *dev);

/* device.c */
struct odma_device *odma_install(struct device *dev,
				 const struct odma_terms *terms);
struct odma_device *odma_install_refusal(struct device *dev,
					 const struct odma_terms *terms);
void odma_uninstall(struct odma_device *odev);
void odma_abandon(struct odma_device *odev);
void odma_hold_ops(struct odma_device *odev);
bool odma_ops_held(const struct odma_device *odev);
void odma_note_driver(struct odma_device *odev);
void odma_hide(struct odma_device *odev);
void odma_deny(struct odma_device *odev);
void odma_allow(struct odma_device *odev);

/* life.c */
bool odma_find_live(struct odma_device *odev, struct odma_leftovers *left);
bool odma_known_mappings(struct odma_device *odev,
			 struct odma_leftovers *left);
bool odma_same_terms(const struct odma_device *odev,
		     const struct odma_terms *terms);
void odma_refuse(struct device *dev, const struct odma_terms *terms,
		 const char *why, int error);
int odma_life_may_begin(struct device *dev, const struct odma_terms *terms);
void odma_life_bind(struct device *dev, const struct odma_terms *terms);
void odma_life_unbound(struct device *dev);
void odma_life_removed(struct device *dev);
void odma_life_gone(struct device *dev);
void odma_life_probe_failed(struct device *dev);
int odma_life_attach(struct device *dev, const struct odma_terms *terms);
int odma_life_detach(struct device *dev);
int odma_life_force(struct device *dev);
bool odma_life_settle(struct device *dev);
void odma_life_reap(struct device *dev);
int odma_life_init(void);
void odma_life_exit(void);

/* rules.c */
char *odma_next_word(char **text);
char *odma_device_name(const char *bus, const char *device);
struct odma_rule *odma_parse_rule(char *text);
void odma_free_rule(struct odma_rule *rule);
void odma_end_rule(struct odma_rule *rule);
struct odma_rule *odma_find_rule(const char *bus, const char *device);
int odma_check_options(struct odma_backend *backend,
		       const struct odma_rule *rule);
void odma_free_rules(void);

/* bus.c */
odma_bus_t odma_find_bus(const char *name);
odma_bus_t odma_get_bus(const char *name);
int odma_check_bus(odma_bus_t bus);

/* bind.c */
int odma_watch_bus(odma_bus_t bus);
void odma_bind_init(void);
void odma_bind_exit(void);

/* control.c */
int odma_check_rule(const char *text);
void odma_boot_rules(char *rules);

/* counters.c */
void odma_sum_counters(const struct odma_device *odev,
		       struct odma_counters *sum);
void odma_balance_mappings(const struct odma_counters *sum,
			   struct odma_balance *b);
void odma_balance_allocs(const struct odma_counters *sum,
			 struct odma_balance *b);
void odma_count_ops(struct dma_map_ops *ops);

/* bypass.c */
bool odma_go_direct(const struct odma_device *odev, u64 mask);
bool odma_map_direct(const struct odma_device *odev);
bool odma_alloc_direct(const struct odma_device *odev);
int odma_add_bypass(struct odma_device *odev);
void odma_remove_bypass(struct odma_device *odev);

/* ranges.c */
int odma_save_ranges(struct odma_device *odev);
void odma_lend_ranges(struct odma_device *odev);
void odma_return_ranges(struct odma_device *odev);

/* bounce.c */
void odma_prepare_bounce(struct odma_device *odev);
void odma_put_bounce(struct odma_device *odev);
void odma_bounce_exit(void);

/* alloc.c */
void odma_count_alloc(struct odma_device *odev, size_t size);
void odma_count_free(struct odma_device *odev, size_t size);
bool odma_may_alloc(struct device *dev, size_t size, gfp_t gfp, gfp_t refused,
		    unsigned long attrs);
void odma_core_free(struct device *dev, size_t size, void *cpu,
		    dma_addr_t handle, unsigned long attrs);
struct page *odma_core_alloc_pages(struct device *dev, size_t size,
				   dma_addr_t *handle,
				   enum dma_data_direction dir, gfp_t gfp);
void odma_core_free_pages(struct device *dev, size_t size, struct page *page,
			  dma_addr_t handle, enum dma_data_direction dir);
extern const struct odma_noncontiguous odma_core_noncontiguous;
int odma_core_mmap(struct device *dev, struct vm_area_struct *vma, void *cpu,
		   dma_addr_t handle, size_t size, unsigned long attrs);
int odma_core_get_sgtable(struct device *dev, struct sg_table *sgt, void *cpu,
			  dma_addr_t handle, size_t size, unsigned long attrs);

/* report.c */
struct odma_text;
ssize_t odma_show_text(struct odma_text *t, const struct file *reader,
		       char *buf, loff_t off, size_t count);
void odma_drop_text(struct odma_text *t);
extern struct odma_text odma_rules_text, odma_attachments_text;

/* protection.c */
size_t odma_describe_protection(struct device *dev, char *buf, size_t size);

/* files.c */
extern const struct attribute_group odma_device_group;

/* sysfs.c, debugfs.c */
int odma_sysfs_init(void);
void odma_sysfs_exit(void);
void odma_debugfs_init(void);
void odma_debugfs_exit(void);

/* direct/ */
int odma_direct_init(void);
void odma_direct_exit(void);

#endif /* _ODMA_CORE_H */
