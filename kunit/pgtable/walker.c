// SPDX-License-Identifier: GPL-2.0
/*
 * Reads VMSAv8-64 tables as hardware would. The names of fields are those of
 * the architecture; nothing here is shared with the library under test.
 */
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/log2.h>
#include "walker.h"

#define WALK_VALID		BIT_ULL(0)
#define WALK_TYPE		GENMASK_ULL(1, 0)
#define WALK_BLOCK		1
#define WALK_TABLE		3	/* a page on level 3 */
#define WALK_ADDRESS		GENMASK_ULL(47, 12)
/* With 64 KiB pages: bits 51 to 48 of the address. */
#define WALK_ADDRESS_HIGH	GENMASK_ULL(15, 12)

#define WALK_ATTR_INDEX		GENMASK_ULL(4, 2)	/* stage 1 */
#define WALK_NS			BIT_ULL(5)		/* stage 1 */
#define WALK_MEM_ATTR		GENMASK_ULL(5, 2)	/* stage 2 */
#define WALK_AP_UNPRIV		BIT_ULL(6)		/* stage 1 */
#define WALK_AP_RDONLY		BIT_ULL(7)		/* stage 1 */
#define WALK_S2AP_READ		BIT_ULL(6)
#define WALK_S2AP_WRITE		BIT_ULL(7)
#define WALK_SH			GENMASK_ULL(9, 8)
#define WALK_SH_OUTER		2
#define WALK_SH_INNER		3
#define WALK_AF			BIT_ULL(10)
#define WALK_NG			BIT_ULL(11)		/* stage 1 */
#define WALK_CONTIGUOUS		BIT_ULL(52)
#define WALK_PXN		BIT_ULL(53)		/* stage 1 */
#define WALK_XN			BIT_ULL(54)

/* Nobody here has use for GP, DBM, PBHA: zero in all leaves. */
#define WALK_LEAF_RES0		(GENMASK_ULL(51, 48) | GENMASK_ULL(63, 59))
/* Of tables: reserved, and what limits all below. */
#define WALK_TABLE_RES0		(GENMASK_ULL(50, 48) | GENMASK_ULL(63, 59))

/* What the library keeps in the bits that hardware ignores in tables. */
#define WALK_COUNT_LOW		GENMASK_ULL(11, 2)
#define WALK_COUNT_HIGH		GENMASK_ULL(57, 51)

/* Memory types: MAIR's bytes in stage 1, MemAttr in stage 2. */
#define WALK_MAIR_WB		0xff
#define WALK_MAIR_NC		0x44
#define WALK_MAIR_DEVICE	0x04
#define WALK_MEM_WB		0xf
#define WALK_MEM_NC		0x5
#define WALK_MEM_DEVICE		0x1

#define WALK_LAST_LEVEL		3
/* How many tables of the start level may lie behind each other in stage 2. */
#define WALK_CONCATENATED	16

enum walk_kind { WALK_IS_NONE, WALK_IS_TABLE, WALK_IS_LEAF, WALK_IS_BAD };

static u8 walk_stride(const struct odma_walker *w)
{
	return w->granule - 3;
}

static u8 walk_shift(const struct odma_walker *w, u8 level)
{
	return w->granule + (WALK_LAST_LEVEL - level) * walk_stride(w);
}

u64 odma_walker_span(const struct odma_walker *w, u8 level)
{
	return BIT_ULL(walk_shift(w, level));
}

static unsigned int walk_entries(const struct odma_walker *w, u8 level)
{
	if (level == w->start)
		return 1U << (w->in_bits - walk_shift(w, level));
	return 1U << walk_stride(w);
}

static size_t walk_table_size(const struct odma_walker *w, u8 level)
{
	return walk_entries(w, level) * sizeof(u64);
}

unsigned int odma_walker_group(const struct odma_walker *w, u8 level)
{
	unsigned int n = 0;

	if (w->granule == 12 && level > 0)
		n = 16;
	else if (w->granule == 14 && level > 1)
		n = level == WALK_LAST_LEVEL ? 128 : 32;
	else if (w->granule == 16 && level > 1)
		n = 32;
	return n <= walk_entries(w, level) ? n : 0;
}

static bool walk_block_level(const struct odma_walker *w, u8 level)
{
	switch (level) {
	case 2:
		return true;
	case 1:
		return w->granule == 12 ||
		       (w->granule == 16 && w->out_bits == 52);
	default:
		return false;
	}
}

