/* SPDX-License-Identifier: GPL-2.0 */
/* Without pages: an entry says where its memory is. */
#ifndef _ODMA_USER_LINUX_SCATTERLIST_H
#define _ODMA_USER_LINUX_SCATTERLIST_H

#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/types.h>

struct scatterlist {
	phys_addr_t phys;
	unsigned int length;
	dma_addr_t dma_address;
	unsigned int dma_length;
};

#define sg_phys(sg)		((sg)->phys)
#define sg_dma_address(sg)	((sg)->dma_address)
#define sg_dma_len(sg)		((sg)->dma_length)
#define sg_next(sg)		((sg) + 1)
#define for_each_sg(list, sg, nents, i)					\
	for (i = 0, sg = (list); i < (nents); i++, sg = sg_next(sg))

#endif /* _ODMA_USER_LINUX_SCATTERLIST_H */
