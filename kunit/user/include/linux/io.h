/* SPDX-License-Identifier: GPL-2.0 */
/* Here memory's physical address is its address. */
#ifndef _ODMA_USER_LINUX_IO_H
#define _ODMA_USER_LINUX_IO_H

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/types.h>
#include <asm/barrier.h>

static inline phys_addr_t virt_to_phys(const volatile void *virt)
{
	return (uintptr_t)virt;
}

static inline void *phys_to_virt(phys_addr_t phys)
{
	return (void *)(uintptr_t)phys;
}

#endif /* _ODMA_USER_LINUX_IO_H */
