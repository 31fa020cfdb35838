#include "preferences.h"

#include "qmail.h"

/*
 * check_delivery - a default that is not understood would hold back everybody's mail, and one
 * without an instruction (a file that a power cut emptied) would throw it away.
 */
static int
check_delivery(struct preferences *s, struct control *c)
{
	struct qmail q = { .lines = GENALLOC_ZERO };
	stralloc text = STRALLOC_ZERO;
	int r = stralloc_copyb(&text, s->defaultdelivery.s, s->defaultdelivery.len)
		    ? qmail_parse(&q, &text, 0)
		    : -1;
	int const any = r == 1 && genalloc_len(struct qmail_line, &q.lines);

	genalloc_free(struct qmail_line, &q.lines);
	stralloc_free(&text);
	if (any)
		return 1;
	return control_bad(c, "defaultdelivery",
	    "is no delivery instruction: write what a .qmail file would say, such as ./Maildir/");
}

int
preferences_read(struct preferences *s, struct control *c)
{
	s->timeoutprogram = PREFERENCES_PROGRAM_SECONDS;
	if (!stralloc_copys(&s->defaultdelivery, PREFERENCES_DELIVERY) ||
	    !stralloc_0(&s->defaultdelivery))
		return control_bad(c, "defaultdelivery", "cannot be read: out of memory");
	s->defaultdelivery.len--;
	if (control_me(c, &s->me) == -1 ||
	    control_line(c, "defaultdelivery", &s->defaultdelivery) == -1 ||
	    control_number(c, "timeoutprogram", &s->timeoutprogram, 1, PREFERENCES_PROGRAM_MAX) ==
		-1)
		return -1;
	return check_delivery(s, c);
}
