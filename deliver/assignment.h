#ifndef DELIVER_ASSIGNMENT_H
#define DELIVER_ASSIGNMENT_H

/*
 * assignment - the lines of users/assign (users(5)), and what they are in users/cdb
 * (lib/assign.h reads that). No I/O.
 */

#include <stddef.h>
#include <sys/types.h>

#include <skalibs/stralloc.h>

#define ASSIGNMENT_LINE_MAX 4096 /* octets of a line */

enum assignment_kind {
	ASSIGNMENT_EXACT,    /* =local:… */
	ASSIGNMENT_WILDCARD, /* +prefix:… */
	ASSIGNMENT_NONE,     /* an empty line or a comment */
	ASSIGNMENT_END,      /* the dot that the file must end with */
	ASSIGNMENT_BAD,      /* error says why, and behind a colon the remedy */
};

struct assignment {
	enum assignment_kind kind;
	char const *error;
	char last;          /* of a wildcard's prefix; NUL if the prefix is empty */
	stralloc key, data; /* as they go into the cdb */
};

/* assignment_parse - one line without its LF. a->kind says what it is; 0 without memory. */
int assignment_parse(struct assignment *a, char const *line, size_t len);

#endif
