#ifndef LIB_REPLIES_H
#define LIB_REPLIES_H

/*
 * replies - read a server's reply, one line or many (RFC 5321 4.2), with its enhanced
 * status (RFC 2034). No I/O, no memory but the struct: however long a reply is, no more
 * than REPLIES_TEXT_MAX octets of it are kept, and one that has no end is bad.
 */

#include <stddef.h>

#include "stream.h"

#define REPLIES_LINE_MAX  4096 /* octets of a line without its end; RFC 5321 4.5.3.1.5: 510 */
#define REPLIES_LINES_MAX 512  /* lines of one reply */
#define REPLIES_TEXT_MAX  8192 /* octets of text that are kept, NUL included */

struct replies {
	unsigned int code;              /* 200 to 599 */
	char status[STREAM_STATUS_MAX]; /* of the first line and the code's class; or empty */
	char text[REPLIES_TEXT_MAX];    /* NUL-ended, lines joined by LF, otherwise printable */
	size_t len;
	/* private */
	size_t lines, column;
	unsigned int this_code;
	int last, cr;
};

enum replies_result {
	REPLIES_MORE,  /* all octets taken, the reply goes on */
	REPLIES_WHOLE, /* the octets behind *used are not this reply's */
	REPLIES_BAD,   /* no SMTP reply: nothing after it can be trusted */
};

/* replies_begin - before each reply. */
void replies_begin(struct replies *r);

/*
 * replies_feed - read on. Lines end with CR LF, or with LF alone. NUL and other controls
 * become blanks, what is not UTF-8 becomes a question mark.
 */
enum replies_result replies_feed(struct replies *r, char const *in, size_t len, size_t *used);

/*
 * replies_line - code and text in one line, cut to max octets with its NUL; a status that
 * each line repeats is there once.
 */
void replies_line(char *to, size_t max, struct replies const *r);

#endif
