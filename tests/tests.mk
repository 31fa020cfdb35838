# The tests. tests/unit/F/M.c is the unit test of F/M.c (cmocka); other C files below tests/
# are programs that a test uses, built as build/tests/…; an executable file tests/KIND/NAME
# is a test that writes TAP. tests/run runs them all and counts.

KINDS_APART = support bench fuzz# these hold no tests for `make check`
unit_tests := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*/*.c))
test_aids := $(patsubst %.c,$(BUILD)/%,$(filter-out %_stub.c tests/fuzz/%, \
	$(wildcard tests/*/*.c tests/dialogue/*/*.c tests/sandbox/*/*.c)))
test_programs := $(filter-out $(addprefix tests/,$(addsuffix /%,$(KINDS_APART))), \
	$(shell find tests -mindepth 2 -maxdepth 2 -type f -perm -u+x | sort))

# A test may use any folder's modules, and is no static program: cmocka comes shared.
TEST_LIBS = -Wl,--start-group $(archives) -Wl,--end-group -lcmocka -lskarnet
$(unit_tests): CPPFLAGS += -I$(notdir $(@D))
$(unit_tests) $(test_aids): $$@.o $(archives)
	$(CC) -pie $(TEST_LDFLAGS) -o $@ $< $(TEST_LIBS)

tests: all $(unit_tests) $(test_aids)

check: deps
	$(MAKE) tests
	BUILD=$(BUILD) CC=$(CC) tests/run $(TESTFLAGS) $(unit_tests) $(test_programs)

check-long: deps
	$(MAKE) tests
	LONG=1 BUILD=$(BUILD) CC=$(CC) tests/run -t 3600 $(TESTFLAGS) $(unit_tests) $(test_programs)

.PHONY: tests check check-long
