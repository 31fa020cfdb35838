#include "letter.h"

#include <string.h>
#include <strings.h>

#include "address.h"

#define DOUBLE_BOUNCE "#@[]" /* qmail's sender of a bounce's bounce */

char const *
letter_text(struct letter const *l, size_t at)
{
	return l->text.s + at;
}

/* is_param - printable without blanks, so that it is one word of a command. */
static int
is_param(char const *s, size_t len)
{
	if (!len || len >= STREAM_FRAME_MAX)
		return 0;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] <= ' ' || s[i] == 0x7f)
			return 0;
	return 1;
}

static int
add(struct letter *l, char const *s, size_t len)
{
	return stralloc_catb(&l->text, s, len) && stralloc_0(&l->text);
}

static enum letter_result
add_params(struct letter *l, struct letter_path *p, struct frame const *f, size_t pos)
{
	char const *field;
	size_t len;

	p->params = l->text.len;
	while ((field = stream_field(f, &pos, &len))) {
		if (!is_param(field, len))
			return LETTER_BAD_PARAM;
		if (!add(l, field, len))
			return LETTER_NOMEM;
	}
	p->end = l->text.len;
	return LETTER_OK;
}

/* add_path - address and parameters of a frame. */
static enum letter_result
add_path(struct letter *l, struct letter_path *p, struct frame const *f, unsigned int flags)
{
	struct address a;
	size_t pos = 0, len = 0;
	char const *field = stream_field(f, &pos, &len);

	if (f->len + 2 > LETTER_MAX - l->text.len)
		return LETTER_TOO_MUCH;
	if (!field)
		field = "";
	if (flags & ADDRESS_NULL_OK && len == strlen(DOUBLE_BOUNCE) &&
	    !memcmp(field, DOUBLE_BOUNCE, len))
		len = 0;
	if (!len) {
		if (!(flags & ADDRESS_NULL_OK))
			return LETTER_BAD_ADDRESS;
		a.len = 0;
		a.utf8 = 0;
	} else if (address_parse(&a, field, len, flags | ADDRESS_UTF8_OK) != ADDRESS_OK) {
		return LETTER_BAD_ADDRESS;
	}
	p->at = l->text.len;
	p->utf8 = a.utf8;
	if (!add(l, a.text, a.len))
		return LETTER_NOMEM;
	return add_params(l, p, f, pos);
}

/* decimal - SIZE's value; one that is no number is as good as none. */
static uint64_t
decimal(char const *s)
{
	uint64_t n = 0;

	for (; *s; s++) {
		if (*s < '0' || *s > '9' || n > UINT64_MAX / 100)
			return 0;
		n = n * 10 + (uint64_t)(*s - '0');
	}
	return n;
}

static void
note_param(struct letter *l, char const *s)
{
	if (!strcasecmp(s, "SMTPUTF8"))
		l->smtputf8 = 1;
	else if (!strcasecmp(s, "REQUIRETLS"))
		l->requiretls = 1;
	else if (!strcasecmp(s, "BODY=8BITMIME"))
		l->eight = 1;
	else if (!strncasecmp(s, "SIZE=", 5))
		l->size = decimal(s + 5);
}

enum letter_result
letter_mail(struct letter *l, struct frame const *f)
{
	enum letter_result r;

	l->text.len = 0;
	l->rcpts = 0;
	l->smtputf8 = l->requiretls = l->eight = 0;
	l->size = 0;
	r = add_path(l, &l->sender, f, ADDRESS_NULL_OK | ADDRESS_NO_DOMAIN_OK);
	if (r != LETTER_OK)
		return r;
	for (size_t at = l->sender.params; at < l->sender.end; at += strlen(l->text.s + at) + 1)
		note_param(l, l->text.s + at);
	return LETTER_OK;
}

enum letter_result
letter_rcpt(struct letter *l, struct frame const *f)
{
	size_t const len = l->text.len;
	enum letter_result r;

	if (l->rcpts == LETTER_RCPTS_MAX)
		return LETTER_TOO_MUCH;
	r = add_path(l, &l->rcpt[l->rcpts], f, ADDRESS_NO_DOMAIN_OK | ADDRESS_POSTMASTER_OK);
	if (r == LETTER_OK)
		l->rcpts++;
	else
		l->text.len = len;
	return r;
}
