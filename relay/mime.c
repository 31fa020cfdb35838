#include "mime.h"

#include <string.h>

#include "mime_field.h"

#define DASHES       2   /* octets before a boundary, and behind the last */
#define NAME_MAX_LEN 500 /* octets of a field's name and colon: it is never folded there */
#define INSIDE_BITS  4   /* of a message's octet in a plan: what is somewhere in it */

static void
put(struct mime *m, char const *text, size_t len)
{
	if (m->out)
		memcpy(m->out + m->outlen, text, len);
	m->outlen += m->out ? len : 0;
}

static void
puts_to(struct mime *m, char const *text)
{
	put(m, text, strlen(text));
}

/* is_planned - whether the plan knows this part. */
static int
is_planned(struct mime const *m, size_t part)
{
	return m->plan && part < MIME_PLAN_MAX;
}

static int
is_touched(struct mime const *m, size_t part)
{
	return !m->survey && (!is_planned(m, part) || (m->plan->part[part] & m->remove));
}

/* note - survey: this part needs something. */
static void
note(struct mime *m, unsigned int needs)
{
	if (!m->survey || !needs)
		return;
	if (m->part < MIME_PLAN_MAX)
		m->survey->part[m->part] |= (unsigned char)needs;
	if (m->message < MIME_PLAN_MAX)
		m->survey->part[m->message] |= (unsigned char)(needs << INSIDE_BITS);
}

/* begin_part - its header comes. */
static void
begin_part(struct mime *m, int is_message)
{
	m->part = m->parts++;
	if (is_message) {
		m->message = m->part;
		m->digested = 0;
	}
	m->is_message = is_message;
	m->in_body = 0;
	m->touched = is_touched(m, m->part);
	m->has = 0;
	m->field = MIME_FIELD_NONE;
	m->typelen = 0;
	m->encodinglen = 0;
}

static void
begin(struct mime *m)
{
	m->out = 0;
	m->outlen = 0;
	m->linelen = 0;
	m->begun = 0;
	m->parts = 0;
	m->depth = 0;
	begin_part(m, 1);
}

void
mime_survey(struct mime *m, struct mime_plan *plan)
{
	memset(plan, 0, sizeof *plan);
	m->survey = plan;
	m->plan = 0;
	m->remove = 0;
	begin(m);
}

void
mime_convert(struct mime *m, struct mime_plan const *plan, unsigned int remove)
{
	m->survey = 0;
	m->plan = plan;
	m->remove = remove | MIME_LONG;
	begin(m);
}

static void
begin_body(struct mime *m, enum transfer_how how)
{
	m->in_body = 1;
	transfer_init(&m->transfer, m->touched ? how : TRANSFER_PASS);
}

/* leaf - how the content of a part that is not descended into is written. */
static enum transfer_how
leaf(struct mime const *m, enum mime_kind kind, enum mime_encoding encoding)
{
	if (!m->touched)
		return TRANSFER_PASS;
	if (encoding == MIME_QP)
		return TRANSFER_MEND_QP;
	if (encoding == MIME_BASE64)
		return TRANSFER_MEND_BASE64;
	if (!is_planned(m, m->part) && (kind == MIME_REPORT || encoding == MIME_X))
		return TRANSFER_BLUNT; /* they ought to be 7bit: do not encode on suspicion */
	return kind == MIME_OTHER ? TRANSFER_BASE64 : TRANSFER_QP;
}

/* container - what a multipart or a message says that its parts are; null as it was. */
static char const *
container(struct mime const *m, enum mime_encoding encoding)
{
	if (encoding != MIME_8BIT && encoding != MIME_BINARY_ENCODING)
		return 0;
	if (m->remove & MIME_EIGHT)
		return "7bit";
	return m->remove & MIME_BINARY ? "8bit" : 0;
}

