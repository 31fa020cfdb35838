# Sallyport. `make check` builds and tests; `make demo` shows it; `make install` installs.
#
# Objects go to build/ (or BUILD=...); the sources stay clean. A .c file with a hyphen, or
# named as its folder, is a program, and so is sendmail, whose name the world knows; every
# other .c file is a module and goes into its folder's archive. A program is linked with its
# own folder's archive and lib's; what else it needs is LIBS_program below. Header
# dependencies are generated.

MAKEFLAGS += -rR --no-print-directory
BUILD = build
CC := $(shell head -n 1 conf-files/cc)
PYTHON = /usr/bin/python3
DESTDIR =

setting = $(shell head -n 1 conf-files/$(1))
bindir := $(call setting,bindir)
confdir := $(call setting,confdir)
queuedir := $(call setting,queuedir)
mandir := $(call setting,mandir)

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wformat=2 -Wvla -Wundef -Wwrite-strings -Werror
# What is not initialized is zero; clang before 16 has only a pattern.
AUTO_INIT := -ftrivial-auto-var-init=$(shell $(CC) -ftrivial-auto-var-init=zero -fsyntax-only \
	-x c /dev/null 2>/dev/null && echo zero || echo pattern)
HARDEN = -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection \
	-D_FORTIFY_SOURCE=2 $(AUTO_INIT)
OPTIMIZE = -O2 -g -ffunction-sections -fdata-sections
CFLAGS = -std=c17 $(OPTIMIZE) $(WARN) $(HARDEN)
CPPFLAGS = -D_GNU_SOURCE -I$(BUILD) -Ilib -MMD -MP
LDFLAGS = -static-pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--gc-sections
LDLIBS = -lskarnet
# The linker is told not to warn of the dlopen in libcrypto.a, which nothing here can reach.
LIBS_relay-tls = -lssl -lcrypto -Wl,--no-warnings
LIBS_smtpd-tls = $(LIBS_relay-tls)
# There is no static libcurl that is fit for use.
$(BUILD)/relay/relay-sts-fetch: LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--gc-sections
LIBS_relay-sts-fetch = -lcurl -lidn2
LIBS_relay-connect = -lidn2 -lunistring -lresolv
LIBS_checkpassword-file = -lcrypt
LIBS_checkpassword-set = -lcrypt

FOLDERS = smtpd queue deliver relay lib
TOOLS = lib/sandbox-compile.c # used by the build, not installed

sources := $(foreach f,$(FOLDERS),$(wildcard $(f)/*.c))
is_program = $(filter queue/sendmail.c $(foreach f,$(FOLDERS),$(f)/$(f).c) $(foreach s,$(sources),$(if $(findstring -,$(s)),$(s))),$(1))
mains := $(filter-out $(TOOLS),$(call is_program,$(filter-out %_policy.c,$(sources))))
modules := $(filter-out $(mains) $(TOOLS),$(sources))
programs := $(mains:%.c=$(BUILD)/%)
archives := $(foreach f,$(FOLDERS),$(BUILD)/$(f)/$(f).a)
pages := $(wildcard $(addsuffix /*.[1578],$(FOLDERS)))

all: $(programs)

.SECONDEXPANSION:
.SECONDARY:
.DELETE_ON_ERROR:

$(BUILD)/config.h: $(wildcard conf-files/*) Makefile
	@mkdir -p $(@D)
	@for f in conf-files/*; do test -f "$$f" || continue; \
		name=$$(basename "$$f" | tr a-z- A-Z_); value=$$(head -n 1 "$$f"); \
		case $$value in *[!0-9]*|'') value="\"$$value\"";; esac; \
		echo "#define CONF_$$name $$value"; done >$@.new && mv $@.new $@

$(BUILD)/%.o: %.c | $(BUILD)/config.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# X_policy.c, compiled for the build machine with libseccomp, prints X's filters.
$(BUILD)/%_policy.tool: %_policy.c lib/sandbox-compile.c lib/sandbox.h | $(BUILD)/config.h
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -DSANDBOX_COMPILE -std=c17 -I$(BUILD) -Ilib -MM -MP -MT $@ -MF $@.d $<
	$(CC) -D_GNU_SOURCE -DSANDBOX_COMPILE -std=c17 -I$(BUILD) -Ilib -o $@ \
		$< lib/sandbox-compile.c -lseccomp
$(BUILD)/%_filter.c: $(BUILD)/%_policy.tool
	$< >$@
$(BUILD)/%_filter.o: $(BUILD)/%_filter.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# The modules of a folder; X_policy.c brings X_filter.o with it.
in_folder = $(filter $(1)/%,$(modules))
members = $(patsubst %.c,$(BUILD)/%.o,$(call in_folder,$(1))) \
	$(patsubst %_policy.c,$(BUILD)/%_filter.o,$(filter %_policy.c,$(call in_folder,$(1))))
$(archives): $$(call members,$$(notdir $$(@D)))
	@mkdir -p $(@D); rm -f $@
	ar rcsD $@ $^

# SANDBOX_STUB is set by sanitizer builds only: they cannot live under a kill filter.
SANDBOX_STUB =
$(programs): $$@.o $$(@D)/$$(notdir $$(@D)).a $(BUILD)/lib/lib.a $(SANDBOX_STUB)
	$(CC) $(LDFLAGS) -o $@ $< $(SANDBOX_STUB) $(filter %.a,$^) $(LIBS_$(@F)) $(LDLIBS)

include tests/tests.mk

install: all
	./install.sh $(BUILD) '$(DESTDIR)' $(mains:%.c=%) -- $(pages)

clean:
	rm -rf $(BUILD)

.PHONY: all install clean

-include $(shell test ! -d $(BUILD) || find $(BUILD) -name '*.d' -type f)
