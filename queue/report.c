#include "report.h"

#include <stdio.h>
#include <string.h>

#include <skalibs/types.h>

#include "date.h"

#define BOUNDARY_MAX 64
#define FIELD_MAX    900 /* octets of a value in a field: a line holds 998 (RFC 5322 2.1.1) */

/* What differs between the kinds. */
static struct {
	char const *subject, *action, *text;
} const kinds[] = {
	[REPORT_FAILED] = { "Mail could not be delivered", "failed",
	    "Your message could not be delivered to the addresses below, and will not be tried\n"
	    "again. Under each address is the reason.\n" },
	[REPORT_DELAYED] = { "Mail is delayed", "delayed",
	    "Your message could not yet be delivered to the addresses below. You need not send it\n"
	    "again: it waits here and is tried from time to time, until\n" },
	[REPORT_DELIVERED] = { "Mail was delivered", "delivered",
	    "As you asked to be told: your message was delivered to the addresses below.\n" },
	[REPORT_RELAYED] = { "Mail was passed on", "relayed",
	    "As you asked to be told: your message was passed on to the mail server of the addresses\n"
	    "below. That server does not report deliveries, so you will hear of it only if one fails.\n" },
};

static char const twice_text[] =
    "A report about undelivered mail could not be delivered itself to the addresses below.\n"
    "Nobody else is told of this.\n";

char const *
report_action(enum report_kind kind)
{
	return kinds[kind].action;
}

static int
has_eightbit(char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] > 127)
			return 1;
	return 0;
}

size_t
report_header_len(char const *message, size_t len)
{
	char const *p = message, *const end = message + len;

	while (p < end && *p != '\n') {
		char const *line = memchr(p, '\n', (size_t)(end - p));

		if (!line)
			return len;
		p = line + 1;
	}
	return (size_t)(p - message);
}

static int
add(stralloc *to, char const *s)
{
	return stralloc_cats(to, s);
}

/* add_tame - text in a field: no octet of it ends the line or the field; none is above max. */
static int
add_tame(stralloc *to, char const *s, unsigned int max)
{
	size_t const len = strnlen(s, FIELD_MAX);

	if (!stralloc_readyplus(to, len))
		return 0;
	for (size_t i = 0; i < len; i++) {
		unsigned char const c = (unsigned char)s[i];

		to->s[to->len++] = (char)(c < ' ' || c == 127 || c > max ? '?' : c);
	}
	return 1;
}

static int
add_clean(stralloc *to, char const *s)
{
	return add_tame(to, s, 255);
}

/* add_field - "name: prefix value" */
static int
add_field(stralloc *to, char const *name, char const *prefix, char const *value)
{
	return add(to, name) && add(to, ": ") && add(to, prefix) && add_clean(to, value) &&
	       add(to, "\n");
}

static int
hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* from_xtext - decode xtext (RFC 3461 4) into to[FIELD_MAX + 1]. */
static void
from_xtext(char *to, char const *s)
{
	size_t n = 0;

	while (*s && n < FIELD_MAX) {
		if (*s == '+' && hex(s[1]) >= 0 && hex(s[2]) >= 0) {
			to[n++] = (char)(hex(s[1]) << 4 | hex(s[2]));
			s += 3;
		} else {
			to[n++] = *s++;
		}
	}
	to[n] = 0;
	if (strlen(to) < n)
		*to = 0; /* a NUL was in it: nobody means that */
}

static int
add_xtext_field(stralloc *to, char const *name, char const *prefix, char const *xtext)
{
	char text[FIELD_MAX + 1];

	from_xtext(text, xtext);
	return !*text || add_field(to, name, prefix, text);
}

static int
add_date_field(stralloc *to, char const *name, time_t when)
{
	char date[DATE_MAX];

	date_rfc5322(date, when);
	return add_field(to, name, "", date);
}