/* is_changed - whether anything in this message becomes other than its header says. */
static int
is_changed(struct mime const *m, int descend, char const *word)
{
	if (m->survey)
		return 0;
	if (word)
		return 1;
	if (!is_planned(m, m->part))
		return descend;
	return ((m->plan->part[m->part] >> INSIDE_BITS) & m->remove) != 0;
}

/*
 * write_fields - the header's own lines are written, but for a Content-Transfer-Encoding
 * that was kept back. word: what that is now, null as it was.
 */
static int
write_fields(struct mime *m, int descend, char const *word)
{
	unsigned int const needs = is_planned(m, m->part) ? m->plan->part[m->part] : m->remove;
	int wrote = 0;

	if (m->is_message && !(m->has & MIME_FIELD_VERSION) && is_changed(m, descend, word)) {
		puts_to(m, "MIME-Version: 1.0\n");
		wrote = 1;
	}
	if (word && !descend && !(m->has & MIME_FIELD_TYPE) && (needs & MIME_EIGHT)) {
		puts_to(m, "Content-Type: text/plain; charset=unknown-8bit\n");
		wrote = 1;
	}
	if (m->touched && (word || (m->has & MIME_FIELD_ENCODING))) {
		puts_to(m, "Content-Transfer-Encoding:");
		if (word) {
			puts_to(m, " ");
			puts_to(m, word);
		} else {
			put(m, m->encoding, m->encodinglen);
		}
		puts_to(m, "\n");
		wrote = 1;
	}
	return wrote;
}

static void
push(struct mime *m, struct mime_type const *type)
{
	struct mime_level *l = &m->level[m->depth++];

	memcpy(l->boundary, type->boundary, type->len);
	l->len = type->len;
	l->part = m->part;
	l->message = m->message;
	l->digest = type->digest;
	begin_body(m, TRANSFER_BLUNT); /* up to its first boundary */
}

/*
 * end_header - all that it says is known. blank: it ended as it should, with an empty
 * line; otherwise it gets one, so that nothing behind it ever looks like a field.
 */
static void
end_header(struct mime *m, char const *blank, size_t len)
{
	enum mime_encoding const encoding = mime_field_encoding(m->encoding, m->encodinglen);
	enum transfer_how how = TRANSFER_PASS;
	char const *word = 0;
	struct mime_type type;
	int descend, wrote;

	mime_field_type(&type, m->type, m->typelen);
	if (m->digested && !(m->has & MIME_FIELD_TYPE))
		type.kind = MIME_MESSAGE;
	if (type.kind == MIME_MULTIPART && m->depth == MIME_DEPTH_MAX)
		type.kind = MIME_TEXT;
	/* a message's header is told from its wrapper's by the empty line alone */
	descend = type.kind == MIME_MULTIPART ||
		  (type.kind == MIME_MESSAGE && blank && encoding != MIME_QP &&
		      encoding != MIME_BASE64);
	if (encoding == MIME_8BIT || encoding == MIME_BINARY_ENCODING)
		note(m, encoding == MIME_8BIT ? MIME_EIGHT : MIME_EIGHT | MIME_BINARY);
	if (descend) {
		word = m->touched ? container(m, encoding) : 0;
	} else {
		how = leaf(m, type.kind, encoding);
		if (how == TRANSFER_QP || how == TRANSFER_BASE64)
			word = how == TRANSFER_QP ? "quoted-printable" : "base64";
	}
	wrote = write_fields(m, descend, word);
	if (blank)
		put(m, blank, len);
	if (blank || m->touched || wrote)
		puts_to(m, "\n");
	if (type.kind == MIME_MULTIPART)
		push(m, &type);
	else if (descend)
		begin_part(m, 1);
	else
		begin_body(m, how);
}

