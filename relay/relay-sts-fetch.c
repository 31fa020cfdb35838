/* relay-sts-fetch - fetch one MTA-STS policy; see relay-sts-fetch.8 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include "authorities.h"
#include "config.h"
#include "control.h"
#include "die.h"
#include "fetch.h"
#include "log.h"
#include "priv.h"
#include "sandbox.h"

#define USAGE           "relay-sts-fetch domain"
#define AUTHORITIES_MAX (8U << 20) /* octets of the file tlscafile */

extern struct sandbox_policy const relay_sts_fetch_policy;

static struct fetch fetch;

static void
read_authorities(char const *path)
{
	int const fd = open(path, O_RDONLY | O_CLOEXEC);
	char *const text = malloc(AUTHORITIES_MAX);

	if (!text)
		die_nomem();
	errno = 0;
	if (fd == -1 || ((fetch.authoritieslen = allread(fd, text, AUTHORITIES_MAX)) == 0 && errno))
		die_temp("read ", path);
	close(fd);
	fetch.authorities = text;
}

static void
read_control(void)
{
	stralloc path = STRALLOC_ZERO;
	struct control control;

	if (control_open(&control) == -1 || authorities_path(&control, &path) == -1)
		control_die(&control);
	control_close(&control);
	read_authorities(path.s);
	stralloc_free(&path);
}

static void
tell(int ok)
{
	if (allwrite(1, ok ? "K" : "Z", 1) == 1)
		allwrite(1, ok ? fetch.text : fetch.why, ok ? fetch.len : strlen(fetch.why));
}

int
main(int argc, char const *const *argv)
{
	static uint16_t const ports[] = { 53, 443 };

	log_open("relay-sts-fetch");
	if (argc != 2 || !sts_domain_is_valid(argv[1]))
		die_usage(USAGE);
	clearenv(); /* proxies, key logs, resolver options … */
	setenv("OPENSSL_CONF", "/dev/null", 1);
	close_range(3, ~0U, 0);
	signal(SIGPIPE, SIG_IGN);
	alarm(FETCH_SECONDS + 5); /* whatever it hangs in */
	tzset();
	read_control();
	if (!fetch_init() || !lookup_init(&fetch.lookup, 0))
		die_temp("prepare libcurl or the resolver");
	priv_drop_if_root(CONF_USER_STS);
	sandbox_enter_ports(&relay_sts_fetch_policy, 0, 0, ports, 2);
	tell(fetch_policy(&fetch, argv[1]));
	_exit(EXIT_DONE);
}
