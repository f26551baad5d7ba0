// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables, against a list of what they ought to translate, and as an IOMMU
 * with a TLB sees them.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/numa.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <string.h>
#include "pgtable-hw.h"
#include "pgtable-model.h"
#include "rcu.h"
#include "user.h"

/* What one operation maps at most, in leaves: for the sake of speed. */
#define ODMA_MOST_LEAVES	1100
#define ODMA_MOST_PIECES	12

/* How often all of the tables are read: it takes long. */
#define ODMA_LOOK_AT_ALL	8

static struct odma_run {
	struct odma_pgtable_cfg cfg;
	struct odma_pgtable *pgt;
	struct odma_model model;
	struct odma_hw hw;
	struct odma_gather gather;
	u64 base;
	u64 last;
	u64 out_last;
	u64 page;
	unsigned int ops;
} odma_run;

/* Block sizes by index, 0 a page; above the largest the largest. */
static u64 odma_nth_size(const struct odma_run *r, unsigned int n)
{
	u64 sizes = r->model.sizes;

	while (n-- && (sizes & (sizes - 1)))
		sizes &= sizes - 1;
	return 1ULL << __ffs64(sizes);
}

/* Mostly a few pages on either side of a few places, and now and then odd. */
static u64 odma_any_off(struct odma_run *r, struct odma_input *in)
{
	u8 kind = odma_byte(in);
	u64 off = (kind & 7) * odma_nth_size(r, kind >> 3 & 3);

	if (kind & 0x80)
		off += odma_below(in, 64) * r->page;
	else if (kind & 0x40)
		off += odma_bytes(in, 2) % 8192 * r->page;
	if (kind & 0x20)
		off += r->last - 7 * odma_nth_size(r, 1) + 1;
	if (kind == 0xff)
		off = odma_bytes(in, 8) >> odma_below(in, 64);
	return off;
}

static u64 odma_any_phys(struct odma_run *r, struct odma_input *in, u64 off)
{
	u8 kind = odma_byte(in);
	u64 phys = odma_bytes(in, 3) * r->page;

	if (kind & 0x80)
		phys = r->out_last - phys - r->page + 1;
	if (kind & 0x40)
		phys ^= odma_bytes(in, 2) << 36;
	if ((kind & 0x20) && r->cfg.oas > 48)
		phys = BIT_ULL(48) - phys % (256 * r->page);
	phys &= r->out_last;
	/* What can be a block is rare unless it is meant to be. */
	if (kind & 3)
		phys ^= (phys ^ off) & (odma_nth_size(r, kind & 3) - 1);
	return kind == 0xfc ? odma_bytes(in, 8) : phys;
}

static u64 odma_any_size(struct odma_run *r, struct odma_input *in)
{
	u8 kind = odma_byte(in);
	u64 size = (kind & 3) * odma_nth_size(r, kind >> 2 & 3);

	if (kind & 0x80)
		size += (1 + odma_below(in, 32)) * r->page;
	else if (kind & 0x40)
		size += odma_bytes(in, 2) % 1024 * r->page;
	return kind == 0xff ? odma_bytes(in, 8) : size;
}

static unsigned int odma_any_prot(struct odma_input *in)
{
	u8 kind = odma_byte(in);

	return kind >= 0xf8 ? odma_bytes(in, 4) :
	       kind % 64 & 3 ? kind % 64 : kind % 64 | ODMA_READ;
}

/* How many leaves a mapping would take. */
static u64 odma_leaves(const struct odma_run *r, u64 off, u64 phys, u64 size)
{
	u64 sizes = r->model.sizes, leaf;
	u64 n = 0;

	for (; sizes; sizes &= ~leaf) {
		leaf = 1ULL << (fls64(sizes) - 1);
		if (((off ^ phys) & (leaf - 1)) || size < leaf)
			continue;
		n += size / leaf;
		size %= leaf;
	}
	return n + size / r->page;
}

