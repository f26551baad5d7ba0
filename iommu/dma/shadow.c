// SPDX-License-Identifier: GPL-2.0
/*
 * Shadows: memory that is mapped for the device once and for all, where small
 * buffers are copied to. So mapping one changes no table, unmapping one takes
 * no invalidation, and of the driver's memory the device sees none.
 *
 * What the device sees is the buffer's bytes with zeroes around them, and of
 * what was unmapped the copy, until the slot is taken again.
 *
 * The memory is divided into lanes, one for each CPU where there is enough, so
 * that CPUs seldom meet at a lane's lock. Each is for one direction, and the
 * device may do with it what that says: what buffers are lent for to be read it
 * can't write, and where its IOMMU can keep it from reading what it may write,
 * it does.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "../../swiotlb/bounce.h"
#include "pages.h"

#define ODMA_LANE_MIN	ODMA_WORD_BYTES
#define ODMA_LANE_MAX	(ODMA_WORD_BYTES * 16)

/*
 * struct odma_shadowed - one mapping, at the index of its first slot
 * @orig: the driver's memory
 * @offset: from the first slot's beginning to the buffer's, bytes
 * @size: bytes
 * @count: slots
 */
struct odma_shadowed {
	phys_addr_t orig;
	u16 offset;
	u16 size;
	u16 count;
};

/*
 * struct odma_lane - memory that belongs to one CPU, more or less
 * @dir: what the device may do with it
 * @lock: guards @slots
 * @slots: which are free
 * @cpu: the memory
 * @dirt: the bytes of each slot that may be other than 0
 * @map: the mappings
 */
struct odma_lane {
	enum dma_data_direction dir;
	spinlock_t lock; /* any context */
	struct odma_slots slots;
	void *cpu;
	struct odma_dirt *dirt;
	struct odma_shadowed *map;
};

/* The lanes for one direction. */
struct odma_lanes {
	unsigned int first;
	unsigned int count;
};

/*
 * struct odma_shadow - one device's
 * @iova: where it sees the first lane; the others follow
 * @moving: held while that changes
 * @stay: the limit that they could not be moved below
 * @bytes: of all lanes
 * @lane_bytes: of one, a power of two
 * @lanes: how many
 * @by: those for each direction
 * @full: how often there was no room
 * @lane: them
 */
struct odma_shadow {
	u64 iova;
	spinlock_t moving; /* any context */
	u64 stay;
	size_t bytes;
	size_t lane_bytes;
	unsigned int lanes;
	struct odma_lanes by[DMA_NONE];
	atomic_long_t full;
	struct odma_lane lane[];
};

bool odma_shadow_has(const struct odma_shadow *s, dma_addr_t addr)
{
	return addr - READ_ONCE(s->iova) < s->bytes;
}

/* Where in its lane a mapping's bytes begin. */
static size_t odma_shadowed_begin(const struct odma_lane *lane,
				  const struct odma_shadowed *m)
{
	return ((m - lane->map) << ODMA_SLOT_SHIFT) + m->offset;
}

/*
 * The mapping that has the byte at an address, which is its @offset-th, and its
 * lane; NULL where there is none: the nearest one before it may have ended.
 */
static struct odma_shadowed *odma_shadowed_at(struct odma_shadow *s,
					      dma_addr_t addr,
					      struct odma_lane **lane,
					      size_t *offset)
{
	size_t at = addr - READ_ONCE(s->iova);
	struct odma_shadowed *m;
	int slot;

	if (unlikely(at >= s->bytes))
		return NULL;
	*lane = &s->lane[at / s->lane_bytes];
	at %= s->lane_bytes;
	slot = odma_slots_start(&(*lane)->slots, at >> ODMA_SLOT_SHIFT);
	if (slot < 0)
		return NULL;
	m = &(*lane)->map[slot];
	*offset = at - odma_shadowed_begin(*lane, m);
	return *offset < m->size ? m : NULL;
}

/* What was written to a slot, and is in [from, to) of it, becomes 0. */
static void odma_shadow_wipe(struct odma_lane *lane, unsigned int slot,
			     unsigned int from, unsigned int to)
{
	from = max_t(unsigned int, from, lane->dirt[slot].from);
	to = min_t(unsigned int, to, lane->dirt[slot].to);
	if (from < to)
		memset(lane->cpu + ((size_t)slot << ODMA_SLOT_SHIFT) + from, 0,
		       to - from);
}

/*
 * Nobody else's bytes beside a mapping. The device may have written anywhere
 * in a slot; what it wrote beside a buffer it may see again. With @all nobody's
 * in the mapping either.
 */
