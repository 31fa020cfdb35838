#ifndef QUEUE_LETTERHEAD_H
#define QUEUE_LETTERHEAD_H

/*
 * letterhead - the header of a message that a local program hands to sendmail: where it
 * ends, whom its addresses are, and those without a domain completed. No I/O; memory is
 * the caller's strallocs.
 */

#include <stddef.h>

#include <skalibs/stralloc.h>

/*
 * letterhead_end - octets of the header in text, its empty line left out; or len + 1: it
 * goes on behind len. A line that is no field ends it.
 */
size_t letterhead_end(char const *text, size_t len);

/*
 * letterhead_rcpts - add each address of To, Cc and Bcc (of their Resent- forms alone, if
 * there is one) to list, NUL-ended. 1; 0: *field is the line with what cannot be read; -1: no
 * memory.
 */
int letterhead_rcpts(stralloc *list, char const *text, size_t len, char const **field);

/* letterhead_list - the same for addresses that stand alone, as on a command line. */
int letterhead_list(stralloc *list, char const *text, size_t len);

/*
 * letterhead_qualify - copy the header to to; addresses without a domain in address fields get
 * @domain. What cannot be read stays as it is. 1, or 0: no memory.
 */
int letterhead_qualify(stralloc *to, char const *text, size_t len, char const *domain);

/*
 * letterhead_from - add a From value, "name <address>"; the name (it may be null) is quoted or
 * encoded (RFC 2047) as it needs. 1, or 0: no memory.
 */
int letterhead_from(stralloc *to, char const *name, char const *address);

#endif
