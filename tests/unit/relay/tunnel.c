#include "tunnel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tlsserver.h"

static SSL_CTX *ctx;
static X509 *cert;
static struct tunnel tunnel;

static int
make(void **state)
{
	(void)state;
	ctx = make_server("DNS:mx.crepes.fr", 1000, &cert);
	return dup2(memfd_create("no authorities", 0), TLSCLIENT_AUTHORITIES) == -1;
}

/* What the server at the other end does, in a process of its own. */
static void
echo(int fd)
{
	SSL *const ssl = SSL_new(ctx);
	char text[1000];
	int n;

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) != 1)
		_exit(1);
	while ((n = SSL_read(ssl, text, sizeof text)) > 0)
		SSL_write(ssl, text, n);
	SSL_write(ssl, "bye", 3);
	SSL_shutdown(ssl);
	_exit(SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN ? 0 : 2);
}

static void
leave_abruptly(int fd)
{
	SSL *const ssl = SSL_new(ctx);

	SSL_set_fd(ssl, fd);
	_exit(SSL_accept(ssl) == 1 && SSL_write(ssl, "421 bye", 7) == 7 ? 0 : 1);
}

static void
say_much(int fd)
{
	static char text[16000];
	SSL *const ssl = SSL_new(ctx);

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) != 1 || SSL_write(ssl, text, sizeof text) != sizeof text)
		_exit(1);
	while (SSL_read(ssl, text, sizeof text) > 0)
		;
	_exit(0);
}

static void
say_nothing(int fd)
{
	char c;

	while (read(fd, &c, 1) > 0)
		;
	_exit(0);
}

static void
hang_up(int fd)
{
	char c;

	_exit(read(fd, &c, 1) != 1);
}

/* ---- */

struct world {
	struct tlsclient *tls;
	int server, plain, ours; /* ours is the other end of plain */
	pid_t pid;
};

static void
begin(struct world *w, void (*serve)(int), enum hop_tls level)
{
	struct hop const h = { .tls = level, .names = 1, .name = { "mx.crepes.fr" } };
	int net[2], pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, net), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	w->pid = fork();
	if (!w->pid) {
		close(net[0]);
		close(pair[0]);
		close(pair[1]);
		serve(net[1]);
		_exit(3);
	}
	close(net[1]);
	w->server = net[0];
	w->plain = pair[0];
	w->ours = pair[1];
	w->tls = tlsclient_start(&h);
	assert_non_null(w->tls);
	tunnel_init(&tunnel, w->tls, w->server, w->plain);
}

/* end - the server's exit code. */
static int
end(struct world *w)
{
	int status;

	tlsclient_free(w->tls);
	close(w->server);
	close(w->plain);
	assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
	return WEXITSTATUS(status);
}

static void
octets_go_both_ways_until_the_plain_end_is_shut(void **state)
{
	char why[100], text[100] = "";
	struct world w;

	(void)state;
	begin(&w, echo, HOP_TLS_MAY);
	assert_int_equal(tunnel_handshake(&tunnel, 10, why, sizeof why), TUNNEL_UP);
	assert_int_equal(write(w.ours, "hello ", 6), 6);
	shutdown(w.ours, SHUT_WR);
	tunnel_copy(&tunnel);
	assert_int_equal(recv(w.ours, text, sizeof text, MSG_WAITALL), 9);
	assert_string_equal(text, "hello bye");
	close(w.ours);
	assert_int_equal(end(&w), 0);
}

static void
a_plain_end_that_is_closed_ends_it(void **state)
{
	char why[100];
	struct world w;

	(void)state;
	begin(&w, echo, HOP_TLS_MAY);
	assert_int_equal(tunnel_handshake(&tunnel, 10, why, sizeof why), TUNNEL_UP);
	assert_int_equal(write(w.ours, "QUIT", 4), 4);
	close(w.ours);
	tunnel_copy(&tunnel);
	assert_int_equal(end(&w), 0);
}

/* Packets of that size do not fit the plain end, which is there: nobody may wait for the other. */
static void
trouble_on_this_side_ends_it_at_once(void **state)
{
	int const least = 1;
	char why[100];
	struct world w;
	int packets[2];
	time_t begun;

	(void)state;
	begin(&w, say_much, HOP_TLS_MAY);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, packets), 0);
	assert_int_equal(setsockopt(packets[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof least), 0);
	dup2(packets[0], w.plain);
	close(packets[0]);
	assert_int_equal(tunnel_handshake(&tunnel, 10, why, sizeof why), TUNNEL_UP);
	begun = time(0);
	tunnel_copy(&tunnel);
	assert_true(time(0) - begun < TUNNEL_LINGER / 2);
	close(packets[1]);
	close(w.ours);
	assert_int_equal(end(&w), 0);
}

static void
a_server_that_leaves_ends_it(void **state)
{
	char why[100], text[100] = "";
	struct world w;

	(void)state;
	begin(&w, leave_abruptly, HOP_TLS_MAY);
	assert_int_equal(tunnel_handshake(&tunnel, 10, why, sizeof why), TUNNEL_UP);
	tunnel_copy(&tunnel);
	assert_int_equal(end(&w), 0);
	assert_int_equal(recv(w.ours, text, sizeof text, MSG_WAITALL), 7);
	assert_string_equal(text, "421 bye");
	close(w.ours);
}

static void
a_handshake_that_does_not_come_ends(void **state)
{
	char why[100];
	struct world w;

	(void)state;
	begin(&w, say_nothing, HOP_TLS_MAY);
	assert_int_equal(tunnel_handshake(&tunnel, 1, why, sizeof why), TUNNEL_BROKEN);
	assert_string_equal(why, "no handshake within 1 seconds");
	close(w.ours);
	assert_int_equal(end(&w), 0);

	begin(&w, hang_up, HOP_TLS_MAY);
	assert_int_equal(tunnel_handshake(&tunnel, 10, why, sizeof why), TUNNEL_BROKEN);
	assert_true(*why);
	close(w.ours);
	assert_int_equal(end(&w), 0);
}

static void
what_must_be_verified_is_not_trusted(void **state)
{
	char why[100];
	struct world w;

	(void)state;
	begin(&w, say_nothing, HOP_TLS_VERIFY);
	assert_int_equal(tunnel_handshake(&tunnel, 10, why, sizeof why), TUNNEL_UNVERIFIED);
	close(w.ours);
	assert_int_equal(end(&w), 0);
}

static void
a_plain_end_that_goes_ends_the_handshake(void **state)
{
	char why[100];
	struct world w;

	(void)state;
	begin(&w, say_nothing, HOP_TLS_MAY);
	close(w.ours);
	assert_int_equal(tunnel_handshake(&tunnel, 10, why, sizeof why), TUNNEL_GONE);
	assert_int_equal(end(&w), 0);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(octets_go_both_ways_until_the_plain_end_is_shut),
		cmocka_unit_test(a_plain_end_that_is_closed_ends_it),
		cmocka_unit_test(trouble_on_this_side_ends_it_at_once),
		cmocka_unit_test(a_server_that_leaves_ends_it),
		cmocka_unit_test(a_handshake_that_does_not_come_ends),
		cmocka_unit_test(what_must_be_verified_is_not_trusted),
		cmocka_unit_test(a_plain_end_that_goes_ends_the_handshake),
	};

	return cmocka_run_group_tests(tests, make, 0);
}
