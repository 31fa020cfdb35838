#include "aliases.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "sort.h"

/* A piece of the file that is read: p moves towards end. */
struct piece {
	char const *p, *end;
	size_t line; /* where p is */
};

static int
is_blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\n';
}

static int
bad(struct aliases_error *e, size_t line, char const *text)
{
	e->line = line;
	e->file = 0;
	e->text = text;
	return ALIASES_BAD;
}

/* ---- lines and pieces of them */

static size_t
line_length(char const *text, size_t len)
{
	char const *lf = memchr(text, '\n', len);

	return lf ? (size_t)(lf - text) : len;
}

/* is_void - nothing but blanks, or a comment behind them. */
static int
is_void(char const *line, size_t len)
{
	while (len && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	return !len || *line == '#';
}

/*
 * entry_length - octets of the entry at the start of text: its line and all behind it that
 * begin with a blank or are comments between such.
 */
static size_t
entry_length(char const *text, size_t len)
{
	size_t total = line_length(text, len);

	if (is_void(text, total))
		return total;
	for (size_t at = total; at < len; at += line_length(text + at, len - at)) {
		at++;
		if (at < len && (text[at] == ' ' || text[at] == '\t'))
			total = at + line_length(text + at, len - at);
		else if (at == len || (text[at] != '#' && text[at] != '\n'))
			break;
	}
	return total;
}

/* skip_void - blanks, line ends, and comment lines inside an entry. */
static void
skip_void(struct piece *c)
{
	while (c->p < c->end && is_blank(*c->p)) {
		int const lf = *c->p++ == '\n';

		c->line += (size_t)lf;
		while (lf && c->p < c->end &&
		       is_void(c->p, line_length(c->p, (size_t)(c->end - c->p)))) {
			c->p += line_length(c->p, (size_t)(c->end - c->p));
			c->line += c->p < c->end;
			c->p += c->p < c->end;
		}
	}
}

/*
 * token_length - octets up to stop or the end; quotes hide it, and end on the line that
 * they began on (returns 0 if they do not; what is asked for is never empty).
 */
static size_t
token_length(struct piece const *c, char stop)
{
	int quoted = 0;
	char const *p;

	for (p = c->p; p < c->end && (quoted || *p != stop) && *p != '\n'; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == '\\' && quoted && p + 1 < c->end && p[1] != '\n')
			p++;
	}
	return quoted ? 0 : (size_t)(p - c->p);
}

static size_t
trim(char const *s, size_t len)
{
	while (len && is_blank(s[len - 1]))
		len--;
	return len;
}

/* ---- targets */

/* is_quoted - one string in quotes from end to end. */
static int
is_quoted(char const *s, size_t len)
{
	size_t i = 1;

	if (len < 2 || *s != '"')
		return 0;
	while (i < len && s[i] != '"')
		i += s[i] == '\\' ? 2 : 1;
	return i == len - 1;
}

/* unquote - into to[ALIASES_TEXT_MAX]; the length. */
static size_t
unquote(char *to, char const *s, size_t len)
{
	size_t n = 0;

	if (!is_quoted(s, len)) {
		memcpy(to, s, len);
		return len;
	}
	for (size_t i = 1; i < len - 1; i++) {
		if (s[i] == '\\')
			i++;
		to[n++] = s[i];
	}
	return n;
}

/* add_text - a NUL-ended text into the pool; 0 without memory. */
static int
add_text(struct aliases *a, char const *s, size_t len, size_t *at)
{
	*at = a->pool.len;
	return stralloc_catb(&a->pool, s, len) && stralloc_0(&a->pool);
}

static int
add_target(struct aliases *a, struct aliases_target *t, char const *s, size_t len)
{
	if (genalloc_len(struct aliases_target, &a->targets) >= ALIASES_TARGETS_MAX ||
	    !add_text(a, s, len, &t->text) ||
	    !genalloc_append(struct aliases_target, &a->targets, t))
		return ALIASES_NOMEM;
	return ALIASES_OK;
}

/* in_brackets - "Name <mailbox>": what is between the brackets; else all of it. */
static char const *
in_brackets(char const *s, size_t *len)
{
	char const *open = memrchr(s, '<', *len);

	if (!open || s[*len - 1] != '>')
		return s;
	*len = (size_t)(s + *len - open) - 2;
	return open + 1;
}

static int
add_address(
    struct aliases *a, struct aliases_target *t, char const *s, size_t len, struct aliases_error *e)
{
	struct address address;

	s = in_brackets(s, &len);
	if (address_parse(&address, s, len, ADDRESS_NO_DOMAIN_OK | ADDRESS_UTF8_OK) != ADDRESS_OK)
		return bad(e, t->line,
		    "has a target that is no address: write name, name@domain, |program, /file, "
		    "or :include:/list, with commas between");
	if (t->kind == ALIASES_PAST && address.at != address.len)
		return bad(e, t->line,
		    "has a domain behind a backslash: a backslash is for a local user's name alone");
	return add_target(a, t, address.text, address.len);
}

