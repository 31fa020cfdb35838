#ifndef LIB_HEADER_H
#define LIB_HEADER_H

/*
 * header - watch a message's header pass by: count the Received fields, show each
 * Delivered-To (loops, RFC 5321 6.3). Lines end with LF. No I/O, no memory but the
 * struct; chunks may be cut anywhere. What comes after the header costs nothing.
 */

#include <stddef.h>

#define HEADER_NAME_MAX  16   /* octets of a field name that are looked at */
#define HEADER_VALUE_MAX 1000 /* octets of a Delivered-To value; a longer one is not shown */

struct header {
	int state;                    /* private */
	unsigned int received;        /* Received fields so far */
	int found;                    /* a Delivered-To line has just ended: value is its text */
	size_t valuelen;              /* octets of value, without blanks around it */
	size_t namelen;               /* private */
	char name[HEADER_NAME_MAX];   /* private */
	char value[HEADER_VALUE_MAX]; /* not NUL-terminated; a folded field's first line only */
};

/* header_init - begin with a new message. */
void header_init(struct header *h);

/*
 * header_scan - read on. Returns how many octets it took: all of them, or fewer when
 * h->found is set; then look at the value and call again with the rest.
 */
size_t header_scan(struct header *h, char const *data, size_t len);

/* header_over - whether the header has ended, at an empty line or one that is no field. */
int header_over(struct header const *h);

#endif
