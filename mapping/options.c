// SPDX-License-Identifier: GPL-2.0
/*
 * The words of a rule, for whom they are meant.
 */
#include <linux/string.h>
#include "core.h"

const char *odma_flag_words(unsigned long flags)
{
	static const char * const words[] = {
		[ODMA_STATS] = " stats",
		[ODMA_BYPASS] = " bypass",
		[ODMA_STATS | ODMA_BYPASS] = " stats bypass",
	};

	return words[flags & ODMA_FLAGS] ?: "";
}

/* The value of an option, "" for a bare word; NULL where the rule has none. */
static const char *odma_option(const struct odma_device *odev, const char *key,
			       size_t *len)
{
	size_t klen = strlen(key);
	const char *word = odev->options;

	while (word && *word) {
		size_t wlen = strcspn(word, " ");

		if (wlen >= klen && !strncmp(word, key, klen) &&
		    (wlen == klen || word[klen] == '=')) {
			*len = wlen > klen ? wlen - klen - 1 : 0;
			return word + wlen - *len;
		}
		word += wlen;
		word += strspn(word, " ");
	}
	return NULL;
}

/**
 * odma_option_is() - does the device's rule carry this option?
 * @odev: an attached device, or one that is being attached
 * @key: option name
 * @value: the value asked about, NULL for a bare word
 *
 * Context: process context.
 */
bool odma_option_is(const struct odma_device *odev, const char *key,
		    const char *value)
{
	const char *found;
	size_t len;

	found = odma_option(odev, key, &len);
	if (!found || !value)
		return found;
	return len == strlen(value) && !strncmp(found, value, len);
}
EXPORT_SYMBOL_GPL(odma_option_is);

/**
 * odma_option_number() - the number that an option has
 * @odev: an attached device, or one that is being attached
 * @key: option name
 * @number: set, if the rule carries the option
 *
 * Context: process context. The backend has checked that it is a number.
 *
 * Return: does the rule carry it?
 */
bool odma_option_number(const struct odma_device *odev, const char *key,
			unsigned int *number)
{
	char text[16];
	const char *found;
	size_t len;

	found = odma_option(odev, key, &len);
	if (!found || len >= sizeof(text))
		return false;
	memcpy(text, found, len);
	text[len] = '\0';
	return !kstrtouint(text, 0, number);
}
EXPORT_SYMBOL_GPL(odma_option_number);
