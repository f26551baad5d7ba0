// SPDX-License-Identifier: GPL-2.0
/*
 * An IOMMU in software. See pgtable-hw.h.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <errno.h>
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "pgtable-hw.h"
#include "user.h"

/* Of table descriptors. Pages look alike, and aren't compared there. */
#define ODMA_HW_IGNORED		(GENMASK_ULL(11, 2) | GENMASK_ULL(58, 51))

/* For all tables of a run. */
#define ODMA_ARENA		(256UL << 20)

/* In memory that no CPU's cache was ever written back to. */
#define ODMA_NEVER_WRITTEN	0xa5

static bool odma_meet(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a <= b + b_size - 1 && b <= a + a_size - 1;
}

static struct odma_hw_table *odma_hw_table(struct odma_hw *hw, u64 at)
{
	unsigned int i = hw->last_table;

	if (i < hw->table_count &&
	    at - (u64)hw->tables[i].cpu < hw->tables[i].size)
		return &hw->tables[i];
	for (i = 0; i < hw->table_count; i++) {
		if (at - (u64)hw->tables[i].cpu >= hw->tables[i].size)
			continue;
		hw->last_table = i;
		return &hw->tables[i];
	}
	odma_expect(false, "%llx is not in a table", at);
	return NULL;
}

/*
 * Below 4 GiB, where every output size reaches. What was freed is not handed
 * out again in the same run, so that ASan sees any late access; and beside each
 * table is as much room that nobody may touch.
 */
static struct {
	char *start;
	size_t used;
} odma_arena;

static void odma_arena_reset(void)
{
	void *at;

	if (!odma_arena.start) {
		at = mmap(NULL, ODMA_ARENA, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
			  MAP_32BIT, -1, 0);
		odma_expect(at != MAP_FAILED, "no memory below 4 GiB");
		odma_arena.start = at;
		odma_arena.used = ODMA_ARENA;
	}
	ASAN_POISON_MEMORY_REGION(odma_arena.start, odma_arena.used);
	odma_arena.used = 0;
}

static void *odma_arena_alloc(size_t size)
{
	size_t at = ALIGN(odma_arena.used, size);
	void *table = odma_arena.start + at;

	odma_expect(at + 2 * size <= ODMA_ARENA, "no end of tables");
	odma_arena.used = at + 2 * size;
	ASAN_UNPOISON_MEMORY_REGION(table, size);
	return memset(table, 0, size);
}

/* What is allocated and freed may be seen, too: so the device has a look. */
void *odma_hw_alloc(void *cookie, size_t size, gfp_t gfp)
{
	struct odma_hw *hw = cookie;
	struct odma_hw_table *t = &hw->tables[hw->table_count];

	odma_hw_look(hw);
	odma_expect(is_power_of_2(size), "a table of %zu bytes", size);
	odma_expect(hw->table_count < ODMA_HW_TABLES, "too many tables");
	if (odma_alloc_fails(gfp))
		return NULL;
	t->cpu = odma_arena_alloc(size);
	t->size = size;
	t->seen = NULL;
	if (!hw->coherent) {
		t->seen = malloc(size);
		memset(t->seen, ODMA_NEVER_WRITTEN, size);
	}
	hw->table_count++;
	return t->cpu;
}

void odma_hw_free(void *cookie, void *table, size_t size)
{
	struct odma_hw *hw = cookie;
	struct odma_hw_table *t;
	unsigned int i;

	odma_hw_look(hw);
	t = odma_hw_table(hw, (u64)table);
	odma_expect(t->cpu == table && t->size == size,
		    "%p with %zu bytes is freed, %p has %zu", table, size,
		    t->cpu, t->size);
	for (i = 0; i < ODMA_HW_WALKS && hw->live; i++)
		odma_expect(!hw->walks[i].size ||
			    hw->walks[i].table != (u64)table,
			    "a table is freed that the walker remembers");
	free(t->seen);
	ASAN_POISON_MEMORY_REGION(table, size);
	*t = hw->tables[--hw->table_count];
}

