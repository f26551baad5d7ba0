/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_MATH_H
#define _ODMA_USER_LINUX_MATH_H

#define DIV_ROUND_UP(n, by)	(((n) + (by) - 1) / (by))
#define round_down(x, to)	((x) & ~((__typeof__(x))(to) - 1))
#define round_up(x, to)		((((x) - 1) | ((__typeof__(x))(to) - 1)) + 1)

#endif /* _ODMA_USER_LINUX_MATH_H */
