// SPDX-License-Identifier: GPL-2.0
/*
 * The pages of a coherent pool, against an array that is searched from its
 * front: the two must choose the same pages, always.
 */
#include <linux/kernel.h>
#include <errno.h>
#include <string.h>
#include "../../coherent/bitmap.h"
#include "user.h"

#define ODMA_POOL_PAGES		1024

struct odma_pages_run {
	unsigned int start;
	unsigned int count;
};

/**
 * struct odma_pages_model - what the bitmap ought to be
 * @b: the bitmap
 * @taken: each of its pages
 * @used: how many are taken
 * @most: the most that were ever taken
 * @runs: what is taken
 * @count: how many runs
 */
static struct odma_pages_model {
	struct odma_bitmap b;
	bool taken[ODMA_POOL_PAGES];
	unsigned int used;
	unsigned int most;
	struct odma_pages_run runs[ODMA_POOL_PAGES];
	unsigned int count;
} odma_model;

static bool odma_fits(const struct odma_pages_model *m, unsigned int start,
		      unsigned int count, unsigned long long origin)
{
	unsigned long long align = 1;
	unsigned int i;

	while (align < count)
		align *= 2;
	if ((origin + start) % align)
		return false;
	for (i = start; i < start + count; i++)
		if (m->taken[i])
			return false;
	return true;
}

static int odma_first_fit_from(const struct odma_pages_model *m,
			       unsigned int count, unsigned int limit,
			       unsigned long long origin)
{
	unsigned int start;

	limit = min(limit, m->b.pages);
	for (start = 0; count && count <= limit && start <= limit - count;
	     start++)
		if (odma_fits(m, start, count, origin))
			return start;
	return -ENOSPC;
}

/* By address; what is longer than 64 KiB also from the first page on. */
static int odma_first_fit(const struct odma_pages_model *m, unsigned int count,
			  unsigned int limit)
{
	int start = odma_first_fit_from(m, count, limit, m->b.origin);

	if (start < 0 && count > 16)
		start = odma_first_fit_from(m, count, limit, 0);
	return start;
}

static void odma_record(struct odma_pages_model *m, unsigned int start,
			unsigned int count)
{
	m->runs[m->count++] = (struct odma_pages_run){ start, count };
	memset(m->taken + start, true, count);
	m->used += count;
	m->most = max(m->most, m->used);
}

/* Seldom more pages than there are, or any number at all. */
static void odma_do_take(struct odma_pages_model *m, struct odma_input *in)
{
	unsigned int kind = odma_byte(in), limit = m->b.pages, count;
	int want, got;

	count = kind & 0x60 ? odma_below(in, 32) :
		kind & 0x80 ? odma_below(in, m->b.pages + 2) :
			      odma_bytes(in, 4);
	if (kind & 0x10)
		limit = odma_below(in, m->b.pages + 2);
	if (!(kind & 0x0f))
		limit = odma_bytes(in, 4);
	want = odma_first_fit(m, count, limit);
	got = odma_bitmap_take(&m->b, count, limit);
	odma_tell("take %u below %u: %d", count, limit, got);
	odma_expect(got == want, "took %u below %u at %d, not %d", count, limit,
		    got, want);
	if (got >= 0)
		odma_record(m, got, count);
}

static void odma_do_give(struct odma_pages_model *m, struct odma_input *in)
{
	unsigned int which = odma_bytes(in, 2);
	struct odma_pages_run run;

	if (!m->count)
		return;
	which %= m->count;
	run = m->runs[which];
	odma_tell("give %u at %u", run.count, run.start);
	odma_bitmap_give(&m->b, run.start, run.count);
	memset(m->taken + run.start, false, run.count);
	m->runs[which] = m->runs[--m->count];
	m->used -= run.count;
}

static unsigned int odma_largest(const struct odma_pages_model *m)
{
	unsigned int page, here = 0, largest = 0;

	for (page = 0; page < m->b.pages; page++) {
		here = m->taken[page] ? 0 : here + 1;
		largest = max(largest, here);
	}
	return largest;
}

static void odma_check_report(const struct odma_pages_model *m)
{
	unsigned int largest = odma_largest(m), free = m->b.pages - m->used;
	unsigned int said = odma_bitmap_largest(&m->b);
	unsigned int part = odma_bitmap_fragmentation(&m->b);

	odma_tell("largest: %u, fragmentation %u", said, part);
	odma_expect(said == largest, "largest run %u, not %u", said, largest);
	odma_expect(part <= 100 && (free || !part), "%u %% of %u free pages",
		    part, free);
	/* Per cent, rounded up: of the free pages those not in that run. */
	if (free)
		odma_expect(part * free >= 100 * (free - largest) &&
			    part * free < 100 * (free - largest) + free,
			    "%u %% of %u free pages, the longest run is %u",
			    part, free, largest);
}

static void odma_check(const struct odma_pages_model *m)
{
	const unsigned long *bits = m->b.bits;
	unsigned int page;

	odma_expect(m->b.used == m->used, "used %u, not %u", m->b.used,
		    m->used);
	odma_expect(m->b.high_water == m->most, "high water %u, not %u",
		    m->b.high_water, m->most);
	for (page = 0; page < m->b.pages; page++) {
		odma_expect((bits[page / 64] >> page % 64 & 1) ==
			    m->taken[page], "page %u: the bit is wrong", page);
		odma_expect(m->taken[page] || page >= m->b.first_free,
			    "page %u is free, first_free is %u", page,
			    m->b.first_free);
	}
}

static int odma_begin(struct odma_pages_model *m, struct odma_input *in)
{
	u8 kind = odma_byte(in);
	unsigned int pages = 1 + odma_below(in, ODMA_POOL_PAGES);
	unsigned long origin = odma_bytes(in, kind & 1 ? 1 : 6);
	int err;

	if (kind & 6)
		pages = 1 + pages % 130;
	memset(m, 0, sizeof(*m));
	odma_fail_alloc(kind >= 0xf8);
	err = odma_bitmap_init(&m->b, origin, pages);
	odma_fail_alloc(0);
	odma_tell("init pages %u origin %lu: %d", pages, origin, err);
	odma_expect(err == (kind >= 0xf8 ? -ENOMEM : 0), "init: %d", err);
	return err;
}

static void odma_step(struct odma_pages_model *m, struct odma_input *in)
{
	u8 op = odma_byte(in) % 16;

	if (op < 8)
		odma_do_take(m, in);
	else if (op < 15)
		odma_do_give(m, in);
	else
		odma_check_report(m);
}

static void odma_run(struct odma_pages_model *m, struct odma_input *in)
{
	struct odma_input none = {};

	odma_check(m);
	while (odma_more(in)) {
		odma_step(m, in);
		odma_check(m);
	}
	while (m->count)
		odma_do_give(m, &none);
	odma_check(m);
	odma_check_report(m);
}

int odma_fuzz_one(const u8 *data, size_t size)
{
	struct odma_input in = { data, data + size };
	struct odma_pages_model *m = &odma_model;

	if (!odma_begin(m, &in))
		odma_run(m, &in);
	odma_bitmap_destroy(&m->b);
	odma_expect(!odma_live_allocs(), "%lu allocations are left",
		    odma_live_allocs());
	return 0;
}
