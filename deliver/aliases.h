#ifndef DELIVER_ALIASES_H
#define DELIVER_ALIASES_H

/*
 * aliases - the grammar of the aliases file and of the lists that it includes
 * (aliases(5), in the shape that sendmail gave it). No I/O; memory is struct aliases.
 */

#include <stddef.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#define ALIASES_FILE_MAX    (1U << 26) /* octets of a file */
#define ALIASES_NAME_MAX    256        /* octets of an alias's name */
#define ALIASES_TEXT_MAX    4096       /* octets of one target */
#define ALIASES_TARGETS_MAX 1000000    /* of all aliases together */

enum aliases_kind {
	ALIASES_ADDRESS, /* text is canonical; without a domain it is a local name */
	ALIASES_PAST,    /* \name: the user of that name, past all aliases */
	ALIASES_PROGRAM, /* text is what stands behind the bar */
	ALIASES_FILE,    /* text is a path; with a slash at its end a Maildir */
	ALIASES_INCLUDE, /* text is a path; the list is targets first to first + count */
};

struct aliases_target {
	enum aliases_kind kind;
	size_t text; /* where it begins in pool; it ends with NUL */
	size_t line; /* of its file */
	size_t file; /* the list it is in: where its path begins in pool, plus 1; 0 for aliases
			itself */
	size_t first, count;
};

struct aliases_name {
	size_t text; /* in pool, lower-case, without quotes, ended by NUL */
	size_t line;
	size_t first, count; /* its targets */
};

struct aliases {
	genalloc names;   /* of struct aliases_name; in the file's order until aliases_sort */
	genalloc targets; /* of struct aliases_target */
	stralloc pool;
};

#define ALIASES_ZERO                                                                               \
	{                                                                                          \
		GENALLOC_ZERO, GENALLOC_ZERO, STRALLOC_ZERO                                        \
	}

/* One mistake; the text says what is wrong and, behind a colon, the remedy. */
struct aliases_error {
	size_t line;
	size_t file; /* as in struct aliases_target */
	char const *text;
};

/* What the functions below return. */
enum aliases_result {
	ALIASES_OK = 1,
	ALIASES_END = 0,  /* no more lines */
	ALIASES_BAD = -1, /* *error is set; going on is possible */
	ALIASES_NOMEM = -2,
};

/*
 * aliases_next - read one alias of the file's text, from *pos on, which begins with 0 as
 * *line does. On a mistake nothing is kept of it.
 */
enum aliases_result aliases_next(struct aliases *a, char const *text, size_t len, size_t *pos,
    size_t *line, struct aliases_error *error);

/*
 * aliases_list - read the whole text of a list into the targets of the ALIASES_INCLUDE
 * target numbered which. It may hold addresses only: whoever may edit a list is
 * not thereby allowed to run programs as user-alias. Every mistake goes to report.
 */
enum aliases_result aliases_list(struct aliases *a, size_t which, char const *text, size_t len,
    void (*report)(void *context, struct aliases_error const *error), void *context);

/*
 * aliases_sort - for aliases_find; returns 1, or 0 and the second line of a name that is
 * there twice. aliases_find - the alias of a lower-case name, or null.
 */
int aliases_sort(struct aliases *a, struct aliases_error *error);
struct aliases_name const *aliases_find(struct aliases const *a, char const *name);

void aliases_free(struct aliases *a);

#endif
