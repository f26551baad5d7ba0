/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_MM_H
#define _ODMA_USER_LINUX_MM_H

#include <linux/gfp.h>
#include <linux/slab.h>

#ifndef PAGE_SIZE
#define PAGE_SIZE	4096UL
#endif

#endif /* _ODMA_USER_LINUX_MM_H */