static void odma_shadow_clean(struct odma_lane *lane,
			      const struct odma_shadowed *m, bool all)
{
	unsigned int slot = m - lane->map, last = slot + m->count;
	int from = m->offset, to = from + m->size;

	for (; slot < last; slot++) {
		unsigned int begin = clamp(from, 0, (int)ODMA_SLOT_SIZE);
		unsigned int end = clamp(to, 0, (int)ODMA_SLOT_SIZE);

		odma_shadow_wipe(lane, slot, 0, begin);
		odma_shadow_wipe(lane, slot, end, ODMA_SLOT_SIZE);
		if (all)
			odma_shadow_wipe(lane, slot, begin, end);
		lane->dirt[slot] = (struct odma_dirt) { begin, end };
		from -= ODMA_SLOT_SIZE;
		to -= ODMA_SLOT_SIZE;
	}
}

/* What a buffer's slots must be like; false where no shadow is like that. */
static bool odma_shadow_want(const struct odma_translated *t, phys_addr_t phys,
			     size_t size, struct odma_slots_want *want,
			     struct odma_shadowed *m)
{
	struct device *dev = t->odev->dev;
	unsigned long boundary = dma_get_seg_boundary(dev);
	unsigned int align = dma_get_min_align_mask(dev);
	const struct odma_shadow *s = t->shadow;

	if (align >= PAGE_SIZE || boundary < PAGE_SIZE - 1)
		return false;
	m->orig = phys;
	m->size = size;
	m->offset = phys & align & (ODMA_SLOT_SIZE - 1);
	m->count = DIV_ROUND_UP(m->offset + size, ODMA_SLOT_SIZE);
	want->count = m->count;
	want->stride = max((align + 1) >> ODMA_SLOT_SHIFT, 1U);
	want->phase = (phys & align) >> ODMA_SLOT_SHIFT;
	want->boundary = boundary < s->lane_bytes ?
		(boundary + 1) >> ODMA_SLOT_SHIFT : 0;
	return true;
}

static struct odma_lane *odma_shadow_take(struct odma_shadow *s,
					  const struct odma_slots_want *want,
					  enum dma_data_direction dir,
					  int *slot)
{
	unsigned int first = s->by[dir].first, count = s->by[dir].count, i;
	unsigned int cpu = raw_smp_processor_id();
	unsigned long flags;

	for (i = 0; i < count; i++) {
		struct odma_lane *lane = &s->lane[first + (cpu + i) % count];

		spin_lock_irqsave(&lane->lock, flags);
		*slot = odma_slots_take(&lane->slots, want);
		spin_unlock_irqrestore(&lane->lock, flags);
		if (*slot >= 0)
			return lane;
	}
	atomic_long_inc(&s->full);
	return NULL;
}

/* The whole slots: the zeroes are for the device, too. */
static void odma_shadow_for_device(const struct odma_lane *lane,
				   const struct odma_shadowed *m)
{
	void *cpu = lane->cpu + ((m - lane->map) << ODMA_SLOT_SHIFT);

	odma_cache_clean(cpu, (size_t)m->count << ODMA_SLOT_SHIFT);
}

/*
 * All of a buffer is copied back, however little of it the device writes. What
 * that leaves must be what the driver had there: some look whether it has
 * changed. So the slot has it before, also of a buffer that is only written.
 *
 * Where nothing but the IOMMU's driver or its format lets the device read what
 * it may write, it reads no more of it so than of the buffer itself, by pages.
 * One that is not trusted gets zeroes, and the driver those, if it writes less.
 */
static void odma_shadow_fill(const struct odma_translated *t,
			     struct odma_lane *lane,
			     const struct odma_shadowed *m)
{
	bool hide = lane->dir == DMA_FROM_DEVICE && t->untrusted;

	odma_shadow_clean(lane, m, hide);
	if (!hide)
		odma_copy_in(lane->cpu + odma_shadowed_begin(lane, m), m->orig,
			     m->size);
	if (!t->coherent)
		odma_shadow_for_device(lane, m);
}

