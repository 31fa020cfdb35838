#ifndef LIB_MAILBOXES_H
#define LIB_MAILBOXES_H

/*
 * mailboxes - walk the addresses of a header field (RFC 5322 3.4): names, comments, angle
 * brackets, groups, obsolete routes. No I/O, no memory but the struct.
 */

#include <stddef.h>

#include "address.h"

struct mailbox {
	char spec[ADDRESS_MAX + 1]; /* the address alone, NUL-ended; address_parse checks it */
	size_t len;
	size_t end;    /* where it ends in the field's text: a missing @domain goes there */
	int qualified; /* it has a domain */
};

/*
 * mailboxes_next - 1 and *m: the next; 0: there is no more; -1: from *pos on it is no
 * list of addresses. Start with *pos = 0 and the field's value, which may be folded.
 */
int mailboxes_next(char const *text, size_t len, size_t *pos, struct mailbox *m);

#endif
