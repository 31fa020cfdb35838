#include "reply.h"

#include <string.h>

/* One row a reply, in the order of enum reply_id. */
static struct row {
	enum reply_id id;
	unsigned int code;
	char const *status;
	char const *text;
} const table[] = {
	{ REPLY_GREETING, 220, "", "%" },
	{ REPLY_CLOSING, 221, "2.0.0", "% closing connection" },
	{ REPLY_HELLO, 250, "", "Hello %, pleased to meet you" },
	{ REPLY_SENDER_OK, 250, "2.1.0", "%... Sender ok" },
	{ REPLY_RCPT_OK, 250, "2.1.5", "% ... Recipient ok" },
	{ REPLY_SEND_DATA, 354, "", "Enter mail, end with \".\" on a line by itself" },
	{ REPLY_CHUNK_OK, 250, "2.0.0", "Chunk ok" },
	{ REPLY_ACCEPTED, 250, "2.0.0", "Message accepted for delivery" },
	{ REPLY_OK, 250, "2.0.0", "Ok" },
	{ REPLY_HELP, 214, "2.0.0",
	    "HELO EHLO MAIL RCPT DATA BDAT RSET NOOP VRFY EXPN HELP QUIT: see RFC 5321" },
	{ REPLY_VRFY, 252, "2.0.0", "Not verified: send mail, RCPT will tell" },
	{ REPLY_START_TLS, 220, "2.0.0", "Ready to start TLS" },
	{ REPLY_AUTH_OK, 235, "2.7.0", "Authentication succeeded" },
	{ REPLY_CHALLENGE, 334, "", "%" },
	{ REPLY_IDLE, 421, "4.4.2", "% timeout, closing connection" },
	{ REPLY_LATE, 421, "4.4.2", "% this takes too long, closing connection" },
	{ REPLY_MANY_ERRORS, 421, "4.7.0", "% too many errors, closing connection" },
	{ REPLY_MANY_MAILS, 421, "4.7.0", "% too many messages, connect again" },
	{ REPLY_NEXT_LOST, 451, "4.3.0", "Mail cannot be taken now, try again later" },
	{ REPLY_TROUBLE, 451, "4.3.0", "Look-up failed, try again later" },
	{ REPLY_OVER_QUOTA, 452, "4.2.2", "% mailbox is full" },
	{ REPLY_MANY_RCPTS, 452, "4.5.3", "Too many recipients" },
	{ REPLY_NO_TLS, 454, "4.7.0", "TLS not available now" },
	{ REPLY_NO_AUTH, 454, "4.7.0", "Authentication is not possible now, try again later" },
	{ REPLY_UNKNOWN, 500, "5.5.1", "Command unrecognized" },
	{ REPLY_BARE_COMMAND, 500, "5.5.2",
	    "A line ends with CR LF and holds no other CR, LF or NUL" },
	{ REPLY_LONG, 500, "5.5.2", "Line too long" },
	{ REPLY_LONG_RESPONSE, 500, "5.5.6", "Response too long" },
	{ REPLY_BAD_SENDER, 501, "5.1.7", "Bad sender address syntax" },
	{ REPLY_BAD_RCPT, 501, "5.1.3", "Bad recipient address syntax" },
	{ REPLY_BAD_ARGUMENT, 501, "5.5.4", "Bad or missing argument" },
	{ REPLY_BAD_PARAMETER, 501, "5.5.4", "Bad parameter" },
	{ REPLY_BAD_CHUNK, 501, "5.5.4", "Bad chunk size" },
	{ REPLY_BAD_BASE64, 501, "5.5.2", "This is not base64" },
	{ REPLY_AUTH_CANCELED, 501, "5.7.0", "Authentication canceled" },
	{ REPLY_NOT_OFFERED, 502, "5.5.1", "Command not offered here" },
	{ REPLY_ORDER_HELLO, 503, "5.5.1", "Say EHLO or HELO first" },
	{ REPLY_ORDER_MAIL, 503, "5.5.1", "MAIL first" },
	{ REPLY_ORDER_NESTED, 503, "5.5.1", "Sender already given" },
	{ REPLY_ORDER_RCPT, 503, "5.5.1", "RCPT first" },
	{ REPLY_ORDER_CHUNKS, 503, "5.5.1", "A message by BDAT has begun" },
	{ REPLY_ORDER_TLS, 503, "5.5.1", "TLS is active already" },
	{ REPLY_ORDER_AUTH, 503, "5.5.1", "Not now: AUTH comes once, after EHLO and before MAIL" },
	{ REPLY_AUTH_REQUIRED, 530, "5.7.0", "Authentication required" },
	{ REPLY_AUTH_NEEDS_TLS, 538, "5.7.11",
	    "Say STARTTLS first: no password goes in the clear" },
	{ REPLY_NO_USER, 550, "5.1.1", "% no such mailbox here" },
	{ REPLY_NO_RELAY, 550, "5.7.1", "% is not for us, and we do not relay for you" },
	{ REPLY_BAD_MAIL_FROM, 550, "5.7.1", "% mail from this sender is not taken" },
	{ REPLY_BARE_DATA, 550, "5.6.0", "The message has a CR or LF that is not part of a CR LF" },
	{ REPLY_TOO_BIG, 552, "5.3.4", "Message is larger than we take" },
	{ REPLY_UTF8_SENDER, 553, "5.6.7", "The sender address needs SMTPUTF8" },
	{ REPLY_UTF8_RCPT, 553, "5.6.7", "The recipient address needs SMTPUTF8" },
	{ REPLY_NOT_YOURS, 553, "5.7.1", "% is not your address" },
	{ REPLY_LOOP, 554, "5.4.6", "The message is in a loop" },
	{ REPLY_EARLY, 554, "5.5.1", "% you speak before your turn" },
	{ REPLY_UNKNOWN_PARAMETER, 555, "5.5.4", "Unknown parameter" },
};

