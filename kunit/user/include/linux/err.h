/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_ERR_H
#define _ODMA_USER_LINUX_ERR_H

#include <linux/errno.h>
#include <linux/types.h>
#include <stdint.h>

#define MAX_ERRNO	4095

static inline void *ERR_PTR(long err)
{
	return (void *)err;
}

static inline long PTR_ERR(const void *ptr)
{
	return (long)ptr;
}

static inline bool IS_ERR(const void *ptr)
{
	return (uintptr_t)ptr >= (uintptr_t)-MAX_ERRNO;
}

#endif /* _ODMA_USER_LINUX_ERR_H */