/* add_path - of a file or list: a text that a line of a .qmail file can hold. */
static int
add_path(
    struct aliases *a, struct aliases_target *t, char const *s, size_t len, struct aliases_error *e)
{
	if (*s != '/')
		return bad(e, t->line, "has a path that is not absolute: begin it with a slash");
	return add_target(a, t, s, len);
}

static int
add_program(
    struct aliases *a, struct aliases_target *t, char const *s, size_t len, struct aliases_error *e)
{
	char text[ALIASES_TEXT_MAX];
	size_t n;

	while (len && is_blank(*s)) {
		s++;
		len--;
	}
	n = unquote(text, s, len); /* |"program word": quotes inside, as many write it */
	if (!n)
		return bad(e, t->line, "has a bar without a program: write it behind the bar");
	t->kind = ALIASES_PROGRAM;
	return add_target(a, t, text, n);
}

/* parse_target - one target, trimmed, added to a. */
static int
parse_target(struct aliases *a, size_t line, char const *s, size_t len, struct aliases_error *e)
{
	static char const include[] = ":include:";
	struct aliases_target t = { .kind = ALIASES_ADDRESS, .line = line };
	char plain[ALIASES_TEXT_MAX];
	size_t n;

	if (len >= sizeof plain)
		return bad(e, line, "has a target of more than 4095 octets: make it shorter");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < ' ' && s[i] != '\t')
			return bad(e, line, "holds a control octet: this file must be plain text");
	n = unquote(plain, s, len);
	if (n && *plain == '|')
		return add_program(a, &t, plain + 1, n - 1, e);
	if (n && *plain == '/') {
		t.kind = ALIASES_FILE;
		return add_path(a, &t, plain, n, e);
	}
	if (n > sizeof include - 1 && !memcmp(plain, include, sizeof include - 1)) {
		t.kind = ALIASES_INCLUDE;
		return add_path(a, &t, plain + sizeof include - 1, n - (sizeof include - 1), e);
	}
	if (n && *plain == ':')
		return bad(
		    e, line, "has a colon before a word that is not include: write :include:/list");
	if (*s == '\\') {
		t.kind = ALIASES_PAST;
		s++;
		len--;
	}
	return add_address(a, &t, s, len, e);
}

/* parse_targets - all that is left of an entry, between commas. */
static int
parse_targets(struct aliases *a, struct piece *c, struct aliases_error *e)
{
	int r = ALIASES_OK;

	for (;;) {
		size_t len;

		skip_void(c);
		if (c->p == c->end)
			return r;
		if (*c->p == ',') { /* as after the last of a line, or twice: sendmail takes both */
			c->p++;
			continue;
		}
		len = token_length(c, ',');
		if (!len)
			return bad(
			    e, c->line, "has a quote that is not closed on its line: close it");
		r = parse_target(a, c->line, c->p, trim(c->p, len), e);
		if (r != ALIASES_OK)
			return r;
		c->p += len;
	}
}

/* ---- names */

/* add_name - what stands before the colon. */
static int
add_name(struct aliases *a, struct aliases_name *name, char const *s, size_t len,
    struct aliases_error *e)
{
	char local[ADDRESS_LOCAL_MAX];
	struct address address;
	size_t n;

	if (address_parse(&address, s, len, ADDRESS_NO_DOMAIN_OK | ADDRESS_UTF8_OK) != ADDRESS_OK)
		return bad(e, name->line,
		    "does not begin with a name and a colon: write name: target, target");
	if (address.at != address.len)
		return bad(e, name->line,
		    "has a domain before the colon: aliases are for all local domains; "
		    "virtualdomains can tell them apart");
	n = address_local(&address, local);
	if (n > ALIASES_NAME_MAX)
		return bad(e, name->line, "has a name of more than 256 octets: make it shorter");
	for (size_t i = 0; i < n; i++)
		local[i] = (char)tolower((unsigned char)local[i]);
	return add_text(a, local, n, &name->text) ? ALIASES_OK : ALIASES_NOMEM;
}

static int
parse_entry(struct aliases *a, struct piece *c, struct aliases_error *e)
{
	size_t const len = token_length(c, ':');
	struct aliases_name name = { .line = c->line };
	int r;

	if (is_blank(*c->p))
		return bad(e, c->line,
		    "begins with a blank, but no alias is before it: begin an alias with its name");
	if (!len || c->p + len == c->end || c->p[len] != ':')
		return bad(e, c->line,
		    "does not begin with a name and a colon: write name: target, target");
	r = add_name(a, &name, c->p, trim(c->p, len), e);
	if (r != ALIASES_OK)
		return r;
	c->p += len + 1;
	name.first = genalloc_len(struct aliases_target, &a->targets);
	r = parse_targets(a, c, e);
	name.count = genalloc_len(struct aliases_target, &a->targets) - name.first;
	if (r == ALIASES_OK && !name.count)
		return bad(e, name.line,
		    "has nothing behind the colon: write a target (/dev/null throws mail away)");
	if (r == ALIASES_OK && !genalloc_append(struct aliases_name, &a->names, &name))
		return ALIASES_NOMEM;
	return r;
}