static bool odma_in_reach(const struct odma_run *r, u64 off, u64 phys, u64 size)
{
	return size && off <= r->last && size - 1 <= r->last - off &&
	       phys <= r->out_last && size - 1 <= r->out_last - phys;
}

/* A gather that holds any of it goes first: that is the caller's duty. */
static void odma_flush_pending(struct odma_run *r)
{
	struct odma_gather *g = &r->gather;

	if (odma_gather_is_empty(g))
		return;
	r->cfg.tlb->flush_range(&r->hw, g->start, g->last - g->start + 1,
				g->granule, g->tables);
	odma_gather_init(g);
}

static void odma_flush_if_pending(struct odma_run *r, u64 off, u64 size)
{
	u64 iova = r->base + off;

	if (size && iova <= r->gather.last &&
	    r->gather.start <= iova + size - 1)
		odma_flush_pending(r);
}

static void odma_watch_range(struct odma_run *r, u64 off, u64 size)
{
	odma_hw_watch(&r->hw, off);
	odma_hw_watch(&r->hw, off - 1);
	odma_hw_watch(&r->hw, off + size);
	odma_hw_watch(&r->hw, off + size - 1);
	odma_hw_watch(&r->hw, off + size / 2);
	/* What the device uses, it remembers. */
	odma_hw_look(&r->hw);
}

/* Half of the calls come from where nobody may sleep. */
static gfp_t odma_enter(struct odma_input *in)
{
	u8 kind = odma_byte(in);

	if (kind % 8 == 0)
		odma_fail_alloc(1 + kind / 8 % 4);
	if (kind & 0x80)
		return GFP_KERNEL;
	odma_user_rcu_lock();
	return GFP_ATOMIC;
}

static void odma_leave(gfp_t gfp)
{
	if (gfp == GFP_ATOMIC)
		odma_user_rcu_unlock();
	odma_expect(!odma_user_rcu_held(), "rcu_read_unlock() is missing");
}

/* Of a mapping that is well-formed: what may come of it? */
static void odma_expect_mapped(int ret, bool taken)
{
	if (ret == -ENOMEM)
		odma_expect(odma_alloc_failed(), "-ENOMEM, and there was enough");
	else
		odma_expect(ret == (taken ? -EEXIST : 0),
			    "%d where %s is mapped", ret,
			    taken ? "something" : "nothing");
}

static bool odma_good_prot(unsigned int prot)
{
	return !(prot & ~ODMA_PROT_MASK) && (prot & (ODMA_READ | ODMA_WRITE));
}

static void odma_do_map(struct odma_run *r, struct odma_input *in)
{
	u64 off = odma_any_off(r, in), phys = odma_any_phys(r, in, off);
	u64 size = odma_any_size(r, in);
	unsigned int prot = odma_any_prot(in);
	bool bad = !odma_good_prot(prot) || !size ||
		   ((off | phys | size) & (r->page - 1));
	bool reach = odma_in_reach(r, off, phys, size);
	gfp_t gfp;
	int ret;

	if (!bad && reach && odma_leaves(r, off, phys, size) > ODMA_MOST_LEAVES)
		size = 64 * r->page;
	odma_flush_if_pending(r, off, size);
	odma_watch_range(r, off, size);
	odma_tell("map %llx to %llx size %llx prot %x", off, phys, size, prot);
	gfp = odma_enter(in);
	ret = odma_pgtable_map(r->pgt, r->base + off, phys, size, prot, gfp);
	odma_leave(gfp);
	odma_tell("  = %d", ret);
	if (bad)
		odma_expect(ret == -EINVAL, "%d, not -EINVAL", ret);
	else if (!reach)
		odma_expect(ret == -ERANGE, "%d, not -ERANGE", ret);
	else
		odma_expect_mapped(ret, odma_model_overlaps(&r->model, off,
							    size));
	if (!ret)
		odma_model_map(&r->model, off, phys, size, 0, prot);
}

