/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The DMA engine of QEMU's "edu" device.
 *
 * Source of the register layout: QEMU's docs/specs/edu.
 */
#ifndef _EDU_REGS_H
#define _EDU_REGS_H

#include <linux/dma-direction.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/kernel.h>

#define EDU_VENDOR		0x1234
#define EDU_DEVICE		0x11e8

#define EDU_DMA_SRC		0x80
#define EDU_DMA_DST		0x88
#define EDU_DMA_COUNT		0x90
#define EDU_DMA_CMD		0x98
#define   EDU_DMA_START		BIT(0)
#define   EDU_DMA_FROM_EDU	BIT(1)

#define EDU_BUFFER		0x40000	/* the device's own memory */
#define EDU_TRANSFER		2048	/* bytes; QEMU 7.2 dies of all 4096 */
#define EDU_TIMEOUT_US		(2 * USEC_PER_SEC)

/* The device takes 64-bit registers as two halves, the low one first. */
static inline void edu_write64(void __iomem *regs, unsigned int reg, u64 value)
{
	writel(lower_32_bits(value), regs + reg);
	writel(upper_32_bits(value), regs + reg + 4);
}

static inline int edu_transfer(void __iomem *regs, u64 src, u64 dst, size_t len,
			       u32 cmd)
{
	u32 busy;

	edu_write64(regs, EDU_DMA_SRC, src);
	edu_write64(regs, EDU_DMA_DST, dst);
	edu_write64(regs, EDU_DMA_COUNT, len);
	writel(cmd | EDU_DMA_START, regs + EDU_DMA_CMD);
	return readl_poll_timeout(regs + EDU_DMA_CMD, busy,
				  !(busy & EDU_DMA_START), 1000,
				  EDU_TIMEOUT_US);
}

/* Between the device's own memory and an address of ours. */
static inline int edu_move(void __iomem *regs, dma_addr_t addr, size_t len,
			   enum dma_data_direction dir)
{
	if (dir == DMA_TO_DEVICE)
		return edu_transfer(regs, addr, EDU_BUFFER, len, 0);
	return edu_transfer(regs, EDU_BUFFER, addr, len, EDU_DMA_FROM_EDU);
}

#endif /* _EDU_REGS_H */
