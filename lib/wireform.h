#ifndef LIB_WIREFORM_H
#define LIB_WIREFORM_H

/*
 * wireform - a message as it goes over the wire (RFC 5321 2.3.8, 4.5.2, 4.5.3.1.6). No I/O,
 * no memory but the struct; chunks may be cut anywhere.
 *
 * What comes out holds CR and LF as CR LF only, so no server reads another message than we
 * sent: LF becomes CR LF, a CR right before LF belongs to the line's end, any other CR
 * becomes a blank. For DATA a dot is added before each dot that begins a line. A line over
 * WIREFORM_LINE_MAX octets is folded (RFC 5322 2.1.1): before a blank near its end, or else
 * with a blank added, and not inside a UTF-8 character; or it is left alone (WIREFORM_LONG).
 */

#include <stddef.h>

#define WIREFORM_LINE_MAX 998 /* octets of a line without CR LF */
#define WIREFORM_HOLD                                                                              \
	128 /* the last octets of a long line: a place to fold is looked for there                 \
	     */
#define WIREFORM_ROOM    300                 /* that out must have, so that there is progress */
#define WIREFORM_END_MAX (WIREFORM_ROOM + 5) /* octets of what wireform_end writes */

enum {
	WIREFORM_DOTS = 1, /* stuff them, and end with a line of one dot (DATA) */
	WIREFORM_LONG = 2, /* a line may have any length: the server stores them so */
};

struct wireform {
	/* private */
	unsigned int how; /* WIREFORM_… */
	int cr;
	size_t column; /* of the line going out, held octets too */
	size_t held;
	char hold[WIREFORM_HOLD];
	char *out;
	size_t outlen;
};

/* wireform_begin - how: WIREFORM_… */
void wireform_begin(struct wireform *w, unsigned int how);

/*
 * wireform_feed - read on: returns how many octets of in were taken: all, or fewer when
 * fewer than WIREFORM_ROOM octets of room are left; *outlen octets are at out. Room for
 * 2 * len + WIREFORM_ROOM is enough for a whole message.
 */
size_t wireform_feed(
    struct wireform *w, char const *in, size_t len, char *out, size_t room, size_t *outlen);

/* wireform_end - the message is over: returns how many octets are at out[WIREFORM_END_MAX]. */
size_t wireform_end(struct wireform *w, char *out);

#endif
