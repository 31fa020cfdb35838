# The tests. tests/unit/F/M.c is the unit test of F/M.c (cmocka); other C files below tests/
# are programs that a test uses, built as build/tests/…; an executable file tests/KIND/NAME
# is a test that writes TAP. tests/run runs them all and counts.

TOOLBOX = $(BUILD)/tools# what is unpacked and not installed
NEED_BUILD = gcc libc6-dev make skalibs-dev libseccomp-dev libssl-dev libidn2-dev \
	libunistring-dev libcurl4-openssl-dev
NEED_SERVE = python3-minimal libpython3-stdlib ucspi-tcp
NEED_CHECK = clang libclang-rt-dev libcmocka-dev spin strace systemd swaks msmtp curl mandoc \
	util-linux procps netbase libdb5.3 libicu72 libnsl2 openssl iproute2 sslscan libnet-ssleay-perl \
	mutt s-nail git-email libmailtools-perl php-cli gsasl libsodium23 libunwind8 nodejs
NEED_LINT = clang-format clang-tidy cppcheck shellcheck mandoc
NEED_UNPACKED = openbsd-inetd xinetd postfix fail2ban dovecot-core dovecot-imapd dovecot-pop3d \
	dovecot-lmtpd node-nodemailer cvm libcvm1 libbg2 mailfront pamtester testssl.sh
NEED_PEERS = nsd ldnsutils unbound exim4-daemon-light exim4-base opensmtpd postfix

deps:
	tests/deps $(NEED_BUILD) $(NEED_SERVE) $(NEED_CHECK) $(NEED_LINT) \
		--unpack $(TOOLBOX) $(NEED_UNPACKED)
	tests/deps --unpack $(BUILD)/peers $(NEED_PEERS)

# Folders of tests/ that hold no tests for `make check`.
APART = support bench
unit_tests := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*/*.c))
test_aids := $(patsubst %.c,$(BUILD)/%,$(filter-out %_stub.c tests/fuzz/% tests/unit/%, \
	$(wildcard tests/*/*.c tests/*/*/*.c)))
test_programs := $(filter-out $(addprefix tests/,$(addsuffix /%,$(APART))), \
	$(shell find tests -mindepth 2 -maxdepth 2 -type f -perm -u+x | sort))

# A test may use any folder's modules, and is no static program: cmocka comes shared.
TEST_LDFLAGS = -pie
MODULE_LIBS = -Wl,--as-needed -lssl -lcrypto -lcurl -lidn2 -lresolv -lcrypt
TEST_LIBS = -Wl,--start-group $(archives) -Wl,--end-group -lcmocka -lskarnet $(MODULE_LIBS)
TEST_STUB = # only check-msan has one
$(addsuffix .o,$(unit_tests)): CPPFLAGS += -I$(notdir $(@D))
$(unit_tests) $(test_aids): $$@.o $(archives) $(TEST_STUB)
	$(CC) $(TEST_LDFLAGS) -o $@ $< $(TEST_STUB) $(TEST_LIBS)

# Programs whose syncs do nothing: the power test must see what that loses.
lying := $(addprefix $(BUILD)/tests/crash/lying/,queue/queue-inject queue/queue-send deliver/deliver-spawn)
$(lying): $(BUILD)/tests/crash/lying/%: $(BUILD)/%.o $(BUILD)/tests/crash/lying_stub.o $(archives)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $< $(BUILD)/tests/crash/lying_stub.o $(SANDBOX_STUB) \
		$(BUILD)/$(notdir $(@D))/$(notdir $(@D)).a $(BUILD)/lib/lib.a $(LDLIBS)

test-programs: all $(unit_tests) $(test_aids) $(lying)

# TESTS=… runs a part: make check TESTS='tests/dialogue/run build/tests/unit/lib/stream'.
TESTS = $(unit_tests) $(test_programs)
RUN = BUILD=$(BUILD) CC=$(CC) tests/run $(TESTFLAGS)
check: deps
	$(MAKE) -j$$(nproc) test-programs
	$(FUZZ_BUILD) -j$$(nproc) fuzzers
	$(RUN) $(TESTS)

check-long: deps
	$(MAKE) -j$$(nproc) test-programs
	$(FUZZ_BUILD) -j$$(nproc) fuzzers
	LONG=1 $(RUN) -t 3600 $(TESTS)

