#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <skalibs/cdbmake.h>

#include "records.h"

#define FIRST 2048 /* where a cdb's first record begins: key length, data length */

/* make - a map of one record, bob = 1000, with its data length set to len if that is not 0. */
static int
make(cdb *map, unsigned char len)
{
	int const fd = memfd_create("cdb", 0);
	cdbmaker c = CDBMAKER_ZERO;

	assert_true(fd != -1 && cdbmake_start(&c, fd));
	assert_true(cdbmake_add(&c, "bob", 3, "1000", 4) && cdbmake_finish(&c));
	if (len)
		assert_int_equal(pwrite(fd, (char[]){ (char)len, 0x7f }, 2, FIRST + 4), 2);
	assert_true(cdb_init_fromfd(map, fd));
	return fd;
}

static void
finds(void **state)
{
	cdb map = CDB_ZERO;
	cdb_data d;
	int fd = make(&map, 0);

	(void)state;
	assert_int_equal(records_find(&map, &d, "bob", 3), 1);
	assert_int_equal(d.len, 4);
	assert_memory_equal(d.s, "1000", 4);
	assert_int_equal(records_find(&map, &d, "alice", 5), 0);
	cdb_free(&map);
	close(fd);
}

static void
believes_no_length(void **state)
{
	cdb map = CDB_ZERO;
	cdb_data d;
	int fd = make(&map, 0xff);

	(void)state;
	assert_int_equal(records_find(&map, &d, "bob", 3), -1);
	cdb_free(&map);
	close(fd);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(believes_no_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
