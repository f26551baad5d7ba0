/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_ALIGN_H
#define _ODMA_USER_LINUX_ALIGN_H

#define ALIGN_DOWN(x, to)	((x) & ~((__typeof__(x))(to) - 1))
#define ALIGN(x, to)		ALIGN_DOWN((x) + ((__typeof__(x))(to) - 1), to)
#define IS_ALIGNED(x, to)	(((x) & ((__typeof__(x))(to) - 1)) == 0)

#endif /* _ODMA_USER_LINUX_ALIGN_H */
