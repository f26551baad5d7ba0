/* SPDX-License-Identifier: GPL-2.0 */
/* glibc's own headers come by here, too: they find what they always find. */
#ifndef _ODMA_USER_LINUX_TYPES_H
#define _ODMA_USER_LINUX_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

typedef u64 phys_addr_t;
typedef u64 dma_addr_t;
typedef unsigned int gfp_t;

#endif /* _ODMA_USER_LINUX_TYPES_H */