/* At addresses that this mask has; where they were before is not undone. */
static int odma_map_lanes(struct odma_translated *t, struct odma_shadow *s,
			  u64 mask, gfp_t gfp)
{
	struct odma_iommu_gather gather;
	unsigned int i;
	int ret;
	u64 at;

again:
	at = odma_iova_alloc(t, s->bytes, mask);
	if (!at)
		return -ENOSPC;
	ret = 0;
	for (i = 0; i < s->lanes && !ret; i++)
		ret = odma_domain_map(t->domain, at + i * s->lane_bytes,
				      virt_to_phys(s->lane[i].cpu),
				      s->lane_bytes,
				      odma_iommu_prot(t, s->lane[i].dir, 0),
				      gfp);
	if (!ret) {
		WRITE_ONCE(s->iova, at);
		return 0;
	}
	odma_iommu_gather_init(&gather);
	if (--i) {
		odma_domain_unmap(t->domain, at, i * s->lane_bytes, &gather);
		odma_domain_flush(t->domain, &gather);
	}
	if (odma_set_aside(t, at, s->bytes, ret))
		goto again;
	return ret;
}

/* A driver that left something mapped has a device that may still write. */
static unsigned int odma_shadow_used(const struct odma_shadow *s)
{
	unsigned int used = 0, i;

	for (i = 0; i < s->lanes; i++)
		used += READ_ONCE(s->lane[i].slots.used);
	return used;
}

static bool odma_shadow_reached(const struct odma_shadow *s, u64 limit)
{
	return READ_ONCE(s->iova) + s->bytes - 1 <= limit;
}

/*
 * Bring the shadows where the driver's mask reaches. Not while it has a mapping
 * there: then, and where there is no room, buffers are mapped by pages instead,
 * and the log says so, once for a mask.
 */
static noinline u64 odma_shadow_move(struct odma_translated *t,
				     struct odma_shadow *s)
{
	u64 mask = *t->odev->dev->dma_mask, old = s->iova;
	u64 limit = odma_iommu_limit(t, mask);

	lockdep_assert_held(&s->moving);
	if (odma_shadow_reached(s, limit))
		return old;
	if (s->stay == limit)
		return 0;
	if (odma_shadow_used(s) ||
	    odma_map_lanes(t, s, mask, GFP_ATOMIC | __GFP_NOWARN)) {
		s->stay = limit;
		dev_notice(t->odev->dev,
			   "odma-iommu: its shadows stay at %#llx, beyond a mask of %#llx: what it does not reach there is mapped by pages\n",
			   old, mask);
		return 0;
	}
	odma_unmap_now(t, old, s->bytes);
	return s->iova;
}

/*
 * Where they are, if the device reaches them; else 0. A mask is only looked at
 * where it matters: who asks whether one would do changes nothing by that, and
 * for the coherent one there are no shadows. A CPU that meets another one here
 * maps by pages.
 */
static u64 odma_shadow_iova(struct odma_translated *t, struct odma_shadow *s)
{
	u64 iova = READ_ONCE(s->iova);
	unsigned long flags;

	if (likely(iova + s->bytes - 1 <=
		   odma_iommu_limit(t, *t->odev->dev->dma_mask)))
		return iova;
	if (!spin_trylock_irqsave(&s->moving, flags))
		return 0;
	iova = odma_shadow_move(t, s);
	spin_unlock_irqrestore(&s->moving, flags);
	return iova;
}

/**
 * odma_shadow_map() - map a small buffer by a copy of it
 * @t: the device, which has shadows
 * @phys: the buffer
 * @size: its bytes, at most t->shadow_max
 * @dir: who writes
 *
 * Context: any.
 *
 * Return: the device's address; DMA_MAPPING_ERROR where there is no room, or
 * where the device can't have such an address.
 */
dma_addr_t odma_shadow_map(struct odma_translated *t, phys_addr_t phys,
			   size_t size, enum dma_data_direction dir)
{
	struct odma_shadow *s = t->shadow;
	struct odma_slots_want want;
	struct odma_shadowed m, *at;
	struct odma_lane *lane;
	int slot;
	u64 iova;

	if (!odma_shadow_want(t, phys, size, &want, &m))
		return DMA_MAPPING_ERROR;
	iova = odma_shadow_iova(t, s);
	if (unlikely(!iova))
		return DMA_MAPPING_ERROR;
	lane = odma_shadow_take(s, &want, dir, &slot);
	if (!lane)
		return DMA_MAPPING_ERROR;
	at = &lane->map[slot];
	*at = m;
	odma_shadow_fill(t, lane, at);
	return iova + (lane - s->lane) * s->lane_bytes +
	       odma_shadowed_begin(lane, at);
}

