#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve.h"

/* Comments only: what is accepted goes nowhere. */
static struct qmail nothing = { .lines = GENALLOC_ZERO };

static struct {
	char const *only;
	char const *frames;  /* of one octet type and text each, ended by ; with , for NUL */
	char const *answers; /* the codes */
	int code;            /* 0: serve returned 1 */
	int refuse;
} const cases[] = {
	{ 0, "Ma@b,;Rc@d,;DX: y\n;E;", "KKK", 0, 0 },
	{ 0, "Cid=1,;Ma@b,;Rc@d,;Re@f,;E;M,;Rc@d,;E;", "KKKKKKK", 0, 0 },
	{ 0, "E;Rc@d,;X;Da;", "DD", 0, 0 }, { 0, "Ma@b,;Ma@b,;", "KD", 0, 0 },
	{ 0, "Ma@b,;E;Ma@b,;", "KDK", 0, 0 }, { 0, "Ma@b,;Rc@d,;Da;Rc@d,;X;Rc@d,;", "KKDD", 0, 0 },
	{ "c@d", "Ma@b,;Rx@y,;RC@D,;Rc@d,;E;", "KZKZK", 0, 0 },
	{ "c@d", "Ma@b,;Rc@d,;Dabc;E;Ma@b,;", "ZZZ", 0, 1 },
	{ 0, "Ma@b,;Rc@d,;DDelivered-To: C@d\n\n;E;", "KKD", 0, 0 },
	{ 0, "Ma@b,;Rc@d,;DDelivered-To: ;D c@d\n\n;E;", "KKD", 0, 0 },
	{ 0, "Ma@b,;Rc@d,;D\nDelivered-To: c@d\n;E;", "KKK", 0, 0 }, { 0, "Ma@b,;Y;", "K", 1, 0 },
	{ 0, "Ma@b,;F0 0;", "K", 1, 0 }, /* no descriptor */
};

static void
put_frames(int fd, char const *s)
{
	while (*s) {
		char frame[256], content[128];
		size_t n = 0;
		int len;

		for (; *s != ';'; s++)
			content[n++] = *s == ',' ? 0 : *s;
		s++;
		len = snprintf(frame, sizeof frame, "%zu:", n);
		memcpy(frame + len, content, n);
		frame[(size_t)len + n] = ',';
		assert_int_equal(
		    write(fd, frame, (size_t)len + n + 1), (ssize_t)((size_t)len + n + 1));
	}
}

static _Noreturn void
be_sink(int fd, size_t i)
{
	static struct delivery d = { .qmail = &nothing, .alias_owner = "" };
	static struct serve with = { .delivery = &d };

	dup2(fd, 0);
	dup2(fd, 1);
	d.facts.recipient = with.only = cases[i].only;
	if (cases[i].refuse)
		stream_answer_set(&with.refusal, 'Z', "4.0.0", "no");
	_exit(!serve(&with));
}

static void
answers_every_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char got[16] = "";
		static struct stream s;
		struct answer a;
		int fd[2], code;
		pid_t pid;

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
		pid = fork();
		if (!pid) {
			close(fd[0]);
			be_sink(fd[1], i);
		}
		close(fd[1]);
		put_frames(fd[0], cases[i].frames);
		shutdown(fd[0], SHUT_WR);
		stream_init(&s, fd[0], fd[0]);
		for (size_t n = 0; n < sizeof got - 1 && stream_get_answer(&s, &a) == STREAM_OK;
		     n++)
			got[n] = a.code;
		close(fd[0]);
		assert_int_equal(waitpid(pid, &code, 0), pid);
		if (strcmp(got, cases[i].answers) != 0 || WEXITSTATUS(code) != cases[i].code)
			fail_msg("%s: %s, %d", cases[i].frames, got, code);
	}
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(answers_every_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
