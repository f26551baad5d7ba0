// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/odma/pgtable/<device>: what a device can reach now, for
 * people.
 */
#include <linux/debugfs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include "iommu.h"

static struct dentry *odma_pgtable_dir;

/*
 * struct odma_dump - leaves that go on where the last one ended, as one range
 * @m: where to
 * @range: the range so far; no size: there is none
 * @leaf: bytes of its largest leaf
 * @contiguous: some of its leaves have the hint
 * @bytes: of all ranges
 */
struct odma_dump {
	struct seq_file *m;
	struct odma_leaf range;
	size_t leaf;
	bool contiguous;
	u64 bytes;
};

static const char *odma_memory_name(unsigned int prot)
{
	if (prot & ODMA_DEVICE)
		return "device";
	return prot & ODMA_CACHED ? "cached" : "uncached";
}

static void odma_end_range(struct odma_dump *dump)
{
	const struct odma_leaf *r = &dump->range;

	if (!r->size)
		return;
	seq_printf(dump->m, "%#018llx %#018llx %#14llx %#12zx %c%c%c%c %-8s%s\n",
		   r->iova, (u64)r->phys, (u64)r->size, dump->leaf,
		   r->prot & ODMA_READ ? 'r' : '-',
		   r->prot & ODMA_WRITE ? 'w' : '-',
		   r->prot & ODMA_NOEXEC ? '-' : 'x',
		   r->prot & ODMA_PRIV ? 'p' : '-', odma_memory_name(r->prot),
		   dump->contiguous ? " contiguous" : "");
	dump->bytes += r->size;
	dump->range.size = 0;
	dump->leaf = 0;
	dump->contiguous = false;
}

static int odma_dump_leaf(const struct odma_leaf *leaf, void *data)
{
	struct odma_dump *dump = data;
	struct odma_leaf *r = &dump->range;

	if (!r->size || r->prot != leaf->prot ||
	    r->iova + r->size != leaf->iova ||
	    r->phys + r->size != leaf->phys) {
		odma_end_range(dump);
		*r = *leaf;
	} else {
		r->size += leaf->size;
	}
	dump->leaf = max(dump->leaf, leaf->size);
	dump->contiguous |= leaf->contiguous;
	/* There may be millions. */
	cond_resched();
	return seq_has_overflowed(dump->m) ? -ENOSPC : 0;
}

static void odma_dump_tables(struct seq_file *m, struct odma_domain *d)
{
	struct odma_dump dump = { .m = m };

	if (!d->base.pgtable) {
		seq_printf(m, "# what is mapped is in tables of %s's own, which can't be listed\n",
			   d->base.iommu->name);
		return;
	}
	seq_printf(m, "%-18s %-18s %14s %12s %-4s %s\n", "address", "memory",
		   "bytes", "largest leaf", "may", "as");
	odma_pgtable_for_each(d->base.pgtable, odma_dump_leaf, &dump);
	odma_end_range(&dump);
	seq_printf(m, "# %llu bytes mapped, by %u tables\n", dump.bytes,
		   odma_pgtable_tables(d->base.pgtable));
}

static void odma_show_counts(struct seq_file *m, const struct odma_domain *d)
{
	struct odma_iommu_counts sum = { };
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct odma_iommu_counts *c = per_cpu_ptr(d->counts, cpu);

		sum.flushes += c->flushes;
		sum.flush_alls += c->flush_alls;
		sum.queued += c->queued;
	}
	seq_printf(m, "# invalidations: %llu of ranges, %llu of the domain",
		   sum.flushes, sum.flush_alls);
	if (d->lazy)
		seq_printf(m, " for %llu unmaps, and %u wait", sum.queued,
			   odma_lazy_depth(d->lazy));
	seq_putc(m, '\n');
}

static void odma_show_words(struct seq_file *m, const struct odma_translated *t)
{
	struct odma_shadow_state shadow;

	seq_printf(m, "# %s%s%s, faults: %ld\n", t->lazy ? "lazy" : "strict",
		   t->untrusted ? " untrusted" : "",
		   t->coherent ? "" : " not coherent",
		   atomic_long_read(&t->faults));
	if (!t->shadow)
		return;
	odma_shadow_look(t, &shadow);
	seq_printf(m, "# shadows: %zu KiB at %#llx for up to %u bytes, %zu KiB used, full %lu times\n",
		   shadow.bytes >> 10, shadow.iova, t->shadow_max,
		   shadow.used >> 10, shadow.full);
}

static int pgtable_show(struct seq_file *m, void *unused)
{
	struct odma_translated *t = m->private;
	struct odma_domain *d = t->domain;
	const struct odma_iommu_geometry *g = &d->base.geometry;

	seq_printf(m, "# %s by %s: %#llx to %#llx, leaves of %#lx\n",
		   dev_name(t->odev->dev), d->base.iommu->name, g->first,
		   g->last, g->page_sizes);
	odma_show_words(m, t);
	odma_show_counts(m, d);
	seq_printf(m, "# addresses taken: %llu KiB\n", odma_iova_used(d) >> 10);
	odma_dump_tables(m, d);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pgtable);

/* Without debugfs all else works, so its errors don't count. */
void odma_report_add(struct odma_translated *t)
{
	if (odma_pgtable_dir)
		t->file = debugfs_create_file(dev_name(t->odev->dev), 0400,
					      odma_pgtable_dir, t,
					      &pgtable_fops);
}

/* Returns when nobody reads it any more. */
void odma_report_remove(struct odma_translated *t)
{
	debugfs_remove(t->file);
}

void odma_iommu_debugfs_init(void)
{
	struct dentry *dir = debugfs_lookup("odma", NULL);

	if (!dir)
		return;
	odma_pgtable_dir = debugfs_create_dir("pgtable", dir);
	dput(dir);
}

void odma_iommu_debugfs_exit(void)
{
	debugfs_remove(odma_pgtable_dir);
}
