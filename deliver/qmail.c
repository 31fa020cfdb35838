#include "qmail.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "date.h"

#define LINES(q) genalloc_s(struct qmail_line, &(q)->lines)

static int
fail(struct qmail *q, size_t number, char const *why)
{
	snprintf(q->error, sizeof q->error, "line %zu %s", number, why);
	return 0;
}

static int
is_file(enum qmail_kind kind)
{
	return kind == QMAIL_MAILDIR || kind == QMAIL_MBOX;
}

/* kind_of - what an instruction is, and where its argument begins; -1 for nothing known. */
static int
kind_of(char const **line, size_t len)
{
	char c = **line;

	if (c == '|')
		return ++*line, QMAIL_PROGRAM;
	if (c == '/' || (c == '.' && len > 1 && (*line)[1] == '/'))
		return (*line)[len - 1] == '/' ? QMAIL_MAILDIR : QMAIL_MBOX;
	if (c == '&')
		return ++*line, QMAIL_FORWARD;
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
		return QMAIL_FORWARD;
	if ((c >= '0' && c <= '9') || c == '"' || c == '_' || (unsigned char)c >= 0x80)
		return QMAIL_FORWARD;
	return -1;
}

static int
add(struct qmail *q, struct qmail_line const *line, size_t number)
{
	if (genalloc_len(struct qmail_line, &q->lines) >= QMAIL_LINES_MAX)
		return fail(q, number, "is one instruction too many");
	q->files += (size_t)is_file(line->kind);
	q->programs += (size_t)(line->kind == QMAIL_PROGRAM);
	q->forwards += (size_t)(line->kind == QMAIL_FORWARD);
	if (q->files > QMAIL_FILES_MAX || q->programs > QMAIL_PROGRAMS_MAX)
		return fail(q, number, "is one mailbox or program too many");
	return genalloc_append(struct qmail_line, &q->lines, line) ? 1 : -1;
}

/* read_line - one line, without its end and the blanks there. */
static int
read_line(struct qmail *q, char const *s, size_t number, int *forward_only)
{
	size_t len = strlen(s);
	struct qmail_line line;
	int kind;

	if (!len)
		return number == 1 ? fail(q, 1, "is blank: mail waits until that is mended") : 1;
	if (*s == '#')
		return 1;
	if (!strcmp(s, "+list"))
		return *forward_only = 1;
	kind = kind_of(&s, len);
	if (kind == -1 || !*s)
		return fail(q, number, "is no instruction");
	line.kind = (enum qmail_kind)kind;
	line.arg = s;
	if (*forward_only && line.kind != QMAIL_FORWARD)
		return fail(q, number, "is not a forward, but this list may only forward");
	return add(q, &line, number);
}

int
qmail_parse(struct qmail *q, stralloc *text, int forward_only)
{
	size_t start = 0;
	int r = 1;

	q->lines.len = 0;
	q->files = q->programs = q->forwards = 0;
	if (text->len && text->s[text->len - 1] != '\n' && !stralloc_append(text, '\n'))
		return -1;
	for (size_t number = 1; r == 1 && start < text->len; number++) {
		char *s = text->s + start;
		size_t len = (size_t)((char *)memchr(s, '\n', text->len - start) - s);

		start += len + 1;
		if (memchr(s, 0, len))
			return fail(q, number, "holds a NUL");
		while (len && strchr(" \t\r", s[len - 1]))
			len--;
		s[len] = 0;
		r = read_line(q, s, number, &forward_only);
	}
	return r;
}

/* safe - an octet of an extension as a file name has it. */
static char
safe(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c | 0x20);
	return c == '.' || c == '/' ? ':' : c;
}

/* cut - where the nth prefix from the right ends that is empty or ends with a hyphen; -1 none. */
static ptrdiff_t
cut(char const *ext, size_t n)
{
	size_t i = strlen(ext) + 1;

	while (i--)
		if ((!i || ext[i - 1] == '-') && !--n)
			return (ptrdiff_t)i;
	return -1;
}

int
qmail_name(char to[QMAIL_NAME_MAX], char const *dash, char const *ext, size_t n, size_t *rest)
{
	ptrdiff_t keep = n ? cut(ext, n) : (ptrdiff_t)strlen(ext);
	int len;

	if (n && (!*dash || keep == -1))
		return 0;
	*rest = (size_t)keep;
	len = snprintf(
	    to, QMAIL_NAME_MAX, ".qmail%s%.*s%s", dash, (int)keep, ext, n ? "default" : "");
	if (len < 0 || len >= QMAIL_NAME_MAX)
		return -1;
	for (char *s = to + strlen(".qmail") + strlen(dash), *end = s + keep; s < end; s++)
		*s = safe(*s);
	return 1;
}

/* put - NAME=value with NUL, the value cleaned; a line's last LF stays. */
static int
put(stralloc *env, char const *name, char const *value, size_t len)
{
	size_t start;

	if (!stralloc_cats(env, name) || !stralloc_append(env, '='))
		return 0;
	start = env->len;
	if (!stralloc_catb(env, value, len) || !stralloc_0(env))
		return 0;
	for (size_t i = start; i < start + len; i++)
		if ((unsigned char)env->s[i] < ' ' || env->s[i] == 0x7f)
			env->s[i] = '_';
	if (len > 1 && env->s[start] == '(' && env->s[start + 1] == ')')
		env->s[start] = '_';
	return 1;
}