static void odma_do_map_pages(struct odma_run *r, struct odma_input *in)
{
	u64 off = odma_any_off(r, in), phys = odma_any_phys(r, in, off);
	u8 kind = odma_byte(in);
	u64 leaf = odma_nth_size(r, kind % 4), count, size, reach;
	unsigned int prot = odma_any_prot(in);
	bool bad;
	gfp_t gfp;
	int ret;

	count = kind & 0x80 ? odma_below(in, ODMA_MOST_LEAVES) :
			      odma_below(in, 32);
	if (kind & 0x20)
		off &= ~(leaf - 1);
	if (kind & 0x10)
		phys &= ~(leaf - 1);
	if (kind == 0x7f)
		leaf = odma_bytes(in, 8) >> odma_below(in, 64);
	if (kind == 0x6f)
		count = odma_bytes(in, 8);
	bad = !is_power_of_2(leaf) || !(r->model.sizes & leaf) || !count ||
	      ((off | phys) & (leaf - 1)) || !odma_good_prot(prot);
	/* A size that is more than 64 bits can't be in reach. */
	if (__builtin_mul_overflow(leaf, count, &size))
		size = 0;
	reach = odma_in_reach(r, off, phys, size);
	odma_flush_if_pending(r, off, size);
	odma_watch_range(r, off, size);
	odma_tell("map %llu of %llx at %llx to %llx prot %x", count, leaf, off,
		  phys, prot);
	gfp = odma_enter(in);
	ret = odma_pgtable_map_pages(r->pgt, r->base + off, phys, leaf, count,
				     prot, gfp);
	odma_leave(gfp);
	odma_tell("  = %d", ret);
	if (bad)
		odma_expect(ret == -EINVAL, "%d, not -EINVAL", ret);
	else if (!reach)
		odma_expect(ret == -ERANGE || ret == -EINVAL,
			    "%d, not -ERANGE", ret);
	else
		odma_expect_mapped(ret, odma_model_overlaps(&r->model, off,
							    size));
	if (!ret)
		odma_model_map(&r->model, off, phys, size, leaf, prot);
}

struct odma_list {
	struct scatterlist sg[ODMA_MOST_PIECES];
	struct odma_span pieces[ODMA_MOST_PIECES];
	unsigned int nents;
	unsigned int count;
	bool beyond;
	bool descends;
};

/* Mostly as a caller lays it out: ascending, some right behind others. */
static void odma_any_list(struct odma_run *r, struct odma_input *in,
			  struct odma_list *l)
{
	u64 off = odma_any_off(r, in) & ~(r->page - 1), phys = 0;
	unsigned int i;

	l->nents = 1 + odma_below(in, ODMA_MOST_PIECES);
	for (i = 0; i < l->nents; i++) {
		u8 kind = odma_byte(in);
		struct scatterlist *sg = &l->sg[i];
		u64 inside = kind & 1 ? odma_bytes(in, 2) & (r->page - 1) : 0;

		if (kind & 0x06)
			phys = odma_any_phys(r, in, off) & ~(r->page - 1);
		if (kind & 0x08)
			off += odma_below(in, 4) * r->page;
		if (kind == 0xf1)
			off -= odma_below(in, 64) * r->page;
		sg->phys = phys + inside;
		sg->dma_address = r->base + off + inside;
		sg->dma_length = kind & 0x30 ? odma_bytes(in, 2) :
				 kind & 0x40 ? odma_any_size(r, in) : r->page;
		if (sg->dma_length / r->page > 512)
			sg->dma_length = 512 * r->page;
		sg->length = sg->dma_length;
		if (!sg->dma_length)
			continue;
		off += ALIGN(inside + sg->dma_length, r->page);
		phys += ALIGN(inside + sg->dma_length, r->page);
	}
}

/*
 * The pages of the list; what lies behind each other in both is one piece.
 * False if something is wrong with it.
 */
