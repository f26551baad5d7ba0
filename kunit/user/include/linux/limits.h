/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_LIMITS_H
#define _ODMA_USER_LINUX_LIMITS_H

#include_next <linux/limits.h>
#include <linux/types.h>
#include <stdint.h>

#define U8_MAX		((u8)~0U)
#define U16_MAX		((u16)~0U)
#define U32_MAX		((u32)~0U)
#define U64_MAX		((u64)~0ULL)
#define PHYS_ADDR_MAX	((phys_addr_t)~0ULL)

#endif /* _ODMA_USER_LINUX_LIMITS_H */
