#include "address.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "utf8.h"

#define LABEL_MAX   63 /* octets of an ASCII label; RFC 1035 2.3.4 */
#define LITERAL_MAX 64 /* octets of an address literal that can be right, brackets included */

/* What is read: p moves towards end. */
struct scan {
	char const *p, *end;
};

static int
next_is(struct scan const *c, char what)
{
	return c->p < c->end && *c->p == what;
}

static int
take(struct scan *c, char what)
{
	if (!next_is(c, what))
		return 0;
	c->p++;
	return 1;
}

static int
is_letdig(unsigned char ch)
{
	return (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z');
}

static int
is_atext(unsigned char ch)
{
	return is_letdig(ch) || (ch && strchr("!#$%&'*+-/=?^_`{|}~", ch));
}

/* A local-part without its quotes. */
struct local {
	char text[ADDRESS_LOCAL_MAX];
	size_t len;
	int utf8;
};

/* keep - add n octets; 0 if they are too many. */
static int
keep(struct local *to, char const *from, size_t n)
{
	if (n > sizeof to->text - to->len)
		return 0;
	memcpy(to->text + to->len, from, n);
	to->len += n;
	return 1;
}

/* keep_utf8 - the UTF-8 character in front; it must be allowed, valid and not too much. */
static enum address_result
keep_utf8(struct local *to, struct scan *c, unsigned int flags)
{
	size_t n = flags & ADDRESS_UTF8_OK ? utf8_size(c->p, c->end) : 0;

	if (!n)
		return ADDRESS_BAD;
	if (!keep(to, c->p, n))
		return ADDRESS_TOO_LONG;
	c->p += n;
	to->utf8 = 1;
	return ADDRESS_OK;
}

/* quoted_string - RFC 5321 4.1.2; the opening quote is taken. */
static enum address_result
quoted_string(struct local *to, struct scan *c, unsigned int flags)
{
	while (!take(c, '"')) {
		enum address_result r;
		int pair = take(c, '\\');

		if (c->p == c->end)
			return ADDRESS_BAD;
		if ((unsigned char)*c->p > 0x7f && !pair) {
			r = keep_utf8(to, c, flags);
			if (r != ADDRESS_OK)
				return r;
			continue;
		}
		if (*c->p < ' ' || *c->p > '~')
			return ADDRESS_BAD;
		if (!keep(to, c->p++, 1))
			return ADDRESS_TOO_LONG;
	}
	return ADDRESS_OK;
}

static enum address_result
atom(struct local *to, struct scan *c, unsigned int flags)
{
	size_t const before = to->len;

	while (c->p < c->end) {
		if ((unsigned char)*c->p > 0x7f) {
			enum address_result r = keep_utf8(to, c, flags);

			if (r != ADDRESS_OK)
				return r;
		} else if (!is_atext((unsigned char)*c->p)) {
			break;
		} else if (!keep(to, c->p++, 1)) {
			return ADDRESS_TOO_LONG;
		}
	}
	return to->len > before ? ADDRESS_OK : ADDRESS_BAD;
}

/* dot_string - Atom *("." Atom). */
static enum address_result
dot_string(struct local *to, struct scan *c, unsigned int flags)
{
	enum address_result r;

	while ((r = atom(to, c, flags)) == ADDRESS_OK && take(c, '.'))
		if (!keep(to, ".", 1))
			return ADDRESS_TOO_LONG;
	return r;
}

static enum address_result
local_part(struct local *to, struct scan *c, unsigned int flags)
{
	to->len = 0;
	to->utf8 = 0;
	return take(c, '"') ? quoted_string(to, c, flags) : dot_string(to, c, flags);
}

static int
is_dot_string(struct local const *l)
{
	struct scan c = { l->text, l->text + l->len };
	struct local copy = { .len = 0 };

	return dot_string(&copy, &c, ADDRESS_UTF8_OK) == ADDRESS_OK && c.p == c.end;
}

/* add_local - the local-part in canonical form, at the start of a. */
static enum address_result
add_local(struct address *a, struct local const *l)
{
	int const quote = !is_dot_string(l);
	size_t n = 0;

	if (quote)
		a->text[n++] = '"';
	for (size_t i = 0; i < l->len; i++) {
		if (n > ADDRESS_LOCAL_MAX - 3)
			return ADDRESS_TOO_LONG;
		if (quote && (l->text[i] == '"' || l->text[i] == '\\'))
			a->text[n++] = '\\';
		a->text[n++] = l->text[i];
	}
	if (quote)
		a->text[n++] = '"';
	a->len = n;
	a->utf8 |= l->utf8;
	return ADDRESS_OK;
}

/*
 * host_size - octets of the host name in front (RFC 5321 4.1.2 Domain, RFC 6531 3.3);
 * 0 if there is none. Stops before the first octet that cannot be part of one; the
 * caller knows what may follow.
 */
static size_t
host_size(struct scan const *c, unsigned int flags, int *utf8)
{
	char const *p = c->p;
	char const *label = p;

	for (; p < c->end; p++) {
		unsigned char const ch = (unsigned char)*p;

		if (ch > 0x7f) {
			size_t n = flags & ADDRESS_UTF8_OK ? utf8_size(p, c->end) : 0;

			if (!n)
				return 0;
			p += n - 1;
			*utf8 = 1;
		} else if (ch == '.') {
			if (p == label || p[-1] == '-')
				return 0;
			label = p + 1;
		} else if (ch == '-' ? p == label : !is_letdig(ch)) {
			break;
		}
		if (p - label >= LABEL_MAX && !*utf8)
			return 0;
	}
	return p == label || p[-1] == '-' ? 0 : (size_t)(p - c->p);
}

/* ipv4 - Snum 3("." Snum), as four octets; 1, or 0. Leading zeros are decimal here. */
static int
ipv4(unsigned char to[4], struct scan c)
{
	for (int i = 0; i < 4; i++) {
		unsigned int value = 0;
		size_t digits = 0;

		if (i && !take(&c, '.'))
			return 0;
		while (c.p < c.end && *c.p >= '0' && *c.p <= '9' && digits++ < 3)
			value = value * 10 + (unsigned int)(*c.p++ - '0');
		if (!digits || value > 255)
			return 0;
		to[i] = (unsigned char)value;
	}
	return c.p == c.end;
}

/*
 * literal - the address literal in front, "[" already seen but not taken; to is
 * LITERAL_MAX octets and gets it in canonical form. No tag but IPv6 is registered.
 * Returns its length there, and moves c; 0 if it is none.
 */
static size_t
literal(char *to, struct scan *c)
{
	char text[LITERAL_MAX];
	unsigned char ip[16];
	char const *end = memchr(c->p, ']', (size_t)(c->end - c->p));
	struct scan inside = { c->p + 1, end };
	size_t len = end ? (size_t)(end - inside.p) : 0;
	int const six = len > 5 && !strncasecmp(inside.p, "IPv6:", 5);

	if (!end || len >= sizeof text - 1)
		return 0;
	if (six) {
		memcpy(text, inside.p + 5, len - 5);
		text[len - 5] = 0;
		if (strlen(text) != len - 5 || inet_pton(AF_INET6, text, ip) != 1)
			return 0;
	} else if (!ipv4(ip, inside)) {
		return 0;
	}
	memcpy(to, six ? "[IPv6:" : "[", six ? 6 : 1);
	if (!inet_ntop(six ? AF_INET6 : AF_INET, ip, to + (six ? 6 : 1), LITERAL_MAX - 7))
		return 0;
	c->p = end + 1;
	len = strlen(to);
	to[len++] = ']';
	return len;
}

/* add_domain - the domain in front, behind the local-part and its @. */
static enum address_result
add_domain(struct address *a, struct scan *c, unsigned int flags)
{
	char *to = a->text + a->len;
	size_t n;

	if (next_is(c, '[')) {
		n = literal(to, c);
		if (!n)
			return ADDRESS_BAD;
	} else {
		n = host_size(c, flags, &a->utf8);
		if (!n)
			return ADDRESS_BAD;
		if (n > ADDRESS_DOMAIN_MAX)
			return ADDRESS_TOO_LONG;
		for (size_t i = 0; i < n; i++) {
			char const ch = c->p[i];

			to[i] = (char)(ch >= 'A' && ch <= 'Z' ? ch | 0x20 : ch);
		}
		c->p += n;
	}
	a->len += n;
	return ADDRESS_OK;
}

static int
is_postmaster(struct address const *a)
{
	return a->len == 10 && !strncasecmp(a->text, "postmaster", 10);
}

/* mailbox - the mailbox in front. */
static enum address_result
mailbox(struct address *a, struct scan *c, unsigned int flags)
{
	struct local l;
	enum address_result r = local_part(&l, c, flags);

	if (r == ADDRESS_OK)
		r = add_local(a, &l);
	if (r != ADDRESS_OK)
		return r;
	a->at = a->len;
	if (take(c, '@')) {
		a->text[a->len++] = '@';
		return add_domain(a, c, flags);
	}
	if (flags & ADDRESS_POSTMASTER_OK && is_postmaster(a))
		memcpy(a->text, "postmaster", 10);
	else if (!(flags & ADDRESS_NO_DOMAIN_OK))
		return ADDRESS_BAD;
	return ADDRESS_OK;
}

/* drop_route - take "@a,@b:" if a source route is in front; 0 if it is malformed. */
static int
drop_route(struct scan *c, unsigned int flags)
{
	if (!next_is(c, '@'))
		return 1;
	do {
		int utf8 = 0;
		size_t n;

		if (!take(c, '@'))
			return 0;
		n = host_size(c, flags, &utf8);
		if (!n)
			return 0;
		c->p += n;
	} while (take(c, ','));
	return take(c, ':');
}

static void
clear(struct address *a)
{
	a->text[0] = 0;
	a->len = a->at = 0;
	a->utf8 = 0;
}

/* in_brackets - what is between < and >; the first is taken. */
static enum address_result
in_brackets(struct address *a, struct scan *c, unsigned int flags)
{
	enum address_result r;

	if (flags & ADDRESS_NULL_OK && take(c, '>'))
		return ADDRESS_OK;
	if (!drop_route(c, flags))
		return ADDRESS_BAD;
	r = mailbox(a, c, flags);
	if (r == ADDRESS_OK && !take(c, '>'))
		return ADDRESS_BAD;
	return r;
}

enum address_result
address_parse_path(struct address *a, char const *s, size_t len, unsigned int flags, size_t *used)
{
	struct scan c = { s, s + len };
	enum address_result r = ADDRESS_BAD;

	clear(a);
	if (take(&c, '<'))
		r = in_brackets(a, &c, flags);
	else if (flags & ADDRESS_NO_BRACKETS_OK)
		r = mailbox(a, &c, flags);
	if (r != ADDRESS_OK) {
		clear(a);
		*used = 0;
		return r;
	}
	a->text[a->len] = 0;
	*used = (size_t)(c.p - s);
	return ADDRESS_OK;
}

enum address_result
address_parse(struct address *a, char const *s, size_t len, unsigned int flags)
{
	size_t used;
	enum address_result r;

	clear(a);
	if (!len)
		return flags & ADDRESS_NULL_OK ? ADDRESS_OK : ADDRESS_BAD;
	if (*s == '<')
		return ADDRESS_BAD;
	r = address_parse_path(a, s, len, flags | ADDRESS_NO_BRACKETS_OK, &used);
	if (r == ADDRESS_OK && used != len) {
		clear(a);
		return ADDRESS_BAD;
	}
	return r;
}

size_t
address_local(struct address const *a, char *to)
{
	size_t n = 0;
	size_t i = 0;
	size_t end = a->at;

	if (end > 1 && a->text[0] == '"')
		i++, end--;
	while (i < end && n < ADDRESS_LOCAL_MAX) {
		if (a->text[0] == '"' && a->text[i] == '\\' && i + 1 < end)
			i++;
		to[n++] = a->text[i++];
	}
	return n;
}

int
address_domain_is_valid(char const *s, size_t len, int literal_ok, int utf8_ok)
{
	char text[LITERAL_MAX];
	struct scan c = { s, s + len };
	int utf8 = 0;

	if (len && *s == '[')
		return literal_ok && literal(text, &c) && c.p == c.end;
	return len && len <= ADDRESS_DOMAIN_MAX &&
	       host_size(&c, utf8_ok ? ADDRESS_UTF8_OK : 0, &utf8) == len;
}
