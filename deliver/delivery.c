#include "delivery.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "address.h"
#include "forward.h"
#include "reason.h"
#include "runner.h"

#define FORWARD_FLAGS (ADDRESS_NO_DOMAIN_OK | ADDRESS_NO_BRACKETS_OK | ADDRESS_UTF8_OK)

/* What has been done for one message, qmail's three numbers. */
struct done {
	unsigned int files, forwards, programs;
	char const *maildir; /* the name it got in the last one, or null */
};

static struct qmail_line const *
line(struct delivery const *d, size_t i)
{
	return genalloc_s(struct qmail_line, &d->qmail->lines) + i;
}

static size_t
lines(struct delivery const *d)
{
	return genalloc_len(struct qmail_line, &d->qmail->lines);
}

static int
no_memory(struct answer *a)
{
	errno = ENOMEM;
	reason_errno(a, "4.3.0", "deliver", "");
	return 0;
}

/* add_forward - the address in canonical form. */
static int
add_forward(struct delivery *d, char const *text, char const *me, struct answer *why)
{
	struct address a;
	size_t used;
	size_t len = strlen(text);
	int r = address_parse(&a, text, len, FORWARD_FLAGS);

	if (r != ADDRESS_OK)
		r = address_parse_path(&a, text, len, FORWARD_FLAGS, &used) == ADDRESS_OK &&
		    used == len;
	if (r != ADDRESS_OK) {
		reason_set(why, 'Z', "4.3.5", "the forward to ", text, " is no mail address",
		    (char const *)0);
		return 0;
	}
	if (!stralloc_catb(&d->forwards, a.text, a.len) ||
	    (a.at == a.len &&
		(!stralloc_append(&d->forwards, '@') || !stralloc_cats(&d->forwards, me))) ||
	    !stralloc_0(&d->forwards))
		return no_memory(why);
	return 1;
}

int
delivery_open(struct delivery *d, char const *me, int create, struct answer *why)
{
	size_t file = 0;
	int ok = 1;

	d->forwards.len = 0;
	for (size_t i = 0; ok && i < lines(d); i++) {
		char const *arg = line(d, i)->arg;

		switch (line(d, i)->kind) {
		case QMAIL_MAILDIR: ok = maildir_open(&d->maildir[file++], arg, create, why); break;
		case QMAIL_MBOX: ok = mbox_open(&d->mbox[file++], arg, why); break;
		case QMAIL_FORWARD: ok = add_forward(d, arg, me, why); break;
		case QMAIL_PROGRAM: break;
		}
	}
	return ok;
}

enum delivery_needs
delivery_needs(struct delivery const *d)
{
	if (d->qmail->programs || d->qmail->forwards)
		return DELIVERY_PROCESS;
	if (!lines(d))
		return DELIVERY_MAILDIR;
	if (lines(d) > 1 || line(d, 0)->kind != QMAIL_MAILDIR)
		return DELIVERY_FILES;
	return d->maildir->has_quota || d->maildir->tmp != -1 ? DELIVERY_FILES : DELIVERY_MAILDIR;
}

size_t
delivery_trees(struct delivery const *d, struct sandbox_tree trees[DELIVERY_TREES])
{
	size_t n = 0, file = 0;

	for (size_t i = 0; i < lines(d); i++) {
		if (line(d, i)->kind == QMAIL_MAILDIR)
			n += maildir_trees(&d->maildir[file], trees + n);
		file += line(d, i)->kind == QMAIL_MAILDIR || line(d, i)->kind == QMAIL_MBOX;
	}
	return n;
}

static int
is_one_maildir(struct delivery const *d)
{
	return lines(d) == 1 && line(d, 0)->kind == QMAIL_MAILDIR;
}

static int
begin_maildir(struct maildir *to, struct mail *m, struct answer *why)
{
	struct iovec head = { m->head.s, m->head.len };

	return maildir_begin(to, why) && maildir_write(to, &head, 1, why);
}

int
delivery_spill(struct delivery *d, struct mail *m, struct answer *why)
{
	int r;

	if (is_one_maildir(d)) {
		if (!begin_maildir(d->maildir, m, why))
			return 0;
		r = body_spill(&m->body, d->maildir->fd, m->head.len);
	} else {
		r = body_spill_memory(&m->body);
	}
	if (r == -1)
		reason_errno(why, "4.3.0", "keep the message", "");
	return r == 1;
}

/* copy - the message, with the lines before it, into the Maildir: one write if it is small. */
static int
copy(struct maildir *to, struct mail *m, struct answer *why)
{
	struct iovec parts[2] = { { m->head.s, m->head.len } };
	uint64_t at = 0;
	size_t len = 0;

	if (!maildir_begin(to, why))
		return 0;
	do {
		char const *s = at < m->body.len ? body_piece(&m->body, at, &len) : "";

		if (!s) {
			reason_errno(why, "4.3.0", "read the message", "");
			maildir_abort(to);
			return 0;
		}
		parts[1] = (struct iovec){ (char *)s, len };
		if (!maildir_write(to, at ? parts + 1 : parts, at ? 1 : 2, why))
			return 0;
		at += len;
	} while (at < m->body.len);
	return 1;
}

