#ifndef SMTPD_EHLO_H
#define SMTPD_EHLO_H

/*
 * ehlo - the reply to EHLO (RFC 5321 4.1.1.1): who we are, and each extension with its
 * parameters. No I/O.
 */

#include <stddef.h>

#include "reply.h"
#include "session.h"

#define EHLO_MAX 2048 /* octets of the whole reply: one line is long, ten are short */

/* ehlo_format - write the reply; returns its length. */
size_t ehlo_format(char to[EHLO_MAX], struct session const *s);

#endif
