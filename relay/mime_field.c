#include "mime_field.h"

#include <string.h>
#include <strings.h>

static struct {
	char const *name;
	enum mime_field field;
} const fields[] = {
	{ "mime-version", MIME_FIELD_VERSION },
	{ "content-type", MIME_FIELD_TYPE },
	{ "content-transfer-encoding", MIME_FIELD_ENCODING },
};

static char const *const encodings[] = {
	[MIME_7BIT] = "7bit",
	[MIME_8BIT] = "8bit",
	[MIME_BINARY_ENCODING] = "binary",
	[MIME_QP] = "quoted-printable",
	[MIME_BASE64] = "base64",
	[MIME_X] = "",
	[MIME_UNKNOWN] = "",
};

struct reader {
	char const *p, *end;
};

struct word {
	char const *text;
	size_t len;
};

static int
is_blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r';
}

enum mime_field
mime_field_name(char const *line, size_t len, size_t *value)
{
	size_t name = 0, colon;

	while (name < len && line[name] > ' ' && line[name] <= '~' && line[name] != ':')
		name++;
	for (colon = name; colon < len && (line[colon] == ' ' || line[colon] == '\t');)
		colon++; /* RFC 5322 4.5 */
	if (!name || colon == len || line[colon] != ':')
		return MIME_FIELD_NONE;
	*value = colon + 1;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (strlen(fields[i].name) == name && !strncasecmp(line, fields[i].name, name))
			return fields[i].field;
	return MIME_FIELD_OTHER;
}

/* skip - blanks and comments (RFC 822 3.1.4). */
static void
skip(struct reader *r)
{
	size_t depth = 0;

	for (; r->p < r->end && (depth || is_blank(*r->p) || *r->p == '('); r->p++) {
		if (*r->p == '(')
			depth++;
		else if (*r->p == ')')
			depth--;
		else if (*r->p == '\\' && depth && r->p + 1 < r->end)
			r->p++;
	}
}

/* take - octets up to one of stop, a blank or the end. */
static struct word
take(struct reader *r, char const *stop)
{
	struct word w = { r->p, 0 };

	while (r->p < r->end && *r->p && !is_blank(*r->p) && !strchr(stop, *r->p))
		r->p++;
	w.len = (size_t)(r->p - w.text);
	return w;
}

static int
is(struct word w, char const *name)
{
	return w.len == strlen(name) && !strncasecmp(w.text, name, w.len);
}

static enum mime_kind
kind(struct word type, struct word subtype)
{
	if (!subtype.len || is(type, "text"))
		return MIME_TEXT;
	if (is(type, "multipart"))
		return MIME_MULTIPART;
	if (!is(type, "message") || is(subtype, "global"))
		return MIME_OTHER;
	return is(subtype, "rfc822") || is(subtype, "news") ? MIME_MESSAGE : MIME_REPORT;
}

/* parameter_value - copy it to boundary: its length, 0 if it is none that can be used. */
static size_t
parameter_value(struct reader *r, char boundary[MIME_BOUNDARY_MAX])
{
	int const quoted = r->p < r->end && *r->p == '"';
	size_t len = 0, over = 0;

	for (r->p += quoted; r->p < r->end; r->p++) {
		char ch = *r->p;

		if (quoted ? ch == '"' : ch == ';' || is_blank(ch))
			break;
		if (ch == '\\' && quoted && r->p + 1 < r->end)
			ch = *++r->p;
		if (len < MIME_BOUNDARY_MAX && ch >= ' ' && ch <= '~')
			boundary[len++] = ch;
		else
			over = 1;
	}
	r->p += quoted && r->p < r->end;
	while (len && boundary[len - 1] == ' ')
		len--;
	return over ? 0 : len;
}

void
mime_field_type(struct mime_type *type, char const *value, size_t len)
{
	struct reader r = { value, value + len };
	struct word name, subtype = { value, 0 };
	char unused[MIME_BOUNDARY_MAX];
	int found = 0;

	skip(&r);
	name = take(&r, "/;(");
	skip(&r);
	if (r.p < r.end && *r.p == '/') {
		r.p++;
		skip(&r);
		subtype = take(&r, ";(");
	}
	type->kind = kind(name, subtype);
	type->digest = type->kind == MIME_MULTIPART && is(subtype, "digest");
	type->len = 0;
	while ((r.p = memchr(r.p, ';', (size_t)(r.end - r.p)))) {
		r.p++;
		skip(&r);
		name = take(&r, "=;(");
		skip(&r);
		if (r.p == r.end || *r.p != '=')
			continue;
		r.p++;
		skip(&r);
		if (is(name, "boundary") && !found) {
			type->len = parameter_value(&r, type->boundary);
			found = 1;
		} else {
			parameter_value(&r, unused);
		}
	}
	if (type->kind == MIME_MULTIPART && !type->len)
		type->kind = MIME_TEXT;
}

enum mime_encoding
mime_field_encoding(char const *value, size_t len)
{
	struct reader r = { value, value + len };
	struct word w;

	skip(&r);
	w = take(&r, ";(");
	for (size_t i = MIME_7BIT; i <= MIME_BASE64; i++)
		if (is(w, encodings[i]))
			return (enum mime_encoding)i;
	if (!w.len)
		return MIME_7BIT;
	return w.len > 2 && !strncasecmp(w.text, "x-", 2) ? MIME_X : MIME_UNKNOWN;
}

char const *
mime_field_word(enum mime_encoding encoding)
{
	return encodings[encoding];
}
