/* passwd - any file is read in bounds, and what is found in it could be an account. */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../fuzz.h"
#include "passwd.h"

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static int fd = -1;
	struct passwd_entry e;
	size_t used = 0;

	if (fd == -1)
		fd = memfd_create("passwd", 0);
	must(!ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size);
	if (passwd_find(fd, "a", &e) == 1)
		must(!strcmp(e.name, "a"));
	if (passwd_find_mailbox(fd, "a-b+c", 5, "+-", 1, &e, &used) == 1)
		must(e.uid && *e.home == '/' && used == strlen(e.name) && used <= 5);
	return 0;
}
