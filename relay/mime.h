#ifndef RELAY_MIME_H
#define RELAY_MIME_H

/*
 * mime - make a message fit for a server without 8BITMIME (RFC 6152 3), or one with lines
 * over 998 octets fit for any (RFC 5322 2.1.1). No I/O, no memory but the structs; lines
 * end with LF on both sides, chunks may be cut anywhere.
 *
 * Twice over the message: the survey fills a plan (what is where), the conversion works by
 * it and leaves alone what needs nothing: a message that needs nothing comes out as it
 * went in. Without a plan (a message that can be read only once) every part that is not
 * encoded yet is converted.
 *
 * Body parts become quoted-printable (text, and multiparts that cannot be read) or base64
 * (others; line ends inside are CR LF then). multipart and message/rfc822 are descended
 * into, and call themselves 7bit. What is encoded stays so; octets that do not belong into
 * it are encoded or dropped, as readers read them. 8-bit octets before the first and behind
 * the last part, where nobody reads, become '?'. A message that does not say what it is
 * becomes text/plain; charset=unknown-8bit (RFC 1428). Header lines are folded if they are
 * too long, at a blank if there is one; 8-bit octets in them stay as they are: whoever
 * needs UTF-8 there needs SMTPUTF8 (the plan tells). Signatures over what is converted
 * break (multipart/signed, DKIM): sign behind this.
 */

#include <stddef.h>

#include "transfer.h"

#define MIME_LINE_MAX     998  /* octets of a line without its end (RFC 5321 4.5.3.1.6) */
#define MIME_ROOM         4096 /* that out must have, so that there is progress */
#define MIME_BOUNDARY_MAX 70   /* octets (RFC 2046 5.1.1); one that is longer is none */
#define MIME_DEPTH_MAX    50   /* multiparts in each other; a deeper one is not descended into */
#define MIME_PLAN_MAX     1024 /* parts and messages planned; all behind them are converted */
#define MIME_FIELD_MAX    2048 /* octets of a Content-Type that are looked at */
#define MIME_WORD_MAX     256  /* and of a Content-Transfer-Encoding */

/* What may be wrong with a message, and what a conversion removes. */
enum mime_need {
	MIME_EIGHT = 1,  /* octets over 127 */
	MIME_LONG = 2,   /* lines over MIME_LINE_MAX */
	MIME_BINARY = 4, /* NUL, or CR */
};

struct mime_plan {
	unsigned int header;               /* enum mime_need, in header lines (of parts too) */
	unsigned int body;                 /* and elsewhere */
	unsigned char part[MIME_PLAN_MAX]; /* private */
};

struct mime_level {
	char boundary[MIME_BOUNDARY_MAX];
	size_t len;
	size_t part, message; /* that it belongs to */
	int digest;           /* its parts are messages (RFC 2046 5.1.5) */
};

/* All private. */
struct mime {
	struct mime_plan *survey;
	struct mime_plan const *plan;
	unsigned int remove;
	char *out;
	size_t outlen;
	char line[MIME_LINE_MAX + 1]; /* what was read and not yet written */
	size_t linelen;
	int begun; /* it is not the line's start */
	int in_body;
	struct transfer transfer; /* of the body */
	int touched;              /* this part is changed */
	int is_message;           /* and is one: MIME-Version counts */
	unsigned int has;         /* fields that its header has */
	unsigned int field;       /* which this is */
	int digested;             /* a part without type is a message (RFC 2046 5.1.5) */
	size_t parts;             /* begun so far */
	size_t part, message;     /* which this is, and the message that it is in */
	size_t typelen, encodinglen;
	char type[MIME_FIELD_MAX];
	char encoding[MIME_WORD_MAX];
	size_t depth; /* multiparts open */
	struct mime_level level[MIME_DEPTH_MAX];
};

/* mime_survey - begin to fill the plan. */
void mime_survey(struct mime *m, struct mime_plan *plan);

/*
 * mime_convert - begin to convert; plan, which must stay, may be null. remove: the enum
 * mime_need that the next server does not take (MIME_LONG always).
 */
void mime_convert(struct mime *m, struct mime_plan const *plan, unsigned int remove);

/*
 * mime_feed - read on: returns how many octets of in were taken: all, or fewer when fewer
 * than MIME_ROOM octets of room are left; *outlen octets are at out. A survey writes
 * nothing and takes all: out may be null and room 0.
 */
size_t mime_feed(
    struct mime *m, char const *in, size_t len, char *out, size_t room, size_t *outlen);

/* mime_finish - the message is over: returns how many octets, at most MIME_ROOM, are at out. */
size_t mime_finish(struct mime *m, char *out);

#endif