/* set_boundary - one that the original does not hold. */
static void
set_boundary(char boundary[BOUNDARY_MAX], struct report const *r)
{
	for (unsigned int i = 0;; i++) {
		snprintf(boundary, BOUNDARY_MAX, "=_%.40s_%u", r->id, i);
		if (!memmem(r->original, r->originallen, boundary, strlen(boundary)))
			return;
	}
}

static int
add_boundary(stralloc *to, char const *boundary, char const *end)
{
	return add(to, "\n--") && add(to, boundary) && add(to, end) && add(to, "\n");
}

static int
add_type(stralloc *to, char const *type, int eightbit)
{
	return add_field(to, "Content-Type", "", type) &&
	       (!eightbit || add(to, "Content-Transfer-Encoding: 8bit\n")) && add(to, "\n");
}

static int
add_header(
    stralloc *to, struct report const *r, char const *boundary, struct report_needs const *needs)
{
	char number[UINT64_FMT];

	number[uint64_fmt(number, (uint64_t)r->now)] = 0;
	return add_date_field(to, "Date", r->now) && add(to, "From: Mail Delivery System <") &&
	       add_clean(to, r->from) && add(to, ">\nTo: <") && add_clean(to, r->to) &&
	       add(to, ">\n") && add_field(to, "Subject", "", kinds[r->kind].subject) &&
	       add(to, "Message-ID: <") && add_clean(to, r->id) && add(to, ".") &&
	       add(to, number) && add(to, ".") && add(to, kinds[r->kind].action) && add(to, "@") &&
	       add_clean(to, r->me) &&
	       add(to,
		   ">\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\nContent-Type: multipart/report;"
		   " report-type=delivery-status;\n\tboundary=\"") &&
	       add(to, boundary) && add(to, "\"\n") &&
	       (!needs->eightbit || add(to, "Content-Transfer-Encoding: 8bit\n"));
}

/* add_text - the part for people. */
static int
add_text(stralloc *to, struct report const *r)
{
	char date[DATE_MAX];

	if (!add(to, "This is the mail server ") || !add_clean(to, r->me) || !add(to, ".\n\n") ||
	    !add(to, r->twice ? twice_text : kinds[r->kind].text))
		return 0;
	date_rfc5322(date, r->until);
	if (r->kind == REPORT_DELAYED && !(add(to, date) && add(to, ".\n")))
		return 0;
	for (size_t i = 0; i < r->rcpts; i++) {
		struct report_rcpt const *one = &r->rcpt[i];

		if (!add(to, "\n  <") || !add_clean(to, one->address) || !add(to, ">\n") ||
		    (one->reason &&
			!(add(to, "    ") && add_clean(to, one->reason) && add(to, "\n"))))
			return 0;
	}
	return 1;
}

/* add_diagnostic - ASCII, unless the part is UTF-8 (RFC 3464 2.1, RFC 6533 3). */
static int
add_diagnostic(stralloc *to, char const *type, char const *text, int utf8)
{
	return add(to, "Diagnostic-Code: ") && add(to, type) &&
	       add_tame(to, text, utf8 ? 255 : 126) && add(to, "\n");
}

/*
 * remote_reply - what another server replied, if the reason is relay's "host[ip] said: reply" or
 * "relayed: host[ip]: reply"; null: it is not. *mta[*len] is then the server's name.
 */
static char const *
remote_reply(char const *text, char const **mta, size_t *len)
{
	size_t const taken = strlen(REPORT_RELAYED_TEXT);
	int const relayed = !strncmp(text, REPORT_RELAYED_TEXT, taken);
	char const *const mark = relayed ? "]: " : "] said: ";
	char const *const end = strstr(text, mark);

	*mta = text + (relayed ? taken : 0);
	*len = strcspn(*mta, "[ ");
	if (!end || (*mta)[*len] != '[' || *mta + *len > end)
		return 0;
	if (!*len) /* an address alone */
		*len = (size_t)(end + 1 - *mta);
	return end + strlen(mark);
}