# With address and undefined-behaviour sanitizers, and so without sandboxes: the tests of
# what is said and done. Any report of any process fails it.
SAN = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SAN_APART = $(addprefix tests/,$(addsuffix /%,sandbox budget bounds crash tree listeners clients fuzz model))
check-san: deps
	$(MAKE) BUILD=$(BUILD)/san OPTIMIZE='-O1 -g $(SAN)' HARDEN=-fPIE LDFLAGS='-pie $(SAN)' \
		TEST_LDFLAGS='-pie $(SAN)' SANDBOX_STUB=$(BUILD)/san/tests/support/sandbox_stub.o \
		test-programs
	ln -sfn ../tools ../peers $(BUILD)/san/
	reports=$$(mktemp -d) && chmod 1777 $$reports && \
	ASAN_OPTIONS=log_path=$$reports/asan:detect_leaks=0 \
	UBSAN_OPTIONS=log_path=$$reports/ubsan:print_stacktrace=1 BUILD=$(BUILD)/san CC=$(CC) \
	SANITIZED=1 tests/run $(TESTFLAGS) $(filter-out %/lib/sandbox,$(unit_tests:$(BUILD)/%=$(BUILD)/san/%)) \
		$(filter-out $(SAN_APART),$(test_programs)); code=$$?; \
	for f in $$reports/*; do test ! -e $$f || { cat $$f; code=1; }; done; \
	rm -r $$reports; exit $$code

# The unit tests with MemorySanitizer: nothing decides by octets that nobody wrote. libskarnet
# and libc are not instrumented; the stub says what they write.
MSAN = -fsanitize=memory -fsanitize-memory-track-origins -fno-omit-frame-pointer
msan_wrapped = $(shell sed -n 's/^WRAP.[^,]*, \([a-z0-9_]*\),.*/-Wl,--wrap=\1/p' tests/support/msan_stub.c)
check-msan: deps
	$(MAKE) CC=clang BUILD=$(BUILD)/msan OPTIMIZE='-O1 -g $(MSAN)' HARDEN=-fPIE \
		TEST_LDFLAGS='-pie $(MSAN) $(msan_wrapped)' \
		TEST_STUB=$(BUILD)/msan/tests/support/msan_stub.o unit-tests
	reports=$$(mktemp -d) && chmod 1777 $$reports && \
	MSAN_OPTIONS=log_path=$$reports/msan BUILD=$(BUILD)/msan SANITIZED=1 tests/run $(TESTFLAGS) \
		$(filter-out %/lib/sandbox %/deliver/local,$(unit_tests:$(BUILD)/%=$(BUILD)/msan/%)); code=$$?; \
	for f in $$reports/*; do test ! -e $$f || { cat $$f; code=1; }; done; \
	rm -r $$reports; exit $$code
unit-tests: $(unit_tests)

# Which lines the unit tests, dialogues, pipelines and bad settings reach: see COVERAGE.md. As
# in check-san there are no sandboxes, in which nobody could write the counts; so a few tests
# fail here, and it is not this that says whether all is well.
COUNT = --coverage -fprofile-update=atomic
COUNT_STUB = $(BUILD)/coverage/tests/support/coverage_stub.o
COUNTED = $(filter-out %/lib/sandbox %/deliver/local,$(unit_tests:$(BUILD)/%=$(BUILD)/coverage/%)) \
	$(filter tests/dialogue/% tests/pipeline/% tests/bad-conf/%,$(test_programs))
coverage: deps
	$(MAKE) CC=gcc BUILD=$(BUILD)/coverage OPTIMIZE='-O0 -g $(COUNT)' HARDEN='-fPIE -Wno-maybe-uninitialized' \
		LDFLAGS='-pie --coverage -Wl,--wrap=_exit' \
		TEST_LDFLAGS='-pie --coverage -Wl,--wrap=_exit' TEST_STUB=$(COUNT_STUB) \
		SANDBOX_STUB='$(BUILD)/coverage/tests/support/sandbox_stub.o $(COUNT_STUB)' test-programs
	ln -sfn ../tools ../peers $(BUILD)/coverage/
	find $(BUILD)/coverage -name '*.gcda' -delete
	find $(BUILD)/coverage -name '*.gcno' | sed 's/gcno$$/gcda/' | \
		while read -r file; do : >"$$file"; chmod 666 "$$file"; done
	BUILD=$(BUILD)/coverage CC=gcc SANITIZED=1 tests/run $(TESTFLAGS) $(COUNTED) || true
	tests/coverage $(BUILD)/coverage

# tests/fuzz/F/M.c holds LLVMFuzzerTestOneInput for F/M.c; what it found before is in M.corpus/.
T = 60# seconds for each target
fuzzers := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*/*.c))
FUZZ_BUILD = $(MAKE) CC=clang BUILD=$(BUILD)/fuzz HARDEN=-fPIE \
	OPTIMIZE='-O1 -g -fsanitize=fuzzer-no-link,address,undefined'
fuzz: deps
	$(FUZZ_BUILD) -j$$(nproc) fuzzers
	@for f in $(fuzzers:$(BUILD)/%=%); do echo "== $$f"; mkdir -p $(BUILD)/fuzz/$$f.found; \
		$(BUILD)/fuzz/$$f -max_total_time=$(T) -timeout=5 -print_final_stats=1 \
		-artifact_prefix=$(BUILD)/fuzz/$$f.crash- $(BUILD)/fuzz/$$f.found \
		$$(test ! -d $$f.corpus || echo $$f.corpus) || exit 1; done
fuzzers: $(fuzzers)
$(addsuffix .o,$(fuzzers)): CPPFLAGS += -I$(notdir $(@D))
$(fuzzers): $$@.o $(archives)
	$(CC) -fsanitize=fuzzer,address,undefined -o $@ $< -Wl,--start-group $(archives) \
		-Wl,--end-group -lskarnet $(MODULE_LIBS)

# All that is C, as gcc's analyzer sees it. Where it is wrong, what it says there is turned off
# here: it takes the reason of one recipient, element of an array, for that of another.
ANALYZE =
ifdef ANALYZE
$(BUILD)/queue/state.o: WARN += -Wno-analyzer-malloc-leak
endif
analyze: deps
	$(MAKE) CC=gcc BUILD=$(BUILD)/analyze ANALYZE=1 OPTIMIZE='-O2 -g -fanalyzer' test-programs

lint: deps $(BUILD)/config.h
	BUILD=$(BUILD) tests/lint

fmt:
	git ls-files '*.c' '*.h' | xargs clang-format -i

demo:
	@tests/deps $(NEED_BUILD) $(NEED_SERVE)
	@$(MAKE) -s all
	@BUILD=$(BUILD) tests/demo

bench: deps
	$(MAKE) -j$$(nproc) test-programs
	BUILD=$(BUILD) tests/bench/run $(BENCHFLAGS)

.PHONY: deps test-programs unit-tests check check-long check-san check-msan coverage fuzz fuzzers analyze lint fmt demo bench
