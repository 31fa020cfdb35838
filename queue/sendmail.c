/* sendmail - put a local program's message into the queue; see sendmail.8 */

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <fcntl.h>
#include <skalibs/stralloc.h>

#include "address.h"
#include "chain.h"
#include "complete.h"
#include "config.h"
#include "control.h"
#include "date.h"
#include "letterhead.h"
#include "log.h"
#include "mailargs.h"
#include "passwd.h"
#include "sandbox.h"
#include "stream.h"
#include "typed.h"

#define CHUNK      65536
#define HEADER_MAX (1U << 20) /* octets of a header */
#define PARAMS_MAX 1024       /* octets of a frame's parameters */

extern struct sandbox_policy const sendmail_policy;

static struct mailargs args;
static struct stream stream;
static stralloc domain = STRALLOC_ZERO; /* for addresses without one */
static char user[PASSWD_NAME_MAX + 1];  /* who calls */
static struct address sender;
static stralloc rcpts = STRALLOC_ZERO; /* canonical, each NUL-ended */
static int utf8;                       /* one of these addresses needs SMTPUTF8 */

/* ---- how it ends */

static _Noreturn void
give_up(int code, char const *text, ...)
{
	va_list more;

	fputs("sendmail: ", stderr);
	va_start(more, text);
	for (; text; text = va_arg(more, char const *))
		fputs(text, stderr);
	va_end(more);
	fputc('\n', stderr);
	_exit(code);
}

#define GIVE_UP(code, ...) give_up(code, __VA_ARGS__, (char const *)0)

static void
check(int ok)
{
	if (!ok)
		GIVE_UP(EX_TEMPFAIL, "no memory is left");
}

/* ---- other programs under this name */

static _Noreturn void
be(char const *const *argv)
{
	char path[4096];

	if (chain_path(path, sizeof path, argv[0]))
		execvp(path, (char *const *)argv);
	GIVE_UP(EX_OSFILE, "unable to run ", argv[0], ": ", strerrordesc_np(errno));
}

/* be_other - what is asked for is another program's work. */
static void
be_other(void)
{
	static char const *const list[] = { "queue-list", 0 };
	static char const *const aliases[] = { "deliver-aliases", 0 };
	static char const *const retry[] = { "queue-ctl", "retry", "all", 0 };
	static char const *const smtp[] = { "smtpd", "queue-inject", 0 };
	static char const *verify[1024] = { "control-check", "-r" };

	switch (args.mode) {
	case MAILARGS_SEND: return;
	case MAILARGS_LIST: be(list);
	case MAILARGS_ALIASES: be(aliases);
	case MAILARGS_RETRY: be(retry);
	case MAILARGS_SMTP: setenv("RELAYCLIENT", "", 1); be(smtp);
	case MAILARGS_VERIFY:
		for (size_t i = 0; i < 1000 && args.rcpts[i]; i++)
			verify[i + 2] = args.rcpts[i];
		be(verify);
	}
}

/* ---- who sends, to whom */

/* read_settings - the domain, and the caller's name. */
static void
read_settings(void)
{
	struct passwd_entry entry;
	struct control control;
	int const fd = open(PASSWD_FILE, O_RDONLY | O_CLOEXEC);
	int const found = fd == -1 ? -1 : passwd_find_uid(fd, getuid(), &entry);
	int r = control_open(&control);

	if (r != -1)
		r = control_line(&control, "defaulthost", &domain);
	if (!r)
		r = control_me(&control, &domain);
	if (r == -1)
		GIVE_UP(EX_CONFIG, control.error);
	control_close(&control);
	if (found == -1)
		GIVE_UP(EX_TEMPFAIL, "unable to read ", PASSWD_FILE);
	if (!found)
		GIVE_UP(EX_OSFILE, "you do not exist in ", PASSWD_FILE);
	snprintf(user, sizeof user, "%s", entry.name);
	close(fd);
}

/* canonical - the address with its domain; dies if it is none. */
static void
canonical(struct address *a, char const *text, unsigned int flags)
{
	char whole[2 * ADDRESS_MAX];
	int n = snprintf(whole, sizeof whole, "%s", text);

	if (n < 0 || (size_t)n >= sizeof whole ||
	    address_parse(a, whole, (size_t)n, flags | ADDRESS_NO_DOMAIN_OK | ADDRESS_UTF8_OK) !=
		ADDRESS_OK)
		GIVE_UP(EX_DATAERR, "this is no mail address: ", text);
	if (a->len && a->at == a->len) {
		n = snprintf(whole, sizeof whole, "%s@%s", a->text, domain.s);
		if (n < 0 || (size_t)n >= sizeof whole ||
		    address_parse(a, whole, (size_t)n, ADDRESS_UTF8_OK) != ADDRESS_OK)
			GIVE_UP(EX_CONFIG, "control/defaulthost is no domain: ", domain.s);
	}
	utf8 |= a->utf8;
}

