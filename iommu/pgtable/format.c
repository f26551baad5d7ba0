// SPDX-License-Identifier: GPL-2.0
/*
 * What tables look like: their geometry, the bits of their leaves, and what the
 * IOMMU is told of them.
 *
 * Source: Arm ARM, "The AArch64 Virtual Memory System Architecture"; SMMUv3
 * specification, "Translation table descriptors".
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/io.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include "pgtable.h"

/* Attributes of a stage 1 leaf */
#define ODMA_S1_ATTR_SHIFT	2		/* index into MAIR */
#define ODMA_S1_UNPRIV		BIT_ULL(6)
#define ODMA_S1_RDONLY		BIT_ULL(7)
#define ODMA_S1_NOT_GLOBAL	BIT_ULL(11)
#define ODMA_S1_PXN		BIT_ULL(53)
/* ... of a stage 2 leaf */
#define ODMA_S2_ATTR_SHIFT	2
#define ODMA_S2_READ		BIT_ULL(6)
#define ODMA_S2_WRITE		BIT_ULL(7)
/* ... and of both */
#define ODMA_SH_OUTER		(2ULL << 8)
#define ODMA_SH_INNER		(3ULL << 8)
#define ODMA_ACCESSED		BIT_ULL(10)
#define ODMA_XN			BIT_ULL(54)

/* Memory types: MAIR's byte in stage 1, the attribute itself in stage 2 */
enum { ODMA_MEM_UNCACHED, ODMA_MEM_CACHED, ODMA_MEM_DEVICE };

static const u8 odma_mair[] = {
	[ODMA_MEM_UNCACHED] = 0x44,
	[ODMA_MEM_CACHED] = 0xff,
	[ODMA_MEM_DEVICE] = 0x04,
};

static const u8 odma_s2_memattr[] = {
	[ODMA_MEM_UNCACHED] = 0x5,
	[ODMA_MEM_CACHED] = 0xf,
	[ODMA_MEM_DEVICE] = 0x1,
};

static unsigned int odma_memory_type(unsigned int prot)
{
	if (prot & ODMA_DEVICE)
		return ODMA_MEM_DEVICE;
	return prot & ODMA_CACHED ? ODMA_MEM_CACHED : ODMA_MEM_UNCACHED;
}

static u64 odma_s1_attrs(unsigned int prot)
{
	u64 attrs = ODMA_S1_NOT_GLOBAL;

	attrs |= (u64)odma_memory_type(prot) << ODMA_S1_ATTR_SHIFT;
	if (!(prot & ODMA_WRITE))
		attrs |= ODMA_S1_RDONLY;
	if (!(prot & ODMA_PRIV))
		attrs |= ODMA_S1_UNPRIV;
	if (prot & ODMA_NOEXEC)
		attrs |= ODMA_S1_PXN;
	return attrs;
}

static u64 odma_s2_attrs(unsigned int prot)
{
	u64 attrs = (u64)odma_s2_memattr[odma_memory_type(prot)] <<
		    ODMA_S2_ATTR_SHIFT;

	if (prot & ODMA_READ)
		attrs |= ODMA_S2_READ;
	if (prot & ODMA_WRITE)
		attrs |= ODMA_S2_WRITE;
	return attrs;
}

static u64 odma_leaf_attrs(enum odma_stage stage, unsigned int prot)
{
	u64 attrs = stage == ODMA_STAGE_1 ? odma_s1_attrs(prot) :
					    odma_s2_attrs(prot);

	attrs |= odma_memory_type(prot) == ODMA_MEM_CACHED ? ODMA_SH_INNER :
							     ODMA_SH_OUTER;
	if (prot & ODMA_NOEXEC)
		attrs |= ODMA_XN;
	return attrs | ODMA_ACCESSED;
}

static bool odma_cfg_is_sane(const struct odma_pgtable_cfg *cfg)
{
	unsigned int most = cfg->granule_shift == 16 ? 52 : 48;

	if (cfg->granule_shift != 12 && cfg->granule_shift != 14 &&
	    cfg->granule_shift != 16)
		return false;
	if (cfg->ias < 32 || cfg->ias > most || cfg->oas < 32 ||
	    cfg->oas > most)
		return false;
	if (cfg->stage > ODMA_STAGE_2 || (cfg->quirks & ~ODMA_PGT_QUIRKS))
		return false;
	if (cfg->stage == ODMA_STAGE_2 && (cfg->quirks & ODMA_PGT_TTBR1))
		return false;
	return cfg->tlb;
}

/*
 * Where the first table would have few entries, stage 2 does without it: the
 * tables of the next level follow each other and are one.
 */
#define ODMA_MOST_CONCATENATED	16

