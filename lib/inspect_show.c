/* inspect_show - all settings as they are; see inspect.h */

#include "inspect.h"

#include <stdio.h>
#include <string.h>

#include "findings.h"
#include "known.h"

#define VALUE_MAX 1024 /* octets of a value that are shown */

static int
is_list(struct known const *k)
{
	return k->kind == KNOWN_DOMAINS || k->kind == KNOWN_SENDERS || k->kind == KNOWN_ROUTES ||
	       k->kind == KNOWN_LEVELS || k->kind == KNOWN_ADDRESSES || k->kind == KNOWN_LOGINS ||
	       k->kind == KNOWN_PERMITS || !strcmp(k->name, "locals") ||
	       !strcmp(k->name, "virtualdomains");
}

/* value_of - what the file says, a list's entries with blanks between; results as control_line. */
static int
value_of(struct control *c, struct known const *k, stralloc *value)
{
	int r;

	if (!is_list(k))
		return control_line(c, k->name, value);
	r = control_list(c, k->name, value, 0);
	for (size_t i = 0; r == 1 && i + 1 < value->len; i++)
		if (!value->s[i])
			value->s[i] = ' ';
	if (r == 1 && !stralloc_0(value))
		return -1;
	return r;
}

static void
show(struct control *c, struct known const *k)
{
	char line[2 * VALUE_MAX];
	stralloc value = STRALLOC_ZERO;
	int const r = value_of(c, k, &value);

	if (r == -1) {
		findings_add(FINDING_ERROR, "%s", c->error);
	} else {
		char const *const text = k->kind == KNOWN_LOGINS ? "(not shown)" : value.s;

		snprintf(line, sizeof line, "%s=%.*s%s: %s", k->name, VALUE_MAX,
		    r ? text : k->otherwise, r ? "" : " (default)", k->meaning);
		findings_print(line);
	}
	stralloc_free(&value);
}

void
inspect_show(struct control *c)
{
	for (size_t i = 0; i < known_count; i++)
		show(c, known + i);
}
