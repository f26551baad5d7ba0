/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_BITOPS_H
#define _ODMA_USER_LINUX_BITOPS_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/limits.h>

/* Undefined for 0, as the kernel's: UBSan tells. */
static inline unsigned long __ffs(unsigned long word)
{
	return __builtin_ctzl(word);
}

static inline unsigned long __ffs64(u64 word)
{
	return __builtin_ctzll(word);
}

static inline unsigned long __fls(unsigned long word)
{
	return 63 - __builtin_clzl(word);
}

static inline int fls64(u64 word)
{
	return word ? 64 - __builtin_clzll(word) : 0;
}

static inline unsigned int hweight64(u64 word)
{
	return __builtin_popcountll(word);
}

#define hweight_long(word)	hweight64(word)

static inline u64 ror64(u64 word, unsigned int shift)
{
	return word >> (shift & 63) | word << (-shift & 63);
}

#endif /* _ODMA_USER_LINUX_BITOPS_H */
