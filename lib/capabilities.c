#include "capabilities.h"

#include <string.h>
#include <strings.h>

void
capabilities_none(struct capabilities *c)
{
	*c = (struct capabilities){ 0 };
}

/* word - the next word of a line: its length, or 0; *s is moved to it. */
static size_t
word(char const **s)
{
	*s += strspn(*s, " ");
	return strcspn(*s, " =\n");
}

static int
is(char const *s, size_t len, char const *name)
{
	return len == strlen(name) && !strncasecmp(s, name, len);
}

/* number - what is no number, or too large to matter, counts as "does not say": 0. */
static uint64_t
number(char const *s)
{
	uint64_t n = 0;

	for (; *s >= '0' && *s <= '9'; s++) {
		if (n > UINT64_MAX / 100)
			return 0;
		n = n * 10 + (uint64_t)(*s - '0');
	}
	return *s && !memchr(" \n", *s, 2) ? 0 : n;
}

/* mechanisms - "AUTH PLAIN LOGIN", and the form with "=" of old servers. */
static void
mechanisms(struct capabilities *c, char const *s)
{
	size_t len;

	s += *s == '=';
	for (; (len = word(&s)); s += len) {
		if (is(s, len, "PLAIN"))
			c->offers |= CAN_AUTH_PLAIN;
		else if (is(s, len, "LOGIN"))
			c->offers |= CAN_AUTH_LOGIN;
		if (s[len] == '=')
			len++;
	}
}

static void
limits(struct capabilities *c, char const *s)
{
	size_t len;

	while ((len = word(&s))) {
		if (s[len] == '=' && is(s, len, "RCPTMAX"))
			c->rcptmax = number(s + len + 1);
		else if (s[len] == '=' && is(s, len, "MAILMAX"))
			c->mailmax = number(s + len + 1);
		s += strcspn(s, " \n");
	}
}

static void
line(struct capabilities *c, char const *s)
{
	static struct {
		char const *name;
		unsigned int offers;
	} const known[] = {
		{ "PIPELINING", CAN_PIPELINING },
		{ "SIZE", CAN_SIZE },
		{ "8BITMIME", CAN_8BITMIME },
		{ "SMTPUTF8", CAN_SMTPUTF8 },
		{ "DSN", CAN_DSN },
		{ "CHUNKING", CAN_CHUNKING },
		{ "ENHANCEDSTATUSCODES", CAN_STATUS },
		{ "STARTTLS", CAN_STARTTLS },
		{ "REQUIRETLS", CAN_REQUIRETLS },
	};
	size_t const len = word(&s);

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (is(s, len, known[i].name))
			c->offers |= known[i].offers;
	if (is(s, len, "SIZE"))
		c->size = number(s + len + strspn(s + len, " "));
	else if (is(s, len, "AUTH"))
		mechanisms(c, s + len);
	else if (is(s, len, "LIMITS"))
		limits(c, s + len);
}

void
capabilities_read(struct capabilities *c, char const *text)
{
	capabilities_none(c);
	while ((text = strchr(text, '\n'))) /* the first line names the host */
		line(c, ++text);
}