/* In stage 1 the input size leaves one choice, in stage 2 some. */
static bool walk_start_is_possible(const struct odma_walker *w)
{
	u8 stride = walk_stride(w);
	int top;

	if (w->start > WALK_LAST_LEVEL)
		return false;
	top = w->in_bits - walk_shift(w, w->start);
	if (top < 1)
		return false;
	if (w->stage == ODMA_STAGE_1)
		return top <= stride;
	if (w->granule == 12 ? w->start == 3 : w->start == 0)
		return false;
	return top <= stride + ilog2(WALK_CONCATENATED);
}

static bool walk_registers_are_possible(const struct odma_walker *w)
{
	u8 most = w->granule == 16 ? 52 : 48;
	size_t align;

	if (w->granule != 12 && w->granule != 14 && w->granule != 16)
		return false;
	if (w->in_bits < 25 || w->in_bits > most || w->out_bits > most)
		return false;
	if (!walk_start_is_possible(w))
		return false;
	align = max_t(size_t, 64, walk_table_size(w, w->start));
	return IS_ALIGNED(w->root, align) && !(w->root >> w->out_bits);
}

int odma_walker_init(struct odma_walker *w,
		     const struct odma_pgtable_regs *regs,
		     enum odma_stage stage)
{
	static const u8 sizes[] = { 32, 36, 40, 42, 44, 48, 52 };

	if (regs->ips >= ARRAY_SIZE(sizes) || regs->tsz > 39)
		return -EINVAL;
	*w = (struct odma_walker){
		.root = regs->ttbr,
		.mair = regs->mair,
		.stage = stage,
		.granule = regs->tg,
		.in_bits = 64 - regs->tsz,
		.out_bits = sizes[regs->ips],
		.start = regs->start_level,
	};
	return walk_registers_are_possible(w) ? 0 : -EINVAL;
}

static u64 walk_read(const struct odma_walker *w, phys_addr_t at)
{
	if (w->read)
		return w->read(w->data, at);
	return READ_ONCE(*(u64 *)phys_to_virt(at));
}

static u64 walk_address(const struct odma_walker *w, u64 desc)
{
	u64 address = desc & WALK_ADDRESS;

	if (w->granule < 16)
		return address;
	address &= ~WALK_ADDRESS_HIGH;
	return address | FIELD_GET(WALK_ADDRESS_HIGH, desc) << 48;
}

static enum walk_kind walk_kind(const struct odma_walker *w, u64 desc, u8 level)
{
	if (!(desc & WALK_VALID))
		return WALK_IS_NONE;
	if ((desc & WALK_TYPE) == WALK_TABLE)
		return level == WALK_LAST_LEVEL ? WALK_IS_LEAF : WALK_IS_TABLE;
	return walk_block_level(w, level) ? WALK_IS_LEAF : WALK_IS_BAD;
}

static const char *walk_bad_table(const struct odma_walker *w, u64 desc)
{
	u64 address = walk_address(w, desc);

	if (desc & WALK_TABLE_RES0)
		return "a table with reserved bits set";
	if (!IS_ALIGNED(address, BIT_ULL(w->granule)))
		return "a table that is not aligned";
	if (address >> w->out_bits)
		return "a table beyond the output size";
	return NULL;
}

static const char *walk_bad_leaf(const struct odma_walker *w, u64 desc,
				 u8 level)
{
	u64 res0 = WALK_LEAF_RES0;

	if (w->stage == ODMA_STAGE_1)
		res0 |= WALK_NS;
	else
		res0 |= WALK_NG | WALK_PXN;
	desc &= ~w->ignore;
	if (desc & res0)
		return "a leaf with reserved bits set";
	if (!(desc & WALK_AF))
		return "a leaf without access flag";
	if (w->stage == ODMA_STAGE_1 && !(desc & WALK_NG))
		return "a global leaf";
	if (!IS_ALIGNED(walk_address(w, desc), odma_walker_span(w, level)))
		return "a leaf that is not aligned";
	if (walk_address(w, desc) >> w->out_bits)
		return "a leaf beyond the output size";
	if ((desc & WALK_CONTIGUOUS) && !odma_walker_group(w, level))
		return "a contiguous leaf where that means nothing";
	return NULL;
}