static void odma_set_levels(struct odma_pgtable *pgt)
{
	unsigned int ias = pgt->cfg.ias;
	unsigned int level = ODMA_LAST_LEVEL;

	pgt->shift = pgt->cfg.granule_shift;
	pgt->bits = pgt->shift - 3;
	pgt->table_mask = GENMASK_ULL(47, pgt->shift);
	while (odma_level_shift(pgt, level) + pgt->bits < ias)
		level--;
	if (pgt->cfg.stage == ODMA_STAGE_2 && !level &&
	    ias - odma_level_shift(pgt, level) <= ilog2(ODMA_MOST_CONCATENATED))
		level++;
	pgt->start = level;
	pgt->start_shift = odma_level_shift(pgt, level);
	pgt->mask = (1U << pgt->bits) - 1;
	pgt->last = (1ULL << ias) - 1;
	pgt->base = pgt->cfg.quirks & ODMA_PGT_TTBR1 ? ~pgt->last : 0;
	pgt->out_last = (1ULL << pgt->cfg.oas) - 1;
}

/* Entries of a contiguous group: Arm ARM, "Contiguous bit". */
static unsigned int odma_group(const struct odma_pgtable *pgt,
			       unsigned int level)
{
	if (pgt->shift == 12)
		return 16;
	if (pgt->shift == 14 && level == ODMA_LAST_LEVEL)
		return 128;
	return 32;
}

/* Blocks are at levels 1 and 2 with 4 KiB pages, at level 2 with others. */
static void odma_set_sizes(struct odma_pgtable *pgt)
{
	unsigned int level = max_t(unsigned int, pgt->start,
				   pgt->shift == 12 ? 1 : 2);

	for (; level <= ODMA_LAST_LEVEL; level++) {
		pgt->sizes |= odma_level_size(pgt, level);
		if (!(pgt->cfg.quirks & ODMA_PGT_NO_CONT))
			pgt->cont[level] = odma_group(pgt, level);
	}
}

/**
 * odma_set_format() - what tables with this configuration look like
 * @pgt: tables in the making, with their configuration and nothing else
 *
 * Context: any.
 *
 * Return: 0; -EINVAL for a configuration that the format doesn't have.
 */
int odma_set_format(struct odma_pgtable *pgt)
{
	const struct odma_pgtable_cfg *cfg = &pgt->cfg;
	unsigned int prot;

	if (!odma_cfg_is_sane(cfg))
		return -EINVAL;
	pgt->way_mask = ODMA_DESC_TYPE;
	if (cfg->quirks & ODMA_PGT_NONCOHERENT)
		pgt->way_mask |= ODMA_DESC_SYNCED;
	pgt->way = pgt->way_mask & (ODMA_DESC_TABLE | ODMA_DESC_SYNCED);
	odma_set_levels(pgt);
	odma_set_sizes(pgt);
	for (prot = 0; prot <= ODMA_PROT_MASK; prot++)
		pgt->attrs[prot] = odma_leaf_attrs(cfg->stage, prot);
	return 0;
}

/**
 * odma_desc_prot() - what a leaf allows
 * @pgt: the tables
 * @desc: the leaf
 *
 * The inverse of the attributes that odma_set_format() prepares.
 *
 * Context: any.
 *
 * Return: ODMA_READ, ...
 */
unsigned int odma_desc_prot(const struct odma_pgtable *pgt, u64 desc)
{
	const u64 mask = ~(ODMA_DESC_TYPE | GENMASK_ULL(47, 12) |
			   ODMA_DESC_CONT);
	unsigned int prot;

	for (prot = ODMA_PROT_MASK; prot; prot--) {
		if ((prot & ODMA_DEVICE) && (prot & ODMA_CACHED))
			continue;
		if ((prot & ODMA_PRIV) && pgt->cfg.stage == ODMA_STAGE_2)
			continue;
		if (!((pgt->attrs[prot] ^ desc) & mask))
			break;
	}
	return prot;
}

/* The codes of output sizes, as registers have them. */
static u8 odma_output_code(unsigned int bits)
{
	static const u8 most[] = { 32, 36, 40, 42, 44, 48, 52 };
	u8 code = 0;

	while (most[code] < bits)
		code++;
	return code;
}

/**
 * odma_pgtable_get_regs() - what the IOMMU has to be told
 * @pgt: the tables
 * @regs: filled in
 *
 * Context: any.
 */
void odma_pgtable_get_regs(const struct odma_pgtable *pgt,
			   struct odma_pgtable_regs *regs)
{
	bool coherent = !(pgt->cfg.quirks & ODMA_PGT_NONCOHERENT);
	unsigned int i;

	*regs = (struct odma_pgtable_regs) {
		.ttbr = virt_to_phys(pgt->first),
		.tsz = 64 - pgt->cfg.ias,
		.tg = pgt->shift,
		.start_level = pgt->start,
		.ips = odma_output_code(pgt->cfg.oas),
		.sh = coherent ? 3 : 2,
		.rgn = coherent ? 1 : 0,
	};
	for (i = 0; pgt->cfg.stage == ODMA_STAGE_1 && i < sizeof(odma_mair);
	     i++)
		regs->mair |= (u64)odma_mair[i] << 8 * i;
}
EXPORT_SYMBOL_GPL(odma_pgtable_get_regs);

/**
 * odma_pgtable_sizes() - which leaves there are
 * @pgt: the tables
 *
 * Context: any.
 *
 * Return: a bit for each size, bytes.
 */
unsigned long odma_pgtable_sizes(const struct odma_pgtable *pgt)
{
	return pgt->sizes;
}
EXPORT_SYMBOL_GPL(odma_pgtable_sizes);