static void
set_sender(void)
{
	char const *from = args.sender ? args.sender : user;
	size_t const len = strlen(from);
	char bare[ADDRESS_MAX + 2];

	if (len >= 2 && len < sizeof bare && *from == '<' && from[len - 1] == '>') {
		memcpy(bare, from + 1, len - 2);
		bare[len - 2] = 0;
		from = bare;
	}
	if (*from)
		canonical(&sender, from, 0);
}

/* is_rcpt - whether it is one already: nobody wants two copies. */
static int
is_rcpt(struct address const *a)
{
	for (size_t i = 0; i < rcpts.len; i += strlen(rcpts.s + i) + 1)
		if (!strcmp(rcpts.s + i, a->text))
			return 1;
	return 0;
}

/* add_rcpts - a list of addresses, each NUL-ended. */
static void
add_rcpts(stralloc const *list)
{
	struct address a;

	for (size_t i = 0; i < list->len; i += strlen(list->s + i) + 1) {
		canonical(&a, list->s + i, 0);
		if (!is_rcpt(&a))
			check(stralloc_catb(&rcpts, a.text, a.len + 1));
	}
}

static void
rcpts_of_words(void)
{
	stralloc list = STRALLOC_ZERO;

	for (char const *const *word = args.rcpts; *word; word++)
		if (letterhead_list(&list, *word, strlen(*word)) != 1)
			GIVE_UP(EX_DATAERR, "this is no mail address: ", *word);
	add_rcpts(&list);
	stralloc_free(&list);
}

static void
rcpts_of_header(char const *header, size_t len)
{
	stralloc list = STRALLOC_ZERO;
	char const *field;
	char line[80];
	int const r = letterhead_rcpts(&list, header, len, &field);

	if (!r) {
		snprintf(line, sizeof line, "%.*s", (int)strcspn(field, "\n"), field);
		GIVE_UP(EX_DATAERR, "this is no list of mail addresses: ", line);
	}
	check(r == 1);
	add_rcpts(&list);
	stralloc_free(&list);
}

/* ---- the message */

static struct typed typed;

/* next_chunk - the message's next octets into to[CHUNK + TYPED_MORE]; 0 at its end. */
static size_t
next_chunk(char *to)
{
	static char raw[CHUNK];
	static int over;

	while (!over) {
		ssize_t const r = typed.ended ? 0 : read(0, raw, sizeof raw);
		size_t n;

		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1)
			GIVE_UP(EX_IOERR, "unable to read the message: ", strerrordesc_np(errno));
		over = !r;
		n = r ? typed_feed(&typed, raw, (size_t)r, to) : typed_finish(&typed, to);
		if (n)
			return n;
	}
	return 0;
}

/* read_header - until it ends; its length. What came behind it is in text, too. */
static size_t
read_header(stralloc *text)
{
	static char chunk[CHUNK + TYPED_MORE];
	size_t len, n;

	while ((len = letterhead_end(text->s ? text->s : "", text->len)) > text->len) {
		if (text->len > HEADER_MAX)
			GIVE_UP(EX_DATAERR, "the header is longer than 1 MiB");
		n = next_chunk(chunk);
		if (!n)
			return text->len;
		check(stralloc_catb(text, chunk, n));
	}
	return len;
}

/* ---- to queue-inject */

static _Noreturn void
gone(void)
{
	GIVE_UP(EX_TEMPFAIL, "queue-inject has ended: the system's log says why");
}

/* expect - the answer to the last request. */
static void
expect(char const *about)
{
	struct answer a;

	if (stream_get_answer(&stream, &a) != STREAM_OK)
		gone();
	if (a.code != 'K')
		GIVE_UP(a.code == 'Z' ? EX_TEMPFAIL : EX_UNAVAILABLE, about, *about ? ": " : "",
		    a.text);
}

static int
put(void *to, char const *text, size_t len)
{
	(void)to;
	if (!stream_data(&stream, text, len))
		gone();
	return 1;
}

/* add_param - "KEY=value" and NUL; value in capitals, or as xtext (RFC 3461 4). */
static void
add_param(char *to, size_t *len, char const *key, char const *value, int is_xtext)
{
	size_t const room = strlen(key) + 3 * strlen(value) + 2;

	if (room > PARAMS_MAX - *len)
		GIVE_UP(EX_USAGE, "an option's value is too long");
	memcpy(to + *len, key, strlen(key));
	*len += strlen(key);
	for (; *value; value++) {
		unsigned char const c = (unsigned char)*value;

		if (is_xtext && (c <= ' ' || c > 126 || c == '+' || c == '='))
			*len += (size_t)snprintf(to + *len, 4, "+%02X", c);
		else
			to[(*len)++] = (char)(!is_xtext && c >= 'a' && c <= 'z' ? c - 32 : c);
	}
	to[(*len)++] = 0;
}

