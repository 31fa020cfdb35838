#include "sts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "address.h"

#define MAGIC "sallyport-sts 1\n"

/* A piece of text: s[0..len). */
struct piece {
	char const *s;
	size_t len;
};

static int
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct piece
trim(struct piece p)
{
	while (p.len && is_blank(p.s[0])) {
		p.s++;
		p.len--;
	}
	while (p.len && is_blank(p.s[p.len - 1]))
		p.len--;
	return p;
}

static int
is(struct piece p, char const *text)
{
	return p.len == strlen(text) && !memcmp(p.s, text, p.len);
}

/* cut - what is before the first of a separator goes to *part, and leaves *rest. 0 at the end. */
static int
cut(struct piece *rest, char separator, struct piece *part)
{
	char const *end;

	if (!rest->len)
		return 0;
	end = memchr(rest->s, separator, rest->len);
	*part = *rest;
	if (end)
		part->len = (size_t)(end - rest->s);
	rest->s += part->len + (end != 0);
	rest->len -= part->len + (end != 0);
	return 1;
}

/* split - a field at its separator: name and value, without the blanks around them. */
static int
split(struct piece field, char separator, struct piece *name, struct piece *value)
{
	char const *at = memchr(field.s, separator, field.len);

	if (!at)
		return 0;
	*name = trim((struct piece){ field.s, (size_t)(at - field.s) });
	*value = trim((struct piece){ at + 1, field.len - (size_t)(at - field.s) - 1 });
	return 1;
}

/* number - decimal digits, at most 10 of them. */
static int
number(struct piece p, uint64_t *n)
{
	*n = 0;
	if (!p.len || p.len > 10)
		return 0;
	for (size_t i = 0; i < p.len; i++) {
		if (!isdigit((unsigned char)p.s[i]))
			return 0;
		*n = *n * 10 + (uint64_t)(p.s[i] - '0');
	}
	return 1;
}

int
sts_domain_is_valid(char const *domain)
{
	size_t const len = strnlen(domain, STS_DOMAIN_MAX);
	size_t label = 0;
	int dots = 0;

	if (!len || len >= STS_DOMAIN_MAX)
		return 0;
	for (size_t i = 0; i < len; i++) {
		char const c = domain[i];

		if (c == '.') {
			if (!label)
				return 0;
			label = 0;
			dots++;
		} else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
			   c == '_') {
			if (++label > 63)
				return 0;
		} else {
			return 0;
		}
	}
	return label && dots;
}

/* ---- the TXT record */

static int
take_id(char id[STS_ID_MAX], struct piece p)
{
	if (!p.len || p.len >= STS_ID_MAX)
		return 0;
	for (size_t i = 0; i < p.len; i++)
		if (!isalnum((unsigned char)p.s[i]))
			return 0;
	memcpy(id, p.s, p.len);
	id[p.len] = 0;
	return 1;
}

int
sts_record(char id[STS_ID_MAX], char const *text, size_t len)
{
	struct piece rest = { text, len }, field, name, value;
	int found = 0;

	id[0] = 0;
	if (!cut(&rest, ';', &field) || !split(field, '=', &name, &value) || !is(name, "v") ||
	    !is(value, "STSv1"))
		return 0;
	while (cut(&rest, ';', &field)) {
		if (!trim(field).len)
			continue;
		if (!split(field, '=', &name, &value))
			return -1;
		if (!is(name, "id"))
			continue;
		if (found || !take_id(id, value))
			return -1;
		found = 1;
	}
	return found ? 1 : -1;
}

/* ---- the policy */

/* add_pattern - one mx field: 1, or 0 if it is no host and no *.host; what is too much is left out.
 */
static int
add_pattern(struct sts_policy *p, struct piece value)
{
	int const star = value.len > 2 && value.s[0] == '*' && value.s[1] == '.';
	size_t const skip = star ? 2 : 0;

	if (value.len && value.s[value.len - 1] == '.')
		value.len--;
	if (value.len <= skip || value.len >= STS_DOMAIN_MAX ||
	    !address_domain_is_valid(value.s + skip, value.len - skip, 0, 0))
		return 0;
	if (value.len + 1 > sizeof p->patterns - p->patternslen)
		return 1;
	for (size_t i = 0; i < value.len; i++)
		p->patterns[p->patternslen++] = (char)tolower((unsigned char)value.s[i]);
	p->patterns[p->patternslen++] = 0;
	return 1;
}

static int
mode_of(struct piece value, enum sts_mode *mode)
{
	if (is(value, "enforce"))
		*mode = STS_ENFORCE;
	else if (is(value, "testing"))
		*mode = STS_TESTING;
	else if (is(value, "none"))
		*mode = STS_NONE;
	else
		return 0;
	return 1;
}

