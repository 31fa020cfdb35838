#ifndef SMTPD_PARAMS_H
#define SMTPD_PARAMS_H

/*
 * params - what may follow the path of MAIL and RCPT: SIZE (RFC 1870), BODY (RFC
 * 6152), SMTPUTF8 (RFC 6531), RET, ENVID, NOTIFY, ORCPT (RFC 3461, 6533), AUTH (RFC 4954),
 * REQUIRETLS (RFC 8689). No I/O.
 */

#include <stddef.h>
#include <stdint.h>

#define PARAMS_MAX       1024 /* octets of the fields */
#define PARAMS_ENVID_MAX 100  /* octets of xtext; RFC 3461 4.4 */
#define PARAMS_ORCPT_MAX 500  /* octets of type and xtext; RFC 3461 4.2 */

struct params {
	char fields[PARAMS_MAX]; /* "KEYWORD=value", each ended by NUL: as the mail stream has them
				  */
	size_t fieldslen;
	uint64_t size; /* SIZE, if has_size */
	int has_size;
	int smtputf8;
	int body8; /* BODY=8BITMIME */
};

/* What is known only if it was offered. */
enum params_offered { PARAMS_AUTH = 1, PARAMS_REQUIRETLS = 2 };

enum params_result {
	PARAMS_OK,
	PARAMS_BAD,     /* a wrong value, the same keyword twice, too much: 501 5.5.4 */
	PARAMS_UNKNOWN, /* 555 5.5.4 */
};

/*
 * params_mail, params_rcpt - read what follows the path (nothing, or a blank and
 * parameters). offered: enum params_offered. AUTH is checked and left out: who sends is what
 * the client said when it authenticated, and nobody is told of it. utf8 allows ORCPT to
 * hold UTF-8 (SMTPUTF8 was asked for).
 */
enum params_result params_mail(struct params *p, char const *s, size_t len, unsigned int offered);
enum params_result params_rcpt(struct params *p, char const *s, size_t len, int utf8);

#endif
