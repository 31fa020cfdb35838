/* Any octets as a queue file, and as an id. */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../fuzz.h"
#include "message.h"

static void
walk(struct envelope const *e)
{
	struct frame rcpt;
	size_t pos = e->first, n = 0;

	while (envelope_next(e, &pos, &rcpt)) {
		must(rcpt.type == STREAM_RCPT && rcpt.len < STREAM_FRAME_MAX);
		n++;
	}
	must(n == e->rcpts && n && n <= MESSAGE_RCPTS_MAX);
	must(e->mail.type == STREAM_MAIL && e->senderlen <= e->mail.len);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct message_regions r;
	struct envelope e = { .frames = STRALLOC_ZERO };
	uint64_t time, inode;
	char id[MESSAGE_ID_MAX];
	int fd = memfd_create("message", MFD_CLOEXEC);

	must(fd != -1 && write(fd, data, size) == (ssize_t)size);
	if (message_read(fd, &r, &e) == 1) {
		must(r.message + r.messagelen <= size && r.envelope + r.envelopelen <= size);
		walk(&e);
	}
	close(fd);
	stralloc_free(&e.frames);
	e = (struct envelope){ .frames = STRALLOC_ZERO };
	if (stralloc_catb(&e.frames, (char const *)data, size) && envelope_parse(&e) == 1)
		walk(&e);
	stralloc_free(&e.frames);
	if (message_id_parse((char const *)data, size, &time, &inode)) {
		message_id(id, time, inode);
		must(strlen(id) == size && !memcmp(id, data, size));
	}
	return 0;
}
