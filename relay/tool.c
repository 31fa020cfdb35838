#include "tool.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/types.h>

#include "die.h"

static struct {
	int is_file;
	uint64_t at, len; /* of the message in it */
	char text[65536]; /* of the message, or of the report */
	size_t used;
} self;

void
tool_open(void)
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

/* put_field - a field of a frame. */
static int
put_field(char to[STREAM_FRAME_MAX], size_t *len, char const *s)
{
	size_t const n = strlen(s) + 1;

	if (n > STREAM_FRAME_MAX - *len)
		return 0;
	memcpy(to + *len, s, n);
	*len += n;
	return 1;
}

static int
is_ascii(char const *const *words)
{
	for (; *words; words++)
		for (char const *s = *words; *s; s++)
			if (*s & 0x80)
				return 0;
	return 1;
}

static void
envelope(struct transaction *t, char const *const *words)
{
	char text[STREAM_FRAME_MAX];
	struct frame f = { STREAM_MAIL, text, 0, -1 };

	if (!put_field(text, &f.len, *words) ||
	    (!is_ascii(words) && !put_field(text, &f.len, "SMTPUTF8")))
		die_perm("the sender's address is too long");
	transaction_mail(t, &f);
	while (*++words) {
		f.len = 0;
		if (!put_field(text, &f.len, *words))
			die_perm("a recipient's address is too long");
		if (!transaction_rcpt(t, &f))
			die_perm("too many recipients");
	}
}

/* message - from a file as often as it is wanted, from elsewhere once. */
static void
message(struct transaction *t)
{
	ssize_t n;

	if (self.is_file) {
		char text[UINT64_FMT * 2];
		size_t len = uint64_fmt(text, self.at);

		text[len++] = ' ';
		len += uint64_fmt(text + len, self.len);
		transaction_file(t, &(struct frame){ STREAM_FILE, text, len, 0 });
		return;
	}
	while ((n = read(0, self.text, sizeof self.text))) {
		if (n > 0)
			transaction_data(t, self.text, (size_t)n);
		else if (errno != EINTR)
			die_temp("read the message");
	}
}

void
tool_run(struct transaction *t, char const *const *words)
{
	envelope(t, words);
	message(t);
	transaction_end(t);
}

/* --- the report --- */

static void
flush(void)
{
	size_t done = 0;

	while (done < self.used) {
		ssize_t const n = write(1, self.text + done, self.used - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == -1 && errno != EINTR)
			die_temp("write the report");
	}
	self.used = 0;
}

static void
put(char const *s, size_t len)
{
	if (len > sizeof self.text - self.used)
		flush();
	memcpy(self.text + self.used, s, len);
	self.used += len;
}

static void
puts_(char const *s)
{
	put(s, strlen(s));
}

int
tool_report(struct transaction const *t, char const *const *words)
{
	int never = 0, later = 0;

	for (size_t i = 0; i < t->rcpts; i++) {
		struct answer const *a = &t->rcpt[i].answer;

		never |= a->code == 'D';
		later |= a->code == 'Z';
		put(&a->code, 1);
		puts_(" ");
		puts_(words[i + 1]);
		puts_(" ");
		puts_(a->status);
		puts_(" ");
		puts_(a->text);
		puts_("\n");
	}
	flush();
	return never ? EXIT_PERM : later ? EXIT_TEMP : EXIT_DONE;
}

/* put_qmail - a report: its letter, the text as a line, NUL. */
static void
put_qmail(char letter, struct answer const *a)
{
	put(&letter, 1);
	if (a) {
		puts_(a->text);
		puts_("\n");
	}
	put("", 1);
}

void
tool_report_qmail(struct transaction const *t)
{
	struct answer const *taken = 0, *later = 0, *never = 0;

	if (t->mail.code != 'K') { /* nobody was asked for */
		put_qmail(t->mail.code, &t->mail);
		flush();
		return;
	}
	for (size_t i = 0; i < t->rcpts; i++) {
		struct answer const *a = &t->rcpt[i].answer;

		if (a->code == 'K')
			taken = a;
		else if (a->code == 'Z')
			later = a;
		else
			never = a;
		put_qmail(a->code == 'K'   ? 'r'
			  : a->code == 'Z' ? 's'
					   : 'h',
		    a->code == 'K' ? 0 : a);
	}
	if (taken)
		put_qmail('K', taken);
	else
		put_qmail(later ? 'Z' : 'D', later ? later : never);
	flush();
}
