// SPDX-License-Identifier: GPL-2.0
/*
 * An IOMMU in software: struct odma_iommu over tables that it walks itself.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "soft-iommu.h"
#include "../pgtable/walker.h"

static struct odma_soft *odma_soft_of(const struct odma_iommu_domain *domain)
{
	return domain->priv;
}

static int odma_soft_probe(struct device *dev);
static void *odma_soft_group(struct device *dev);

/* One at a time: cases run one after the other. */
static struct odma_soft *odma_soft_running;

static bool odma_soft_is_behind(struct odma_soft *soft, struct device *dev)
{
	return dev == soft->dev[0] || dev == soft->dev[1];
}

static int odma_soft_probe(struct device *dev)
{
	struct odma_soft *soft = odma_soft_running;

	if (!soft || !odma_soft_is_behind(soft, dev))
		return -ENODEV;
	return soft->probe_ret;
}

static void *odma_soft_group(struct device *dev)
{
	struct odma_soft *soft = odma_soft_running;

	return soft && odma_soft_is_behind(soft, dev) ? soft : NULL;
}

/* An entry of the TLB: the page's frame and what may be done with it. */
static void *odma_tlb_entry(phys_addr_t phys, unsigned int prot)
{
	return xa_mk_value((unsigned long)(phys >> 12) << 6 | prot);
}

static u64 odma_soft_page(u64 iova)
{
	return iova >> 12;
}

static void odma_soft_forget(struct odma_soft *soft, u64 first, u64 last)
{
	unsigned long flags, at;
	void *entry;

	if (soft->deaf)
		return;
	xa_lock_irqsave(&soft->tlb, flags);
	xa_for_each_range(&soft->tlb, at, entry, odma_soft_page(first),
			  odma_soft_page(last))
		__xa_erase(&soft->tlb, at);
	xa_unlock_irqrestore(&soft->tlb, flags);
}

static void odma_soft_tlb_range(void *cookie, u64 iova, size_t size,
				size_t granule, bool tables)
{
	odma_soft_forget(cookie, iova, iova + size - 1);
}

static void odma_soft_tlb_all(void *cookie)
{
	odma_soft_forget(cookie, 0, U64_MAX);
}

static const struct odma_tlb_ops odma_soft_tlb_ops = {
	.flush_range = odma_soft_tlb_range,
	.flush_all = odma_soft_tlb_all,
};

static void *odma_soft_alloc(void *cookie, size_t size, gfp_t gfp)
{
	struct odma_soft *soft = cookie;
	void *table;

	if (atomic_read(&soft->fail_in) >= 0 &&
	    atomic_dec_return(&soft->fail_in) < 0) {
		atomic_set(&soft->fail_in, 0);
		return NULL;
	}
	table = (void *)__get_free_pages(gfp | __GFP_ZERO, get_order(size));
	if (table)
		atomic_inc(&soft->tables);
	return table;
}

static void odma_soft_free(void *cookie, void *table, size_t size)
{
	struct odma_soft *soft = cookie;

	atomic_dec(&soft->tables);
	free_pages((unsigned long)table, get_order(size));
}

static int odma_soft_create(struct odma_iommu_domain *domain,
			    struct device *dev)
{
	struct odma_soft *soft = odma_soft_running;
	struct odma_pgtable_cfg cfg = {
		.stage = ODMA_STAGE_1,
		.granule_shift = soft->cfg.granule_shift,
		.ias = soft->cfg.ias,
		.oas = 48,
		.quirks = soft->cfg.upper ? ODMA_PGT_TTBR1 : 0,
		.nid = NUMA_NO_NODE,
		.tlb = &odma_soft_tlb_ops,
		.alloc = odma_soft_alloc,
		.free = odma_soft_free,
		.cookie = soft,
	};

	soft->pgt = odma_pgtable_create(&cfg);
	if (IS_ERR_OR_NULL(soft->pgt))
		return soft->pgt ? PTR_ERR(soft->pgt) : -ENOMEM;
	domain->geometry.page_sizes = soft->cfg.page_sizes ?:
				      odma_pgtable_sizes(soft->pgt);
	domain->geometry.first = soft->cfg.first;
	domain->geometry.last = soft->cfg.last ?:
				(1ULL << soft->cfg.ias) - 1;
	domain->geometry.features = soft->cfg.features;
	domain->pgtable = soft->cfg.own ? NULL : soft->pgt;
	domain->priv = soft;
	soft->domain = domain;
	return 0;
}

