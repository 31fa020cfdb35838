#include "dovecot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base64.h"
#include "sasl.h"

#define RESPONSE_MAX (2 * SASL_NAME_MAX)

/* next_field - the one that ends at the next tab, or the end; null behind the last. */
static char const *
next_field(char const *line, size_t *pos, size_t *len)
{
	char const *const field = line + *pos;

	if (!*field)
		return 0;
	*len = strcspn(field, "\t");
	*pos += *len + (field[*len] != 0);
	return field;
}

static int
is_field(char const *field, size_t len, char const *name)
{
	return len == strlen(name) && !memcmp(field, name, len);
}

/* take_fields - user=NAME; whether it is a refusal that says nothing of the password. */
static int
take_fields(char const *line, size_t pos, char *user, size_t max)
{
	char const *field;
	size_t len;
	int temporary = 0;

	while ((field = next_field(line, &pos, &len))) {
		if (len > 5 && !memcmp(field, "user=", 5) && len - 5 < max) {
			memcpy(user, field + 5, len - 5);
			user[len - 5] = 0;
		}
		temporary |= is_field(field, len, "temp") || is_field(field, len, "code=temp_fail");
	}
	return temporary;
}

int
dovecot_judge(char const *line, char *user, size_t max)
{
	size_t pos = 0, len, idlen = 0;
	char const *const word = next_field(line, &pos, &len);
	char const *const id = word ? next_field(line, &pos, &idlen) : 0;
	int temporary;

	if (word && is_field(word, len, "VERSION"))
		return id && is_field(id, idlen, "1") ? 0 : ATTEMPT_TROUBLE;
	if (!id || !is_field(id, idlen, "1"))
		return 0;
	if (!is_field(word, len, "OK") && !is_field(word, len, "FAIL"))
		return is_field(word, len, "CONT") ? ATTEMPT_TROUBLE : 0;
	temporary = take_fields(line, pos, user, max);
	if (*word == 'O')
		return ATTEMPT_RIGHT;
	return temporary ? ATTEMPT_TROUBLE : ATTEMPT_WRONG;
}

static int
connect_to(char const *path)
{
	struct timeval const limit = { .tv_sec = ATTEMPT_SECONDS };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd;

	errno = ENAMETOOLONG;
	if (strlen(path) >= sizeof a.sun_path)
		return -1;
	memcpy(a.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != -1 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != -1 &&
	    connect(fd, (struct sockaddr const *)&a, sizeof a) != -1)
		return fd;
	close(fd);
	return -1;
}

/* request - version, who we are, and the question in the shape of PLAIN. */
static int
request(int fd, char const *login, char const *password, char const *ip)
{
	char plain[RESPONSE_MAX], coded[BASE64_SIZE(RESPONSE_MAX) + 1];
	char text[sizeof coded + 200];
	size_t const loginlen = strlen(login), passwordlen = strlen(password);
	int n, ok;

	if (loginlen >= SASL_NAME_MAX || passwordlen > RESPONSE_MAX - loginlen - 2)
		return 0;
	plain[0] = 0;
	memcpy(plain + 1, login, loginlen + 1);
	memcpy(plain + loginlen + 2, password, passwordlen);
	coded[base64_encode(coded, plain, loginlen + passwordlen + 2)] = 0;
	n = snprintf(text, sizeof text,
	    "VERSION\t1\t1\nCPID\t%d\nAUTH\t1\tPLAIN\tservice=smtp\tsecured%s%s\tresp=%s\n",
	    (int)getpid(), *ip >= 'a' && *ip <= 'z' && !strchr(ip, ':') ? "" : "\trip=",
	    *ip >= 'a' && *ip <= 'z' && !strchr(ip, ':') ? "" : ip, coded);
	ok = send(fd, text, (size_t)n, MSG_NOSIGNAL) == n;
	explicit_bzero(plain, sizeof plain);
	explicit_bzero(coded, sizeof coded);
	explicit_bzero(text, sizeof text);
	return ok;
}

/* listen_for - the answer, in all that the service says; 0 it ended without one. */
static int
listen_for(int fd, char *login, size_t max)
{
	static char line[DOVECOT_LINE_MAX];
	size_t n = 0;

	for (;;) {
		char *lf;
		ssize_t const r = recv(fd, line + n, sizeof line - n, 0);

		if (r == -1 && errno == EINTR)
			continue;
		if (r <= 0)
			return 0;
		n += (size_t)r;
		while ((lf = memchr(line, '\n', n))) {
			int result;

			*lf = 0;
			result = dovecot_judge(line, login, max);
			if (result)
				return result;
			n -= (size_t)(lf + 1 - line);
			memmove(line, lf + 1, n);
		}
		if (n == sizeof line)
			return 0;
	}
}

enum attempt_result
dovecot_check(char const *path, char *login, size_t max, char const *password, char const *ip,
    char const **why)
{
	char user[SASL_NAME_MAX] = "";
	int const fd = connect_to(path);
	int result = 0;

	if (fd == -1) {
		*why = strerrordesc_np(errno);
		return ATTEMPT_TROUBLE;
	}
	*why = "Dovecot's authentication service gave no answer that is known here";
	if (request(fd, login, password, ip))
		result = listen_for(fd, user, sizeof user);
	close(fd);
	if (result == ATTEMPT_RIGHT && *user) {
		if (!sasl_is_name(user) || strlen(user) >= max)
			return ATTEMPT_TROUBLE;
		memcpy(login, user, strlen(user) + 1);
	}
	if (result == ATTEMPT_TROUBLE)
		*why = "Dovecot's authentication service has trouble";
	return result ? (enum attempt_result)result : ATTEMPT_TROUBLE;
}
