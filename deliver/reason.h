#ifndef DELIVER_REASON_H
#define DELIVER_REASON_H

/*
 * reason - the answers that a delivery gives: code, enhanced status (RFC 3463) and a
 * text that an administrator and a sender can both act on. No I/O.
 */

#include "stream.h"

/* reason_set - fill an answer in; the text is the strings up to a null pointer, joined. */
void reason_set(struct answer *a, char code, char const *status, ...);

/*
 * reason_errno - "unable to DO NAME: what errno says", always Z. The status is that of
 * the error where it has one of its own (a full disk is 4.3.1, a user's disk quota
 * 4.2.2), else the one given.
 */
void reason_errno(struct answer *a, char const *status, char const *what, char const *name);

#endif
