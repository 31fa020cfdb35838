#ifndef LIB_LETTER_H
#define LIB_LETTER_H

/*
 * letter - the envelope of one message as the mail stream brought it (mailstream(5)), kept
 * so that it can be sent again on another connection. No I/O; memory up to LETTER_MAX.
 */

#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "stream.h"

#define LETTER_RCPTS_MAX 1000        /* recipients of a message */
#define LETTER_MAX       (256 << 10) /* octets of all addresses and parameters */

/* A path and its parameters: offsets of the letter's text. */
struct letter_path {
	size_t at;     /* the address, NUL-ended */
	size_t params; /* each NUL-ended, up to end */
	size_t end;
	int utf8; /* the address is not ASCII */
};

struct letter {
	stralloc text;
	struct letter_path sender;
	struct letter_path rcpt[LETTER_RCPTS_MAX];
	size_t rcpts;
	int smtputf8, requiretls, eight; /* what MAIL asks for (eight: BODY=8BITMIME) */
	uint64_t size;                   /* SIZE, 0 if it was not said */
};

enum letter_result {
	LETTER_OK,
	LETTER_BAD_ADDRESS,
	LETTER_BAD_PARAM, /* blanks or controls in it */
	LETTER_TOO_MUCH,  /* too many recipients, or octets */
	LETTER_NOMEM,
};

/*
 * letter_mail - begin with an M frame; letter_rcpt - add an R frame's recipient. Addresses
 * are read again by the grammar, and qmail's "#@[]" becomes the null sender.
 */
enum letter_result letter_mail(struct letter *l, struct frame const *f);
enum letter_result letter_rcpt(struct letter *l, struct frame const *f);

/* letter_text - the text at an offset; valid until the next recipient is added. */
char const *letter_text(struct letter const *l, size_t at);

#endif
