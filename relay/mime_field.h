#ifndef RELAY_MIME_FIELD_H
#define RELAY_MIME_FIELD_H

/*
 * mime_field - read the header fields that say what a body part is (RFC 2045, RFC 2046).
 * No I/O, no memory but the struct. Values may have been unfolded, or not.
 */

#include <stddef.h>

#include "mime.h"

/* Fields that matter. */
enum mime_field {
	MIME_FIELD_NONE,  /* the line is no field */
	MIME_FIELD_OTHER, /* a field that does not matter */
	MIME_FIELD_VERSION = 2,
	MIME_FIELD_TYPE = 4,
	MIME_FIELD_ENCODING = 8,
	MIME_FIELD_REPEATED = 16, /* one more of those, where only the first counts */
};

enum mime_kind {
	MIME_TEXT,      /* also what has no type that can be read (RFC 2045 5.2) */
	MIME_MULTIPART, /* with a boundary that can be used; without one it is text */
	MIME_MESSAGE,   /* message/rfc822, message/news: a header follows */
	MIME_REPORT,    /* message/ else: no encoding is allowed for most of them */
	MIME_OTHER,
};

enum mime_encoding {
	MIME_7BIT, /* or nothing */
	MIME_8BIT,
	MIME_BINARY_ENCODING,
	MIME_QP,
	MIME_BASE64,
	MIME_X,       /* x-something */
	MIME_UNKNOWN, /* nothing that can be read: something like 8bit, as a rule */
};

struct mime_type {
	enum mime_kind kind;
	int digest;
	size_t len;
	char boundary[MIME_BOUNDARY_MAX];
};

/* mime_field_name - which field begins with this line; *value is the offset of its value. */
enum mime_field mime_field_name(char const *line, size_t len, size_t *value);

/* mime_field_type - read a Content-Type's value. */
void mime_field_type(struct mime_type *type, char const *value, size_t len);

/* mime_field_encoding - read a Content-Transfer-Encoding's value. */
enum mime_encoding mime_field_encoding(char const *value, size_t len);

/* mime_field_word - how a Content-Transfer-Encoding is written; "" for the last two. */
char const *mime_field_word(enum mime_encoding encoding);

#endif
