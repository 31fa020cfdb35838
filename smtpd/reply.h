#ifndef SMTPD_REPLY_H
#define SMTPD_REPLY_H

/*
 * reply - every reply that smtpd gives of its own, in one table: SMTP code (RFC 5321
 * 4.2), enhanced status (RFC 3463, 2034, 5248) and text. No I/O.
 */

#include <stddef.h>

#include "stream.h"

#define REPLY_MAX 512 /* octets of a reply line, CR LF included (RFC 5321 4.5.3.1.5) */

enum reply_id {
	REPLY_GREETING,
	REPLY_CLOSING,
	REPLY_HELLO,
	REPLY_SENDER_OK,
	REPLY_RCPT_OK,
	REPLY_SEND_DATA,
	REPLY_CHUNK_OK,
	REPLY_ACCEPTED,
	REPLY_OK,
	REPLY_HELP,
	REPLY_VRFY,
	REPLY_START_TLS,
	REPLY_AUTH_OK,
	REPLY_CHALLENGE,
	REPLY_IDLE,
	REPLY_LATE,
	REPLY_MANY_ERRORS,
	REPLY_MANY_MAILS,
	REPLY_NEXT_LOST,
	REPLY_TROUBLE,
	REPLY_OVER_QUOTA,
	REPLY_MANY_RCPTS,
	REPLY_NO_TLS,
	REPLY_NO_AUTH,
	REPLY_UNKNOWN,
	REPLY_BARE_COMMAND,
	REPLY_LONG,
	REPLY_LONG_RESPONSE,
	REPLY_BAD_SENDER,
	REPLY_BAD_RCPT,
	REPLY_BAD_ARGUMENT,
	REPLY_BAD_PARAMETER,
	REPLY_BAD_CHUNK,
	REPLY_BAD_BASE64,
	REPLY_AUTH_CANCELED,
	REPLY_NOT_OFFERED,
	REPLY_ORDER_HELLO,
	REPLY_ORDER_MAIL,
	REPLY_ORDER_NESTED,
	REPLY_ORDER_RCPT,
	REPLY_ORDER_CHUNKS,
	REPLY_ORDER_TLS,
	REPLY_ORDER_AUTH,
	REPLY_AUTH_REQUIRED,
	REPLY_AUTH_NEEDS_TLS,
	REPLY_NO_USER,
	REPLY_NO_RELAY,
	REPLY_BAD_MAIL_FROM,
	REPLY_BARE_DATA,
	REPLY_TOO_BIG,
	REPLY_UTF8_SENDER,
	REPLY_UTF8_RCPT,
	REPLY_NOT_YOURS,
	REPLY_LOOP,
	REPLY_EARLY,
	REPLY_UNKNOWN_PARAMETER,
	REPLY_COUNT
};

struct reply {
	unsigned int code;
	char const *status; /* empty for 2yz and 3yz replies that never have one */
	char const *text;   /* a % in it stands for arg */
	char const *arg;
};

/* When an answer of the next program came; it decides which code its refusal gets. */
enum reply_phase { REPLY_AT_AUTH, REPLY_AT_MAIL, REPLY_AT_RCPT, REPLY_AT_END };

/* reply_get - from the table; arg may be null, and must live as long as the reply. */
struct reply reply_get(enum reply_id id, char const *arg);

/* reply_refusal - from a Z or D answer, which must live as long as the reply. */
struct reply reply_refusal(struct answer const *a, enum reply_phase phase);

/*
 * reply_format - one line with CR LF; at most REPLY_MAX octets: what is too long is
 * cut, and controls become "?". Returns its length.
 */
size_t reply_format(char to[REPLY_MAX], struct reply const *r, int enhanced);

/* reply_line - a line of a 250 reply of several; more lines follow it, or it is the last. */
size_t reply_line(char to[REPLY_MAX], int more, char const *text);

/* For the unit test: the table's row i has this id. */
enum reply_id reply_row(size_t i);

#endif
