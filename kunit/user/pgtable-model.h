/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What page tables ought to translate: a sorted list of spans.
 */
#ifndef _ODMA_USER_PGTABLE_MODEL_H
#define _ODMA_USER_PGTABLE_MODEL_H

#include <odma/pgtable.h>

#define ODMA_MODEL_SPANS	16384

/**
 * struct odma_span - leaves of one size that translate one piece to one piece
 * @off: first address, counted from the lowest that the tables translate
 * @size: bytes
 * @leaf: bytes of each leaf
 * @phys: what @off is translated to
 * @prot: ODMA_READ, ..., as odma_model_prot() has it
 */
struct odma_span {
	u64 off;
	u64 size;
	u64 leaf;
	u64 phys;
	unsigned int prot;
};

/**
 * struct odma_model - all of them
 * @spans: in the order of addresses
 * @count: how many
 * @sizes: a bit for each size of a leaf
 * @stage: ODMA_STAGE_1 or ODMA_STAGE_2
 */
struct odma_model {
	struct odma_span spans[ODMA_MODEL_SPANS];
	unsigned int count;
	u64 sizes;
	enum odma_stage stage;
};

/* What the format makes of it: what it can't tell apart is the same. */
unsigned int odma_model_prot(const struct odma_model *m, unsigned int prot);

/* The span that has @off, or NULL. */
const struct odma_span *odma_model_at(const struct odma_model *m, u64 off);
bool odma_model_overlaps(const struct odma_model *m, u64 off, u64 size);
/* With leaves as large as fit, or with those of size @leaf if that isn't 0. */
void odma_model_map(struct odma_model *m, u64 off, u64 phys, u64 size,
		    u64 leaf, unsigned int prot);
/* Does @off cut a leaf? */
bool odma_model_cuts(const struct odma_model *m, u64 off);
/* Let a leaf begin at @off. */
void odma_model_cut(struct odma_model *m, u64 off);
/*
 * [@off, @end), or to the first hole; @gone is told each piece. Returns bytes.
 */
u64 odma_model_unmap(struct odma_model *m, u64 off, u64 end, bool sparse,
		     void (*gone)(void *data, const struct odma_span *span),
		     void *data);

#endif /* _ODMA_USER_PGTABLE_MODEL_H */