static void odma_soft_destroy(struct odma_iommu_domain *domain)
{
	struct odma_soft *soft = odma_soft_of(domain);
	unsigned long at;
	void *entry;

	soft->end_mapped = odma_soft_mapped(soft);
	soft->end_remembered = 0;
	xa_for_each(&soft->tlb, at, entry)
		soft->end_remembered++;
	odma_pgtable_destroy(soft->pgt);
	soft->pgt = NULL;
	soft->domain = NULL;
	xa_destroy(&soft->tlb);
}

static int odma_soft_attach(struct odma_iommu_domain *domain,
			    struct device *dev)
{
	struct odma_soft *soft = odma_soft_of(domain);

	if (!soft->attach_ret)
		soft->attached++;
	return soft->attach_ret;
}

static void odma_soft_detach(struct odma_iommu_domain *domain,
			     struct device *dev)
{
	odma_soft_of(domain)->attached--;
}

static int odma_soft_get_reserved(struct device *dev, struct list_head *list)
{
	struct odma_soft *soft = odma_soft_running;
	int i;

	for (i = 0; i < soft->cfg.reserved_count; i++) {
		struct odma_reserved *r = kmemdup(&soft->cfg.reserved[i],
						  sizeof(*r), GFP_KERNEL);

		if (!r)
			return -ENOMEM;
		list_add_tail(&r->node, list);
	}
	return 0;
}

static void odma_soft_flush(struct odma_iommu_domain *domain,
			    struct odma_iommu_gather *gather)
{
	struct odma_soft *soft = odma_soft_of(domain);

	atomic_inc(&soft->flushes);
	if (!odma_gather_is_empty(&gather->range))
		odma_soft_forget(soft, gather->range.start,
				 gather->range.last);
	odma_gather_init(&gather->range);
}

static void odma_soft_flush_all(struct odma_iommu_domain *domain,
				struct odma_iommu_gather *gather)
{
	struct odma_soft *soft = odma_soft_of(domain);

	atomic_inc(&soft->flush_alls);
	odma_soft_forget(soft, 0, U64_MAX);
	odma_gather_init(&gather->range);
}

/* As a provider that has tables of its own. */
static int odma_soft_map(struct odma_iommu_domain *domain, u64 iova,
			 phys_addr_t phys, size_t size, unsigned int prot,
			 gfp_t gfp)
{
	return odma_pgtable_map(odma_soft_of(domain)->pgt, iova, phys, size,
				prot, gfp);
}

/* Strict: what isn't mapped ends it, as the kernel's own does. */
static size_t odma_soft_unmap(struct odma_iommu_domain *domain, u64 iova,
			      size_t size, struct odma_iommu_gather *gather)
{
	ssize_t done = odma_pgtable_unmap(odma_soft_of(domain)->pgt, iova,
					  size, 0, &gather->range);

	return max_t(ssize_t, done, 0);
}

/*
 * As Intel's driver does it: where there is nothing, as much is unmapped as a
 * table would be for, and what was not mapped is counted with the rest.
 */
static size_t odma_soft_unmap_roughly(struct odma_iommu_domain *domain,
				      u64 iova, size_t size,
				      struct odma_iommu_gather *gather)
{
	struct odma_soft *soft = odma_soft_of(domain);

	if (odma_pgtable_iova_to_phys(soft->pgt, iova) == PHYS_ADDR_MAX) {
		atomic_inc(&soft->strays);
		size = max_t(size_t, size, SZ_2M);
	}
	odma_pgtable_unmap(soft->pgt, iova, size,
			   ODMA_UNMAP_SPLIT | ODMA_UNMAP_SPARSE,
			   &gather->range);
	return size;
}

static phys_addr_t odma_soft_iova_to_phys(struct odma_iommu_domain *domain,
					  u64 iova)
{
	return odma_pgtable_iova_to_phys(odma_soft_of(domain)->pgt, iova);
}

static const struct odma_iommu odma_soft_iommu = {
	.name = "soft",
	.probe = odma_soft_probe,
	.group = odma_soft_group,
	.create = odma_soft_create,
	.destroy = odma_soft_destroy,
	.attach = odma_soft_attach,
	.detach = odma_soft_detach,
	.get_reserved = odma_soft_get_reserved,
	.flush = odma_soft_flush,
	.flush_all = odma_soft_flush_all,
};