static int
puts_(stralloc *env, char const *name, char const *value)
{
	return put(env, name, value, strlen(value));
}

/* put_line - the same for a whole line. */
static int
put_line(stralloc *env, char const *name, stralloc const *line)
{
	if (!put(env, name, line->s, line->len))
		return 0;
	env->s[env->len - 2] = '\n';
	return 1;
}

/* put_extensions - EXT, and EXT2 to EXT4: what follows the first, second, third hyphen. */
static int
put_extensions(stralloc *env, char const *ext)
{
	static char const *const name[] = { "EXT", "EXT2", "EXT3", "EXT4" };

	for (size_t i = 0; i < 4; i++) {
		if (!puts_(env, name[i], ext))
			return 0;
		ext += strcspn(ext, "-");
		ext += *ext == '-';
	}
	return 1;
}

/* put_hosts - HOST, and HOST2 to HOST4: what precedes the last, second and third last dot. */
static int
put_hosts(stralloc *env, char const *host)
{
	static char const *const name[] = { "HOST", "HOST2", "HOST3", "HOST4" };
	size_t len = strlen(host);

	for (size_t i = 0; i < 4; i++) {
		char const *dot;

		if (!put(env, name[i], host, len))
			return 0;
		dot = memrchr(host, '.', len);
		len = dot ? (size_t)(dot - host) : 0;
	}
	return 1;
}

static int
put_lines(stralloc *env, struct qmail_facts const *f)
{
	stralloc line = STRALLOC_ZERO;
	int ok = qmail_return_path(&line, f->sender) && put_line(env, "RPLINE", &line);

	line.len = 0;
	ok = ok && qmail_delivered_to(&line, f->recipient) && put_line(env, "DTLINE", &line);
	line.len = 0;
	ok = ok && qmail_from_line(&line, f->sender, f->now) && put_line(env, "UFLINE", &line);
	stralloc_free(&line);
	return ok;
}

size_t
qmail_environment(stralloc *env, struct qmail_facts const *f)
{
	size_t count = 0;

	if (!puts_(env, "PATH", f->path) || !puts_(env, "SHELL", "/bin/sh") ||
	    !puts_(env, "USER", f->user) || !puts_(env, "LOGNAME", f->user) ||
	    !puts_(env, "HOME", f->home) || !puts_(env, "LOCAL", f->local) ||
	    !puts_(env, "SENDER", f->sender) || !puts_(env, "NEWSENDER", f->newsender) ||
	    !puts_(env, "RECIPIENT", f->recipient) || !put_extensions(env, f->ext) ||
	    !put_hosts(env, f->host) || !put_lines(env, f) ||
	    (f->rest && !puts_(env, "DEFAULT", f->rest)))
		return 0;
	for (size_t i = 0; i < env->len; i++)
		count += !env->s[i];
	return count;
}

int
qmail_newsender(stralloc *to, struct qmail_facts const *f, int owner)
{
	if (!owner || !*f->sender || !strcmp(f->sender, "#@[]"))
		return stralloc_cats(to, f->sender) && stralloc_0(to);
	return stralloc_cats(to, f->local) &&
	       stralloc_cats(to, owner == 2 ? "-owner-@" : "-owner@") &&
	       stralloc_cats(to, f->host) && stralloc_cats(to, owner == 2 ? "-@[]" : "") &&
	       stralloc_0(to);
}

/* clean - control octets of the last len octets become _. */
static void
clean(stralloc *s, size_t from)
{
	for (size_t i = from; i < s->len; i++)
		if ((unsigned char)s->s[i] < ' ' || s->s[i] == 0x7f)
			s->s[i] = '_';
}

int
qmail_return_path(stralloc *to, char const *sender)
{
	size_t start = to->len;

	if (!stralloc_cats(to, "Return-Path: <") || !stralloc_cats(to, sender))
		return 0;
	clean(to, start);
	return stralloc_cats(to, ">\n");
}

int
qmail_delivered_to(stralloc *to, char const *recipient)
{
	size_t start = to->len;

	if (!stralloc_cats(to, "Delivered-To: ") || !stralloc_cats(to, recipient))
		return 0;
	clean(to, start);
	return stralloc_append(to, '\n');
}

int
qmail_from_line(stralloc *to, char const *sender, long long now)
{
	char d[DATE_MAX]; /* Tue, 24 Nov 2026 07:45:29 +0000 */
	size_t start;

	date_rfc5322(d, (time_t)now);
	if (d[5] == '0')
		d[5] = ' ';
	if (!stralloc_cats(to, "From "))
		return 0;
	start = to->len;
	if (!stralloc_cats(to, *sender ? sender : "MAILER-DAEMON"))
		return 0;
	for (size_t i = start; i < to->len; i++)
		if ((unsigned char)to->s[i] <= ' ' || to->s[i] == 0x7f)
			to->s[i] = '-'; /* a reader finds the date behind the first blank */
	return stralloc_append(to, ' ') && stralloc_catb(to, d, 3) && /* as asctime(3) has it */
	       stralloc_append(to, ' ') && stralloc_catb(to, d + 8, 4) &&
	       stralloc_catb(to, d + 5, 3) && stralloc_catb(to, d + 17, 9) &&
	       stralloc_catb(to, d + 12, 4) && stralloc_append(to, '\n');
}
