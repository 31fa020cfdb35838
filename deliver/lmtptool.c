#include "lmtptool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"

#define ADDRESS_FLAGS (ADDRESS_UTF8_OK | ADDRESS_NO_DOMAIN_OK)

static struct {
	int is_file;
	uint64_t at, len; /* of the message in it */
	char text[LMTP_PIECE];
} self;

int
lmtptool_address(struct address *a, char const *text)
{
	char quoted[2 * ADDRESS_LOCAL_MAX + ADDRESS_DOMAIN_MAX + 4];
	char const *at = strrchr(text, '@');
	size_t len = 0;

	if (address_parse(a, text, strlen(text), ADDRESS_FLAGS) == ADDRESS_OK)
		return 1;
	if (!at || at == text || at - text > ADDRESS_LOCAL_MAX ||
	    strlen(at) > ADDRESS_DOMAIN_MAX + 1)
		return 0;
	quoted[len++] = '"';
	for (char const *s = text; s < at; s++) {
		if (*s == '"' || *s == '\\')
			quoted[len++] = '\\';
		quoted[len++] = *s;
	}
	quoted[len++] = '"';
	memcpy(quoted + len, at, strlen(at));
	return address_parse(a, quoted, len + strlen(at), ADDRESS_FLAGS) == ADDRESS_OK;
}

void
lmtptool_open(void)
{
	struct stat st;
	off_t at;

	if (fstat(0, &st) == -1)
		die_temp("look at descriptor 0, the message");
	at = S_ISREG(st.st_mode) ? lseek(0, 0, SEEK_CUR) : -1;
	if (at == -1)
		return;
	self.is_file = 1;
	self.at = (uint64_t)at;
	self.len = st.st_size > at ? (uint64_t)(st.st_size - at) : 0;
}

static void
envelope(struct lmtp *l, char const *sender, struct address const *rcpt)
{
	static char const param[] = "SMTPUTF8";
	char text[STREAM_FRAME_MAX];
	size_t len = strlen(sender) + 1;
	int utf8 = rcpt->utf8;

	for (char const *s = sender; *s; s++)
		utf8 |= *s & 0x80;
	if (len > sizeof text - sizeof param)
		die_perm("the sender's address is too long");
	memcpy(text, sender, len);
	if (utf8) {
		memcpy(text + len, param, sizeof param);
		len += sizeof param;
	}
	lmtp_mail(l, &(struct frame){ STREAM_MAIL, text, len, -1 });
	lmtp_rcpt(l, &(struct frame){ STREAM_RCPT, rcpt->text, rcpt->len + 1, -1 });
}

static void
message(struct lmtp *l)
{
	ssize_t n;

	if (self.is_file) {
		lmtp_file(l, 0, self.at, self.len);
		return;
	}
	while ((n = read(0, self.text, sizeof self.text))) {
		if (n > 0)
			lmtp_data(l, self.text, (size_t)n);
		else if (errno != EINTR)
			die_temp("read the message");
	}
}

/* report - what is to be read in the bounce, or in the log. */
static void
report(struct answer const *a)
{
	char text[STREAM_STATUS_MAX + STREAM_TEXT_MAX + 2];
	int const len = snprintf(text, sizeof text, "%s %s\n", a->status, a->text);

	if (write(1, text, (size_t)len) != len)
		return; /* the exit code says what matters */
}

int
lmtptool_run(struct lmtp *l, char const *sender, char const *recipient)
{
	struct address rcpt;
	struct answer const *a = &l->rcpt[0].answer;

	if (!lmtptool_address(&rcpt, recipient))
		die_perm("this is no address: ", recipient);
	envelope(l, sender, &rcpt);
	message(l);
	lmtp_end(l);
	if (!a->code)
		a = &l->mail;
	report(a);
	lmtp_quit(l);
	return a->code == 'K' ? EXIT_DONE : a->code == 'D' ? EXIT_PERM : EXIT_TEMP;
}
