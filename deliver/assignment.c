#include "assignment.h"

#include <ctype.h>
#include <string.h>

#include <skalibs/types.h>

#include "assign.h"
#include "recipient.h"

/* local:user:uid:gid:home:dash:ext: in this order */
enum field { LOCAL, USER, UID, GID, HOME, DASH, EXT, FIELDS };

struct part {
	char const *s;
	size_t len;
};

/* split - the fields, each ended by a colon; 0 if there are not enough. */
static int
split(struct part *field, char const *line, size_t len)
{
	for (size_t i = 0; i < FIELDS; i++) {
		char const *colon = memchr(line, ':', len);

		if (!colon)
			return 0;
		field[i].s = line;
		field[i].len = (size_t)(colon - line);
		len -= field[i].len + 1;
		line = colon + 1;
	}
	return 1;
}

/* is_id - a number that is neither root's nor the kernel's "no change". */
static int
is_id(struct part const *p)
{
	unsigned int id = 0;
	char text[UINT_FMT];

	if (!p->len || p->len >= sizeof text || !isdigit((unsigned char)*p->s))
		return 0;
	memcpy(text, p->s, p->len);
	text[p->len] = 0;
	return uint0_scan(text, &id) && id && id != (unsigned int)-1;
}

/* fault - what is wrong with the fields, or null. */
static char const *
fault(struct part const *field)
{
	if (field[LOCAL].len >= ASSIGN_LOCAL_MAX)
		return "has too long a local part: make it shorter than 1024 octets";
	if (!field[USER].len || field[USER].len > RECIPIENT_USER_MAX ||
	    memchr(field[USER].s, '/', field[USER].len))
		return "has no user's name, or a bad one: write it into the second field";
	if (!is_id(&field[UID]))
		return "has no uid above 0: write the user's number into the third field; "
		       "no mail is delivered as root";
	if (!is_id(&field[GID]))
		return "has no gid above 0: write the group's number into the fourth field";
	if (!field[HOME].len || *field[HOME].s != '/' || field[HOME].len > RECIPIENT_HOME_MAX)
		return "has no home directory: write an absolute path into the fifth field";
	if (field[DASH].len > 1)
		return "has more than one octet in the sixth field: write - or nothing";
	if (field[EXT].len > RECIPIENT_EXT_MAX / 2)
		return "has too long an extension: make it shorter than 900 octets";
	return 0;
}

/* fill - key and data; 0 without memory. */
static int
fill(struct assignment *a, struct part const *field)
{
	if (!stralloc_copys(&a->key, "!") ||
	    !stralloc_catb(&a->key, field[LOCAL].s, field[LOCAL].len) ||
	    !stralloc_copys(&a->data, ""))
		return 0;
	for (size_t i = 0; i < a->key.len; i++)
		a->key.s[i] = (char)tolower((unsigned char)a->key.s[i]);
	a->last = field[LOCAL].len ? a->key.s[a->key.len - 1] : 0;
	if (a->kind == ASSIGNMENT_EXACT && !stralloc_0(&a->key))
		return 0;
	for (size_t i = USER; i < FIELDS; i++)
		if (!stralloc_catb(&a->data, field[i].s, field[i].len) ||
		    (i != EXT && !stralloc_0(&a->data)))
			return 0;
	return 1;
}

static int
bad(struct assignment *a, char const *error)
{
	a->kind = ASSIGNMENT_BAD;
	a->error = error;
	return 1;
}

int
assignment_parse(struct assignment *a, char const *line, size_t len)
{
	struct part field[FIELDS];
	char const *error;

	if (len > ASSIGNMENT_LINE_MAX)
		return bad(a, "is longer than 4096 octets: make it shorter");
	if (memchr(line, 0, len))
		return bad(a, "holds a NUL: this file must be plain text");
	if (memchr(line, '\r', len))
		return bad(a, "holds a carriage return: save the file with Unix line ends");
	a->kind = ASSIGNMENT_NONE;
	if (!len || *line == '#')
		return 1;
	a->kind = *line == '=' ? ASSIGNMENT_EXACT : ASSIGNMENT_WILDCARD;
	if (*line == '.') {
		a->kind = ASSIGNMENT_END;
		return 1;
	}
	if (*line != '=' && *line != '+')
		return bad(
		    a, "begins with neither = nor +: write =local:user:uid:gid:home:dash:ext:");
	if (!split(field, line + 1, len - 1))
		return bad(a, "has less than seven fields, each with a colon behind it: "
			      "write =local:user:uid:gid:home:dash:ext:");
	error = fault(field);
	return error ? bad(a, error) : fill(a, field);
}
