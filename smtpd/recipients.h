#ifndef SMTPD_RECIPIENTS_H
#define SMTPD_RECIPIENTS_H

/*
 * recipients - the recipients of the transaction: first those that the next program
 * has accepted, then those whose answer is owed, in order. Memory is bounded by
 * settings.maxrcpt times ADDRESS_MAX. No I/O.
 */

#include <stddef.h>

#include <skalibs/stralloc.h>

struct recipients {
	stralloc list;  /* a letter (local or not), the address, NUL; for each */
	size_t settled; /* octets of list that are accepted ones */
};

void recipients_clear(struct recipients *r);

/* recipients_add - one whose answer is owed: 1, or 0 no memory. */
int recipients_add(struct recipients *r, char const *address, size_t len, int local);

/* recipients_owed - the first whose answer is owed; null if there is none. */
char const *recipients_owed(struct recipients const *r);

/* recipients_settle - that one is accepted, or dropped. */
void recipients_settle(struct recipients *r, int accepted);

/* recipients_only - the one that was accepted, if there is exactly one; else null. */
char const *recipients_only(struct recipients const *r);

/* recipients_has_local - whether a local one is exactly this address. */
int recipients_has_local(struct recipients const *r, char const *address, size_t len);

#endif