static bool odma_list_pieces(struct odma_run *r, struct odma_list *l)
{
	struct odma_span *p = NULL;
	u64 end = 0;
	unsigned int i;

	for (i = 0; i < l->nents; i++) {
		u64 phys = l->sg[i].phys & ~(r->page - 1);
		u64 inside = l->sg[i].phys - phys;
		u64 size = ALIGN(inside + l->sg[i].dma_length, r->page);
		u64 off = l->sg[i].dma_address - inside - r->base;

		if (!l->sg[i].dma_length)
			continue;
		if (!odma_in_reach(r, off, phys, size)) {
			l->beyond = true;
			continue;
		}
		if (off < end)
			l->descends = true;
		end = off + size;
		if (p && p->off + p->size == off && p->phys + p->size == phys) {
			p->size += size;
			continue;
		}
		p = &l->pieces[l->count++];
		p->off = off;
		p->phys = phys;
		p->size = size;
	}
	return !l->beyond && !l->descends;
}

static void odma_tell_list(const struct odma_run *r, const struct odma_list *l,
			   unsigned int prot)
{
	unsigned int i;

	odma_tell("map list of %u prot %x", l->nents, prot);
	for (i = 0; i < l->nents; i++)
		odma_tell("  %llx to %llx size %x",
			  l->sg[i].dma_address - r->base, l->sg[i].phys,
			  l->sg[i].dma_length);
}

/* Of several reasons any. */
static void odma_expect_refused(const struct odma_list *l, int ret,
				unsigned int prot, bool taken)
{
	bool inval = !odma_good_prot(prot) || l->descends;

	odma_expect((ret == -EINVAL && inval) ||
		    (ret == -ERANGE && l->beyond) ||
		    (ret == -EEXIST && taken) ||
		    (ret == -ENOMEM && odma_alloc_failed()),
		    "%d for a list that%s%s%s", ret, inval ? " is bad" : "",
		    l->beyond ? " is out of reach" : "",
		    taken ? " meets others" : "");
}

static void odma_do_map_sg(struct odma_run *r, struct odma_input *in)
{
	struct odma_list l = {};
	unsigned int prot = odma_any_prot(in), i;
	bool taken = false, good;
	gfp_t gfp;
	int ret;

	odma_any_list(r, in, &l);
	good = odma_list_pieces(r, &l) && odma_good_prot(prot);
	for (i = 0; i < l.count; i++) {
		struct odma_span *p = &l.pieces[i];

		if (odma_model_overlaps(&r->model, p->off, p->size))
			taken = true;
		odma_flush_if_pending(r, p->off, p->size);
		odma_watch_range(r, p->off, p->size);
	}
	odma_tell_list(r, &l, prot);
	gfp = odma_enter(in);
	ret = odma_pgtable_map_sg(r->pgt, l.sg, l.nents, prot, gfp);
	odma_leave(gfp);
	odma_tell("  = %d", ret);
	if (good)
		odma_expect_mapped(ret, taken);
	else
		odma_expect_refused(&l, ret, prot, taken);
	for (i = 0; i < l.count && !ret; i++)
		odma_model_map(&r->model, l.pieces[i].off, l.pieces[i].phys,
			       l.pieces[i].size, 0, prot);
}

struct odma_gone {
	struct odma_run *r;
	const struct odma_gather *gather;
};

/* What went has to be in the gather, if the device may remember it. */
static void odma_gone(void *data, const struct odma_span *span)
{
	const struct odma_gone *gone = data;
	u64 iova = gone->r->base + span->off;

	odma_expect(gone->gather->start <= iova &&
		    gone->gather->last >= iova + span->size - 1,
		    "%llx + %llx is unmapped and not gathered", span->off,
		    span->size);
	odma_expect(gone->gather->granule <= span->leaf,
		    "leaves of %llx are unmapped, %zx is gathered", span->leaf,
		    gone->gather->granule);
}

static int odma_adopt_leaf(const struct odma_leaf *leaf, void *data)
{
	struct odma_run *r = data;

	odma_model_cut(&r->model, leaf->iova - r->base);
	odma_model_cut(&r->model, leaf->iova - r->base + leaf->size);
	return 0;
}

