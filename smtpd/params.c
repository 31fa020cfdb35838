#include "params.h"

#include <string.h>
#include <strings.h>

#include "utf8.h"

#define SIZE_DIGITS 20 /* RFC 1870 3 */

struct value {
	char const *s;
	size_t len;
	int given; /* there was a "=" */
	int utf8;  /* the transaction is SMTPUTF8 */
};

/* A parameter: its keyword, what its value may be, and whether case means nothing in it. */
struct keyword {
	char const *name;
	int (*check)(struct params *p, struct value const *v);
	int fold;
	unsigned int offered; /* known only then: enum params_offered */
};

static int
value_is(struct value const *v, char const *text)
{
	return v->given && v->len == strlen(text) && !strncasecmp(v->s, text, v->len);
}

static int
check_size(struct params *p, struct value const *v)
{
	uint64_t size = 0;

	if (!v->len || v->len > SIZE_DIGITS)
		return 0;
	for (size_t i = 0; i < v->len; i++) {
		uint64_t const digit = (uint64_t)(v->s[i] - '0');

		if (v->s[i] < '0' || v->s[i] > '9')
			return 0;
		size = size > (UINT64_MAX - digit) / 10 ? UINT64_MAX : size * 10 + digit;
	}
	p->size = size;
	p->has_size = 1;
	return 1;
}

static int
check_body(struct params *p, struct value const *v)
{
	p->body8 = value_is(v, "8BITMIME");
	return p->body8 || value_is(v, "7BIT");
}

static int
check_smtputf8(struct params *p, struct value const *v)
{
	p->smtputf8 = 1;
	return !v->given;
}

static int
check_ret(struct params *p, struct value const *v)
{
	(void)p;
	return value_is(v, "FULL") || value_is(v, "HDRS");
}

static int
is_hex(char ch)
{
	return (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'F');
}

/* is_escape - "+HH" for printable ASCII: a report can hold nothing else (RFC 3461 4.2, 4.4). */
static int
is_escape(char const *s, size_t len)
{
	return len > 2 && s[1] >= '2' && s[1] <= '7' && is_hex(s[2]) && memcmp(s, "+7F", 3);
}

/* is_xtext - RFC 3461 4, and with utf8 RFC 6533 3: printable, with "+" and "=" as +HH. */
static int
is_xtext(char const *s, size_t len, int utf8)
{
	for (size_t i = 0; i < len;) {
		size_t n = s[i] > ' ' && s[i] <= '~' && s[i] != '=';

		if (s[i] == '+')
			n = is_escape(s + i, len - i) ? 3 : 0;
		else if (utf8 && (unsigned char)s[i] > 0x7f)
			n = utf8_size(s + i, s + len);
		if (!n)
			return 0;
		i += n;
	}
	return 1;
}

static int
check_envid(struct params *p, struct value const *v)
{
	(void)p;
	return v->len && v->len <= PARAMS_ENVID_MAX && is_xtext(v->s, v->len, 0);
}

/* check_orcpt - an address type, ";", and the address in xtext. */
static int
check_orcpt(struct params *p, struct value const *v)
{
	char const *semicolon = v->len ? memchr(v->s, ';', v->len) : 0;
	size_t const type = semicolon ? (size_t)(semicolon - v->s) : 0;
	int const utf8 = v->utf8 && type == 5 && !strncasecmp(v->s, "utf-8", 5);

	(void)p;
	if (!type || type + 1 == v->len || v->len > PARAMS_ORCPT_MAX)
		return 0;
	for (size_t i = 0; i < type; i++)
		if (v->s[i] <= ' ' || v->s[i] > '~' || strchr("()<>@,:\\\"[].=+", v->s[i]))
			return 0;
	return is_xtext(semicolon + 1, v->len - type - 1, utf8);
}

/* check_notify - NEVER alone, or a list of the others, in any order and number. */
static int
check_notify(struct params *p, struct value const *v)
{
	static char const *const names[] = { "SUCCESS", "FAILURE", "DELAY" };
	size_t start = 0;

	(void)p;
	if (value_is(v, "NEVER"))
		return 1;
	if (!v->len)
		return 0;
	while (start <= v->len) {
		char const *comma = memchr(v->s + start, ',', v->len - start);
		size_t const end = comma ? (size_t)(comma - v->s) : v->len;
		struct value const item = { v->s + start, end - start, 1, 0 };
		int known = 0;

		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			known |= value_is(&item, names[i]);
		if (!known)
			return 0;
		start = end + 1;
	}
	return 1;
}