void odma_hw_clean(void *cookie, void *cpu, size_t size)
{
	struct odma_hw *hw = cookie;
	struct odma_hw_table *t = odma_hw_table(hw, (u64)cpu);
	size_t at = (char *)cpu - (char *)t->cpu;

	odma_expect(t->seen, "a walker that sees the caches");
	odma_expect(size && at + size <= t->size,
		    "%zu bytes at %zu of a table of %zu", size, at, t->size);
	odma_hw_look(hw);
	memcpy((char *)t->seen + at, cpu, size);
	odma_hw_look(hw);
}

/* By leaf: what is smaller than @granule may escape. */
static void odma_hw_flush_range(void *cookie, u64 iova, size_t size,
				size_t granule, bool tables)
{
	struct odma_hw *hw = cookie;
	u64 off = iova - hw->base;
	unsigned int i;

	odma_tell("  flush %llx + %zx, leaves of %zx%s", off, size, granule,
		  tables ? ", tables" : "");
	odma_expect(size && is_power_of_2(granule), "size %zx, granule %zx",
		    size, granule);
	odma_hw_look(hw);
	for (i = 0; i < ODMA_HW_LEAVES; i++)
		if (hw->leaves[i].size && hw->leaves[i].leaf >= granule &&
		    odma_meet(hw->leaves[i].off, hw->leaves[i].size, off, size))
			hw->leaves[i].size = 0;
	for (i = 0; i < ODMA_HW_WALKS && tables; i++)
		if (hw->walks[i].size &&
		    odma_meet(hw->walks[i].off, hw->walks[i].size, off, size))
			hw->walks[i].size = 0;
	odma_hw_look(hw);
}

static void odma_hw_flush_all(void *cookie)
{
	struct odma_hw *hw = cookie;

	odma_hw_look(hw);
	memset(hw->leaves, 0, sizeof(hw->leaves));
	memset(hw->walks, 0, sizeof(hw->walks));
	odma_hw_look(hw);
}

const struct odma_tlb_ops odma_hw_tlb_ops = {
	.flush_range = odma_hw_flush_range,
	.flush_all = odma_hw_flush_all,
};

static u64 odma_never_written(void)
{
	u64 desc;

	memset(&desc, ODMA_NEVER_WRITTEN, sizeof(desc));
	return desc;
}

/* Which table was read is remembered, for all that it translates. */
static u64 odma_hw_read(void *data, phys_addr_t at)
{
	struct odma_hw *hw = data;
	struct odma_hw_table *t = odma_hw_table(hw, at);
	u64 size = odma_walker_span(&hw->walker, hw->level) * (t->size / 8);
	struct odma_hw_walk walk = { hw->off & ~(size - 1), size, (u64)t->cpu };
	unsigned int i;
	u64 desc;

	if (!t->seen) {
		desc = *(u64 *)at;
	} else {
		desc = t->seen[(at - (u64)t->cpu) / 8];
		odma_expect(desc != odma_never_written(),
			    "the walker reads what was never written back");
	}
	if (hw->level++ == hw->walker.start)
		return desc;
	for (i = 0; i < ODMA_HW_WALKS; i++)
		if (hw->walks[i].size == size && hw->walks[i].off == walk.off &&
		    hw->walks[i].table == walk.table)
			return desc;
	hw->walks[hw->next_walk++ % ODMA_HW_WALKS] = walk;
	return desc;
}

bool odma_hw_access(struct odma_hw *hw, u64 off, struct odma_hw_leaf *leaf)
{
	struct odma_walk walk;
	unsigned int i;
	int err;

	for (i = 0; i < ODMA_HW_LEAVES; i++) {
		*leaf = hw->leaves[i];
		if (leaf->size && off - leaf->off < leaf->size)
			return true;
	}
	hw->level = hw->walker.start;
	hw->off = off;
	err = odma_walk(&hw->walker, hw->base + off, &walk);
	odma_expect(err != -EIO, "at %llx: %s: %llx", off, walk.wrong,
		    walk.desc);
	if (err)
		return false;
	leaf->leaf = walk.size;
	leaf->size = walk.size;
	if (walk.contiguous)
		leaf->size *= odma_walker_group(&hw->walker, walk.level);
	leaf->off = off & ~(leaf->size - 1);
	leaf->phys = walk.phys - (off - leaf->off);
	leaf->prot = walk.prot;
	hw->leaves[hw->next_leaf++ % ODMA_HW_LEAVES] = *leaf;
	return true;
}

