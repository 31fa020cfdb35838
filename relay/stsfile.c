#include "stsfile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dial.h"
#include "log.h"
#include "packet.h"

static char text[STS_FILE_MAX];

static uint64_t
now(void)
{
	return (uint64_t)time(0);
}

/* load - what the file says; f points into text. 1, or 0 there is none that makes sense. */
static int
load(struct stsfile const *s, struct sts_file *f, char const *domain)
{
	size_t len = 0;
	ssize_t r = 0;
	int fd;

	memset(f, 0, sizeof *f);
	if (s->dir == -1 || !sts_domain_is_valid(domain))
		return 0;
	fd = openat(s->dir, domain, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1)
		return 0;
	while (len < sizeof text && (r = read(fd, text + len, sizeof text - len)) > 0)
		len += (size_t)r;
	close(fd);
	return r != -1 && sts_file_read(f, text, len);
}

/* fetch - have relay-sts do it, and wait for it: until our pipe is closed, or time is over. */
static void
fetch(struct stsfile const *s, char const *domain, char const *id)
{
	char packet[STS_REQUEST_MAX];
	size_t const len = sts_request_write(packet, domain, id);
	struct packet_fds fds = { .count = 1 };
	int fd[2];
	int sent;

	if (pipe2(fd, O_CLOEXEC) == -1)
		return;
	fds.fd[0] = fd[1];
	sent = packet_send(s->socket, packet, len, &fds);
	close(fd[1]);
	if (!sent || !dial_wait(fd[0], POLLIN, dial_now() + STS_WAIT * 1000)) {
		log_begin("trouble");
		log_str("domain", domain);
		log_str("reason", sent ? "the MTA-STS policy is not fetched in time"
				       : "relay-sts cannot be asked");
		log_end();
	}
	close(fd[0]);
}

int
stsfile_policy(struct stsfile const *s, char const *domain, char const *id, struct sts_policy *p)
{
	struct sts_file f;
	int valid = load(s, &f, domain) && sts_file_is_valid(&f, now(), p);
	uint64_t const waited = now() - f.tried;

	/* a policy of another id stays in force until there is a newer one */
	if (!*id || s->socket == -1 || (valid && !strcmp(f.id, id)) || waited < STS_RETRY)
		return valid;
	fetch(s, domain, id);
	return load(s, &f, domain) && sts_file_is_valid(&f, now(), p);
}
