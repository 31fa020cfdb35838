#ifndef RELAY_SURVEY_H
#define RELAY_SURVEY_H

/*
 * survey - what must be known of a message before it is sent: its size as SMTP counts it,
 * whether it needs 8BITMIME, SMTPUTF8 or folding, and "TLS-Required: No" (RFC 8689 5). No
 * I/O, no memory but the struct; lines end with LF, chunks may be cut anywhere.
 */

#include <stddef.h>
#include <stdint.h>

#define SURVEY_LINE_MAX  998 /* octets of a line without its end (RFC 5321 4.5.3.1.6) */
#define SURVEY_FIELD_MAX 32  /* octets of a header line that are looked at */

struct survey {
	uint64_t size;     /* octets with CR LF at each line's end; dots are not counted */
	int eight;         /* octets over 127 */
	int eight_header;  /* of these, some in the header */
	int long_line;     /* a line is over SURVEY_LINE_MAX */
	int no_tls_needed; /* "TLS-Required: No" */
	/* private */
	int in_header;
	size_t column;
	char field[SURVEY_FIELD_MAX];
};

void survey_begin(struct survey *s);
void survey_feed(struct survey *s, char const *data, size_t len);

/* survey_end - the message is over: the size gets what a last line without LF needs. */
void survey_end(struct survey *s);

#endif
