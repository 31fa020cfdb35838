/* relay-connect - find the next mail server and connect to it, for relay; see relay-connect.8 */

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "connectconf.h"
#include "control.h"
#include "descriptor.h"
#include "die.h"
#include "hop.h"
#include "log.h"
#include "own.h"
#include "priv.h"
#include "reach.h"
#include "relay-connect_policy.h"
#include "sandbox.h"

#define USAGE     "relay-connect [-m] host[:port]"
#define PORTS_MAX (ROUTES_PORTS_MAX + LOOKUP_SERVERS_MAX + 3)

extern struct sandbox_policy const relay_connect_policy;

static struct connectconf conf;
static struct own own;
static struct reach reach;
static char text[HOP_PACKET_MAX];

/* read_arguments - and check what is the admin's; a mail domain comes from a message. */
static void
read_arguments(int argc, char const *const *argv)
{
	struct route route;
	char const *wrong;

	reach.way.is_mail = argc == 3 && !strcmp(argv[1], "-m");
	if (argc != 2 + reach.way.is_mail || (!reach.way.is_mail && *argv[1] == '-'))
		die_usage(USAGE);
	reach.way.target = argv[1 + reach.way.is_mail];
	wrong = reach.way.is_mail ? 0 : routes_target(&route, reach.way.target);
	if (wrong)
		die_perm(reach.way.target, ": ", wrong);
}

static void
read_control(void)
{
	struct control control;

	if (control_open(&control) == -1)
		control_die(&control);
	connectconf_read(&conf, &control);
	control_close(&control);
	reach.way.conf = &conf;
}

/* open_files - none of them must be there: without the table nothing is remembered. */
static void
open_files(void)
{
	struct stat st;

	reach.way.sts.socket = !fstat(RELAY_STS, &st) && S_ISSOCK(st.st_mode) ? RELAY_STS : -1;
	close_range(RELAY_STS + 1, ~0U, 0);
	if (reach.way.sts.socket == -1)
		close(RELAY_STS);
	hosts_open(&reach.hosts, CONF_QUEUEDIR "/relay/hosts");
	reach.hosts.fd = descriptor_move(reach.hosts.fd, CONNECT_HOSTS);
	reach.way.sts.dir = descriptor_move(
	    open(CONF_QUEUEDIR "/sts", O_PATH | O_DIRECTORY | O_CLOEXEC), CONNECT_STS_DIR);
}

static void
find_servers(void)
{
	if (!own_read(&own))
		die_temp("list this host's addresses");
	if (!lookup_init(&reach.way.lookup, conf.trustad))
		die_temp("find a name server (/etc/resolv.conf)");
	reach.way.own = &own;
}

/* add_port - to those that may be connected to, once. */
static void
add_port(uint16_t ports[PORTS_MAX], size_t *count, unsigned int port)
{
	for (size_t i = 0; i < *count; i++)
		if (ports[i] == port)
			return;
	ports[(*count)++] = (uint16_t)port;
}

/* close_sandbox - but for DNS, and the ports that mail goes to. */
static void
close_sandbox(void)
{
	struct sandbox_tree const tree = { reach.way.sts.dir, LANDLOCK_ACCESS_FS_READ_FILE };
	struct route route;
	uint16_t ports[PORTS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < conf.routes.ports; i++)
		add_port(ports, &count, conf.routes.port[i]);
	for (size_t i = 0; i < reach.way.lookup.servers; i++)
		add_port(ports, &count, lookup_port(&reach.way.lookup, i));
	add_port(ports, &count, conf.port);
	if (!reach.way.is_mail && !routes_target(&route, reach.way.target) && route.port)
		add_port(ports, &count, route.port);
	if (conf.from[0].family || conf.from[1].family)
		add_port(ports, &count, 0); /* to bind to it */
	sandbox_enter_ports(&relay_connect_policy, &tree, reach.way.sts.dir != -1, ports, count);
}

/* serve - until relay is gone. */
static void
serve(void)
{
	enum hop_request type;
	struct answer answer;
	int fd;

	verdict_clear(&reach.verdict);
	while (hop_wait(0, &type, text) == 1) {
		if (!reach_answer(&reach, type, text, &answer, &fd))
			continue;
		if (!hop_tell(0, &answer, fd == -1 ? 0 : &reach.hop, fd))
			return;
		if (fd != -1)
			close(fd);
	}
}

int
main(int argc, char const *const *argv)
{
	log_open("relay-connect");
	read_arguments(argc, argv);
	read_control();
	find_servers();
	signal(SIGPIPE, SIG_IGN);
	priv_drop_if_root(CONF_USER_RELAY);
	open_files();
	close_sandbox();
	serve();
	_exit(EXIT_DONE);
}