static void odma_unmapped(struct odma_run *r, u64 off, u64 size, u8 flags,
			  ssize_t ret, struct odma_gather *g)
{
	struct odma_gone gone = { r, g };
	bool first = odma_model_cuts(&r->model, off);
	bool end = odma_model_cuts(&r->model, off + size);
	u64 bytes;

	if ((first || end) && !(flags & ODMA_UNMAP_SPLIT)) {
		odma_expect(ret == -EINVAL, "%zd for a part of a block", ret);
		return;
	}
	if (ret == -ENOMEM) {
		odma_expect(odma_alloc_failed() && (first || end),
			    "-ENOMEM for nothing");
		/* How far it came with the blocks is its own business. */
		odma_pgtable_for_each(r->pgt, odma_adopt_leaf, r);
		return;
	}
	odma_model_cut(&r->model, off);
	odma_model_cut(&r->model, off + size);
	bytes = odma_model_unmap(&r->model, off, off + size,
				 flags & ODMA_UNMAP_SPARSE, odma_gone, &gone);
	odma_expect(ret == (ssize_t)bytes, "%zd bytes unmapped, not %llu", ret,
		    bytes);
}

static void odma_merge_gather(struct odma_run *r, const struct odma_gather *g)
{
	if (odma_gather_is_empty(g))
		return;
	odma_gather_add(&r->gather, g->start, g->last - g->start + 1,
			g->granule);
	r->gather.tables |= g->tables;
}

static void odma_do_unmap(struct odma_run *r, struct odma_input *in)
{
	struct odma_gather gather = ODMA_GATHER_EMPTY;
	const struct odma_span *span;
	u8 kind = odma_byte(in);
	unsigned int flags = kind & 3;
	u64 off, size;
	ssize_t ret;

	if ((kind & 0x0c) && r->model.count) {
		/* Something that is mapped, or a part of it */
		span = &r->model.spans[odma_bytes(in, 2) % r->model.count];
		off = span->off;
		size = span->size;
		if (kind & 0x10)
			off += odma_below(in, 256) * r->page;
		if (kind & 0x20)
			size = odma_any_size(r, in);
	} else {
		off = odma_any_off(r, in);
		size = odma_any_size(r, in);
	}
	odma_watch_range(r, off, size);
	if (kind & 0x40)
		odma_flush_pending(r);
	if (odma_byte(in) % 8 == 0)
		odma_fail_alloc(1 + kind % 3);
	odma_tell("unmap %llx size %llx%s%s", off, size,
		  flags & ODMA_UNMAP_SPLIT ? " split" : "",
		  flags & ODMA_UNMAP_SPARSE ? " sparse" : "");
	odma_user_rcu_lock();
	ret = odma_pgtable_unmap(r->pgt, r->base + off, size, flags, &gather);
	odma_leave(GFP_ATOMIC);
	odma_tell("  = %zd", ret);
	if ((off | size) & (r->page - 1))
		odma_expect(ret == -EINVAL, "%zd, not -EINVAL", ret);
	else if (!odma_in_reach(r, off, 0, 1) ||
		 !size || size - 1 > r->last - off)
		odma_expect(ret == -ERANGE, "%zd, not -ERANGE", ret);
	else
		odma_unmapped(r, off, size, flags, ret, &gather);
	odma_merge_gather(r, &gather);
	if (kind & 0x80)
		odma_flush_pending(r);
}

/* How many tables of @level it takes, each with @span bytes. */
static unsigned int odma_tables_needed(const struct odma_run *r, u64 span)
{
	u64 next = 0, first, last;
	unsigned int n = 0, i;

	for (i = 0; i < r->model.count; i++) {
		const struct odma_span *s = &r->model.spans[i];

		if (s->leaf >= span)
			continue;
		first = max(s->off / span, next);
		last = (s->off + s->size - 1) / span;
		if (first <= last)
			n += last - first + 1;
		next = max(next, last + 1);
	}
	return n;
}

