#ifndef RELAY_TRANSFER_H
#define RELAY_TRANSFER_H

/*
 * transfer - write the content of one body part in another transfer encoding (RFC 2045 6).
 * No I/O, no memory but the struct. What is written never has a line that a reader could
 * take for a boundary unless it was one before.
 */

#include <stddef.h>

enum transfer_how {
	TRANSFER_PASS,        /* as it is */
	TRANSFER_QP,          /* quoted-printable */
	TRANSFER_BASE64,      /* line ends inside become CR LF */
	TRANSFER_MEND_QP,     /* what claims to be quoted-printable, made so */
	TRANSFER_MEND_BASE64, /* the same for base64 */
	TRANSFER_BLUNT,       /* what has no encoding, or nobody reads: '?', and long lines cut */
};

enum transfer_end {
	TRANSFER_GOES_ON, /* more of this line follows */
	TRANSFER_LF,      /* its LF follows, which is not in the text */
	TRANSFER_EOF,     /* the message ends here without one */
};

/* A piece of a line. */
struct transfer_piece {
	char const *text;
	size_t len; /* at most MIME_LINE_MAX + 1; more than MIME_LINE_MAX only if it goes on */
	int first;  /* the line begins here */
	enum transfer_end end;
};

/* All private. */
struct transfer {
	enum transfer_how how;
	size_t column; /* of the line written */
	int held;      /* a blank, or the line end, that waits for what follows */
	size_t triplelen;
	char triple[3];
};

/* transfer_init - begin a part's content. */
void transfer_init(struct transfer *t, enum transfer_how how);

/* transfer_piece - the next piece; returns how many octets, at most 3200, are at out. */
size_t transfer_piece(struct transfer *t, struct transfer_piece const *p, char *out);

/*
 * transfer_finish - the content is over: at most 16 octets. boundary: a boundary follows,
 * which the last line end belongs to (RFC 2046 5.1.1).
 */
size_t transfer_finish(struct transfer *t, int boundary, char *out);

/* transfer_needs - which enum mime_need are in a piece. */
unsigned int transfer_needs(struct transfer_piece const *p);

#endif
