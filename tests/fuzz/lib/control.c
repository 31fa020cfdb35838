/* Any octets as a control file of each shape. */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../fuzz.h"
#include "control.h"

static char place[] = "/tmp/fuzz-control-XXXXXX";

static void
clean(void)
{
	char path[64];

	snprintf(path, sizeof path, "%s/control/x", place);
	unlink(path);
	snprintf(path, sizeof path, "%s/control", place);
	rmdir(path);
	rmdir(place);
}

static void
prepare(uint8_t const *data, size_t size)
{
	static int file = -1;
	char path[64];

	if (file == -1) {
		must(mkdtemp(place));
		snprintf(path, sizeof path, "%s/control", place);
		must(mkdir(path, 0755) == 0);
		snprintf(path, sizeof path, "%s/control/x", place);
		file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		must(file != -1 && atexit(clean) == 0);
	}
	must(ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == (ssize_t)size);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static struct control c;
	stralloc line = STRALLOC_ZERO, list = STRALLOC_ZERO;
	uint64_t number = 77;
	int r;

	prepare(data, size);
	must(control_open_at(&c, place) == 1);
	r = control_line(&c, "x", &line);
	must(r == 1 ? strlen(line.s) == line.len && !strchr(line.s, '\n') : r == -1 && *c.error);
	r = control_number(&c, "x", &number, 5, 5000);
	must(r == 1 ? number >= 5 && number <= 5000 : r == -1 && number == 77);
	r = control_list(&c, "x", &list, 1);
	if (r == 1) {
		must(!list.len || !list.s[list.len - 1]);
		for (size_t at = 0; at < list.len; at += strlen(list.s + at) + 1) {
			must(list.s[at] && list.s[at] != '#');
			must(control_has(&list, list.s + at, strlen(list.s + at)));
		}
	}
	control_close(&c);
	stralloc_free(&line);
	stralloc_free(&list);
	return 0;
}