static const char *walk_memory_type(const struct odma_walker *w, u64 desc,
				    unsigned int *prot)
{
	unsigned int index = FIELD_GET(WALK_ATTR_INDEX, desc);
	u8 mair = w->mair >> (8 * index);
	u8 attr = FIELD_GET(WALK_MEM_ATTR, desc);
	bool one = w->stage == ODMA_STAGE_1;

	if (one ? mair == WALK_MAIR_DEVICE : attr == WALK_MEM_DEVICE) {
		*prot |= ODMA_DEVICE;
		return NULL; /* always outer shareable, whatever it says */
	}
	if (one ? mair == WALK_MAIR_WB : attr == WALK_MEM_WB) {
		*prot |= ODMA_CACHED;
		return FIELD_GET(WALK_SH, desc) == WALK_SH_INNER ? NULL :
			"cached memory that is not inner shareable";
	}
	if (one ? mair != WALK_MAIR_NC : attr != WALK_MEM_NC)
		return "an unknown memory type";
	return FIELD_GET(WALK_SH, desc) == WALK_SH_OUTER ? NULL :
		"uncached memory that is not outer shareable";
}

static const char *walk_permissions(const struct odma_walker *w, u64 desc,
				    unsigned int *prot)
{
	if (desc & WALK_XN)
		*prot |= ODMA_NOEXEC;
	if (w->stage == ODMA_STAGE_2) {
		*prot |= desc & WALK_S2AP_READ ? ODMA_READ : 0;
		*prot |= desc & WALK_S2AP_WRITE ? ODMA_WRITE : 0;
		return *prot & (ODMA_READ | ODMA_WRITE) ? NULL :
			"a leaf for nobody";
	}
	*prot |= ODMA_READ;
	*prot |= desc & WALK_AP_RDONLY ? 0 : ODMA_WRITE;
	*prot |= desc & WALK_AP_UNPRIV ? 0 : ODMA_PRIV;
	return !(desc & WALK_XN) == !(desc & WALK_PXN) ? NULL :
		"one of two may execute";
}

static u64 walk_leaf_start(const struct odma_walker *w, u64 iova, u8 level)
{
	return iova & ~(odma_walker_span(w, level) - 1);
}

static int walk_leaf(const struct odma_walker *w, u64 iova, struct odma_walk *r)
{
	r->wrong = walk_bad_leaf(w, r->desc, r->level);
	if (!r->wrong)
		r->wrong = walk_permissions(w, r->desc, &r->prot);
	if (!r->wrong)
		r->wrong = walk_memory_type(w, r->desc, &r->prot);
	if (r->wrong)
		return -EIO;
	r->size = odma_walker_span(w, r->level);
	r->iova = walk_leaf_start(w, iova, r->level);
	r->phys = walk_address(w, r->desc) + (iova - r->iova);
	r->contiguous = r->desc & WALK_CONTIGUOUS;
	return 0;
}

static bool walk_in_range(const struct odma_walker *w, u64 iova)
{
	u64 above = iova >> w->in_bits;

	return above == (w->upper ? U64_MAX >> w->in_bits : 0);
}

static unsigned int walk_index(const struct odma_walker *w, u64 iova, u8 level)
{
	return (iova >> walk_shift(w, level)) & (walk_entries(w, level) - 1);
}

int odma_walk(const struct odma_walker *w, u64 iova, struct odma_walk *r)
{
	phys_addr_t table = w->root;

	*r = (struct odma_walk){ .level = w->start };
	if (!walk_in_range(w, iova))
		return -ERANGE;
	for (;; r->level++) {
		r->entry = table + sizeof(u64) * walk_index(w, iova, r->level);
		r->desc = walk_read(w, r->entry);
		switch (walk_kind(w, r->desc, r->level)) {
		case WALK_IS_NONE:
			return -ENOENT;
		case WALK_IS_LEAF:
			return walk_leaf(w, iova, r);
		case WALK_IS_BAD:
			r->wrong = "a block where there can't be one";
			return -EIO;
		case WALK_IS_TABLE:
			r->wrong = walk_bad_table(w, r->desc);
			if (r->wrong)
				return -EIO;
			table = walk_address(w, r->desc);
		}
	}
}

/**
 * struct walk_table - a table under check
 * @at:		its physical address
 * @level:	its level
 * @entries:	how many it has
 * @iova:	what its first entry translates
 * @used:	how many entries are in use so far
 */
struct walk_table {
	phys_addr_t at;
	u8 level;
	unsigned int entries;
	u64 iova;
	unsigned int used;
};

static u64 walk_entry(const struct odma_walker *w, const struct walk_table *t,
		      unsigned int i)
{
	return walk_read(w, t->at + i * sizeof(u64));
}

static struct walk_table walk_root(const struct odma_walker *w)
{
	return (struct walk_table){
		.at = w->root,
		.level = w->start,
		.entries = walk_entries(w, w->start),
		.iova = w->upper ? U64_MAX << w->in_bits : 0,
	};
}

