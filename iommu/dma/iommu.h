/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the IOMMU backend share.
 *
 *   odma_domain      one translation: its addresses, who has which of them
 *   odma_translated  one attached device: its domain, and how it is served
 *
 * odma_iommu_mutex, taken inside odma_mutex, guards the providers, the list of
 * domains and who is attached to them. Nothing on a DMA path takes it.
 */
#ifndef _ODMA_IOMMU_CORE_H
#define _ODMA_IOMMU_CORE_H

#include <linux/dma-mapping.h>
#include <linux/iova.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/workqueue.h>
#include <odma/backend.h>
#include <odma/iommu.h>

struct odma_lazy;
struct odma_shadow;
struct odma_translated;

/* What was asked of an IOMMU from one CPU; only sums mean anything. */
struct odma_iommu_counts {
	u64 flushes;	/* of a range */
	u64 flush_alls;	/* of a whole domain */
	u64 queued;	/* unmaps that were left to the latter */
};

/**
 * struct odma_domain - one translation, of a device or of a group
 * @base:	what the provider sees of it
 * @iovad:	which addresses are taken
 * @kept:	those that are for no mapping, see iova.c
 * @keep_mutex:	guards @kept
 * @granule:	bytes of the smallest page
 * @unmap:	where the provider has tables of its own: its function, or one
 *		that looks first
 * @node:	in the list of domains
 * @group:	what its devices have in common, or NULL
 * @devices:	those that are attached; odma_iommu_mutex
 * @lazy:	unmaps that wait for their invalidation, or NULL
 * @counts:	per CPU
 * @reclaim:	gives emptied tables back now and then
 */
struct odma_domain {
	struct odma_iommu_domain base;
	struct iova_domain iovad;
	struct list_head kept;
	struct mutex keep_mutex; /* see @keep_mutex */
	size_t granule;
	size_t (*unmap)(struct odma_iommu_domain *base, u64 iova, size_t size,
			struct odma_iommu_gather *gather);
	struct list_head node;
	void *group;
	struct list_head devices;
	struct odma_lazy *lazy;
	struct odma_iommu_counts __percpu *counts;
	struct delayed_work reclaim;
};

/**
 * struct odma_translated - a device under the backend "iommu"
 * @domain:	its domain
 * @odev:	the device
 * @direct:	the direct path's functions for it, for uncached memory
 * @coherent:	it sees the CPU's caches
 * @plain:	nothing is ever copied for it
 * @untrusted:	it sees no byte beside a buffer
 * @lazy:	what it unmaps is invalidated some time later
 * @low_first:	it gets addresses below 4 GiB for as long as there are any
 * @gone:	it is unplugged: translated by nothing of ours any more
 * @shadow:	where its small buffers are copied to, or NULL
 * @shadow_max:	the size that is small, bytes; 0 without @shadow
 * @node:	in the domain's devices
 * @file:	its file in debugfs
 * @faults:	what it did that no mapping allows
 * @fault_limit: of lines in the log
 * @rcu:	odma_iommu_fault() may be looking when it is freed
 */
struct odma_translated {
	struct odma_domain *domain;
	struct odma_device *odev;
	const struct dma_map_ops *direct;
	bool coherent;
	bool plain;
	bool untrusted;
	bool lazy;
	bool low_first;
	bool gone;
	unsigned int shadow_max;
	struct odma_shadow *shadow;
	struct list_head node;
	struct dentry *file;
	atomic_long_t faults;
	struct ratelimit_state fault_limit;
	struct rcu_head rcu;
};

static __always_inline struct odma_translated *
odma_translated(struct device *dev)
{
	return odma_device_of(dev)->priv;
}

extern struct mutex odma_iommu_mutex;
extern struct list_head odma_domains;

/* provider.c */
const struct odma_iommu *odma_get_iommu(struct device *dev);
void odma_put_iommu(const struct odma_iommu *iommu);

/* domain.c */
struct odma_domain *odma_join_domain(struct odma_translated *t,
				     const struct odma_iommu *iommu);
void odma_leave_domain(struct odma_translated *t);
void odma_unplug_domain(struct odma_translated *t);
struct odma_translated *odma_find_peer(struct device *dev);

static inline void odma_iommu_gather_init(struct odma_iommu_gather *gather)
{
	odma_gather_init(&gather->range);
	INIT_LIST_HEAD(&gather->pages);
}

/* 0 or an error, with nothing mapped. */
static inline int odma_domain_map(struct odma_domain *d, u64 iova,
				  phys_addr_t phys, size_t size,
				  unsigned int prot, gfp_t gfp)
{
	struct odma_iommu_domain *base = &d->base;

	if (base->pgtable)
		return odma_pgtable_map(base->pgtable, iova, phys, size, prot,
					gfp);
	return base->iommu->map(base, iova, phys, size, prot, gfp);
}