/* add_reason - who said it, if it was another server, and what (RFC 3464 2.3.5, 2.3.6). */
static int
add_reason(stralloc *to, char const *text, int utf8)
{
	char const *mta;
	size_t len;
	char const *const reply = remote_reply(text, &mta, &len);

	if (!reply)
		return add_diagnostic(to, "x-local; ", text, utf8);
	return add(to, "Remote-MTA: dns; ") && stralloc_catb(to, mta, len) && add(to, "\n") &&
	       add_diagnostic(to, "smtp; ", reply, utf8);
}

/*
 * add_status - the part for programs: one recipient (RFC 3464 2.3). No Last-Attempt-Date:
 * a report can be made long after the attempt, and nobody has noted when that was.
 */
static int
add_status(stralloc *to, struct report const *r, struct report_rcpt const *one,
    struct report_needs const *needs)
{
	char const *const reason = one->reason                 ? one->reason
				   : r->kind == REPORT_DELAYED ? "4.0.0"
							       : "2.0.0";
	size_t const len = strcspn(reason, " ");
	int const utf8 = has_eightbit(one->address, strlen(one->address));

	return add(to, "\n") &&
	       (!one->orcpt || add_xtext_field(to, "Original-Recipient", "", one->orcpt)) &&
	       add_field(to, "Final-Recipient", utf8 ? "utf-8; " : "rfc822; ", one->address) &&
	       add_field(to, "Action", "", kinds[r->kind].action) && add(to, "Status: ") &&
	       stralloc_catb(to, reason, len) && add(to, "\n") &&
	       (!reason[len] || add_reason(to, reason + len + 1, needs->utf8)) &&
	       (r->kind != REPORT_DELAYED || add_date_field(to, "Will-Retry-Until", r->until));
}

static int
add_statuses(stralloc *to, struct report const *r, struct report_needs const *needs)
{
	if (!add_field(to, "Reporting-MTA", "dns; ", r->me) ||
	    (r->envid && !add_xtext_field(to, "Original-Envelope-Id", "", r->envid)) ||
	    !add_date_field(to, "Arrival-Date", r->arrival))
		return 0;
	for (size_t i = 0; i < r->rcpts; i++)
		if (!add_status(to, r, &r->rcpt[i], needs))
			return 0;
	return 1;
}

static void
set_needs(struct report_needs *needs, struct report const *r)
{
	needs->utf8 = r->utf8 || has_eightbit(r->to, strlen(r->to));
	for (size_t i = 0; i < r->rcpts && !needs->utf8; i++)
		needs->utf8 = has_eightbit(r->rcpt[i].address, strlen(r->rcpt[i].address));
	needs->eightbit = needs->utf8 || has_eightbit(r->original, r->originallen);
	for (size_t i = 0; i < r->rcpts && !needs->eightbit; i++)
		needs->eightbit = r->rcpt[i].reason &&
				  has_eightbit(r->rcpt[i].reason, strlen(r->rcpt[i].reason));
}

int
report_compose(stralloc *to, struct report const *r, struct report_needs *needs)
{
	char boundary[BOUNDARY_MAX];
	char const *const original = r->utf8
					 ? r->whole ? "message/global" : "message/global-headers"
				     : r->whole ? "message/rfc822"
						: "text/rfc822-headers";
	size_t const len = r->whole ? r->originallen
				    : report_header_len(r->original, r->originallen);

	set_needs(needs, r);
	set_boundary(boundary, r);
	return add_header(to, r, boundary, needs) && add_boundary(to, boundary, "") &&
	       add_type(to, "text/plain; charset=utf-8", needs->eightbit) && add_text(to, r) &&
	       add_boundary(to, boundary, "") &&
	       add_type(to,
		   needs->utf8 ? "message/global-delivery-status" : "message/delivery-status",
		   needs->utf8) &&
	       add_statuses(to, r, needs) && add_boundary(to, boundary, "") &&
	       add_type(to, original, needs->eightbit) && stralloc_catb(to, r->original, len) &&
	       add_boundary(to, boundary, "--");
}