static void odma_do_reclaim(struct odma_run *r)
{
	unsigned int before = odma_pgtable_tables(r->pgt), needed = 1, gone;
	unsigned int level;

	odma_tell("reclaim");
	gone = odma_pgtable_reclaim(r->pgt);
	odma_tell("  = %u tables of %u", gone, before);
	for (level = r->hw.walker.start; level < 3; level++)
		needed += odma_tables_needed(r, odma_walker_span(&r->hw.walker,
								 level));
	odma_expect(odma_pgtable_tables(r->pgt) == needed,
		    "%u tables are left, and %u needed",
		    odma_pgtable_tables(r->pgt), needed);
	odma_expect(gone <= before - needed, "reclaimed %u of %u", gone,
		    before);
}

static void odma_expect_leaf(const struct odma_run *r, u64 off,
			     const struct odma_leaf *leaf)
{
	const struct odma_span *s = odma_model_at(&r->model, off);
	u64 start = leaf->iova - r->base;

	odma_expect(s, "%llx is mapped, to %llx", off, leaf->phys);
	odma_expect(leaf->size == s->leaf, "at %llx a leaf of %zx, not %llx",
		    off, leaf->size, s->leaf);
	odma_expect(start == ALIGN_DOWN(off, s->leaf),
		    "the leaf at %llx begins at %llx", off, start);
	odma_expect(leaf->phys == s->phys + (start - s->off),
		    "%llx is mapped to %llx, not %llx", start, leaf->phys,
		    s->phys + (start - s->off));
	odma_expect(odma_model_prot(&r->model, leaf->prot) == s->prot,
		    "%llx: prot %x, not %x", start, leaf->prot, s->prot);
	odma_expect(!leaf->contiguous || !(r->cfg.quirks & ODMA_PGT_NO_CONT),
		    "%llx has the contiguous hint", off);
}

static void odma_check_at(struct odma_run *r, u64 off)
{
	const struct odma_span *s = odma_model_at(&r->model, off);
	struct odma_leaf leaf;
	phys_addr_t phys = odma_pgtable_iova_to_phys(r->pgt, r->base + off);
	int err = odma_pgtable_lookup(r->pgt, r->base + off, &leaf);

	odma_expect(err == (s ? 0 : -ENOENT), "lookup of %llx: %d", off, err);
	odma_expect(phys == (s ? s->phys + (off - s->off) : PHYS_ADDR_MAX),
		    "%llx is said to be %llx", off, phys);
	if (s)
		odma_expect_leaf(r, off, &leaf);
}

static bool odma_is_pending(const struct odma_run *r, u64 off, u64 size)
{
	u64 iova = r->base + off;

	return iova <= r->gather.last && r->gather.start <= iova + size - 1;
}

/* What the device remembers is what is mapped, leaf for leaf. */
static void odma_check_remembered(const struct odma_run *r,
				  const struct odma_hw_leaf *l)
{
	const struct odma_span *s;
	u64 off;

	if (odma_is_pending(r, l->off, l->size))
		return;
	for (off = l->off; off < l->off + l->size; off += l->leaf) {
		s = odma_model_at(&r->model, off);
		odma_expect(s, "the device remembers %llx, which is not mapped",
			    off);
		odma_expect(l->phys + (off - l->off) == s->phys +
			    (off - s->off) && l->prot == s->prot,
			    "the device remembers another %llx", off);
		odma_expect(l->leaf == s->leaf ||
			    (r->cfg.quirks & ODMA_PGT_BBML),
			    "at %llx the device remembers a leaf of %llx, there is one of %llx",
			    off, l->leaf, s->leaf);
	}
}

/* What it is told of the places of the last operation must be true. */
static void odma_check_access(struct odma_run *r, u64 off)
{
	const struct odma_span *s = odma_model_at(&r->model, off);
	struct odma_hw_leaf leaf;
	bool found;

	if (odma_is_pending(r, off, 1))
		return;
	found = odma_hw_access(&r->hw, off, &leaf);
	odma_expect(found == !!s, "the device finds %llx %s", off,
		    found ? "mapped" : "not mapped");
	if (s)
		odma_expect(leaf.phys + (off - leaf.off) ==
			    s->phys + (off - s->off) && leaf.prot == s->prot,
			    "the device finds another %llx", off);
}