/* Which fields were there: of each but mx the first counts (RFC 8461 3.2). */
struct seen {
	int version, mode, max_age;
};

static int
take_field(struct sts_policy *p, struct seen *seen, struct piece name, struct piece value)
{
	uint64_t age;

	if (is(name, "version"))
		return seen->version++ || is(value, "STSv1");
	if (is(name, "mode"))
		return seen->mode++ || mode_of(value, &p->mode);
	if (is(name, "mx"))
		return add_pattern(p, value);
	if (!is(name, "max_age") || seen->max_age++)
		return 1;
	if (!number(value, &age))
		return 0;
	p->max_age = (uint32_t)(age > STS_AGE_MAX ? STS_AGE_MAX : age);
	return 1;
}

int
sts_policy(struct sts_policy *p, char const *text, size_t len)
{
	struct piece rest = { text, len }, line, name, value;
	struct seen seen = { 0 };

	p->mode = STS_NONE;
	p->max_age = 0;
	p->patternslen = 0;
	if (len > STS_POLICY_MAX)
		return 0;
	while (cut(&rest, '\n', &line)) {
		if (line.len && line.s[line.len - 1] == '\r')
			line.len--;
		if (!trim(line).len)
			continue;
		if (!split(line, ':', &name, &value) || !take_field(p, &seen, name, value))
			return 0;
	}
	return seen.version && seen.mode && seen.max_age && (p->mode == STS_NONE || p->patternslen);
}

int
sts_matches(struct sts_policy const *p, char const *host)
{
	char const *const dot = strchr(host, '.');

	for (size_t i = 0; i < p->patternslen; i += strlen(p->patterns + i) + 1) {
		char const *const pattern = p->patterns + i;

		if (*pattern != '*' ? !strcmp(pattern, host)
				    : dot && dot != host && !strcmp(pattern + 1, dot))
			return 1;
	}
	return 0;
}

/* ---- the file */

size_t
sts_file_write(char *to, struct sts_file const *f)
{
	int n;

	if (f->policylen > STS_POLICY_MAX)
		return 0;
	n = snprintf(to, STS_FILE_MAX, MAGIC "id=%s\nfetched=%llu\ntried=%llu\n\n", f->id,
	    (unsigned long long)f->fetched, (unsigned long long)f->tried);
	if (n < 0 || (size_t)n > STS_FILE_MAX - STS_POLICY_MAX)
		return 0;
	if (f->policylen)
		memcpy(to + n, f->policy, f->policylen);
	return (size_t)n + f->policylen;
}

int
sts_file_read(struct sts_file *f, char const *text, size_t len)
{
	struct piece rest = { text, len }, line, name, value;

	memset(f, 0, sizeof *f);
	if (len > STS_FILE_MAX || len < sizeof MAGIC - 1 || memcmp(text, MAGIC, sizeof MAGIC - 1))
		return 0;
	rest.s += sizeof MAGIC - 1;
	rest.len -= sizeof MAGIC - 1;
	while (cut(&rest, '\n', &line)) {
		if (!line.len) {
			f->policy = rest.s;
			f->policylen = rest.len;
			return rest.len <= STS_POLICY_MAX;
		}
		if (!split(line, '=', &name, &value) ||
		    (is(name, "id") && value.len && !take_id(f->id, value)) ||
		    (is(name, "fetched") && !number(value, &f->fetched)) ||
		    (is(name, "tried") && !number(value, &f->tried)))
			return 0;
	}
	return 0;
}

int
sts_file_is_valid(struct sts_file const *f, uint64_t now, struct sts_policy *p)
{
	return f->policylen && f->fetched && f->fetched <= now &&
	       sts_policy(p, f->policy, f->policylen) && now - f->fetched < p->max_age;
}

/* ---- the request */

size_t
sts_request_write(char *to, char const *domain, char const *id)
{
	size_t const d = strnlen(domain, STS_DOMAIN_MAX - 1);
	size_t const i = strnlen(id, STS_ID_MAX - 1);

	memcpy(to, domain, d);
	to[d] = 0;
	memcpy(to + d + 1, id, i);
	to[d + 1 + i] = 0;
	return d + i + 2;
}

int
sts_request_read(char const *from, size_t len, char domain[STS_DOMAIN_MAX], char id[STS_ID_MAX])
{
	size_t const d = strnlen(from, len);
	size_t i;

	if (d >= len || d >= STS_DOMAIN_MAX)
		return 0;
	i = strnlen(from + d + 1, len - d - 1);
	if (d + i + 2 != len || i >= STS_ID_MAX)
		return 0;
	memcpy(domain, from, d + 1);
	id[0] = 0;
	return sts_domain_is_valid(domain) &&
	       (!i || take_id(id, (struct piece){ from + d + 1, i }));
}
