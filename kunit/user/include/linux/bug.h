/* SPDX-License-Identifier: GPL-2.0 */
/* A warning ends the run: nothing under test may provoke one. */
#ifndef _ODMA_USER_LINUX_BUG_H
#define _ODMA_USER_LINUX_BUG_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <stdbool.h>

void odma_user_bug(const char *what, const char *file, int line)
	__attribute__((__noreturn__));
void odma_user_might_sleep(void);

static inline bool odma_user_warn(bool bad, const char *what, const char *file,
				  int line)
{
	if (bad)
		odma_user_bug(what, file, line);
	return bad;
}

#define WARN_ON(bad)							\
	odma_user_warn(!!(bad), "WARN_ON(" #bad ")", __FILE__, __LINE__)
#define WARN_ON_ONCE(bad)	WARN_ON(bad)
#define BUG_ON(bad)		WARN_ON(bad)

#endif /* _ODMA_USER_LINUX_BUG_H */