void odma_hw_look(struct odma_hw *hw)
{
	struct odma_hw_leaf leaf;
	unsigned int i;

	for (i = 0; hw->live && i < hw->place_count; i++)
		odma_hw_access(hw, hw->places[i], &leaf);
}

void odma_hw_watch(struct odma_hw *hw, u64 off)
{
	if (off >> hw->walker.in_bits)
		return;
	hw->places[hw->next_place++ % ODMA_HW_PLACES] = off;
	hw->place_count = min(hw->next_place, ODMA_HW_PLACES);
}

void odma_hw_prepare(struct odma_hw *hw, const struct odma_pgtable_cfg *cfg)
{
	memset(hw, 0, sizeof(*hw));
	hw->coherent = !(cfg->quirks & ODMA_PGT_NONCOHERENT);
	if (cfg->quirks & ODMA_PGT_TTBR1)
		hw->base = ~0ULL << cfg->ias;
	odma_arena_reset();
}

void odma_hw_start(struct odma_hw *hw, struct odma_pgtable *pgt,
		   const struct odma_pgtable_cfg *cfg)
{
	struct odma_pgtable_regs regs;
	int err;

	odma_pgtable_get_regs(pgt, &regs);
	err = odma_walker_init(&hw->walker, &regs, cfg->stage);
	odma_expect(!err, "registers: ttbr %llx, tsz %u, start level %u",
		    regs.ttbr,
		    regs.tsz, regs.start_level);
	hw->walker.upper = cfg->quirks & ODMA_PGT_TTBR1;
	hw->walker.read = odma_hw_read;
	hw->walker.data = hw;
	hw->live = true;
}

void odma_hw_stop(struct odma_hw *hw)
{
	hw->live = false;
}

/* As memory is, without what is remembered. */
static u64 odma_hw_peek(void *data, phys_addr_t at)
{
	struct odma_hw *hw = data;
	struct odma_hw_table *t = odma_hw_table(hw, at);
	size_t i = (at - (u64)t->cpu) / 8;
	u64 ignored = (t->cpu[i] & 3) == 3 ? ODMA_HW_IGNORED : 0;

	odma_expect(!t->seen || !((t->seen[i] ^ t->cpu[i]) & ~ignored),
		    "%llx was not written back over %llx", t->cpu[i],
		    t->seen[i]);
	return t->cpu[i];
}

static bool odma_hw_visit(void *data, phys_addr_t table, size_t size, u64 iova,
			  u64 span)
{
	struct odma_hw *hw = data;
	u64 off = iova - hw->base;
	unsigned int i;

	for (i = 0; i < ODMA_HW_WALKS; i++)
		odma_expect(hw->walks[i].size != span ||
			    hw->walks[i].off != off ||
			    hw->walks[i].table == table,
			    "at %llx the walker remembers another table", off);
	for (i = 0; i < hw->table_count; i++)
		if ((u64)hw->tables[i].cpu == table)
			break;
	/* TTBR has no bits for a table of less than 64 bytes. */
	if (i == hw->table_count ||
	    hw->tables[i].size != max_t(size_t, size, 64))
		return false;
	hw->tables[i].linked = true;
	return true;
}

void odma_hw_check(struct odma_hw *hw, struct odma_walker_check *check)
{
	struct odma_walker walker = hw->walker;
	unsigned int i;
	bool good;

	walker.read = odma_hw_peek;
	for (i = 0; i < hw->table_count; i++)
		hw->tables[i].linked = false;
	*check = (struct odma_walker_check) {
		.counts = true,
		.visit = odma_hw_visit,
		.data = hw,
	};
	good = odma_walker_check(&walker, check);
	odma_expect(good, "%s: level %u, %llx: %llx", check->wrong,
		    check->level, check->iova, check->desc);
	for (i = 0; i < ODMA_HW_WALKS; i++)
		odma_expect(!hw->walks[i].size ||
			    odma_hw_table(hw, hw->walks[i].table)->linked,
			    "the walker remembers a table that is unlinked");
}