/* The @size bytes of a mapping from its @offset-th on, or as many as it has. */
static void odma_shadow_copy(struct odma_translated *t,
			     const struct odma_lane *lane,
			     const struct odma_shadowed *m, size_t offset,
			     size_t size, enum dma_data_direction dir,
			     bool for_cpu)
{
	void *cpu = lane->cpu + odma_shadowed_begin(lane, m) + offset;

	size = min_t(size_t, size, m->size - offset);
	if (for_cpu && dir != DMA_TO_DEVICE) {
		if (!t->coherent)
			odma_cache_drop(cpu, size);
		odma_copy_out(m->orig + offset, cpu, size);
	} else if (!for_cpu && dir != DMA_FROM_DEVICE) {
		odma_copy_in(cpu, m->orig + offset, size);
		if (!t->coherent)
			odma_cache_clean(cpu, size);
	}
}

static noinline void odma_shadow_missed(const struct odma_translated *t,
					dma_addr_t addr, size_t size)
{
	if (__ratelimit(&t->odev->failures))
		pr_err("%s: unmap of %#llx+%#zx: nothing of that size is mapped there (unmapped twice, or the wrong size?)\n",
		       dev_name(t->odev->dev), (u64)addr, size);
}

/* Another CPU may be undoing the same: one of them gives it back. */
static bool odma_shadow_give(struct odma_lane *lane, struct odma_shadowed *m,
			     size_t size)
{
	int slot = m - lane->map;
	unsigned long flags;
	bool there;

	spin_lock_irqsave(&lane->lock, flags);
	there = odma_slots_begin(&lane->slots, slot) && m->size == size;
	if (there)
		odma_slots_give(&lane->slots, slot, m->count);
	spin_unlock_irqrestore(&lane->lock, flags);
	return there;
}

/**
 * odma_shadow_unmap() - undo odma_shadow_map()
 * @t: the device
 * @addr: as it returned
 * @size: as given to it. Where another size was, the address may be somebody
 *	else's by now: its slots stay taken, and what is copied back is no more
 *	than a sync of so many bytes would copy.
 * @dir: who wrote
 * @attrs: DMA_ATTR_SKIP_CPU_SYNC leaves the driver's memory as it is
 *
 * Context: any.
 */
void odma_shadow_unmap(struct odma_translated *t, dma_addr_t addr, size_t size,
		       enum dma_data_direction dir, unsigned long attrs)
{
	struct odma_shadowed *m;
	struct odma_lane *lane;
	size_t offset;

	m = odma_shadowed_at(t->shadow, addr, &lane, &offset);
	if (unlikely(!m || offset)) {
		odma_shadow_missed(t, addr, size);
		return;
	}
	if (!(attrs & DMA_ATTR_SKIP_CPU_SYNC))
		odma_shadow_copy(t, lane, m, 0, size, dir, true);
	if (unlikely(!odma_shadow_give(lane, m, size)))
		odma_shadow_missed(t, addr, size);
}

/**
 * odma_shadow_sync() - bring a part of a mapping up to date
 * @t: the device
 * @addr: in the mapping
 * @size: bytes from there; what is beyond the mapping is left out
 * @dir: who writes
 * @for_cpu: the CPU wants to see it, and otherwise the device
 *
 * Context: any.
 */
void odma_shadow_sync(struct odma_translated *t, dma_addr_t addr, size_t size,
		      enum dma_data_direction dir, bool for_cpu)
{
	struct odma_shadow *s = t->shadow;
	struct odma_shadowed *m;
	struct odma_lane *lane;
	size_t offset;

	m = odma_shadowed_at(s, addr, &lane, &offset);
	if (m)
		odma_shadow_copy(t, lane, m, offset, size, dir, for_cpu);
}

static void odma_free_lane(struct odma_lane *lane, size_t bytes)
{
	if (lane->cpu)
		free_pages((unsigned long)lane->cpu, get_order(bytes));
	kvfree(lane->dirt);
	kvfree(lane->map);
}

/*
 * The device sees all of it from the beginning: where it looks round the
 * caches, it finds what the memory's last owner left, not the zeroes.
 */
static int odma_fill_lane(const struct odma_translated *t,
			  struct odma_lane *lane, size_t bytes)
{
	int nid = dev_to_node(t->odev->dev);
	size_t slots = bytes >> ODMA_SLOT_SHIFT;
	struct page *page;

	spin_lock_init(&lane->lock);
	odma_slots_init(&lane->slots, bytes / ODMA_WORD_BYTES, 0);
	lane->dirt = kvcalloc(slots, sizeof(*lane->dirt), GFP_KERNEL);
	lane->map = kvcalloc(slots, sizeof(*lane->map), GFP_KERNEL);
	page = alloc_pages_node(nid, GFP_KERNEL | __GFP_ZERO,
				get_order(bytes));
	lane->cpu = page ? page_address(page) : NULL;
	if (page && !t->coherent)
		odma_cache_clean(lane->cpu, bytes);
	return lane->dirt && lane->map && page ? 0 : -ENOMEM;
}