/* find_boundary - the multipart that a line divides or (*last) closes; depth if it is text. */
static size_t
find_boundary(struct mime const *m, struct transfer_piece const *p, int *last)
{
	size_t len = p->len;

	if (!m->depth || !p->first || p->end == TRANSFER_GOES_ON || len <= DASHES ||
	    memcmp(p->text, "--", DASHES))
		return m->depth;
	while (len > DASHES && strchr(" \t\r", p->text[len - 1]) && p->text[len - 1])
		len--;
	for (size_t i = m->depth; i-- > 0;) {
		struct mime_level const *l = &m->level[i];
		size_t const end = DASHES + l->len;

		*last = len == end + DASHES && !memcmp(p->text + end, "--", DASHES);
		if ((len == end || *last) && !memcmp(p->text + DASHES, l->boundary, l->len))
			return i;
	}
	return m->depth;
}

static void
finish_body(struct mime *m, int boundary)
{
	char rest[16];

	put(m, rest, transfer_finish(&m->transfer, boundary, rest));
}

static void
at_boundary(struct mime *m, struct transfer_piece const *p, size_t level, int last)
{
	struct mime_level const *l = &m->level[level];

	if (!m->in_body)
		end_header(m, 0, 0);
	if (m->in_body)
		finish_body(m, 1);
	put(m, p->text, p->len);
	if (p->end == TRANSFER_LF || !last) /* fields may have to follow */
		puts_to(m, "\n");
	m->message = l->message;
	m->depth = level + !last;
	if (last) {
		m->part = l->part;
		m->touched = is_touched(m, m->part);
		begin_body(m, TRANSFER_BLUNT); /* what is behind its last boundary */
	} else {
		m->digested = l->digest;
		begin_part(m, 0);
	}
}

static void
body_piece(struct mime *m, struct transfer_piece const *p)
{
	unsigned int const needs = m->survey ? transfer_needs(p) : 0;

	if (m->survey) {
		m->survey->body |= needs;
		note(m, needs);
	} else {
		m->outlen += transfer_piece(&m->transfer, p, m->out + m->outlen);
	}
}

/* collect - the value of a field that matters, as it passes. */
static void
collect(struct mime *m, char const *text, size_t len)
{
	int const is_type = m->field == MIME_FIELD_TYPE;
	char *const to = is_type ? m->type : m->encoding;
	size_t *const have = is_type ? &m->typelen : &m->encodinglen;
	size_t const room = (is_type ? sizeof m->type : sizeof m->encoding) - *have;

	if (!is_type && m->field != MIME_FIELD_ENCODING)
		return;
	memcpy(to + *have, text, len < room ? len : room);
	*have += len < room ? len : room;
}

/*
 * fold_at - where a line that is too long is cut: behind octet from, at a blank if there is
 * one; *blank if it gets one there.
 */
static size_t
fold_at(char const *text, size_t len, size_t from, int *blank)
{
	size_t cut;

	*blank = 0;
	while (from < len && (text[from] == ' ' || text[from] == '\t'))
		from++;
	for (cut = len - 2; cut > from; cut--)
		if ((text[cut] == ' ' || text[cut] == '\t') && text[cut + 1] != ' ' &&
		    text[cut + 1] != '\t')
			return cut;
	*blank = 1;
	for (cut = len - 1; cut > from + 1 && cut > 1; cut--)
		if (text[cut - 1] == ',' || text[cut - 1] == ';')
			return cut;
	for (cut = len - 1; cut > len - 4 && (text[cut] & 0xC0) == 0x80;)
		cut--; /* not inside of a UTF-8 character */
	return cut;
}

/* fold - take as much of a header line as one line may have; the rest waits for more. */
static void
fold(struct mime *m, struct transfer_piece const *p, size_t value, int kept_back)
{
	int blank;
	size_t const cut = fold_at(p->text, p->len, value, &blank);

	collect(m, p->text + value, cut - value);
	if (!kept_back) {
		put(m, p->text, cut);
		puts_to(m, "\n");
	}
	memmove(m->line + blank, p->text + cut, p->len - cut);
	if (blank)
		m->line[0] = ' ';
	m->linelen = p->len - cut + (size_t)blank;
}

