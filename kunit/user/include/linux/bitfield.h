/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_BITFIELD_H
#define _ODMA_USER_LINUX_BITFIELD_H

#define FIELD_GET(mask, reg)	(((reg) & (mask)) >> __builtin_ctzll(mask))
#define FIELD_PREP(mask, val)	(((u64)(val) << __builtin_ctzll(mask)) & (mask))

#endif /* _ODMA_USER_LINUX_BITFIELD_H */