/* check_auth - "<>" or a mailbox in xtext (RFC 4954 5). */
static int
check_auth(struct params *p, struct value const *v)
{
	(void)p;
	return v->len && (value_is(v, "<>") || is_xtext(v->s, v->len, v->utf8));
}

static int
check_requiretls(struct params *p, struct value const *v)
{
	(void)p;
	return !v->given;
}

static struct keyword const mail_keywords[] = {
	{ "SIZE", check_size, 0, 0 },
	{ "BODY", check_body, 1, 0 },
	{ "SMTPUTF8", check_smtputf8, 0, 0 },
	{ "RET", check_ret, 1, 0 },
	{ "ENVID", check_envid, 0, 0 },
	{ "AUTH", check_auth, 0, PARAMS_AUTH },
	{ "REQUIRETLS", check_requiretls, 0, PARAMS_REQUIRETLS },
	{ 0, 0, 0, 0 },
};

static struct keyword const rcpt_keywords[] = {
	{ "NOTIFY", check_notify, 1, 0 },
	{ "ORCPT", check_orcpt, 0, 0 },
	{ 0, 0, 0, 0 },
};

/* add - keep one as a field: the keyword as in the table, the value folded where it may be. */
static int
add(struct params *p, struct keyword const *k, struct value const *v)
{
	size_t const name = strlen(k->name);
	char *to = p->fields + p->fieldslen;

	if (name + v->len + 2 > sizeof p->fields - p->fieldslen)
		return 0;
	memcpy(to, k->name, name);
	to += name;
	if (v->given)
		*to++ = '=';
	for (size_t i = 0; i < v->len; i++)
		*to++ = (char)(k->fold && v->s[i] >= 'a' && v->s[i] <= 'z' ? v->s[i] & ~0x20
									   : v->s[i]);
	*to++ = 0;
	p->fieldslen = (size_t)(to - p->fields);
	return 1;
}

/* What came, and what may come. */
struct seen {
	unsigned int bits;
	unsigned int offered;
	int utf8;
};

/* one - a parameter of len octets. */
static enum params_result
one(struct params *p, struct keyword const *k, char const *s, size_t len, struct seen *seen)
{
	char const *equals = memchr(s, '=', len);
	size_t const name = equals ? (size_t)(equals - s) : len;
	struct value const v = { equals ? equals + 1 : s + len, equals ? len - name - 1 : 0,
		equals != 0, seen->utf8 };
	unsigned int bit = 1;

	for (; k->name; k++, bit <<= 1) {
		if (name != strlen(k->name) || strncasecmp(s, k->name, name) ||
		    (k->offered & seen->offered) != k->offered)
			continue;
		if (seen->bits & bit || !k->check(p, &v) ||
		    (k->offered != PARAMS_AUTH && !add(p, k, &v)))
			return PARAMS_BAD;
		seen->bits |= bit;
		return PARAMS_OK;
	}
	return PARAMS_UNKNOWN;
}

static enum params_result
parse(struct params *p, struct keyword const *k, char const *s, size_t len, struct seen seen)
{
	size_t i = 0;

	p->fieldslen = 0;
	p->size = 0;
	p->has_size = p->smtputf8 = p->body8 = 0;
	if (len && *s != ' ')
		return PARAMS_BAD; /* something sticks to the path */
	while (i < len) {
		size_t start;
		enum params_result r;

		while (i < len && s[i] == ' ')
			i++;
		start = i;
		while (i < len && s[i] != ' ')
			i++;
		if (start == i)
			break;
		r = one(p, k, s + start, i - start, &seen);
		if (r != PARAMS_OK)
			return r;
	}
	return PARAMS_OK;
}

enum params_result
params_mail(struct params *p, char const *s, size_t len, unsigned int offered)
{
	return parse(p, mail_keywords, s, len, (struct seen){ 0, offered, 0 });
}

enum params_result
params_rcpt(struct params *p, char const *s, size_t len, int utf8)
{
	return parse(p, rcpt_keywords, s, len, (struct seen){ 0, 0, utf8 });
}
