/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A page-table walker after the letter of the architecture (VMSAv8-64, the
 * Arm Architecture Reference Manual's chapter D8), for tests. It knows of a
 * table what the hardware would be told, and nothing of who made it.
 */
#ifndef _ODMA_KUNIT_WALKER_H
#define _ODMA_KUNIT_WALKER_H

#include <odma/pgtable.h>

/**
 * struct odma_walker - what hardware would hold in its registers
 * @root:	physical address of the first table
 * @mair:	stage 1: the memory attributes
 * @stage:	which of the two formats
 * @granule:	log2 of the granule
 * @in_bits:	input size
 * @out_bits:	output size
 * @start:	level of the first table
 * @upper:	these are the addresses at the upper end (TTBR1); set it after
 *		odma_walker_init(), registers don't tell
 * @ignore:	bits of leaves that are not looked at
 * @read:	another memory than the kernel's; NULL: the direct mapping
 * @data:	for @read
 */
struct odma_walker {
	phys_addr_t root;
	u64 mair;
	enum odma_stage stage;
	u8 granule;
	u8 in_bits;
	u8 out_bits;
	u8 start;
	bool upper;
	u64 ignore;
	u64 (*read)(void *data, phys_addr_t at);
	void *data;
};

/**
 * struct odma_walk - what a walk came to
 * @phys:	what the address is translated to
 * @iova:	where the leaf begins
 * @size:	bytes that the one entry translates
 * @prot:	ODMA_READ, ...: all that the entry says
 * @contiguous:	its hint
 * @level:	its level; where nothing is mapped, that of the invalid entry
 * @entry:	physical address of the last entry that was read
 * @desc:	what it held
 * @wrong:	what is wrong with that, after -EIO
 */
struct odma_walk {
	phys_addr_t phys;
	u64 iova;
	size_t size;
	unsigned int prot;
	bool contiguous;
	u8 level;
	phys_addr_t entry;
	u64 desc;
	const char *wrong;
};

/**
 * struct odma_walker_check - a look at all of the tables
 * @counts:	in: table entries have to hold a count of what is used below
 * @loose:	in: in the middle of a change: each entry by itself
 * @visit:	in: called with each table; false if that can't be one. May be
 *		NULL.
 * @data:	in: for @visit
 * @tables:	out: how many there are, the first included
 * @leaves:	out: how many leaves
 * @bytes:	out: what they translate
 * @hinted:	out: how many of them have the contiguous hint
 * @wrong:	out: what is wrong, or NULL
 * @level:	out: at which level
 * @iova:	out: at which address
 * @desc:	out: with which entry
 */
struct odma_walker_check {
	bool counts;
	bool loose;
	bool (*visit)(void *data, phys_addr_t table, size_t size, u64 iova,
		      u64 span);
	void *data;
	unsigned int tables;
	u64 leaves;
	u64 bytes;
	u64 hinted;
	const char *wrong;
	u8 level;
	u64 iova;
	u64 desc;
};

/* 0, or -EINVAL for what no hardware could be told. */
int odma_walker_init(struct odma_walker *w,
		     const struct odma_pgtable_regs *regs,
		     enum odma_stage stage);
/* 0; -ENOENT: no translation; -ERANGE: no such address; -EIO: look at wrong. */
int odma_walk(const struct odma_walker *w, u64 iova, struct odma_walk *r);
/* Is all well? Unless it is loose, only while nobody changes the tables. */
bool odma_walker_check(const struct odma_walker *w,
		       struct odma_walker_check *c);

/*
 * Have two walkers the same tables? Leaves are the same but for the contiguous
 * hint and what either of them ignores, and a table without leaves is as good
 * as none; of tables, what hardware ignores may differ. If not, see c->wrong.
 */
bool odma_walker_equal(const struct odma_walker *a, const struct odma_walker *b,
		       struct odma_walker_check *c);

/* How many bytes an entry of a level translates. */
u64 odma_walker_span(const struct odma_walker *w, u8 level);
/* How many entries of a level a contiguous hint joins; 0: there is none. */
unsigned int odma_walker_group(const struct odma_walker *w, u8 level);

#endif /* _ODMA_KUNIT_WALKER_H */
