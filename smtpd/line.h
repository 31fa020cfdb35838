#ifndef SMTPD_LINE_H
#define SMTPD_LINE_H

/*
 * line - cut command lines out of what the client sent (RFC 5321 2.3.8): a line ends
 * with CR LF and with nothing else. No I/O.
 *
 * A bare LF is answered at once, so that a person with a bare-LF terminal is not left
 * waiting; but what follows it up to the next CR LF is still the same bad line, and is
 * never obeyed.
 */

#include <stddef.h>

#define LINE_MAX 2048 /* octets of a line, CR LF included; command.h has tighter limits */

enum line_result {
	LINE_MORE,     /* no end yet: read on */
	LINE_WHOLE,    /* *used octets are a line, CR LF included */
	LINE_BARE,     /* a bare LF: 500 */
	LINE_TOO_LONG, /* more than LINE_MAX: 500 */
	LINE_SKIPPED,  /* the end of a bad line that was answered already */
};

struct line {
	int skipping; /* in a bad line, up to its CR LF */
};

/* line_next - look at what is unread; *used octets of it are done with, also for LINE_MORE. */
enum line_result line_next(struct line *l, char const *text, size_t len, size_t *used);

#endif
