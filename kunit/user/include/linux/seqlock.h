/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_SEQLOCK_H
#define _ODMA_USER_LINUX_SEQLOCK_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/barrier.h>

typedef struct {
	unsigned int sequence;
} seqcount_t;

#define seqcount_init(seq)		((seq)->sequence = 0)

static inline void write_seqcount_begin(seqcount_t *seq)
{
	WRITE_ONCE(seq->sequence, seq->sequence + 1);
	smp_wmb();
}

static inline void write_seqcount_end(seqcount_t *seq)
{
	smp_wmb();
	WRITE_ONCE(seq->sequence, seq->sequence + 1);
}

static inline unsigned int read_seqcount_begin(const seqcount_t *seq)
{
	unsigned int now;

	while ((now = smp_load_acquire(&seq->sequence)) & 1)
		cpu_relax();
	return now;
}

/* Doesn't wait for the writer: an odd count never matches. */
static inline unsigned int raw_seqcount_begin(const seqcount_t *seq)
{
	return smp_load_acquire(&seq->sequence) & ~1U;
}

static inline bool read_seqcount_retry(const seqcount_t *seq, unsigned int was)
{
	smp_rmb();
	return READ_ONCE(seq->sequence) != was;
}

#endif /* _ODMA_USER_LINUX_SEQLOCK_H */