struct odma_leaf_count {
	struct odma_run *r;
	u64 leaves;
	u64 last;
};

static int odma_check_leaf(const struct odma_leaf *leaf, void *data)
{
	struct odma_leaf_count *c = data;
	u64 off = leaf->iova - c->r->base;

	odma_expect_leaf(c->r, off, leaf);
	odma_expect(!c->leaves || off > c->last, "%llx comes after %llx", off,
		    c->last);
	c->last = off;
	c->leaves++;
	return 0;
}

/* All of the tables, by the library's account and by the walker's. */
static void odma_check_all(struct odma_run *r)
{
	struct odma_leaf_count c = { .r = r };
	struct odma_walker_check check;
	u64 leaves = 0;
	unsigned int i;

	for (i = 0; i < r->model.count; i++)
		leaves += r->model.spans[i].size / r->model.spans[i].leaf;
	odma_pgtable_for_each(r->pgt, odma_check_leaf, &c);
	odma_expect(c.leaves == leaves, "%llu leaves, not %llu", c.leaves,
		    leaves);
	odma_hw_check(&r->hw, &check);
	odma_expect(check.leaves == leaves, "the walker finds %llu leaves",
		    check.leaves);
	odma_expect(odma_pgtable_tables(r->pgt) == r->hw.table_count,
		    "%u tables, not %u", odma_pgtable_tables(r->pgt),
		    r->hw.table_count);
}

static void odma_check(struct odma_run *r)
{
	unsigned int i;

	odma_fail_alloc(0);
	for (i = 0; i < r->hw.place_count; i++) {
		odma_check_at(r, r->hw.places[i]);
		odma_check_access(r, r->hw.places[i]);
	}
	for (i = 0; i < ODMA_HW_LEAVES; i++)
		if (r->hw.leaves[i].size)
			odma_check_remembered(r, &r->hw.leaves[i]);
	if (r->ops++ % ODMA_LOOK_AT_ALL == 0)
		odma_check_all(r);
}

/* By the same rules as the header has them. */
static bool odma_good_cfg(const struct odma_pgtable_cfg *cfg)
{
	u8 granule = cfg->granule_shift, most = granule == 16 ? 52 : 48;

	return (granule == 12 || granule == 14 || granule == 16) &&
	       cfg->ias >= 32 && cfg->ias <= most &&
	       cfg->oas >= 32 && cfg->oas <= most &&
	       (cfg->stage == ODMA_STAGE_1 || !(cfg->quirks & ODMA_PGT_TTBR1));
}

static void odma_any_cfg(struct odma_run *r, struct odma_input *in)
{
	static const u8 granules[] = { 12, 14, 16 };
	static const u8 bits[] = { 32, 36, 39, 40, 42, 44, 48, 52 };
	u8 kind = odma_byte(in), ias = odma_byte(in), oas = odma_byte(in);

	r->cfg = (struct odma_pgtable_cfg) {
		.stage = kind & 1 ? ODMA_STAGE_2 : ODMA_STAGE_1,
		.granule_shift = granules[kind / 2 % 3],
		.ias = ias & 0x80 ? bits[ias % 8] : 32 + ias % 22,
		.oas = oas & 0x80 ? bits[oas % 8] : 32 + oas % 22,
		.quirks = odma_byte(in) & 0x0f,
		.nid = NUMA_NO_NODE,
		.tlb = &odma_hw_tlb_ops,
		.alloc = odma_hw_alloc,
		.free = odma_hw_free,
		.clean = odma_hw_clean,
		.cookie = &r->hw,
	};
	if (r->cfg.stage == ODMA_STAGE_2)
		r->cfg.quirks &= ~ODMA_PGT_TTBR1;
	/* One in 32 or so is not to be had. */
	if (kind >= 0xfc)
		r->cfg.granule_shift = odma_byte(in);
	else if (kind >= 0xf8)
		r->cfg.quirks |= ODMA_PGT_TTBR1;
	else if (kind < 0xe0 && r->cfg.granule_shift != 16)
		r->cfg.ias = min_t(u8, r->cfg.ias, 48),
		r->cfg.oas = min_t(u8, r->cfg.oas, 48);
}

