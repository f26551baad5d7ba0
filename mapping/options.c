// SPDX-License-Identifier: GPL-2.0
/*
 * The words of a rule, for whom they are meant.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include "core.h"

const char *odma_flag_words(unsigned long flags)
{
	static const char * const words[] = {
		[ODMA_STATS] = " stats",
		[ODMA_BYPASS] = " bypass",
		[ODMA_STATS | ODMA_BYPASS] = " stats bypass",
		[ODMA_REQUIRE] = " require",
		[ODMA_STATS | ODMA_REQUIRE] = " stats require",
		[ODMA_BYPASS | ODMA_REQUIRE] = " bypass require",
		[ODMA_FLAGS] = " stats bypass require",
	};

	return words[flags & ODMA_FLAGS] ?: "";
}

/**
 * odma_is_promise() - does a rule promise that a device is kept from something?
 * @terms: what it says
 *
 * Such a rule is kept, or its device gets no DMA at all. It is told by its
 * words, as the backend that knows more of them may be what is missing.
 *
 * Context: any.
 */
bool odma_is_promise(const struct odma_terms *terms)
{
	static const char * const words[] = {
		"untrusted", "shadow", "restricted",
	};
	int i;

	if ((terms->flags & ODMA_REQUIRE) || !strcmp(terms->backend, "iommu"))
		return true;
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (odma_word_is(terms->options, words[i], NULL))
			return true;
	return false;
}

/* The value of a word, "" for a bare one; NULL where it is not among them. */
static const char *odma_find_word(const char *words, const char *key,
				  size_t *len)
{
	size_t klen = strlen(key);
	const char *word = words;

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
 * odma_word_is() - is this among a rule's words?
 * @words: they, or NULL
 * @key: what the word is, or what it begins with before an equals sign
 * @value: the value asked about, NULL for a bare word
 *
 * Context: any.
 */
bool odma_word_is(const char *words, const char *key, const char *value)
{
	const char *found;
	size_t len;

	found = odma_find_word(words, key, &len);
	if (!found || !value)
		return found;
	return len == strlen(value) && !strncmp(found, value, len);
}
EXPORT_SYMBOL_GPL(odma_word_is);

/**
 * odma_word_number() - the number that one of a rule's words has
 * @words: they, or NULL
 * @key: what is before the equals sign
 * @number: set, if the word is there
 *
 * Context: any. The backend has checked that it is a number.
 *
 * Return: is it there?
 */
bool odma_word_number(const char *words, const char *key,
		      unsigned int *number)
{
	char text[ODMA_RULE_MAX + 1];
	const char *found;
	size_t len;

	found = odma_find_word(words, key, &len);
	if (!found || len >= sizeof(text))
		return false;
	memcpy(text, found, len);
	text[len] = '\0';
	return !kstrtouint(text, 0, number);
}
EXPORT_SYMBOL_GPL(odma_word_number);

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
	return odma_word_is(odev->options, key, value);
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
	return odma_word_number(odev->options, key, number);
}
EXPORT_SYMBOL_GPL(odma_option_number);
