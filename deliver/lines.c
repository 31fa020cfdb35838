#include "lines.h"

#include <string.h>

#define SLOTS_FIRST 16

void
lines_begin(struct lines *l, stralloc *text)
{
	l->text = text;
	text->len = 0;
	l->count = 0;
	l->slots = (genalloc)GENALLOC_ZERO;
}

void
lines_free(struct lines *l)
{
	genalloc_free(size_t, &l->slots);
}

/* hash - FNV-1a of a line, up to its LF. */
static size_t
hash(char const *s)
{
	uint64_t h = 14695981039346656037U;

	while (*s != '\n')
		h = (h ^ (unsigned char)*s++) * 1099511628211U;
	return (size_t)h;
}

/* slot_of - where the line at the offset is, or would be. */
static size_t *
slot_of(struct lines *l, size_t offset)
{
	size_t *slot = genalloc_s(size_t, &l->slots);
	size_t const mask = genalloc_len(size_t, &l->slots) - 1;
	char const *line = l->text->s + offset;
	size_t const len = (size_t)((char const *)rawmemchr(line, '\n') - line) + 1;
	size_t i = hash(line) & mask;

	while (slot[i] && memcmp(l->text->s + slot[i] - 1, line, len))
		i = (i + 1) & mask;
	return slot + i;
}

/* grow - twice as many slots, all lines put in again. */
static int
grow(struct lines *l)
{
	size_t const n = genalloc_len(size_t, &l->slots) ? 2 * genalloc_len(size_t, &l->slots)
							 : SLOTS_FIRST;
	char const *line;

	if (!genalloc_ready(size_t, &l->slots, n))
		return 0;
	genalloc_setlen(size_t, &l->slots, n);
	memset(l->slots.s, 0, l->slots.len);
	for (size_t at = 0; at < l->text->len; at = (size_t)(line - l->text->s) + 1) {
		*slot_of(l, at) = at + 1;
		line = rawmemchr(l->text->s + at, '\n');
	}
	return 1;
}

int
lines_add(struct lines *l, char prefix, char const *s)
{
	size_t const at = l->text->len;
	size_t *slot;

	if (4 * (l->count + 1) > 3 * genalloc_len(size_t, &l->slots) && !grow(l))
		return -1;
	if (!stralloc_readyplus(l->text, strlen(s) + 2))
		return -1;
	if (prefix)
		stralloc_append(l->text, prefix);
	stralloc_cats(l->text, s);
	stralloc_append(l->text, '\n');
	slot = slot_of(l, at);
	if (*slot) {
		l->text->len = at;
		return 0;
	}
	*slot = at + 1;
	l->count++;
	return 1;
}