static bool odma_begin(struct odma_run *r, struct odma_input *in)
{
	unsigned int fail;
	bool good;

	odma_any_cfg(r, in);
	good = odma_good_cfg(&r->cfg);
	r->ops = 0;
	r->model.count = 0;
	r->model.stage = r->cfg.stage;
	r->last = (1ULL << r->cfg.ias) - 1;
	r->out_last = (1ULL << r->cfg.oas) - 1;
	r->base = r->cfg.quirks & ODMA_PGT_TTBR1 ? ~r->last : 0;
	r->page = 1ULL << (r->cfg.granule_shift & 63);
	odma_gather_init(&r->gather);
	odma_hw_prepare(&r->hw, &r->cfg);
	fail = odma_byte(in);
	odma_fail_alloc(fail > 250 ? 255 - fail : 0);
	r->pgt = odma_pgtable_create(&r->cfg);
	odma_tell("create stage %u granule %u ias %u oas %u quirks %lx: %ld",
		  r->cfg.stage + 1, r->cfg.granule_shift, r->cfg.ias,
		  r->cfg.oas, r->cfg.quirks,
		  IS_ERR(r->pgt) ? PTR_ERR(r->pgt) : 0);
	if (!IS_ERR(r->pgt)) {
		odma_expect(good, "there are no such tables");
		return true;
	}
	odma_expect(PTR_ERR(r->pgt) == (good ? -ENOMEM : -EINVAL), "%ld",
		    PTR_ERR(r->pgt));
	odma_expect(!good || odma_alloc_failed(), "-ENOMEM for nothing");
	return false;
}

static void odma_step(struct odma_run *r, struct odma_input *in)
{
	u8 op = odma_byte(in) % 16;

	if (op < 4)
		odma_do_map(r, in);
	else if (op < 6)
		odma_do_map_pages(r, in);
	else if (op < 8)
		odma_do_map_sg(r, in);
	else if (op < 13)
		odma_do_unmap(r, in);
	else if (op < 15)
		odma_do_reclaim(r);
	else
		odma_flush_pending(r);
}

static void odma_unmap_rest(struct odma_run *r)
{
	struct odma_gather gather = ODMA_GATHER_EMPTY;
	ssize_t ret;

	/* Its size doesn't overflow, even of 52 bits. */
	ret = odma_pgtable_unmap(r->pgt, r->base, r->last + 1,
				 ODMA_UNMAP_SPARSE, &gather);
	odma_unmapped(r, 0, r->last + 1, ODMA_UNMAP_SPARSE, ret, &gather);
	odma_merge_gather(r, &gather);
	odma_flush_pending(r);
	odma_check(r);
	odma_do_reclaim(r);
	odma_check_all(r);
}

int odma_fuzz_one(const u8 *data, size_t size)
{
	struct odma_input in = { data, data + size };
	struct odma_run *r = &odma_run;
	bool rest;

	if (odma_begin(r, &in)) {
		rest = odma_byte(&in) & 3;
		odma_hw_start(&r->hw, r->pgt, &r->cfg);
		r->model.sizes = odma_pgtable_sizes(r->pgt);
		odma_check(r);
		while (odma_more(&in)) {
			odma_step(r, &in);
			odma_check(r);
		}
		odma_check_all(r);
		if (rest)
			odma_unmap_rest(r);
		odma_hw_stop(&r->hw);
		odma_pgtable_destroy(r->pgt);
	}
	odma_fail_alloc(0);
	odma_expect(!r->hw.table_count, "%u tables are left",
		    r->hw.table_count);
	odma_expect(!odma_live_allocs(), "%lu allocations are left",
		    odma_live_allocs());
	return 0;
}
