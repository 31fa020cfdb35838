#include "letterhead.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "complete.h"
#include "mailboxes.h"

#define WORD_MAX 40 /* octets of a name in one encoded word, which holds 75 (RFC 2047 2) */

enum kind {
	KIND_OTHER,
	KIND_ADDRESSES,
	KIND_RCPTS,
	KIND_RESENT, /* recipients of who resent it */
};

static struct {
	char const *name;
	enum kind kind;
} const fields[] = {
	{ "From", KIND_ADDRESSES },
	{ "Sender", KIND_ADDRESSES },
	{ "Reply-To", KIND_ADDRESSES },
	{ "To", KIND_RCPTS },
	{ "Cc", KIND_RCPTS },
	{ "Bcc", KIND_RCPTS },
	{ "Resent-From", KIND_ADDRESSES },
	{ "Resent-Sender", KIND_ADDRESSES },
	{ "Resent-To", KIND_RESENT },
	{ "Resent-Cc", KIND_RESENT },
	{ "Resent-Bcc", KIND_RESENT },
};

/* One field: its name ends before the colon, its value is what is behind that. */
struct field {
	char const *start;
	size_t colon, len; /* of all its lines */
	enum kind kind;
};

static size_t
line_len(char const *text, size_t len)
{
	char const *const lf = memchr(text, '\n', len);

	return lf ? (size_t)(lf - text) + 1 : len;
}

/* colon_of - offset of the colon behind a field's name; 0: the line is no field (complete.h). */
static size_t
colon_of(char const *line, size_t len)
{
	size_t n = 0, end;

	while (n < len && line[n] > ' ' && line[n] < 127 && line[n] != ':')
		n++;
	end = n;
	while (end < len && (line[end] == ' ' || line[end] == '\t'))
		end++;
	return n && end < len && end < COMPLETE_NAME_MAX && line[end] == ':' ? end : 0;
}

/* is_mbox - "From …", which some programs begin with. */
static int
is_mbox(char const *text, size_t len, size_t pos)
{
	return !pos && len >= 5 && !memcmp(text, "From ", 5) && !colon_of(text, len);
}

size_t
letterhead_end(char const *text, size_t len)
{
	size_t pos = 0;

	while (pos < len) {
		size_t const n = line_len(text + pos, len - pos);
		int const whole = text[pos + n - 1] == '\n';

		if (text[pos] == '\n')
			return pos;
		if (!((text[pos] == ' ' || text[pos] == '\t') && pos) && !colon_of(text + pos, n) &&
		    !is_mbox(text, len, pos))
			return whole ? pos : len + 1;
		if (!whole)
			break;
		pos += n;
	}
	return len + 1;
}

static enum kind
kind_of(char const *name, size_t len)
{
	while (len && (name[len - 1] == ' ' || name[len - 1] == '\t'))
		len--;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (strlen(fields[i].name) == len && !strncasecmp(fields[i].name, name, len))
			return fields[i].kind;
	return KIND_OTHER;
}

/* next_field - 1, or 0: there is none. Lines before the first are of kind OTHER. */
static int
next_field(char const *text, size_t len, size_t *pos, struct field *f)
{
	if (*pos >= len)
		return 0;
	f->start = text + *pos;
	f->len = line_len(f->start, len - *pos);
	f->colon = colon_of(f->start, f->len);
	f->kind = f->colon ? kind_of(f->start, f->colon) : KIND_OTHER;
	while (*pos + f->len < len && (f->start[f->len] == ' ' || f->start[f->len] == '\t'))
		f->len += line_len(f->start + f->len, len - *pos - f->len);
	*pos += f->len;
	return 1;
}

int
letterhead_list(stralloc *list, char const *text, size_t len)
{
	struct mailbox m;
	size_t pos = 0;
	int r;

	while ((r = mailboxes_next(text, len, &pos, &m)) == 1)
		if (!stralloc_catb(list, m.spec, m.len + 1))
			return -1;
	return r == 0;
}

int
letterhead_rcpts(stralloc *list, char const *text, size_t len, char const **field)
{
	enum kind wanted = KIND_RCPTS;
	struct field f;
	size_t pos = 0;

	while (next_field(text, len, &pos, &f))
		if (f.kind == KIND_RESENT)
			wanted = KIND_RESENT;
	pos = 0;
	while (next_field(text, len, &pos, &f)) {
		int r;

		if (f.kind != wanted)
			continue;
		r = letterhead_list(list, f.start + f.colon + 1, f.len - f.colon - 1);
		if (r != 1) {
			*field = f.start;
			return r;
		}
	}
	return 1;
}

/* qualify - one field's value. */
static int
qualify(stralloc *to, char const *text, size_t len, char const *domain)
{
	size_t const start = to->len;
	struct mailbox m;
	size_t pos = 0, copied = 0;
	int r;

	while ((r = mailboxes_next(text, len, &pos, &m)) == 1) {
		if (m.qualified)
			continue;
		if (!stralloc_catb(to, text + copied, m.end - copied) || !stralloc_cats(to, "@") ||
		    !stralloc_cats(to, domain))
			return 0;
		copied = m.end;
	}
	if (r == -1) {
		to->len = start;
		copied = 0;
	}
	return stralloc_catb(to, text + copied, len - copied);
}

int
letterhead_qualify(stralloc *to, char const *text, size_t len, char const *domain)
{
	struct field f;
	size_t pos = 0;

	while (next_field(text, len, &pos, &f)) {
		size_t const name = f.kind == KIND_OTHER ? f.len : f.colon + 1;

		if (!stralloc_catb(to, f.start, name) ||
		    (name < f.len && !qualify(to, f.start + name, f.len - name, domain)))
			return 0;
	}
	return 1;
}

/* --- From --- */

static int
is_atext(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static int
is_plain(char const *name)
{
	while (is_atext(*name) || *name == ' ')
		name++;
	return !*name;
}

static int
is_ascii(char const *name)
{
	while (*name && (unsigned char)*name < 127)
		name++;
	return !*name;
}

/* encode - in encoded words, none of which cuts a character, if these are of UTF-8. */
static int
encode(stralloc *to, char const *name)
{
	size_t const some = WORD_MAX / 3;
	char hex[4];
	size_t n = 0;

	if (!stralloc_cats(to, "=?utf-8?q?"))
		return 0;
	for (; *name; name++, n++) {
		unsigned char const c = (unsigned char)*name;

		if (n > some && ((c & 0xc0) != 0x80 || n > some + 3)) {
			if (!stralloc_cats(to, "?=\n =?utf-8?q?"))
				return 0;
			n = 0;
		}
		snprintf(hex, sizeof hex, "=%02X", c);
		if (!stralloc_cats(to, hex))
			return 0;
	}
	return stralloc_cats(to, "?=");
}

static int
quote(stralloc *to, char const *name)
{
	int ok = stralloc_cats(to, "\"");

	for (; *name && ok; name++) {
		char const c = *name < ' ' ? ' ' : *name;

		ok = (!strchr("\"\\", c) || stralloc_catb(to, "\\", 1)) && stralloc_catb(to, &c, 1);
	}
	return ok && stralloc_cats(to, "\"");
}

int
letterhead_from(stralloc *to, char const *name, char const *address)
{
	if (!name || !*name)
		return stralloc_cats(to, address);
	return (is_plain(name)      ? stralloc_cats(to, name)
		   : is_ascii(name) ? quote(to, name)
				    : encode(to, name)) &&
	       stralloc_cats(to, " <") && stralloc_cats(to, address) && stralloc_cats(to, ">");
}
