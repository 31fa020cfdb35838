#include "commands.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base64.h"

static int
starts_with(char const *s, char const *prefix)
{
	return !strncasecmp(s, prefix, strlen(prefix));
}

static int
can_do(struct capabilities const *can, unsigned int what)
{
	return (can->offers & what) != 0;
}

static size_t
put(char *to, size_t len, char const *s)
{
	size_t const n = strlen(s);

	memcpy(to + len, s, n);
	return len + n;
}

/* put_param - a parameter and the blank before it. */
static size_t
put_param(char *to, size_t len, char const *s)
{
	return put(to, put(to, len, " "), s);
}

static int
is_ascii(char const *s)
{
	while (*s && !(*s & 0x80))
		s++;
	return !*s;
}

/* Parameters that are passed on as they came, to a server that has DSN. */
static char const *const mail_dsn[] = { "RET=", "ENVID=", 0 };
static char const *const rcpt_dsn[] = { "NOTIFY=", "ORCPT=", 0 };

/* put_dsn - those of a path's parameters that are listed. */
static size_t
put_dsn(char *to, size_t len, struct letter const *l, struct letter_path const *p,
    struct capabilities const *can, char const *const *listed)
{
	for (size_t at = p->params; at < p->end; at += strlen(letter_text(l, at)) + 1) {
		char const *s = letter_text(l, at);

		for (char const *const *name = listed; *name; name++)
			if (starts_with(s, *name) && (is_ascii(s) || can_do(can, CAN_SMTPUTF8)))
				len = put_param(to, len, s);
	}
	return len;
}

size_t
commands_mail(char to[COMMANDS_MAX], struct letter const *l, struct commands_mail const *m,
    struct capabilities const *can)
{
	size_t len = put(to, 0, "MAIL FROM:<");
	char size[32];

	len = put(to, len, letter_text(l, l->sender.at));
	len = put(to, len, ">");
	if (can_do(can, CAN_SIZE) && m->size) {
		snprintf(size, sizeof size, "SIZE=%llu", (unsigned long long)m->size);
		len = put_param(to, len, size);
	}
	if (can_do(can, CAN_8BITMIME) && m->eight)
		len = put_param(to, len, "BODY=8BITMIME");
	if (can_do(can, CAN_SMTPUTF8) && l->smtputf8)
		len = put_param(to, len, "SMTPUTF8");
	if (can_do(can, CAN_REQUIRETLS) && l->requiretls)
		len = put_param(to, len, "REQUIRETLS");
	if (can_do(can, CAN_DSN))
		len = put_dsn(to, len, l, &l->sender, can, mail_dsn);
	return put(to, len, "\r\n");
}

size_t
commands_rcpt(
    char to[COMMANDS_MAX], struct letter const *l, size_t rcpt, struct capabilities const *can)
{
	struct letter_path const *p = &l->rcpt[rcpt];
	size_t len = put(to, 0, "RCPT TO:<");

	len = put(to, len, letter_text(l, p->at));
	len = put(to, len, ">");
	if (can_do(can, CAN_DSN))
		len = put_dsn(to, len, l, p, can, rcpt_dsn);
	return put(to, len, "\r\n");
}

size_t
commands_auth_plain(char to[COMMANDS_AUTH_MAX], char const *user, char const *password)
{
	char text[2 * COMMANDS_NAME_MAX + 2];
	size_t const n = strlen(user), m = strlen(password);
	size_t len;

	if (n > COMMANDS_NAME_MAX || m > COMMANDS_NAME_MAX)
		return 0;
	text[0] = 0;
	memcpy(text + 1, user, n + 1);
	memcpy(text + n + 2, password, m);
	len = put(to, 0, "AUTH PLAIN ");
	len += base64_encode(to + len, text, n + m + 2);
	return put(to, len, "\r\n");
}

size_t
commands_auth_login(char to[COMMANDS_AUTH_MAX], char const *text)
{
	if (strlen(text) > COMMANDS_NAME_MAX)
		return 0;
	return put(to, base64_encode(to, text, strlen(text)), "\r\n");
}