static void
send_envelope(void)
{
	static char const client[] = "protocol=LOCAL";
	char frame[STREAM_FRAME_MAX];
	size_t len = 0;

	memcpy(frame, sender.text, sender.len + 1);
	if (args.eightbit)
		add_param(frame + sender.len + 1, &len, "BODY=", "8BITMIME", 0);
	if (utf8)
		add_param(frame + sender.len + 1, &len, "SMTPUTF8", "", 0);
	if (args.ret)
		add_param(frame + sender.len + 1, &len, "RET=", args.ret, 0);
	if (args.envid)
		add_param(frame + sender.len + 1, &len, "ENVID=", args.envid, 1);
	stream_put(&stream, STREAM_CLIENT, client, sizeof client);
	stream_put(&stream, STREAM_MAIL, frame, sender.len + 1 + len);
	expect(sender.text);
	for (size_t i = 0; i < rcpts.len; i += strlen(rcpts.s + i) + 1) {
		size_t const n = strlen(rcpts.s + i) + 1;

		memcpy(frame, rcpts.s + i, n);
		len = 0;
		if (args.notify)
			add_param(frame + n, &len, "NOTIFY=", args.notify, 0);
		stream_put(&stream, STREAM_RCPT, frame, n + len);
		expect(rcpts.s + i);
	}
}

/* What is added to a header that lacks it. */
static struct {
	char date[DATE_MAX];
	char id[ADDRESS_MAX + 64];
	char received[ADDRESS_MAX + 128];
	stralloc from;
} added;

static void
make_added(void)
{
	struct address caller = { 0 };
	uint64_t random;
	time_t const now = time(0);

	if (getrandom(&random, sizeof random, 0) != sizeof random)
		GIVE_UP(EX_OSERR, "unable to get random octets");
	date_rfc5322(added.date, now);
	snprintf(added.id, sizeof added.id, "<%llx.%016llx@%s>", (unsigned long long)now,
	    (unsigned long long)random, domain.s);
	snprintf(added.received, sizeof added.received,
	    "Received: by %s (Sallyport, from userid %lu);\n\t%s\n", domain.s,
	    (unsigned long)getuid(), added.date);
	canonical(&caller, user, 0);
	check(letterhead_from(&added.from, args.name ? args.name : getenv("NAME"),
		  sender.len ? sender.text : caller.text) &&
	      stralloc_0(&added.from));
}

/* send_message - header, mended, and the rest; read is what came already. */
static void
send_message(char const *header, size_t len, char const *rest, size_t restlen)
{
	static char chunk[CHUNK + TYPED_MORE];
	struct complete c = {
		.put = put,
		.date = args.relayed ? 0 : added.date,
		.id = added.id,
		.from = added.from.s,
	};
	stralloc whole = STRALLOC_ZERO;
	size_t n;

	check(args.relayed ? stralloc_copyb(&whole, header, len)
			   : letterhead_qualify(&whole, header, len, domain.s));
	put(0, added.received, strlen(added.received));
	complete_init(&c);
	complete_feed(&c, whole.s ? whole.s : "", whole.len);
	complete_feed(&c, rest, restlen);
	while ((n = next_chunk(chunk)))
		complete_feed(&c, chunk, n);
	complete_finish(&c);
	stream_put(&stream, STREAM_END, "", 0);
	expect("");
}

int
main(int argc, char const *const *argv)
{
	static char const *const next[] = { "queue-inject", 0 };
	stralloc text = STRALLOC_ZERO;
	char const *wrong;
	size_t header;

	(void)argc;
	log_open("sendmail");
	wrong = mailargs_parse(&args, argv);
	if (wrong)
		GIVE_UP(EX_USAGE, wrong);
	be_other();
	read_settings();
	set_sender();
	rcpts_of_words();
	make_added();
	chain_start(next);
	signal(SIGPIPE, SIG_IGN);
	sandbox_enter(&sendmail_policy, 0, 0);
	stream_init(&stream, CHAIN_FD, CHAIN_FD);
	typed.dot_is_text = args.dot_is_text;
	header = read_header(&text);
	if (args.from_header)
		rcpts_of_header(text.s ? text.s : "", header);
	if (!rcpts.len)
		GIVE_UP(EX_USAGE, "there is no recipient: name one, or use -t");
	send_envelope();
	send_message(
	    text.s ? text.s : "", header, text.s ? text.s + header : "", text.len - header);
	_exit(EX_OK);
}
