#ifndef RELAY_NEEDS_H
#define RELAY_NEEDS_H

/*
 * needs - whether a server can take a message, as far as can be known before it is sent:
 * SIZE, SMTPUTF8, REQUIRETLS; and what must be converted for it. No I/O.
 */

#include <stddef.h>

#include "capabilities.h"
#include "letter.h"
#include "survey.h"

/* How the message may travel. */
enum needs_tls {
	NEEDS_AS_USUAL, /* as the settings and DNS say */
	NEEDS_ANY,      /* "TLS-Required: No": better in plain text than not (RFC 8689 5) */
	NEEDS_REQUIRED, /* REQUIRETLS: verified, all the way (RFC 8689 4.2.1) */
};

/* needs_tls - survey may be null: the message is not there yet. */
enum needs_tls needs_tls(struct letter const *l, struct survey const *survey);

/*
 * needs_check - 1, or 0 and *a, why this server cannot have it. survey may be null.
 * where: the server, as outcome.h names it; verified: TLS is as REQUIRETLS demands.
 */
int needs_check(struct answer *a, char const *where, struct letter const *l,
    struct survey const *survey, struct capabilities const *can, int verified);

/* needs_rcpt - the same for one recipient: its address may be what needs SMTPUTF8. */
int needs_rcpt(struct answer *a, char const *where, struct letter const *l, size_t rcpt,
    struct capabilities const *can);

#endif