struct odma_soft *odma_soft_start(struct kunit *test,
				  const struct odma_soft_cfg *cfg,
				  struct device *dev)
{
	struct odma_soft *soft = kunit_kzalloc(test, sizeof(*soft),
					       GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, soft);
	soft->iommu = odma_soft_iommu;
	soft->cfg = *cfg;
	soft->dev[0] = dev;
	xa_init_flags(&soft->tlb, XA_FLAGS_LOCK_IRQ);
	atomic_set(&soft->fail_in, -1);
	if (cfg->own) {
		soft->iommu.map = odma_soft_map;
		soft->iommu.unmap = odma_soft_unmap;
		soft->iommu.iova_to_phys = odma_soft_iova_to_phys;
	}
	if (cfg->rough) {
		soft->iommu.unmap = odma_soft_unmap_roughly;
		soft->iommu.miscounts = true;
	}
	odma_soft_running = soft;
	KUNIT_ASSERT_EQ(test, 0, odma_register_iommu(&soft->iommu));
	return soft;
}

/* Everything is given back by now. */
void odma_soft_stop(struct kunit *test, struct odma_soft *soft)
{
	odma_unregister_iommu(&soft->iommu);
	odma_soft_running = NULL;
	KUNIT_EXPECT_EQ(test, 0, soft->attached);
	KUNIT_EXPECT_NULL(test, soft->domain);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&soft->tables));
	xa_destroy(&soft->tlb);
}

int odma_soft_leaf(struct odma_soft *soft, u64 iova, struct odma_leaf *leaf)
{
	struct odma_pgtable_regs regs;
	struct odma_walker walker;
	struct odma_walk walk;
	int ret;

	odma_pgtable_get_regs(soft->pgt, &regs);
	ret = odma_walker_init(&walker, &regs, ODMA_STAGE_1);
	walker.upper = soft->cfg.upper;
	if (!ret)
		ret = odma_walk(&walker, iova, &walk);
	if (ret)
		return -ENOENT;
	*leaf = (struct odma_leaf) {
		.iova = walk.iova,
		.phys = walk.phys - (iova - walk.iova),
		.size = walk.size,
		.prot = walk.prot,
		.contiguous = walk.contiguous,
	};
	return 0;
}

static int odma_soft_add(const struct odma_leaf *leaf, void *data)
{
	*(u64 *)data += leaf->size;
	return 0;
}

u64 odma_soft_mapped(struct odma_soft *soft)
{
	u64 bytes = 0;

	odma_pgtable_for_each(soft->pgt, odma_soft_add, &bytes);
	return bytes;
}

/* What is remembered comes before what is in the tables. */
static void *odma_soft_translate(struct odma_soft *soft, u64 iova)
{
	void *entry = xa_load(&soft->tlb, odma_soft_page(iova));
	struct odma_leaf leaf;

	if (entry || odma_soft_leaf(soft, iova, &leaf))
		return entry;
	entry = odma_tlb_entry(leaf.phys + (iova - leaf.iova), leaf.prot);
	xa_store_irq(&soft->tlb, odma_soft_page(iova), entry, GFP_KERNEL);
	return entry;
}

/* The memory behind an address, or NULL and a fault. */
static void *odma_soft_reach(struct odma_soft *soft, u64 iova, bool write,
			     bool report)
{
	void *entry = odma_soft_translate(soft, iova);
	unsigned long value = entry ? xa_to_value(entry) : 0;
	unsigned int flags = write ? ODMA_FAULT_WRITE : 0;

	if (value & (write ? ODMA_WRITE : ODMA_READ | ODMA_WRITE))
		return phys_to_virt((phys_addr_t)(value >> 6) << 12) +
		       (iova & 0xfff);
	if (value)
		flags |= ODMA_FAULT_PERMISSION;
	if (report)
		odma_iommu_fault(soft->domain, soft->dev[0], iova, flags);
	return NULL;
}

bool odma_soft_reads(struct odma_soft *soft, u64 iova)
{
	return odma_soft_reach(soft, iova, false, false);
}

bool odma_soft_writes(struct odma_soft *soft, u64 iova)
{
	return odma_soft_reach(soft, iova, true, false);
}

static int odma_soft_move(struct odma_soft *soft, u64 iova, u8 *cpu,
			  size_t size, bool write)
{
	while (size) {
		size_t part = min_t(size_t, size, 4096 - (iova & 0xfff));
		void *at = odma_soft_reach(soft, iova, write, true);

		if (!at)
			return -EFAULT;
		if (write)
			memcpy(at, cpu, part);
		else
			memcpy(cpu, at, part);
		iova += part;
		cpu += part;
		size -= part;
	}
	return 0;
}

int odma_soft_read(struct odma_soft *soft, u64 iova, void *to, size_t size)
{
	return odma_soft_move(soft, iova, to, size, false);
}

int odma_soft_write(struct odma_soft *soft, u64 iova, const void *from,
		    size_t size)
{
	return odma_soft_move(soft, iova, (u8 *)from, size, true);
}
