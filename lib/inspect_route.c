/* inspect_route - what becomes of an address, for people; see inspect.h */

#include "inspect.h"

#include <stdio.h>
#include <string.h>

#include "findings.h"

/* print_lines - an alias's instructions, indented. */
static void
print_lines(stralloc const *text)
{
	char line[1024];
	size_t len;

	for (size_t at = 0; at < text->len; at += len + 1) {
		char const *lf = memchr(text->s + at, '\n', text->len - at);

		len = lf ? (size_t)(lf - (text->s + at)) : text->len - at;
		snprintf(line, sizeof line, "  %.*s", (int)(len > 1000 ? 1000 : len), text->s + at);
		findings_print(line);
	}
}

static void
print_local(char const *address, struct recipient const *r)
{
	char line[8192];

	snprintf(line, sizeof line,
	    "%s: local: user=%s uid=%u gid=%u home=%s dash=%s ext=%s local=%s%s%s", address,
	    r->user, r->uid, r->gid, r->home, r->dash, r->ext, r->local, *r->owner ? " owner=" : "",
	    r->owner);
	findings_print(line);
	print_lines(&r->alias);
}

int
inspect_route(struct recipient_db *db, char const *text)
{
	static struct recipient r;
	struct address a;
	char line[8192];

	if (address_parse(&a, text, strlen(text), ADDRESS_NO_DOMAIN_OK | ADDRESS_UTF8_OK) !=
	    ADDRESS_OK) {
		snprintf(line, sizeof line, "%s: not an address", text);
		findings_print(line);
		return 0;
	}
	switch (recipient_find(db, &a, &r)) {
	case RECIPIENT_LOCAL: print_local(a.text, &r); return 1;
	case RECIPIENT_REMOTE: snprintf(line, sizeof line, "%s: remote", a.text); break;
	case RECIPIENT_UNKNOWN:
		snprintf(
		    line, sizeof line, "%s: unknown: nobody has this name (550 5.1.1)", a.text);
		break;
	default:
		snprintf(line, sizeof line,
		    "%s: trouble: a look-up failed (451 4.3.0): check the compiled files and %s",
		    a.text, "/etc/passwd");
		break;
	}
	findings_print(line);
	return r.kind == RECIPIENT_REMOTE ? 1 : r.kind == RECIPIENT_UNKNOWN ? 0 : -1;
}