static struct walk_table walk_child(const struct odma_walker *w,
				    const struct walk_table *above,
				    unsigned int i)
{
	return (struct walk_table){
		.at = walk_address(w, walk_entry(w, above, i)),
		.level = above->level + 1,
		.entries = walk_entries(w, above->level + 1),
		.iova = above->iova + i * odma_walker_span(w, above->level),
	};
}

static bool walk_complain(struct odma_walker_check *c, const char *wrong,
			  const struct walk_table *t, u64 iova, u64 desc)
{
	if (!wrong)
		return true;
	c->wrong = wrong;
	c->level = t->level;
	c->iova = iova;
	c->desc = desc;
	return false;
}

/* Of one group all have the hint or none, and it is one piece of memory. */
static const char *walk_bad_group(const struct odma_walker *w,
				  const struct walk_table *t, unsigned int i)
{
	unsigned int n = odma_walker_group(w, t->level);
	u64 span = odma_walker_span(w, t->level);
	unsigned int base = n ? round_down(i, n) : 0;
	u64 first = n ? walk_entry(w, t, base) : 0;
	u64 next = walk_entry(w, t, i);
	u64 address = walk_address(w, first);

	if (!n || !(walk_entry(w, t, i) & WALK_CONTIGUOUS))
		return NULL;
	if (!(first & WALK_VALID) || !(first & WALK_CONTIGUOUS))
		return "a contiguous group without beginning";
	if (!IS_ALIGNED(address, n * span))
		return "a contiguous group that is not aligned";
	if (walk_address(w, next) != address + (i - base) * span)
		return "a contiguous group of several pieces";
	/* Without the addresses they are the same. */
	if ((first ^ next) & ~WALK_ADDRESS)
		return "a contiguous group that is not uniform";
	if (i - base + 1 == n)
		return NULL;
	next = walk_entry(w, t, i + 1);
	return (next & WALK_VALID) && (next & WALK_CONTIGUOUS) ? NULL :
		"a contiguous group with a hole";
}

static bool walk_check_leaf(const struct odma_walker *w,
			    struct odma_walker_check *c, struct walk_table *t,
			    unsigned int i)
{
	u64 iova = t->iova + i * odma_walker_span(w, t->level);
	struct odma_walk r = {
		.desc = walk_entry(w, t, i),
		.level = t->level,
	};

	if (walk_leaf(w, iova, &r))
		return walk_complain(c, r.wrong, t, iova, r.desc);
	c->leaves++;
	c->bytes += r.size;
	c->hinted += r.contiguous;
	if (c->loose)
		return true;
	return walk_complain(c, walk_bad_group(w, t, i), t, iova, r.desc);
}

static const char *walk_bad_count(const struct odma_walker_check *c, u64 desc,
				  unsigned int used)
{
	unsigned int count = FIELD_GET(WALK_COUNT_LOW, desc) |
			     FIELD_GET(WALK_COUNT_HIGH, desc) << 10;

	if (c->counts && count != used)
		return count > used ? "a table with too high a count" :
				      "a table with too low a count";
	return NULL;
}

static bool walk_check_table(const struct odma_walker *w,
			     struct odma_walker_check *c,
			     struct walk_table *t);

/* Four levels at most: this recursion has an end. */
static bool walk_check_below(const struct odma_walker *w,
			     struct odma_walker_check *c,
			     const struct walk_table *above, unsigned int i)
{
	struct walk_table t = walk_child(w, above, i);
	u64 desc = walk_entry(w, above, i);

	if (!walk_complain(c, walk_bad_table(w, desc), above, t.iova, desc))
		return false;
	if (!walk_check_table(w, c, &t))
		return false;
	return walk_complain(c, walk_bad_count(c, desc, t.used), above, t.iova,
			     desc);
}

static bool walk_check_entry(const struct odma_walker *w,
			     struct odma_walker_check *c, struct walk_table *t,
			     unsigned int i)
{
	u64 iova = t->iova + i * odma_walker_span(w, t->level);
	u64 desc = walk_entry(w, t, i);

	switch (walk_kind(w, desc, t->level)) {
	case WALK_IS_NONE:
		return walk_complain(c, desc && !c->loose ?
				     "an invalid entry, not 0" : NULL, t, iova,
				     desc);
	case WALK_IS_LEAF:
		t->used++;
		return walk_check_leaf(w, c, t, i);
	case WALK_IS_TABLE:
		t->used++;
		return walk_check_below(w, c, t, i);
	default:
		return walk_complain(c, "a block where there can't be one", t,
				     iova, desc);
	}
}

