#include "lmtpanswer.h"

#include "reason.h"

/* Statuses for servers that give none (RFC 3463), by what was answered. */
static struct {
	enum lmtpanswer_stage stage;
	unsigned int code;
	char const *status;
} const table[] = {
	{ LMTPANSWER_MAIL, 452, "4.3.1" },
	{ LMTPANSWER_MAIL, 552, "5.3.4" },
	{ LMTPANSWER_RCPT, 250, "2.1.5" },
	{ LMTPANSWER_RCPT, 450, "4.2.1" },
	{ LMTPANSWER_RCPT, 452, "4.2.2" },
	{ LMTPANSWER_RCPT, 501, "5.1.3" },
	{ LMTPANSWER_RCPT, 550, "5.1.1" },
	{ LMTPANSWER_RCPT, 552, "5.2.2" },
	{ LMTPANSWER_RCPT, 553, "5.1.3" },
	{ LMTPANSWER_DOT, 452, "4.2.2" },
	{ LMTPANSWER_DOT, 552, "5.2.2" },
	{ LMTPANSWER_DOT, 554, "5.6.0" },
};

static char const *
status_for(enum lmtpanswer_stage stage, struct replies const *r)
{
	static char const *const other[] = { "2.0.0", "4.5.0", "4.0.0", "5.0.0" };

	if (*r->status)
		return r->status;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].stage == stage && table[i].code == r->code)
			return table[i].status;
	return other[r->code / 100 - 2];
}

/* is_about_us - the server did not understand, or not like what we are: no fault of the mail. */
static int
is_about_us(enum lmtpanswer_stage stage, unsigned int code)
{
	return stage == LMTPANSWER_HELLO || code == 421 || code == 500 || code == 502 ||
	       code == 503;
}

void
lmtpanswer_set(
    struct answer *a, char const *where, enum lmtpanswer_stage stage, struct replies const *r)
{
	char reply[STREAM_TEXT_MAX];
	char const *status = status_for(stage, r);
	char code = r->code >= 500 ? 'D' : 'Z';

	replies_line(reply, sizeof reply, r);
	if (r->code < 300 && stage != LMTPANSWER_HELLO && stage != LMTPANSWER_DATA) {
		reason_set(a, 'K', status, where, ": ", reply, (char *)0);
		return;
	}
	if (is_about_us(stage, r->code)) {
		code = 'Z';
		status = stage == LMTPANSWER_HELLO || r->code == 421 ? "4.4.2" : "4.5.0";
	} else if (r->code < 400) {
		status = "4.5.0"; /* not what was asked for */
	}
	reason_set(a, code, status, where, " said: ", reply, (char *)0);
}
