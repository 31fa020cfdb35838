#ifndef QUEUE_VERP_H
#define QUEUE_VERP_H

/*
 * verp - per-recipient senders, as qmail's users know them: a message from
 * "list-@host-@[]" goes to bob@example.org from "list-bob=example.org@host". Pure.
 */

#include <stddef.h>

#include "address.h"

/* verp_is - whether a sender ends in -@[] (the double bounce sender #@[] does not). */
int verp_is(char const *sender, size_t len);

/*
 * verp_sender - the sender for one recipient (NUL-terminated) into
 * to[2 * ADDRESS_MAX]: its length, or 0 if the sender is not a pattern.
 */
size_t verp_sender(char *to, char const *sender, size_t len, char const *rcpt);

/* verp_owner - to whom a report about all recipients goes: "list-@host". As verp_sender. */
size_t verp_owner(char *to, char const *sender, size_t len);

#endif