static bool walk_check_table(const struct odma_walker *w,
			     struct odma_walker_check *c, struct walk_table *t)
{
	size_t size = t->entries * sizeof(u64);
	unsigned int i;

	c->tables++;
	if (c->visit && !c->visit(c->data, t->at, size, t->iova, t->entries *
				  odma_walker_span(w, t->level)))
		return walk_complain(c, "not a table", t, t->iova, t->at);
	for (i = 0; i < t->entries; i++)
		if (!walk_check_entry(w, c, t, i))
			return false;
	return true;
}

bool odma_walker_check(const struct odma_walker *w, struct odma_walker_check *c)
{
	struct walk_table root = walk_root(w);

	c->wrong = NULL;
	c->tables = 0;
	c->leaves = 0;
	c->bytes = 0;
	c->hinted = 0;
	return walk_check_table(w, c, &root);
}

/* Table entries: type, reserved bits and what limits all below. */
#define WALK_TABLE_DEFINED	(WALK_TYPE | GENMASK_ULL(50, 48) |	\
				 GENMASK_ULL(63, 59))

static bool walk_has_leaves(const struct odma_walker *w,
			    const struct walk_table *t)
{
	struct walk_table below;
	unsigned int i;

	for (i = 0; i < t->entries; i++) {
		switch (walk_kind(w, walk_entry(w, t, i), t->level)) {
		case WALK_IS_NONE:
			break;
		case WALK_IS_TABLE:
			below = walk_child(w, t, i);
			if (!walk_has_leaves(w, &below))
				break;
			fallthrough;
		default:
			return true;
		}
	}
	return false;
}

static bool walk_is_empty(const struct odma_walker *w,
			  const struct walk_table *t, unsigned int i)
{
	enum walk_kind kind = walk_kind(w, walk_entry(w, t, i), t->level);
	struct walk_table below;

	if (kind != WALK_IS_TABLE)
		return kind == WALK_IS_NONE;
	below = walk_child(w, t, i);
	return !walk_has_leaves(w, &below);
}

static bool walk_equal_table(const struct odma_walker *a,
			     const struct odma_walker *b,
			     struct odma_walker_check *c,
			     const struct walk_table *ta,
			     const struct walk_table *tb);

static bool walk_equal_entry(const struct odma_walker *a,
			     const struct odma_walker *b,
			     struct odma_walker_check *c,
			     const struct walk_table *ta,
			     const struct walk_table *tb, unsigned int i)
{
	u64 iova = ta->iova + i * odma_walker_span(a, ta->level);
	u64 da = walk_entry(a, ta, i), db = walk_entry(b, tb, i);
	enum walk_kind kind = walk_kind(a, da, ta->level);
	u64 same = ~(WALK_CONTIGUOUS | a->ignore | b->ignore);
	struct walk_table ca, cb;

	if (walk_is_empty(a, ta, i) && walk_is_empty(b, tb, i))
		return true;
	if (kind != walk_kind(b, db, tb->level))
		return walk_complain(c, "entries of two kinds", ta, iova, da);
	if (kind == WALK_IS_LEAF) {
		c->leaves++;
		return walk_complain(c, (da ^ db) & same ?
				     "leaves that differ" : NULL, ta, iova, da);
	}
	if (kind != WALK_IS_TABLE || (da ^ db) & WALK_TABLE_DEFINED)
		return walk_complain(c, "tables that differ", ta, iova, da);
	ca = walk_child(a, ta, i);
	cb = walk_child(b, tb, i);
	return walk_equal_table(a, b, c, &ca, &cb);
}

static bool walk_equal_table(const struct odma_walker *a,
			     const struct odma_walker *b,
			     struct odma_walker_check *c,
			     const struct walk_table *ta,
			     const struct walk_table *tb)
{
	unsigned int i;

	for (i = 0; i < ta->entries; i++)
		if (!walk_equal_entry(a, b, c, ta, tb, i))
			return false;
	return true;
}

bool odma_walker_equal(const struct odma_walker *a, const struct odma_walker *b,
		       struct odma_walker_check *c)
{
	struct walk_table ta = walk_root(a), tb = walk_root(b);

	c->wrong = NULL;
	c->leaves = 0;
	if (a->start != b->start || a->granule != b->granule ||
	    a->in_bits != b->in_bits || a->upper != b->upper)
		return walk_complain(c, "tables of two shapes", &ta, ta.iova,
				     b->start);
	return walk_equal_table(a, b, c, &ta, &tb);
}