/*
 * No number of whole pages: so that an unmap of 0 bytes, too, is one that has
 * found nothing, and nothing of it is given back.
 */
#define ODMA_UNMAPPED_NONE	1

/* Bytes that were mapped there, and are no more; or ODMA_UNMAPPED_NONE. */
static inline size_t odma_domain_unmap(struct odma_domain *d, u64 iova,
				       size_t size,
				       struct odma_iommu_gather *gather)
{
	struct odma_iommu_domain *base = &d->base;
	ssize_t done;

	if (!base->pgtable)
		return d->unmap(base, iova, size, gather) ?: ODMA_UNMAPPED_NONE;
	done = odma_pgtable_unmap(base->pgtable, iova, size, 0, &gather->range);
	return max_t(ssize_t, done, ODMA_UNMAPPED_NONE);
}

/* What an address leads to; PHYS_ADDR_MAX where that is nothing. */
static inline phys_addr_t odma_domain_phys(struct odma_domain *d, u64 iova)
{
	struct odma_iommu_domain *base = &d->base;

	if (base->pgtable)
		return odma_pgtable_iova_to_phys(base->pgtable, iova);
	return base->iommu->iova_to_phys(base, iova);
}

static inline void odma_domain_flush(struct odma_domain *d,
				     struct odma_iommu_gather *gather)
{
	this_cpu_inc(d->counts->flushes);
	d->base.iommu->flush(&d->base, gather);
}

static inline void odma_domain_flush_all(struct odma_domain *d,
					 struct odma_iommu_gather *gather)
{
	this_cpu_inc(d->counts->flush_alls);
	d->base.iommu->flush_all(&d->base, gather);
}

/* Where in its first page something is, and how many whole pages it takes. */
static inline size_t odma_page_offset(const struct odma_domain *d, u64 addr)
{
	return addr & (d->granule - 1);
}

static inline size_t odma_page_span(const struct odma_domain *d, u64 addr,
				    size_t size)
{
	return ALIGN(odma_page_offset(d, addr) + size, d->granule);
}

/* iova.c */
int odma_iova_init(struct odma_domain *d);
void odma_iova_exit(struct odma_domain *d);
bool odma_iova_is_taken(struct odma_domain *d, u64 start, u64 last);
int odma_iova_reserve(struct odma_domain *d, u64 start, u64 last);
void odma_iova_unreserve(struct odma_domain *d, u64 start);
int odma_iova_reserve_windows(struct odma_domain *d, struct device *dev);
u64 odma_iommu_limit(const struct odma_translated *t, u64 mask);
bool odma_iova_serves(const struct odma_translated *t, u64 mask);
u64 odma_iova_alloc(struct odma_translated *t, size_t size, u64 mask);
enum odma_failure odma_why_no_iova(const struct odma_translated *t, size_t size,
				   u64 mask);
u64 odma_iova_used(struct odma_domain *d);
void odma_iova_for_each(struct odma_domain *d,
			void (*fn)(struct odma_domain *d, u64 iova, u64 size,
				   void *data), void *data);

static inline void odma_iova_free(struct odma_domain *d, u64 iova, size_t size)
{
	unsigned int shift = __ffs(d->granule);

	free_iova_fast(&d->iovad, iova >> shift, size >> shift);
}

/* aside.c */
bool odma_set_aside(struct odma_translated *t, u64 iova, size_t size,
		    int error);

/* streaming.c */
extern const struct dma_map_ops odma_iommu_ops;

/* scatter.c */
int odma_iommu_map_sg(struct device *dev, struct scatterlist *sgl, int nents,
		      enum dma_data_direction dir, unsigned long attrs);
void odma_iommu_unmap_sg(struct device *dev, struct scatterlist *sgl,
			 int nents, enum dma_data_direction dir,
			 unsigned long attrs);
void odma_iommu_sync_sg_for_cpu(struct device *dev, struct scatterlist *sgl,
				int nents, enum dma_data_direction dir);
void odma_iommu_sync_sg_for_device(struct device *dev, struct scatterlist *sgl,
				   int nents, enum dma_data_direction dir);
ssize_t odma_map_list(struct odma_translated *t, struct scatterlist *sgl,
		      int nents, unsigned int prot, u64 mask, gfp_t gfp,
		      enum odma_failure *why);
dma_addr_t odma_map_table(struct odma_translated *t, struct sg_table *sgt,
			  size_t size, unsigned int prot, u64 mask, gfp_t gfp,
			  enum odma_failure *why);

