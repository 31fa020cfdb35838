#ifndef LIB_COMPLETE_H
#define LIB_COMPLETE_H

/*
 * complete - mend the header of a message that a user hands in (RFC 6409 8, RFC 5322 3.6):
 * add the Date, Message-ID and From that are missing (and their Resent- kin where a
 * resender left some out), take Bcc out, and what is not the user's to say (Return-Path,
 * Content-Length, a "From " line of an mbox), and give addresses without a domain one
 * (RFC 6409 4.2). Lines end with LF; chunks may be cut anywhere. No I/O but the owner's put,
 * no memory but the struct.
 */

#include <stddef.h>

#define COMPLETE_NAME_MAX 78 /* octets of a field's name and its colon; more is no field */
#define COMPLETE_VALUE_MAX                                                                         \
	16384 /* of addresses in one field; if there are more, it stays as it is */

struct complete {
	/* set by the owner; the texts are whole values, without line ends */
	int (*put)(void *to, char const *text, size_t len); /* 1, or 0: it failed */
	void *to;
	char const *date; /* null: nothing is added, only taken out */
	char const *id;
	char const *from;
	char const *domain; /* null: addresses stay as they are; so do those that cannot be read */
	/* private */
	int state;
	int drop;          /* this field is */
	unsigned int seen; /* fields */
	int begun;         /* a line was read */
	size_t heldlen;
	char held[COMPLETE_NAME_MAX];
	int kept; /* this field's value is, so far: it has addresses */
	size_t valuelen;
	char value[COMPLETE_VALUE_MAX];
};

/* complete_init - begin with a message; the owner's fields are set before. */
void complete_init(struct complete *c);

/*
 * complete_feed - read on; complete_finish - the message is over, perhaps within its
 * header. 1, or 0 if put failed.
 */
int complete_feed(struct complete *c, char const *text, size_t len);
int complete_finish(struct complete *c);

#endif
