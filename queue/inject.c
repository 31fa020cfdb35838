#include "inject.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <skalibs/types.h>

#include "config.h"
#include "durable.h"

#define FRAME_HEAD (UINT64_FMT + 2) /* length, colon, type */

static unsigned int split;
static enum durable_how how;

int
inject_open(char const **what)
{
	char path[sizeof CONF_QUEUEDIR + sizeof "/mess/" + UINT_FMT];
	struct timespec now;
	int fd;

	clock_gettime(CLOCK_REALTIME, &now);
	split = (unsigned int)(now.tv_nsec % CONF_SPLIT); /* any will do */
	snprintf(path, sizeof path, CONF_QUEUEDIR "/mess/%u", split);
	*what = CONF_QUEUEDIR "/mess";
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	if (fd == INJECT_MESS_FD) {
		how = durable_how(fd);
		*what = CONF_QUEUEDIR "/trigger";
		fd = open(*what, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (fd == -1)
			return 0;
		if (fd == INJECT_TRIGGER_FD)
			return 1;
	}
	*what = "descriptors 0, 1 and 2"; /* the caller closed one of them */
	errno = EBADF;
	return 0;
}

void
inject_begin(struct inject *in)
{
	in->fd = -1;
	in->error = 0;
	in->flushed = 0;
	in->used = MESSAGE_HEADER_SIZE; /* inject_commit fills it in */
	memset(in->buffer, 0, MESSAGE_HEADER_SIZE);
	in->regions = (struct message_regions){ 0 };
}

uint64_t
inject_size(struct inject const *in)
{
	return in->flushed + in->used;
}

static int
failed(struct inject *in)
{
	if (!in->error)
		in->error = errno;
	return 0;
}

/* make_file - the file, and with its inode the id. */
static int
make_file(struct inject *in)
{
	struct stat st;

	if (in->fd != -1)
		return 1;
	in->fd = openat(INJECT_MESS_FD, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, INJECT_MODE);
	if (in->fd == -1)
		return failed(in);
	/* not fstat(3): that is newfstatat, which could ask about any file by its name */
	if (syscall(SYS_fstat, in->fd, &st) == -1)
		return failed(in);
	in->inode = st.st_ino;
	in->time = message_time(split);
	return 1;
}

static int
write_at(struct inject *in, char const *data, size_t len, uint64_t offset)
{
	while (len) {
		ssize_t r = pwrite(in->fd, data, len, (off_t)offset);

		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1)
			return failed(in);
		data += r;
		len -= (size_t)r;
		offset += (uint64_t)r;
	}
	return 1;
}

/* flush - write what waits; after a failure it is only thrown away. */
static int
flush(struct inject *in)
{
	int const ok = !in->error && make_file(in) &&
		       write_at(in, in->buffer, in->used, in->flushed);

	in->flushed += in->used;
	in->used = 0;
	return ok;
}

char *
inject_room(struct inject *in, size_t *max)
{
	if (in->used == sizeof in->buffer)
		flush(in);
	*max = sizeof in->buffer - in->used;
	return in->buffer + in->used;
}

void
inject_filled(struct inject *in, size_t len)
{
	in->used += len;
}

void
inject_put(struct inject *in, char const *data, size_t len)
{
	while (len) {
		size_t n;
		char *to = inject_room(in, &n);

		if (n > len)
			n = len;
		memcpy(to, data, n);
		inject_filled(in, n);
		data += n;
		len -= n;
	}
}

void
inject_frame(struct inject *in, enum stream_type type, char const *data, size_t len)
{
	char head[FRAME_HEAD];
	size_t n = uint64_fmt(head, (uint64_t)len + 1);

	head[n++] = ':';
	head[n++] = (char)type;
	inject_put(in, head, n);
	inject_put(in, data, len);
	inject_put(in, ",", 1);
}

int
inject_id(struct inject *in, char id[MESSAGE_ID_MAX])
{
	if (in->error || !make_file(in))
		return 0;
	message_id(id, in->time, in->inode);
	return 1;
}

/* write_all - what waits, and the header: one write if the message is small. */
static int
write_all(struct inject *in)
{
	char header[MESSAGE_HEADER_SIZE];

	message_header(header, &in->regions);
	if (!in->flushed) {
		memcpy(in->buffer, header, sizeof header);
		return flush(in);
	}
	return flush(in) && write_at(in, header, sizeof header, 0);
}

/* link_file - give the file its name; a name that is taken is left alone. */
static int
link_file(struct inject *in, char id[MESSAGE_ID_MAX])
{
	char path[sizeof "/proc/self/fd/" + UINT_FMT] = "/proc/self/fd/";

	path[14 + uint_fmt(path + 14, (unsigned int)in->fd)] = 0;
	message_id(id, in->time, in->inode);
	while (linkat(AT_FDCWD, path, INJECT_MESS_FD, id, AT_SYMLINK_FOLLOW) == -1) {
		if (errno != EEXIST)
			return failed(in);
		in->time = message_time(split);
		message_id(id, in->time, in->inode);
	}
	return 1;
}

/* wake - tell queue-send. If it does not hear it, it finds the message when it scans. */
static void
wake(char id[MESSAGE_ID_MAX])
{
	size_t const len = strlen(id);

	id[len] = '\n';
	(void)!write(INJECT_TRIGGER_FD, id, len + 1);
	id[len] = 0;
}

int
inject_commit(struct inject *in, char id[MESSAGE_ID_MAX])
{
	int ok = write_all(in);

	if (ok && !durable_data(in->fd, how))
		ok = failed(in);
	ok = ok && link_file(in, id);
	if (ok && !durable_name(in->fd, INJECT_MESS_FD, how))
		ok = failed(in);
	if (ok)
		wake(id);
	inject_forget(in);
	return ok;
}

void
inject_forget(struct inject *in)
{
	if (in->fd != -1)
		close(in->fd);
	in->fd = -1;
}

int
inject_no_room(struct inject const *in)
{
	return in->error == ENOSPC || in->error == EDQUOT || in->error == EFBIG;
}