static int
put_maildir(struct maildir *to, struct mail *m, struct done *done, struct answer *why)
{
	int spilled = to->fd != -1;

	if (!maildir_fits(to, m->head.len + m->body.len, why))
		return 0;
	if (spilled)
		to->size = m->head.len + m->body.len;
	if ((!spilled && !copy(to, m, why)) || !maildir_commit(to, why))
		return 0;
	done->files++;
	done->maildir = to->name;
	return 1;
}

static int
put_mbox(struct mbox *to, struct mail *m, struct done *done, struct answer *why)
{
	stralloc head = STRALLOC_ZERO;
	int ok = qmail_from_line(&head, m->sender.s, (long long)time(0)) &&
		 stralloc_catb(&head, m->head.s, m->head.len);

	ok = ok ? mbox_deliver(to, &head, &m->body, why) : no_memory(why);
	stralloc_free(&head);
	done->files += (unsigned int)ok;
	return ok;
}

static enum runner_result
run_program(size_t number, struct mail *m, struct done *done, struct answer *a)
{
	int message = body_sealed(&m->body);
	enum runner_result r;

	if (message == -1 && errno == EFBIG) {
		reason_set(
		    a, 'D', "5.3.4", "the message is too large for a program", (char const *)0);
		return RUNNER_FAIL;
	}
	if (message == -1) {
		reason_errno(a, "4.3.0", "copy the message for a program", "");
		return RUNNER_FAIL;
	}
	r = runner_run(number, m->sender.s, message, a);
	done->programs += r != RUNNER_FAIL;
	return r;
}

/* new_sender - the sender of forwards, ended by NUL. */
static int
new_sender(struct delivery const *d, struct mail const *m, stralloc *to)
{
	struct qmail_facts facts = d->facts;

	facts.sender = m->sender.s;
	if (*d->alias_owner && *facts.sender && strcmp(facts.sender, "#@[]") != 0)
		return stralloc_cats(to, d->alias_owner) && stralloc_0(to);
	return qmail_newsender(to, &facts, d->owner);
}

/* forward - send on to the first len octets of d->forwards. */
static int
forward(struct delivery *d, struct mail *m, size_t len, struct answer *a)
{
	stralloc sender = STRALLOC_ZERO, params = STRALLOC_ZERO, rcptparams = STRALLOC_ZERO;
	stralloc const rcpts = { d->forwards.s, len, len };
	int ok = new_sender(d, m, &sender);

	if (ok && strcmp(sender.s, m->sender.s) != 0)
		ok = forward_list_params(&params, m->params.s, m->params.len);
	else if (ok)
		ok = stralloc_catb(&params, m->params.s, m->params.len) &&
		     forward_params(&rcptparams, m->rcptparams.s, m->rcptparams.len);
	if (ok) {
		struct forward const f = {
			.sender = sender.s,
			.params = &params,
			.rcpts = &rcpts,
			.rcptparams = &rcptparams,
			.head = &m->delivered,
			.id = m->id,
		};

		ok = forward_send(&f, &m->body, a, &d->gone);
	} else {
		no_memory(a);
	}
	stralloc_free(&sender);
	stralloc_free(&params);
	stralloc_free(&rcptparams);
	return ok;
}

/* say - K, with what was done, and what a program or queue-inject said last. */
static void
say(struct delivery const *d, struct done const *done, char const *said, struct answer *a)
{
	char text[STREAM_TEXT_MAX + 1];
	int n;

	if (is_one_maildir(d))
		n = snprintf(text, sizeof text, "maildir %s", done->maildir);
	else
		n = snprintf(text, sizeof text, "did %u+%u+%u%s%s", done->files, done->forwards,
		    done->programs, *said ? ": " : "", said);
	if (n >= 0)
		stream_answer_set(a, 'K', "2.0.0", text);
}

void
delivery_run(struct delivery *d, struct mail *m, struct answer *a)
{
	struct done done = { 0 };
	struct answer said = { .text = "" };
	size_t file = 0, forwards = 0;
	enum runner_result r = RUNNER_NEXT;

	for (size_t i = 0; r == RUNNER_NEXT && i < lines(d); i++) {
		int ok = 1;

		switch (line(d, i)->kind) {
		case QMAIL_MAILDIR: ok = put_maildir(&d->maildir[file++], m, &done, a); break;
		case QMAIL_MBOX: ok = put_mbox(&d->mbox[file++], m, &done, a); break;
		case QMAIL_FORWARD:
			forwards += strlen(d->forwards.s + forwards) + 1;
			done.forwards++;
			break;
		case QMAIL_PROGRAM:
			r = run_program(i, m, &done, a);
			ok = r != RUNNER_FAIL;
			if (ok && *a->text)
				said = *a;
			break;
		}
		if (!ok)
			return;
	}
	if (forwards) {
		if (!forward(d, m, forwards, a))
			return;
		if (!*said.text)
			said = *a;
	}
	say(d, &done, said.text, a);
}

void
delivery_forget(struct delivery *d, struct mail *m)
{
	body_clear(&m->body);
	if (is_one_maildir(d))
		maildir_abort(d->maildir);
}