/* header_start - the first piece of a header line: 0 if the header ended before it. */
static int
header_start(struct mime *m, struct transfer_piece const *p, size_t *value)
{
	enum mime_field field;

	if (p->len && (p->text[0] == ' ' || p->text[0] == '\t'))
		return 1; /* the field before goes on */
	field = mime_field_name(p->text, p->len, value);
	if (field == MIME_FIELD_NONE || *value > NAME_MAX_LEN || !memcmp(p->text, "--", DASHES))
		return 0;
	m->field = field;
	if (field != MIME_FIELD_OTHER) {
		if (m->has & field) /* the first one counts */
			m->field = field == MIME_FIELD_ENCODING ? MIME_FIELD_REPEATED
								: MIME_FIELD_OTHER;
		m->has |= field;
	}
	return 1;
}

static void dispatch(struct mime *m, struct transfer_piece const *p);

static void
header_piece(struct mime *m, struct transfer_piece const *p)
{
	size_t value = 0;
	int kept_back;

	if (p->first) {
		if (p->end != TRANSFER_GOES_ON && (!p->len || (p->len == 1 && *p->text == '\r'))) {
			end_header(m, p->text, p->len);
			return;
		}
		if (!header_start(m, p, &value)) {
			end_header(m, 0, 0);
			dispatch(m, p); /* what it is, now that the header is read */
			return;
		}
	}
	if (m->survey)
		m->survey->header |= transfer_needs(p);
	kept_back = m->touched && (m->field & (MIME_FIELD_ENCODING | MIME_FIELD_REPEATED));
	if (p->end == TRANSFER_GOES_ON) {
		fold(m, p, value, kept_back);
		return;
	}
	collect(m, p->text + value, p->len - value);
	if (!kept_back) {
		put(m, p->text, p->len);
		puts_to(m, "\n"); /* even if there was none: fields may have to follow */
	}
}

static void
dispatch(struct mime *m, struct transfer_piece const *p)
{
	int last = 0;
	size_t const level = find_boundary(m, p, &last);

	if (level < m->depth)
		at_boundary(m, p, level, last);
	else if (m->in_body)
		body_piece(m, p);
	else
		header_piece(m, p);
}

static void
piece(struct mime *m, char const *text, size_t len, enum transfer_end end)
{
	struct transfer_piece const p = { text, len, !m->begun, end };

	m->linelen = 0;
	m->begun = end == TRANSFER_GOES_ON;
	dispatch(m, &p);
}

size_t
mime_feed(struct mime *m, char const *in, size_t len, char *out, size_t room, size_t *outlen)
{
	size_t i = 0;

	m->out = m->survey ? 0 : out;
	m->outlen = 0;
	while (i < len && (m->survey || room - m->outlen >= MIME_ROOM)) {
		size_t const want = sizeof m->line - m->linelen;
		size_t const look = len - i < want ? len - i : want;
		char const *const lf = memchr(in + i, '\n', look);
		size_t const n = lf ? (size_t)(lf - in) - i : look;
		int const whole = lf || n == want;

		if (m->linelen || !whole) {
			memcpy(m->line + m->linelen, in + i, n);
			m->linelen += n;
		}
		if (whole)
			piece(m, m->linelen ? m->line : in + i, m->linelen ? m->linelen : n,
			    lf ? TRANSFER_LF : TRANSFER_GOES_ON);
		i += n + (lf != 0);
	}
	*outlen = m->outlen;
	return i;
}

size_t
mime_finish(struct mime *m, char *out)
{
	m->out = m->survey ? 0 : out;
	m->outlen = 0;
	if (m->linelen)
		piece(m, m->line, m->linelen, TRANSFER_EOF);
	if (!m->in_body)
		end_header(m, 0, 0);
	if (m->in_body)
		finish_body(m, 0);
	return m->outlen;
}