/* Refusals of the next program whose status has an SMTP code of its own. */
static struct {
	char const *status; /* behind its first digit */
	unsigned int later, never;
} const codes[] = {
	{ ".2.2", 452, 552 },
	{ ".3.1", 452, 552 },
	{ ".3.4", 452, 552 },
	{ ".5.3", 452, 550 },
};

enum reply_id
reply_row(size_t i)
{
	return table[i].id;
}

struct reply
reply_get(enum reply_id id, char const *arg)
{
	struct row const *row = &table[id];

	return (struct reply){ row->code, row->status, row->text, arg ? arg : "" };
}

/* auth_code - RFC 4954 6. */
static unsigned int
auth_code(struct answer const *a)
{
	if (a->code == 'Z')
		return 454;
	if (!strcmp(a->status, "5.5.4")) /* no such mechanism */
		return 504;
	if (!strncmp(a->status, "5.5.", 4))
		return 501;
	if (!strcmp(a->status, "5.7.9"))
		return 534;
	return !strcmp(a->status, "5.7.11") ? 538 : 535;
}

struct reply
reply_refusal(struct answer const *a, enum reply_phase phase)
{
	int const later = a->code == 'Z';
	unsigned int code = later ? 451 : phase == REPLY_AT_END ? 554 : 550;

	if (phase == REPLY_AT_AUTH)
		return (struct reply){ auth_code(a), a->status, "%", a->text };
	if (!later && (!strncmp(a->status, "5.1.", 4) || !strncmp(a->status, "5.7.", 4)))
		code = 550;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (!strcmp(a->status + 1, codes[i].status))
			code = later ? codes[i].later : codes[i].never;
	return (struct reply){ code, a->status, "%", *a->text ? a->text : "refused" };
}

/* A line being written; two octets are kept for its CR LF. */
struct out {
	char *to;
	size_t len;
};

/* add - a control, and a character that is not ASCII, is said as "?" (RFC 6531 3.7.4). */
static void
add(struct out *o, char const *s, size_t n)
{
	for (size_t i = 0; i < n && o->len < REPLY_MAX - 2; i++) {
		unsigned char const ch = (unsigned char)s[i];

		if ((ch & 0xc0) != 0x80) /* not the rest of a character */
			o->to[o->len++] = (char)(ch < ' ' || ch >= 0x7f ? '?' : ch);
	}
}

static void
add_str(struct out *o, char const *s)
{
	add(o, s, strlen(s));
}

static void
begin(struct out *o, unsigned int code, char separator)
{
	char const head[4] = { (char)('0' + code / 100), (char)('0' + code / 10 % 10),
		(char)('0' + code % 10), separator };

	add(o, head, sizeof head);
}

static size_t
end(struct out *o)
{
	memcpy(o->to + o->len, "\r\n", 2);
	return o->len + 2;
}

size_t
reply_format(char to[REPLY_MAX], struct reply const *r, int enhanced)
{
	struct out o = { to, 0 };
	char const *hole = strchr(r->text, '%');
	size_t const rest = hole ? strlen(hole + 1) : 0;
	size_t arg = strlen(r->arg);

	begin(&o, r->code, ' ');
	if (enhanced && *r->status) {
		add_str(&o, r->status);
		add(&o, " ", 1);
	}
	if (!hole) {
		add_str(&o, r->text);
		return end(&o);
	}
	add(&o, r->text, (size_t)(hole - r->text));
	if (arg > REPLY_MAX - 2 - rest - o.len)
		arg = REPLY_MAX - 2 - rest - o.len;
	add(&o, r->arg, arg);
	add(&o, hole + 1, rest);
	return end(&o);
}

size_t
reply_line(char to[REPLY_MAX], int more, char const *text)
{
	struct out o = { to, 0 };

	begin(&o, 250, more ? '-' : ' ');
	add_str(&o, text);
	return end(&o);
}
