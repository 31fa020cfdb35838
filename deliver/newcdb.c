#include "newcdb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE 0644 /* everyone may read it: smtpd decides with it */

int
newcdb_open(struct newcdb *n, int dir, char const *name)
{
	n->dir = dir;
	n->name = name;
	n->maker = (cdbmaker)CDBMAKER_ZERO;
	snprintf(n->temp, sizeof n->temp, "%s.new.%d", name, (int)getpid());
	n->fd = openat(dir, n->temp, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (n->fd == -1)
		return 0;
	if (cdbmake_start(&n->maker, n->fd))
		return 1;
	newcdb_drop(n);
	return 0;
}

int
newcdb_add(struct newcdb *n, char const *key, size_t keylen, char const *data, size_t len)
{
	if (keylen > UINT32_MAX || len > UINT32_MAX) {
		errno = EFBIG;
		return 0;
	}
	return cdbmake_add(&n->maker, key, (unsigned int)keylen, data, (unsigned int)len);
}

int
newcdb_commit(struct newcdb *n)
{
	return cdbmake_finish(&n->maker) && !fchmod(n->fd, MODE) && !fsync(n->fd) &&
	       !renameat(n->dir, n->temp, n->dir, n->name) && !fsync(n->dir);
}

void
newcdb_drop(struct newcdb *n)
{
	int const e = errno;

	genalloc_free(diuint32, &n->maker.hplist);
	unlinkat(n->dir, n->temp, 0);
	close(n->fd);
	errno = e;
}
