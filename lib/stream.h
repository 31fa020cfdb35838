#ifndef LIB_STREAM_H
#define LIB_STREAM_H

/*
 * stream - the mail stream's only encoder and decoder; mailstream(5) is its text.
 *
 * A frame is a netstring whose first octet is its type. Requests go one way and
 * answers the other over one descriptor pair. This module does I/O: blocking reads
 * and writes on the stream's descriptors, bounded by SO_RCVTIMEO and SO_SNDTIMEO
 * where the owner sets them (chain_start does). Memory is the struct itself: a D
 * frame of any length passes in pieces, every other frame is at most
 * STREAM_FRAME_MAX octets and is refused before it is read.
 */

#include <stddef.h>
#include <stdint.h>

#define STREAM_FRAME_MAX  4096       /* octets of a frame that is not D, type included */
#define STREAM_BUFFER     65536      /* octets of each direction's buffer */
#define STREAM_DATA_MAX   (1U << 30) /* octets of one D frame; a source sends many */
#define STREAM_TEXT_MAX   1024       /* octets of an answer's human text */
#define STREAM_STATUS_MAX 16         /* octets of "5.7.1" (RFC 3463), NUL included */
#define STREAM_ANSWER_MAX (1 + STREAM_STATUS_MAX + STREAM_TEXT_MAX)

/* The types; mailstream(5) says what each holds. */
enum stream_type {
	STREAM_CLIENT = 'C', /* facts: key=value, each ended by NUL */
	STREAM_MAIL = 'M',   /* reverse-path, NUL, then each parameter and NUL; answered */
	STREAM_RCPT = 'R',   /* forward-path, NUL, then each parameter and NUL; answered */
	STREAM_DATA = 'D',   /* octets of the message, lines end with LF */
	STREAM_FILE = 'F',   /* offset, blank, length in decimal; a descriptor travels along */
	STREAM_END = 'E',    /* commit; answered */
	STREAM_RESET = 'X',  /* forget the transaction */
};

struct stream {
	int in;            /* requests (sink) or answers (source) are read here */
	int out;           /* answers (sink) or requests (source) are written here */
	int passed;        /* a descriptor that came along and was not taken yet, or -1 */
	uint64_t left;     /* octets still to come of the D frame being read */
	int in_data;       /* a D frame is being read: its comma is still to come */
	size_t start, end; /* unread octets are inbuf[start..end) */
	size_t used;       /* octets waiting in outbuf */
	char inbuf[STREAM_BUFFER];
	char outbuf[STREAM_BUFFER];
};

struct frame {
	enum stream_type type;
	char const *data; /* in the stream's buffer: valid until the next call */
	size_t len;       /* octets, without the type */
	int fd;           /* with F: the descriptor, now the caller's to close; else -1 */
};

/* What stream_get and stream_get_answer return. */
enum stream_result {
	STREAM_OK = 1,
	STREAM_EOF = 0,    /* closed between two frames */
	STREAM_ERROR = -1, /* errno: EPROTO malformed or too large, EPIPE closed inside a
			      frame, EAGAIN the time is over, or what read(2) said */
};

/* stream_init - begin on an open pair of descriptors (they may be one). */
void stream_init(struct stream *s, int in, int out);

/*
 * stream_get - the next frame, for a sink or filter. D frames come in pieces of
 * 1 to STREAM_BUFFER octets (an empty one is passed over). Flushes what is waiting
 * to go out before it blocks, so that answers are never held back. After EAGAIN (the
 * time is over, or the descriptor does not block) it can be called again: no octet
 * is lost.
 */
enum stream_result stream_get(struct stream *s, struct frame *f);

/* stream_pending - octets that are read but not yet returned by stream_get. */
size_t stream_pending(struct stream const *s);

/*
 * stream_put - add one frame (not D, not F) of at most STREAM_FRAME_MAX octets;
 * stream_puts adds one from parts: pointer, length … to a null pointer.
 * stream_data - add octets of the message as a D frame; nothing for len 0.
 * stream_file - send an F frame and with it the descriptor fd (which stays the
 * caller's): the message is len octets of it from offset on; stream_file_end sends E
 * with it, so that a source who pipelines has a transaction in one flight.
 * All return 1, or 0 with errno (EPIPE when the next program is gone). Output is
 * kept until the buffer is full, stream_flush, or a call that waits for an answer.
 */
int stream_put(struct stream *s, enum stream_type type, char const *data, size_t len);
int stream_data(struct stream *s, char const *data, size_t len);
int stream_file(struct stream *s, int fd, uint64_t offset, uint64_t len);
int stream_file_end(struct stream *s, int fd, uint64_t offset, uint64_t len);
int stream_flush(struct stream *s);

/* An answer: K done, Z try later, D never. */
struct answer {
	char code;  /* 'K', 'Z' or 'D' */
	int single; /* an answer to E for one recipient of several, not for all */
	char status[STREAM_STATUS_MAX]; /* enhanced status code, NUL-terminated; RFC 3463 */
	char text[STREAM_TEXT_MAX + 1]; /* printable, NUL-terminated, one line */
};

/*
 * stream_answer_set - fill one in; the text is cut to STREAM_TEXT_MAX and made
 * printable. stream_answer_fmt writes it as text, "K2.1.5 ok" (STREAM_ANSWER_MAX
 * octets at the most, no NUL), and returns its length; stream_answer_parse reads
 * that: 1, or 0 if it is not an answer.
 */
void stream_answer_set(struct answer *a, char code, char const *status, char const *text);
size_t stream_answer_fmt(char *to, struct answer const *a);
int stream_answer_parse(struct answer *a, char const *data, size_t len);

/*
 * stream_put_answer - for a sink: answer the last request; with a->single, answer E
 * for one recipient (then one for each accepted, in their order, must follow).
 * stream_answer does the same from its parts. Kept in the buffer until the next
 * stream_get or stream_flush. Return 1, or 0 with errno.
 */
int stream_put_answer(struct stream *s, struct answer const *a);
int stream_answer(struct stream *s, char code, char const *status, char const *text);

/*
 * stream_get_answer - for a source: flush, then wait for one answer. A malformed
 * one is STREAM_ERROR with EPROTO: the caller gives the stream up. After EAGAIN on
 * reading it can be called again.
 */
enum stream_result stream_get_answer(struct stream *s, struct answer *a);

/* stream_has_answer - whether stream_get_answer would not have to read. */
int stream_has_answer(struct stream const *s);

/*
 * stream_field - walk the NUL-ended fields of a C, M or R frame: returns the next
 * field's first octet and sets *len, or null at the end. Start with *pos = 0.
 */
char const *stream_field(struct frame const *f, size_t *pos, size_t *len);

#endif
