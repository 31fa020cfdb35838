#include "outcome.h"

#include <stdio.h>
#include <string.h>

/* Statuses for servers that give none (RFC 3463), by what was answered. */
static struct {
	enum outcome_stage stage;
	unsigned int code;
	char const *status;
} const table[] = {
	{ OUTCOME_MAIL, 552, "5.3.4" },
	{ OUTCOME_MAIL, 452, "4.3.1" },
	{ OUTCOME_MAIL, 550, "5.7.1" },
	{ OUTCOME_MAIL, 553, "5.1.7" },
	{ OUTCOME_MAIL, 530, "5.7.0" },
	{ OUTCOME_RCPT, 450, "4.2.0" },
	{ OUTCOME_RCPT, 452, "4.5.3" },
	{ OUTCOME_RCPT, 550, "5.1.1" },
	{ OUTCOME_RCPT, 551, "5.1.6" },
	{ OUTCOME_RCPT, 552, "5.2.2" },
	{ OUTCOME_RCPT, 553, "5.1.3" },
	{ OUTCOME_RCPT, 556, "5.1.10" },
	{ OUTCOME_DOT, 452, "4.3.1" },
	{ OUTCOME_DOT, 552, "5.3.4" },
	{ OUTCOME_DOT, 554, "5.6.0" },
};

void
outcome_where(char to[OUTCOME_WHERE_MAX], struct hop const *h)
{
	if (*h->host == '[' || !*h->host || !strcmp(h->host, h->ip))
		snprintf(to, OUTCOME_WHERE_MAX, "[%s]", h->ip);
	else
		snprintf(to, OUTCOME_WHERE_MAX, "%s[%s]", h->host, h->ip);
}

static char const *
status_for(enum outcome_stage stage, unsigned int code)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].stage == stage && table[i].code == code)
			return table[i].status;
	return code >= 500 ? "5.0.0" : "4.0.0";
}

static int
is_about_host(enum outcome_stage stage)
{
	return stage < OUTCOME_MAIL;
}

void
outcome_reply(
    struct answer *a, char const *where, enum outcome_stage stage, struct replies const *r)
{
	char reply[STREAM_TEXT_MAX], text[OUTCOME_WHERE_MAX + sizeof reply + 32];
	char const *status = r->status;
	char code = r->code >= 500 ? 'D' : 'Z';

	replies_line(reply, sizeof reply, r);
	snprintf(text, sizeof text, "%s said: %s", where, reply);
	if (r->code < 400)
		status = "4.5.0"; /* not what was asked for */
	else if (!*status)
		status = status_for(stage, r->code);
	if (is_about_host(stage) || r->code == 421) {
		code = 'Z';
		status = stage == OUTCOME_AUTH ? "4.7.8" : stage == OUTCOME_TLS ? "4.7.4" : "4.4.2";
	}
	stream_answer_set(a, code, status, text);
}

void
outcome_taken(struct answer *a, char const *where, int dsn, struct replies const *r)
{
	char reply[STREAM_TEXT_MAX], text[OUTCOME_WHERE_MAX + sizeof reply + 32];

	replies_line(reply, sizeof reply, r);
	snprintf(text, sizeof text, "%s: %s: %s", dsn ? "passed" : "relayed", where, reply);
	stream_answer_set(a, 'K', *r->status ? r->status : "2.0.0", text);
}

void
outcome_lost(struct answer *a, char const *where, enum outcome_stage stage, char const *why)
{
	static char const *const what[] = {
		[OUTCOME_GREETING] = "before its greeting",
		[OUTCOME_HELLO] = "after EHLO",
		[OUTCOME_TLS] = "after STARTTLS",
		[OUTCOME_AUTH] = "after AUTH",
		[OUTCOME_MAIL] = "after MAIL",
		[OUTCOME_RCPT] = "after RCPT",
		[OUTCOME_DATA] = "after DATA",
		[OUTCOME_BODY] = "in the message",
		[OUTCOME_DOT] = "after the final dot: may arrive twice",
	};
	char text[OUTCOME_WHERE_MAX + 128];

	snprintf(text, sizeof text, "%s: %s %s", where, why, what[stage]);
	stream_answer_set(a, 'Z', "4.4.2", text);
}

void
outcome_trouble(
    struct answer *a, char const *where, char code, char const *status, char const *text)
{
	char all[OUTCOME_WHERE_MAX + STREAM_TEXT_MAX];

	snprintf(all, sizeof all, "%s: %s", where, text);
	stream_answer_set(a, code, status, all);
}

int
outcome_is_too_many(struct replies const *r)
{
	/* RFC 5321 4.5.3.1.10; a mailbox that is full is no such thing */
	if (*r->status)
		return r->code == 452 && !strcmp(r->status + 1, ".5.3");
	return r->code == 452 || r->code == 552;
}
