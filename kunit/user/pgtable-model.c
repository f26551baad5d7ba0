// SPDX-License-Identifier: GPL-2.0
/*
 * What page tables ought to translate. Slow and simple: arrays that are
 * searched and moved.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <string.h>
#include "pgtable-model.h"
#include "user.h"

unsigned int odma_model_prot(const struct odma_model *m, unsigned int prot)
{
	if (prot & ODMA_DEVICE)
		prot &= ~ODMA_CACHED;
	if (m->stage == ODMA_STAGE_2)
		return prot & ~ODMA_PRIV;
	return prot | ODMA_READ;
}

/* The first span that ends after @off. */
static unsigned int odma_span_after(const struct odma_model *m, u64 off)
{
	unsigned int low = 0, high = m->count, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (m->spans[mid].off + m->spans[mid].size - 1 < off)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct odma_span *odma_model_at(const struct odma_model *m, u64 off)
{
	unsigned int i = odma_span_after(m, off);

	return i < m->count && m->spans[i].off <= off ? &m->spans[i] : NULL;
}

bool odma_model_overlaps(const struct odma_model *m, u64 off, u64 size)
{
	unsigned int i = odma_span_after(m, off);

	return i < m->count && m->spans[i].off <= off + size - 1;
}

static void odma_remove_span(struct odma_model *m, unsigned int i)
{
	m->count--;
	memmove(m->spans + i, m->spans + i + 1,
		(m->count - i) * sizeof(*m->spans));
}

static void odma_insert_span(struct odma_model *m, unsigned int i,
			     struct odma_span span)
{
	odma_expect(m->count < ODMA_MODEL_SPANS, "the model is full");
	memmove(m->spans + i + 1, m->spans + i,
		(m->count - i) * sizeof(*m->spans));
	m->spans[i] = span;
	m->count++;
}

static bool odma_spans_join(const struct odma_span *a,
			    const struct odma_span *b)
{
	return a->off + a->size == b->off && a->phys + a->size == b->phys &&
	       a->leaf == b->leaf && a->prot == b->prot;
}

static void odma_add_span(struct odma_model *m, struct odma_span span)
{
	unsigned int i = odma_span_after(m, span.off);

	if (i && odma_spans_join(&m->spans[i - 1], &span))
		m->spans[i - 1].size += span.size;
	else
		odma_insert_span(m, i, span);
}

static u64 odma_largest_leaf(const struct odma_model *m, u64 align, u64 size)
{
	u64 sizes = m->sizes, leaf, best = 0;

	for (; sizes; sizes &= sizes - 1) {
		leaf = 1ULL << __ffs64(sizes);
		if (leaf <= size && !(align & (leaf - 1)))
			best = leaf;
	}
	return best;
}

void odma_model_map(struct odma_model *m, u64 off, u64 phys, u64 size,
		    u64 leaf, unsigned int prot)
{
	struct odma_span span = { .prot = odma_model_prot(m, prot) };

	while (size) {
		span.off = off;
		span.phys = phys;
		span.leaf = leaf ? leaf :
				   odma_largest_leaf(m, off | phys, size);
		span.size = span.leaf;
		odma_add_span(m, span);
		off += span.size;
		phys += span.size;
		size -= span.size;
	}
}

bool odma_model_cuts(const struct odma_model *m, u64 off)
{
	const struct odma_span *span = odma_model_at(m, off);

	return span && (off & (span->leaf - 1));
}

/* Cut @i in two at @off, which is between leaves. */
static void odma_divide(struct odma_model *m, unsigned int i, u64 off)
{
	struct odma_span rest = m->spans[i];
	u64 first = off - rest.off;

	if (!first || first >= rest.size)
		return;
	rest.off += first;
	rest.phys += first;
	rest.size -= first;
	m->spans[i].size = first;
	odma_insert_span(m, i + 1, rest);
}

/* The next smaller size. */
static u64 odma_smaller_leaf(const struct odma_model *m, u64 leaf)
{
	return 1ULL << (fls64(m->sizes & (leaf - 1)) - 1);
}

void odma_model_cut(struct odma_model *m, u64 off)
{
	unsigned int i;
	u64 leaf;

	while (odma_model_cuts(m, off)) {
		i = odma_span_after(m, off);
		leaf = m->spans[i].leaf;
		odma_divide(m, i, ALIGN_DOWN(off, leaf));
		i = odma_span_after(m, off);
		odma_divide(m, i, ALIGN_DOWN(off, leaf) + leaf);
		m->spans[i].leaf = odma_smaller_leaf(m, leaf);
	}
}

u64 odma_model_unmap(struct odma_model *m, u64 off, u64 end, bool sparse,
		     void (*gone)(void *data, const struct odma_span *span),
		     void *data)
{
	unsigned int i = odma_span_after(m, off);
	u64 bytes = 0;

	while (i < m->count && m->spans[i].off < end) {
		if (m->spans[i].off > off && !sparse)
			break;
		if (m->spans[i].off < off) {
			odma_divide(m, i, off);
			i++;
		}
		odma_divide(m, i, end);
		gone(data, &m->spans[i]);
		off = m->spans[i].off + m->spans[i].size;
		bytes += m->spans[i].size;
		odma_remove_span(m, i);
	}
	return bytes;
}
