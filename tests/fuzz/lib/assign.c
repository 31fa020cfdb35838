/* Any octets as users/cdb: a look-up ends, and what it finds is inside the file. */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../fuzz.h"
#include "assign.h"

static int
is_inside(cdb const *c, char const *s, size_t len)
{
	return s >= c->map && s + len <= c->map + c->size;
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static char const *const names[] = { "bob", "bob-lists", "", "a" };
	cdb users = CDB_ZERO;
	struct assign a;
	int const fd = memfd_create("cdb", MFD_CLOEXEC);
	int known;

	must(fd != -1 && write(fd, data, size) == (ssize_t)size);
	known = cdb_init_fromfd(&users, fd);
	close(fd);
	if (!known)
		return 0;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t const len = strlen(names[i]);

		if (assign_find(&users, names[i], len, &a) != 1)
			continue;
		must(a.uid && a.used <= len);
		must(is_inside(&users, a.user, a.userlen));
		must(is_inside(&users, a.home, a.homelen));
		must(is_inside(&users, a.ext, a.extlen));
	}
	cdb_free(&users);
	return 0;
}
