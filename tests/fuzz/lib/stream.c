/* Any octets as requests and as answers of a mail stream, cut where the input says. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../fuzz.h"
#include "stream.h"

static struct stream s;

static void
read_all(int fd, int answers)
{
	struct frame f;
	struct answer a;
	size_t pos = 0, len;

	stream_init(&s, fd, fd);
	if (answers) {
		while (stream_get_answer(&s, &a) == STREAM_OK)
			must(memchr("KZD", a.code, 3) && strlen(a.text) <= STREAM_TEXT_MAX);
		return;
	}
	while (stream_get(&s, &f) == STREAM_OK) {
		must(f.type == STREAM_DATA ? f.len > 0 && f.len <= STREAM_BUFFER
					   : f.len < STREAM_FRAME_MAX);
		for (pos = 0; stream_field(&f, &pos, &len);)
			must(len <= f.len);
		if (f.fd != -1)
			close(f.fd);
	}
	if (s.passed != -1)
		close(s.passed);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	int fd[2];
	size_t cut;

	if (size < 2 || size > 60000)
		return 0;
	cut = 2 + (data[1] | (size_t)(data[0] & 0x7f) << 8) % (size - 1);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == -1)
		return 0;
	must(write(fd[1], data + 2, cut - 2) == (ssize_t)(cut - 2));
	must(write(fd[1], data + cut, size - cut) == (ssize_t)(size - cut));
	shutdown(fd[1], SHUT_WR);
	read_all(fd[0], data[0] & 0x80);
	close(fd[0]);
	close(fd[1]);
	return 0;
}