static void odma_free_shadow(struct odma_shadow *s)
{
	unsigned int i;

	for (i = 0; i < s->lanes; i++)
		odma_free_lane(&s->lane[i], s->lane_bytes);
	kvfree(s);
}

/* Few buffers are for both: an eighth. At least one lane is for each. */
static void odma_share_lanes(struct odma_shadow *s)
{
	unsigned int both = max(s->lanes / 8, 1U);
	unsigned int read = (s->lanes - both) / 2;
	int dir, i;

	s->by[DMA_BIDIRECTIONAL] = (struct odma_lanes) { 0, both };
	s->by[DMA_TO_DEVICE] = (struct odma_lanes) { both, read };
	s->by[DMA_FROM_DEVICE] = (struct odma_lanes) {
		both + read, s->lanes - both - read
	};
	for (dir = 0; dir < DMA_NONE; dir++)
		for (i = 0; i < s->by[dir].count; i++)
			s->lane[s->by[dir].first + i].dir = dir;
}

/**
 * odma_shadow_create() - have shadows for a device
 * @t: the device, in its domain
 * @bytes: how much memory; more, where that is no lane for each direction
 *
 * Context: process context.
 *
 * Return: 0, -ENOMEM, -ENOSPC no addresses; one line in the log.
 */
int odma_shadow_create(struct odma_translated *t, size_t bytes)
{
	/* One to read, one to write, and some for both. */
	size_t lane_bytes = clamp_t(size_t,
				    bytes / (2 * num_possible_cpus() + 1),
				    ODMA_LANE_MIN, ODMA_LANE_MAX);
	unsigned int lanes, i;
	struct odma_shadow *s;
	int ret = 0;

	lane_bytes = rounddown_pow_of_two(lane_bytes);
	lanes = max_t(unsigned int, DIV_ROUND_UP(bytes, lane_bytes), DMA_NONE);
	s = kvzalloc(struct_size(s, lane, lanes), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	spin_lock_init(&s->moving);
	s->lanes = lanes;
	s->lane_bytes = lane_bytes;
	s->bytes = lanes * lane_bytes;
	odma_share_lanes(s);
	for (i = 0; i < lanes && !ret; i++)
		ret = odma_fill_lane(t, &s->lane[i], lane_bytes);
	/* Most drivers' masks have these. */
	if (!ret)
		ret = odma_map_lanes(t, s, DMA_BIT_MASK(32), GFP_KERNEL);
	if (ret) {
		pr_err("%s: error %d making %zu KiB of shadows\n",
		       dev_name(t->odev->dev), ret, s->bytes >> 10);
		odma_free_shadow(s);
		return ret;
	}
	t->shadow = s;
	return 0;
}

void odma_shadow_destroy(struct odma_translated *t)
{
	struct odma_shadow *s = t->shadow;

	t->shadow = NULL;
	odma_unmap_now(t, s->iova, s->bytes);
	odma_free_shadow(s);
}

static void odma_lane_live(struct odma_lane *lane, unsigned int word,
			   struct odma_leftovers *left)
{
	unsigned long flags;
	u64 starts;

	spin_lock_irqsave(&lane->lock, flags);
	for (starts = lane->slots.starts[word]; starts; starts &= starts - 1) {
		left->mappings++;
		left->bytes += lane->map[word * ODMA_WORD_SLOTS +
					 __ffs64(starts)].size;
	}
	spin_unlock_irqrestore(&lane->lock, flags);
}

/**
 * odma_shadow_live() - what is mapped by copies now
 * @t: the device, which has shadows
 * @left: added to; a mapping that is being made may have a wrong size
 *
 * Context: any.
 */
void odma_shadow_live(struct odma_translated *t, struct odma_leftovers *left)
{
	struct odma_shadow *s = t->shadow;
	unsigned int i, word;

	for (i = 0; i < s->lanes; i++)
		for (word = 0; word < s->lane[i].slots.words; word++)
			odma_lane_live(&s->lane[i], word, left);
}

/* For people. */
void odma_shadow_look(const struct odma_translated *t,
		      struct odma_shadow_state *state)
{
	const struct odma_shadow *s = t->shadow;

	state->iova = s->iova;
	state->bytes = s->bytes;
	state->used = (size_t)odma_shadow_used(s) << ODMA_SLOT_SHIFT;
	state->full = atomic_long_read(&s->full);
}
