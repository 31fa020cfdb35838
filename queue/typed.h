#ifndef QUEUE_TYPED_H
#define QUEUE_TYPED_H

/*
 * typed - a message as a person or a program types it at sendmail: lines end with LF or CR
 * LF, and, unless it is text, a dot alone on a line ends it. No I/O, no memory but the
 * struct.
 */

#include <stddef.h>

struct typed {
	int dot_is_text;
	int begun; /* private, as all below: the line has octets */
	int dot;   /* the line is a dot so far */
	int cr;    /* and a CR */
	int ended; /* the message is over, whatever still comes */
};

/*
 * typed_feed - read len octets into to[len + TYPED_MORE]: how many octets of the message,
 * lines ended by LF, are there. typed_finish - no more comes: the same, into to[TYPED_MORE].
 */
#define TYPED_MORE 3
size_t typed_feed(struct typed *t, char const *from, size_t len, char *to);
size_t typed_finish(struct typed *t, char *to);

#endif