/* memory.c */
struct page **odma_get_pages(struct device *dev, size_t size, gfp_t gfp,
			     bool contiguous);
void odma_put_pages(struct page **pages, unsigned int count);
void *odma_iommu_alloc(struct device *dev, size_t size, dma_addr_t *handle,
		       gfp_t gfp, unsigned long attrs);
void odma_iommu_free(struct device *dev, size_t size, void *cpu,
		     dma_addr_t handle, unsigned long attrs);
struct page *odma_iommu_alloc_pages(struct device *dev, size_t size,
				    dma_addr_t *handle,
				    enum dma_data_direction dir, gfp_t gfp);
void odma_iommu_free_pages(struct device *dev, size_t size, struct page *page,
			   dma_addr_t handle, enum dma_data_direction dir);
int odma_iommu_mmap(struct device *dev, struct vm_area_struct *vma, void *cpu,
		    dma_addr_t handle, size_t size, unsigned long attrs);
int odma_iommu_get_sgtable(struct device *dev, struct sg_table *sgt, void *cpu,
			   dma_addr_t handle, size_t size,
			   unsigned long attrs);

/* noncontiguous.c */
extern const struct odma_noncontiguous odma_iommu_noncontiguous;

/* pool.c */
int odma_iommu_map_pool(struct odma_device *odev, phys_addr_t phys,
			dma_addr_t addr, size_t size);
void odma_iommu_unmap_pool(struct odma_device *odev, dma_addr_t addr,
			   size_t size);

/* trust.c */
int odma_iommu_suits(struct device *dev, const char *words);
int odma_begin_trust(struct odma_translated *t);
int odma_keep_trust(struct odma_translated *t);

/* untrusted.c */
int odma_untrust(struct odma_translated *t);
dma_addr_t odma_map_apart(struct odma_translated *t, phys_addr_t phys,
			  size_t size, enum dma_data_direction dir,
			  unsigned long attrs);
void odma_unmap_apart(struct odma_translated *t, dma_addr_t addr, size_t size,
		      enum dma_data_direction dir, unsigned long attrs);
void odma_sync_apart(struct odma_translated *t, dma_addr_t addr, size_t size,
		     enum dma_data_direction dir, bool for_cpu);
bool odma_list_apart(const struct odma_translated *t, struct scatterlist *sgl,
		     int nents, enum dma_data_direction dir);
int odma_map_list_apart(struct odma_translated *t, struct scatterlist *sgl,
			int nents, enum dma_data_direction dir,
			unsigned long attrs);
void odma_unmap_list_apart(struct odma_translated *t, struct scatterlist *sgl,
			   int nents, enum dma_data_direction dir,
			   unsigned long attrs);
void odma_sync_list_apart(struct odma_translated *t, struct scatterlist *sgl,
			  int nents, enum dma_data_direction dir,
			  bool for_cpu);

/* shadow.c */
struct odma_shadow_state {
	u64 iova;
	size_t bytes;
	size_t used;
	unsigned long full;
};

int odma_shadow_create(struct odma_translated *t, size_t bytes);
void odma_shadow_destroy(struct odma_translated *t);
bool odma_shadow_has(const struct odma_shadow *s, dma_addr_t addr);
dma_addr_t odma_shadow_map(struct odma_translated *t, phys_addr_t phys,
			   size_t size, enum dma_data_direction dir);
void odma_shadow_unmap(struct odma_translated *t, dma_addr_t addr, size_t size,
		       enum dma_data_direction dir, unsigned long attrs);
void odma_shadow_sync(struct odma_translated *t, dma_addr_t addr, size_t size,
		      enum dma_data_direction dir, bool for_cpu);
void odma_shadow_live(struct odma_translated *t, struct odma_leftovers *left);
void odma_shadow_look(const struct odma_translated *t,
		      struct odma_shadow_state *state);

/* lazy.c */
struct odma_lazy *odma_lazy_create(struct odma_domain *d);
void odma_lazy_destroy(struct odma_lazy *lazy);
bool odma_lazy_add(struct odma_lazy *lazy, u64 iova, size_t size,
		   struct odma_iommu_gather *gather);
void odma_lazy_drain(struct odma_lazy *lazy);
unsigned int odma_lazy_depth(const struct odma_lazy *lazy);

/* report.c */
void odma_iommu_debugfs_init(void);
void odma_iommu_debugfs_exit(void);
void odma_report_add(struct odma_translated *t);
void odma_report_remove(struct odma_translated *t);

/* live.c */
void odma_iommu_live(struct odma_device *odev, struct odma_leftovers *left);
void odma_empty_domain(struct odma_translated *t);

/* backend.c */
extern struct odma_backend odma_iommu_backend;

#endif /* _ODMA_IOMMU_CORE_H */
