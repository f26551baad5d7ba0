/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs in this folder share: input that is taken apart into
 * operations, and words for what went wrong.
 */
#ifndef _ODMA_USER_H
#define _ODMA_USER_H

#include <linux/compiler.h>
#include <linux/types.h>

/**
 * struct odma_input - what is left of a fuzzer's input
 * @at: the next byte
 * @end: the first that is not part of it
 */
struct odma_input {
	const u8 *at;
	const u8 *end;
};

static inline bool odma_more(const struct odma_input *in)
{
	return in->at < in->end;
}

/* Of an input that has come to its end: zeroes. */
static inline u64 odma_bytes(struct odma_input *in, unsigned int count)
{
	u64 value = 0;

	while (count--)
		value = value << 8 | (odma_more(in) ? *in->at++ : 0);
	return value;
}

static inline u8 odma_byte(struct odma_input *in)
{
	return odma_bytes(in, 1);
}

/* 0 to @sides - 1 */
static inline u32 odma_below(struct odma_input *in, u32 sides)
{
	return odma_bytes(in, sides > 256 ? 2 : 1) % sides;
}

/* The fuzzer's entry: by another name there, which the Makefile knows. */
int odma_fuzz_one(const u8 *data, size_t size);

/* With FUZZ_TRACE in the environment every operation is told. */
void odma_tell(const char *fmt, ...) __printf(1, 2);
void odma_fail(const char *file, int line, const char *cond, const char *fmt,
	       ...) __noreturn __printf(4, 5);

/* Ends the program unless @good: @... says what was seen. */
#define odma_expect(good, ...)						\
do {									\
	if (!(good))							\
		odma_fail(__FILE__, __LINE__, #good, __VA_ARGS__);	\
} while (0)

/*
 * Memory that the code under test gets from the kernel: which allocation from
 * now on fails (1 is the next one, 0 none), whether it came to that, and how
 * many are live.
 */
void odma_fail_alloc(unsigned int nth);
bool odma_alloc_failed(void);
unsigned long odma_live_allocs(void);
/* For allocators: is it this one? */
bool odma_alloc_fails(gfp_t gfp);

#endif /* _ODMA_USER_H */
