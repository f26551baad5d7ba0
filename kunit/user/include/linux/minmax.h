/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_MINMAX_H
#define _ODMA_USER_LINUX_MINMAX_H

/* One type for both, as the kernel demands it: the comparison warns. */
#define odma_pick(x, y, op)						\
({									\
	__auto_type _x = (x);						\
	__auto_type _y = (y);						\
									\
	(void)(&_x == &_y);						\
	_x op _y ? _x : _y;						\
})

#define min(x, y)		odma_pick(x, y, <)
#define max(x, y)		odma_pick(x, y, >)
#define min_t(type, x, y)	min((type)(x), (type)(y))
#define max_t(type, x, y)	max((type)(x), (type)(y))
#define min3(x, y, z)		min(min(x, y), z)
#define clamp(val, low, high)	min(max(val, low), high)

#define swap(a, b)							\
do {									\
	__auto_type _was = (a);						\
	(a) = (b);							\
	(b) = _was;							\
} while (0)

#endif /* _ODMA_USER_LINUX_MINMAX_H */