enum aliases_result
aliases_next(struct aliases *a, char const *text, size_t len, size_t *pos, size_t *line,
    struct aliases_error *error)
{
	while (*pos < len) {
		size_t const targets = genalloc_len(struct aliases_target, &a->targets);
		size_t const n = entry_length(text + *pos, len - *pos);
		struct piece c = { text + *pos, text + *pos + n, ++*line };
		int r;

		for (size_t i = 0; i < n; i++)
			*line += c.p[i] == '\n';
		*pos += n + 1;
		if (is_void(c.p, line_length(c.p, n)))
			continue;
		r = parse_entry(a, &c, error);
		if (r != ALIASES_OK)
			genalloc_setlen(struct aliases_target, &a->targets, targets);
		return (enum aliases_result)r;
	}
	return ALIASES_END;
}

/* only_addresses - take away what a list may not have: 1, or 0 and *e. */
static int
only_addresses(struct aliases *a, size_t from, struct aliases_error *e)
{
	struct aliases_target const *t = genalloc_s(struct aliases_target, &a->targets);
	size_t const n = genalloc_len(struct aliases_target, &a->targets);

	for (size_t i = from; i < n; i++) {
		if (t[i].kind == ALIASES_ADDRESS || t[i].kind == ALIASES_PAST)
			continue;
		bad(e, t[i].line,
		    "is no address: a list may hold neither programs nor files nor other lists");
		genalloc_setlen(struct aliases_target, &a->targets, from);
		return 0;
	}
	return 1;
}

/* own_targets - the targets from first on are those of the list numbered which. */
static void
own_targets(struct aliases *a, size_t which, size_t first)
{
	struct aliases_target *t = genalloc_s(struct aliases_target, &a->targets);
	size_t const n = genalloc_len(struct aliases_target, &a->targets);

	for (size_t i = first; i < n; i++)
		t[i].file = t[which].text + 1;
	t[which].first = first;
	t[which].count = n - first;
}

enum aliases_result
aliases_list(struct aliases *a, size_t which, char const *text, size_t len,
    void (*report)(void *context, struct aliases_error const *error), void *context)
{
	size_t const first = genalloc_len(struct aliases_target, &a->targets);
	enum aliases_result result = ALIASES_OK;
	struct aliases_error e;
	size_t line = 0, n;

	for (size_t pos = 0; pos < len; pos += n + 1) {
		size_t const before = genalloc_len(struct aliases_target, &a->targets);
		struct piece c = { text + pos, 0, ++line };
		int r;

		n = line_length(text + pos, len - pos);
		c.end = c.p + n;
		if (is_void(c.p, n))
			continue;
		r = parse_targets(a, &c, &e);
		if (r == ALIASES_NOMEM)
			return ALIASES_NOMEM;
		if (r == ALIASES_OK && only_addresses(a, before, &e))
			continue;
		genalloc_setlen(struct aliases_target, &a->targets, before);
		report(context, &e);
		result = ALIASES_BAD;
	}
	own_targets(a, which, first);
	return result;
}

/* ---- looking names up */

static int
compare_names(void const *x, void const *y, void *pool)
{
	struct aliases_name const *a = x, *b = y;
	int const c = strcmp((char *)pool + a->text, (char *)pool + b->text);

	return c ? c : (a->line > b->line) - (a->line < b->line);
}

int
aliases_sort(struct aliases *a, struct aliases_error *error)
{
	struct aliases_name *name = genalloc_s(struct aliases_name, &a->names);
	size_t const n = genalloc_len(struct aliases_name, &a->names);

	sort_items(name, n, sizeof *name, compare_names, a->pool.s);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(a->pool.s + name[i - 1].text, a->pool.s + name[i].text)) {
			bad(error, name[i].line,
			    "begins with a name that has an alias already: put all targets into one");
			return 0;
		}
	return 1;
}

struct aliases_name const *
aliases_find(struct aliases const *a, char const *name)
{
	struct aliases_name const *all = genalloc_s(struct aliases_name, &a->names);
	size_t low = 0, high = genalloc_len(struct aliases_name, &a->names);

	while (low < high) {
		size_t const middle = low + (high - low) / 2;
		int const c = strcmp(name, a->pool.s + all[middle].text);

		if (!c)
			return all + middle;
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

void
aliases_free(struct aliases *a)
{
	genalloc_free(struct aliases_name, &a->names);
	genalloc_free(struct aliases_target, &a->targets);
	stralloc_free(&a->pool);
}
