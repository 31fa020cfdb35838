#ifndef DELIVER_LINES_H
#define DELIVER_LINES_H

/*
 * lines - a text of different lines, in the order in which they came. No I/O.
 */

#include <stddef.h>
#include <stdint.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

struct lines {
	stralloc *text; /* each line ended by LF */
	size_t count;
	genalloc slots; /* of size_t: offset of a line in text, plus 1; 0 is free */
};

/* lines_begin - start with empty text; lines_free frees all but the text. */
void lines_begin(struct lines *l, stralloc *text);
void lines_free(struct lines *l);

/* lines_add - the line PREFIX s, unless it is there: 1 added, 0 was there, -1 no memory. */
int lines_add(struct lines *l, char prefix, char const *s);

#endif
