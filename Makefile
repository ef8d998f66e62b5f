# thidua: `make help` lists the targets. V=1 shows the commands, B=FOLDER builds elsewhere than in build/.
V ?= 0
Q := $(if $(filter 0,$(V)),@,)
B ?= build
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
SBINDIR    ?= $(PREFIX)/sbin
DATADIR    ?= $(PREFIX)/share
LOCALEDIR  ?= $(DATADIR)/locale
MANDIR     ?= $(DATADIR)/man
LIBEXECDIR ?= $(PREFIX)/libexec
UNITDIR    ?= $(PREFIX)/lib/systemd/system
USERUNITDIR ?= $(PREFIX)/lib/systemd/user
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
SYSCONFDIR ?= $(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc)

ifeq ($(origin CC),default)
CC := gcc
endif
PYTHON := /usr/bin/python3

# ---- what it is made from ----

DEPS := gcc libc6-dev make pkg-config gettext libevent-dev libprotobuf-c-dev protobuf-c-compiler libprotobuf-dev \
        protobuf-compiler liblmdb-dev libssl-dev libsystemd-dev libconfuse-dev libunistring-dev libjansson-dev \
        libcsv-dev libxlsxwriter-dev libminizip-dev zlib1g-dev libcmocka-dev python3 python3-protobuf python3-openpyxl \
        python3-prometheus-client scdoc mandoc
DEPS_LINT := clang clang-format clang-tidy cppcheck
DEPS_VALGRIND := valgrind
DEPS_DEB := build-essential debhelper dpkg-dev lintian
DEPS_SYSTEMD := debootstrap systemd-container

PKGS_PROTO  := libprotobuf-c openssl
PKGS_SERVER := libevent_core libevent_extra libevent_openssl libevent_pthreads openssl libsystemd libconfuse lmdb zlib jansson
PKGS_CLIENT := openssl libconfuse jansson

# ---- how ----

WARN   := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Werror
HARDEN := -fstack-protector-strong -fstack-clash-protection -fPIE \
          $(if $(filter x86_64 i686,$(shell uname -m)),-fcf-protection)
CFLAGS ?= -O2 -g
# SAN=address,undefined or SAN=thread makes an instrumented build; give it a B of its own. gcc knows less of values
# there and warns of what cannot be.
SAN    ?=
SAN_FLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer \
               -Wno-format-truncation -Wno-error,-D_FORTIFY_SOURCE=2)
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS_PROTO) $(PKGS_SERVER) $(PKGS_CLIENT) 2>/dev/null)
ALL_CFLAGS  = -std=c11 -D_GNU_SOURCE -I. -I$(B)/gen -pthread $(WARN) $(HARDEN) $(PKG_CFLAGS) $(CFLAGS) $(SAN_FLAGS)
ALL_LDFLAGS = -pie -pthread -Wl,-z,relro,-z,now,-z,noexecstack $(SAN_FLAGS) $(LDFLAGS)

LIBS_PROTO  := $(shell pkg-config --libs $(PKGS_PROTO) 2>/dev/null) -lunistring
LIBS_SERVER := $(shell pkg-config --libs $(PKGS_SERVER) 2>/dev/null) $(LIBS_PROTO)
LIBS_CLIENT := $(shell pkg-config --libs $(PKGS_CLIENT) 2>/dev/null) $(LIBS_PROTO) -lcsv -lxlsxwriter -lminizip -lm

PROTO_C  := $(wildcard proto/*.c)
SERVER_C := $(filter-out server/main.c,$(wildcard server/*.c server/*/*.c))
CLIENT_C := $(filter-out client/main.c client/man/%,$(wildcard client/*.c client/*/*.c))
UNIT_C   := $(wildcard tests/unit/test_*.c)
MORE_C   := $(wildcard server/main.c client/main.c client/man/*.c tests/fault/*.c tests/bench/*.c)
ALL_C    := $(PROTO_C) $(SERVER_C) $(CLIENT_C) $(UNIT_C) $(MORE_C)
ALL_H    := $(wildcard proto/*.h server/*.h server/*/*.h client/*.h client/*/*.h tests/*/*.h)

obj   = $(patsubst %.c,$(B)/%.o,$(1))
UNITS := $(patsubst %.c,$(B)/%,$(UNIT_C))
GEN   := $(B)/gen/proto/thidua.pb-c.h
GEN_PY := $(B)/gen/python/thidua_pb2.py
CATALOGUE := $(B)/locale/vi/LC_MESSAGES/thidua.mo

MAN   := thidua.1 thidua-period.5 thidua-protocol.7 thiduad.8 thiduad.conf.5
PAGES := $(MAN:%=$(B)/man/%) $(B)/man/vi/thidua.1
COMPLETIONS := $(B)/completion/bash $(B)/completion/zsh $(B)/completion/fish

all: $(B)/thiduad $(B)/thidua $(CATALOGUE) $(PAGES) $(COMPLETIONS) ## build the daemon and the client

# ---- generated code: in the build folder, never in git ----

# The C names begin with Pb rather than with the package; the published .proto says nothing of C.
$(B)/gen/proto/thidua.proto: proto/thidua.proto
	$(Q)command -v protoc-c >/dev/null || { echo "protoc-c is missing: run make deps first" >&2; exit 1; }
	$(Q)mkdir -p $(@D)
	$(Q)sed 's|^package thidua.v1;|&\nimport "protobuf-c/protobuf-c.proto";\noption (pb_c_file).c_package = "pb";\noption (pb_c_file).const_strings = true;|' $< > $@
$(B)/gen/proto/thidua.pb-c.c $(GEN) &: $(B)/gen/proto/thidua.proto
	$(Q)cd $(B)/gen && protoc-c --proto_path=. --proto_path=/usr/include --c_out=. proto/thidua.proto
$(GEN_PY): proto/thidua.proto
	$(Q)mkdir -p $(@D)
	$(Q)protoc --proto_path=proto --python_out=$(@D) $<

# ---- the Vietnamese catalogue ----

# Beside the program it is found without being installed.
$(CATALOGUE): client/po/vi.po
	$(Q)command -v msgfmt >/dev/null || { echo "msgfmt is missing: run make deps first" >&2; exit 1; }
	$(Q)mkdir -p $(@D)
	$(Q)msgfmt --check-format --check-domain -o $@ $<

# The program knows the folder it is installed to: another PREFIX makes this one object again.
$(B)/gen/localedir: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(LOCALEDIR)' | cmp -s - $@ || echo '$(LOCALEDIR)' > $@
$(B)/client/language.o: $(B)/gen/localedir
$(B)/client/language.o: ALL_CFLAGS += -DLOCALEDIR='"$(LOCALEDIR)"'

# ---- objects, libraries, programs ----

$(B)/gen/proto/thidua.pb-c.o: $(B)/gen/proto/thidua.pb-c.c
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-conversion -c -o $@ $<
$(B)/%.o: %.c | $(GEN)
	$(Q)mkdir -p $(@D)
	$(if $(filter 0,$(V)),@echo "  CC  $<")
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libproto.a: $(call obj,$(PROTO_C)) $(B)/gen/proto/thidua.pb-c.o
$(B)/libserver.a: $(call obj,$(SERVER_C))
$(B)/libclient.a: $(call obj,$(CLIENT_C))
$(B)/lib%.a:
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/thiduad: $(B)/server/main.o $(B)/libserver.a $(B)/libproto.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_SERVER)
$(B)/thidua: $(B)/client/main.o $(B)/libclient.a $(B)/libproto.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_CLIENT)

# ---- the manual and the completion of words ----

# Verbs, flags, exit statuses and reasons come into the pages from the program's own tables.
$(B)/man-page: $(B)/client/man/page.o $(B)/libclient.a $(B)/libproto.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_CLIENT)
$(B)/man/vi/%.scd: client/man/%.vi.scd $(B)/man-page $(CATALOGUE)
	$(Q)mkdir -p $(@D)
	$(Q)$(B)/man-page vi $< > $@
$(B)/man/%.scd: client/man/%.scd $(B)/man-page
	$(Q)mkdir -p $(@D)
	$(Q)$(B)/man-page en $< > $@
$(B)/man/%.scd: server/man/%.scd $(B)/man-page
	$(Q)mkdir -p $(@D)
	$(Q)$(B)/man-page en $< > $@
$(PAGES): %: %.scd
	$(Q)command -v scdoc >/dev/null || { echo "scdoc is missing: run make deps first" >&2; exit 1; }
	$(Q)scdoc < $< > $@.new && mv $@.new $@
man: $(PAGES) ## build the manual pages

$(COMPLETIONS): $(B)/completion/%: $(B)/thidua
	$(Q)mkdir -p $(@D)
	$(Q)$(B)/thidua --lang en completion $* > $@

# The daemon with a journal that answers MOVED at random, as a shared one would: nobody but the writer may notice.
$(B)/tests/fault/journal_embedded.o: server/ledger/journal_embedded.c | $(GEN)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -Djournal_open=journal_open_embedded -c -o $@ $<
$(B)/thiduad-moved: $(B)/server/main.o $(B)/tests/fault/journal_moved.o $(B)/tests/fault/journal_embedded.o \
                    $(B)/libserver.a $(B)/libproto.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_SERVER)

# Preloaded into a daemon, so that a test need not wait for expiry.
$(B)/tests/fault/clock_moved.so: tests/fault/clock_moved.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(CFLAGS) -fPIC -shared -o $@ $<

$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(B)/libclient.a $(B)/libserver.a $(B)/libproto.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(LIBS_SERVER) $(LIBS_CLIENT)
$(B)/tests/bench/load: $(B)/tests/bench/load.o $(B)/libproto.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_PROTO)

unit-tests: $(UNITS)

# ---- packages ----

# $(call install-missing,PACKAGES): asks dpkg alone, and turns to apt only for what is missing.
define install-missing
	@command -v dpkg-query >/dev/null || { echo "not Debian: have these yourself: $(1)" >&2; exit 0; }; \
	missing=; for p in $(1); do \
	    dpkg-query -W -f='$${db:Status-Status}\n' $$p 2>/dev/null | grep -qx installed || missing="$$missing $$p"; \
	done; \
	test -z "$$missing" && exit 0; \
	if [ "$$(id -u)" = 0 ]; then root=; elif command -v sudo >/dev/null; then root=sudo; \
	else echo "missing; as root: apt-get install$$missing" >&2; exit 1; fi; \
	echo "installing:$$missing" >&2; \
	$$root env DEBIAN_FRONTEND=noninteractive apt-get -qq update </dev/null >&2 && \
	$$root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 \
	    install $$missing </dev/null >&2
endef

deps: ## install the Debian packages that are missing (as root or with sudo)
	$(call install-missing,$(DEPS))
deps-lint: deps ## the same for make lint
	$(call install-missing,$(DEPS_LINT))
deps-valgrind: deps
	$(call install-missing,$(DEPS_VALGRIND))
deps-deb: deps ## the same for make deb
	$(call install-missing,$(DEPS_DEB))
deps-systemd: deps-deb
	$(call install-missing,$(DEPS_SYSTEMD))

# ---- to use ----

# Everything that first runs deps goes on in a second make: the packages' flags are known only then.
AGAIN = $(Q)$(MAKE) --no-print-directory

demo: deps ## the main job from start to end: six offices submit, the centre watches the totals
	+$(AGAIN) -j$(JOBS) all $(GEN_PY)
	$(Q)$(PYTHON) tests/demo.py $(B)
run: all ## run the daemon in the foreground on its default folder and addresses
	$(Q)$(B)/thiduad
# Where Debian's own packages put them, and where others do.
ZSH_FUNCTIONS := $(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
# $(call install-unit,FILE,FOLDER): a unit names the programs where they are installed.
install-unit = install -D -m 644 $(1) $(DESTDIR)$(2)/$$(basename $(1)) && \
    sed -i 's|/usr/bin/|$(BINDIR)/|; s|/usr/sbin/|$(SBINDIR)/|; s|/usr/libexec/|$(LIBEXECDIR)/|' $(DESTDIR)$(2)/$$(basename $(1))
install: all ## install below DESTDIR and PREFIX
	$(Q)install -D -m 755 $(B)/thiduad $(DESTDIR)$(SBINDIR)/thiduad
	$(Q)install -D -m 755 $(B)/thidua $(DESTDIR)$(BINDIR)/thidua
	$(Q)install -D -m 644 $(CATALOGUE) $(DESTDIR)$(LOCALEDIR)/vi/LC_MESSAGES/thidua.mo
	$(Q)for page in $(PAGES:$(B)/man/%=%); do \
	    install -D -m 644 $(B)/man/$$page \
	        $(DESTDIR)$(MANDIR)/$$(dirname $$page)/man$${page##*.}/$$(basename $$page) || exit 1; done
	$(Q)install -D -m 644 $(B)/completion/bash $(DESTDIR)$(DATADIR)/bash-completion/completions/thidua
	$(Q)install -D -m 644 $(B)/completion/zsh $(DESTDIR)$(DATADIR)/zsh/$(ZSH_FUNCTIONS)/_thidua
	$(Q)install -D -m 644 $(B)/completion/fish $(DESTDIR)$(DATADIR)/fish/vendor_completions.d/thidua.fish
	$(Q)for unit in $(wildcard $(addprefix systemd/thiduad*.,service socket timer)); do \
	    $(call install-unit,$$unit,$(UNITDIR)) || exit 1; done
	$(Q)for unit in $(wildcard $(addprefix systemd/user/thidua-*.,service timer)); do \
	    $(call install-unit,$$unit,$(USERUNITDIR)) || exit 1; done
	$(Q)install -D -m 755 systemd/nightly-backup $(DESTDIR)$(LIBEXECDIR)/thidua/nightly-backup
	$(Q)install -D -m 644 systemd/sysusers.d/thiduad.conf $(DESTDIR)$(SYSUSERSDIR)/thiduad.conf
	$(Q)install -D -m 644 systemd/tmpfiles.d/thiduad.conf $(DESTDIR)$(TMPFILESDIR)/thiduad.conf
	$(Q)for preset in server/presets/*.conf; do \
	    install -D -m 644 $$preset $(DESTDIR)$(DATADIR)/thidua/presets/$${preset##*/} || exit 1; done
	$(Q)install -D -m 644 systemd/thiduad.conf $(DESTDIR)$(DATADIR)/thidua/thiduad.conf
	$(Q)test -e $(DESTDIR)$(SYSCONFDIR)/thidua/thiduad.conf || \
	    install -D -m 644 systemd/thiduad.conf $(DESTDIR)$(SYSCONFDIR)/thidua/thiduad.conf
	$(Q)install -D -m 644 proto/thidua.proto $(DESTDIR)$(DATADIR)/doc/thidua/thidua.proto
	$(Q)install -D -m 644 proto/README.md $(DESTDIR)$(DATADIR)/doc/thidua/protocol.md
	$(Q)for text in README.md CHANGELOG.md LICENSE; do \
	    install -D -m 644 $$text $(DESTDIR)$(DATADIR)/doc/thidua/$$text || exit 1; done

# ---- the Debian packages ----

# dpkg-buildpackage writes beside its tree, so that it has one in the build folder; nothing of this make's own settings
# reaches it.
DEB_TREE = $(B)/deb/thidua
deb: deps-deb ## build the packages thiduad and thidua into B/deb, and have lintian look at them
	+$(AGAIN) deb-build
deb-build:
	$(Q)rm -rf $(B)/deb && mkdir -p $(DEB_TREE)
	$(Q)cp -a Makefile LICENSE README.md CHANGELOG.md proto server client systemd $(DEB_TREE)
	$(Q)cp -a systemd/debian $(DEB_TREE)/debian
	$(Q)systemd/debian/version $(DEB_TREE) $(DEB_VERSION)
	$(Q)cd $(DEB_TREE) && env -i PATH="$$PATH" HOME=/nonexistent LC_ALL=C.UTF-8 \
	    DEB_BUILD_OPTIONS="parallel=$(JOBS) $(DEB_BUILD_OPTIONS)" \
	    dpkg-buildpackage -us -uc -b >../build.log 2>&1 || { tail -n 40 ../build.log >&2; exit 1; }
	$(Q)lintian --fail-on error,warning $(B)/deb/*.changes
	@ls -1 $(B)/deb/*.deb
clean: ## remove the build folder
	rm -rf $(B)

# ---- to test ----

# Programs that print a line per test; tests/run.py runs them and adds up.
SYSTEM_PY := $(wildcard tests/system/test_*.py)
LINT_TAP  := tests/lint/includes.py tests/lint/forbidden.py tests/lint/sizes.py tests/lint/translations.py \
             tests/lint/compatible.py \
             tests/lint/test_lint.py
# The parts of the system tests that run again on an instrumented daemon, and on one whose journal moves.
AGAIN_ASAN  := tests/system/test_frames.py tests/system/test_matrix.py
AGAIN_MOVED := tests/system/test_main_job.py tests/system/test_pipeline.py tests/system/test_load.py \
               tests/system/test_property.py

ASAN     = B=$(B)/asan SAN=address,undefined CFLAGS='-O1 -g'
TSAN     = B=$(B)/tsan SAN=thread CFLAGS='-O1 -g'
SUITE    = $(Q)$(PYTHON) tests/run.py --build $(B) --jobs $(JOBS)

check: deps ## build and run every test; closes with `N passed, N failed`
	+$(AGAIN) -j$(JOBS) check-build
	+$(AGAIN) check-run
# What the system tests use besides the two programs.
FIXTURES = $(GEN_PY) $(B)/tests/fault/clock_moved.so
check-build: all unit-tests $(B)/thiduad-moved $(FIXTURES) check-build-asan
check-build-plain: all unit-tests $(FIXTURES)
check-build-asan:
	+$(AGAIN) $(ASAN) all unit-tests
check-run:
	$(SUITE) lint $(LINT_TAP) tests/lint/clang.sh \
	    unit $(UNITS) unit-asan $(UNITS:$(B)/%=$(B)/asan/%) \
	    system $(SYSTEM_PY) moved $(AGAIN_MOVED) asan $(AGAIN_ASAN)
check-asan: deps ## unit and system tests under the address and undefined-behaviour sanitizers
	+$(AGAIN) -j$(JOBS) $(ASAN) check-build-plain
	+$(AGAIN) $(ASAN) check-plain
check-tsan: deps ## unit and system tests under the thread sanitizer
	+$(AGAIN) -j$(JOBS) $(TSAN) check-build-plain
	+$(AGAIN) $(TSAN) check-plain
check-valgrind: deps-valgrind ## unit tests under valgrind
	+$(AGAIN) -j$(JOBS) unit-tests
	+$(AGAIN) check-units-valgrind
check-fresh: ## make demo and make check of the committed HEAD on a fresh Debian 12 with only git and make; needs root
	$(Q)tests/fresh.sh
# The root is made once and kept there; SYSTEMD_ROOT=FOLDER keeps it where make clean does not reach.
SYSTEMD_ROOT ?= $(B)/systemd/root
check-systemd: deps-systemd ## the packages under a real systemd, from installation to purge; needs root
	+$(AGAIN) deb-build $(GEN_PY)
	$(Q)THIDUA_BUILD=$(abspath $(B)) $(PYTHON) tests/systemd/check.py $(B)/deb $(SYSTEMD_ROOT)
check-plain:
	$(SUITE) unit $(UNITS) system $(SYSTEM_PY)
check-units-valgrind:
	$(SUITE) valgrind $(UNITS)

export THIDUA_CLANG_FLAGS = $(ALL_CFLAGS)
export THIDUA_CLANG_FILES = $(ALL_C)

lint: deps-lint ## format, clang-tidy, cppcheck, includes, forbidden flags
	+$(AGAIN) $(GEN) lint-run
lint-run: lint-format lint-scripts lint-cppcheck lint-tidy
LINT_C = $(PROTO_C) $(SERVER_C) $(CLIENT_C) $(MORE_C)
lint-format:
	$(Q)clang-format --dry-run -Werror $(ALL_C) $(ALL_H)
lint-scripts:
	$(Q)for script in $(LINT_TAP); do $$script || exit 1; done
lint-cppcheck: | $(GEN)
	$(Q)cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	    --suppress=missingIncludeSystem --suppress=preprocessorErrorDirective -j$(JOBS) -I. -I$(B)/gen \
	    '-Djson_object_foreach(object, key, value)=while (next(object, &key, &value))' \
	    '-Djson_array_foreach(array, index, value)=while (next(array, &index, &value))' $(LINT_C)
lint-tidy: | $(GEN)
	$(Q)printf '%s\n' $(LINT_C) | \
	    xargs -P$(JOBS) -n1 sh -c 'clang-tidy --quiet "$$1" -- $$THIDUA_CLANG_FLAGS 2>/dev/null' sh

bench: deps ## durable submits and live totals a second at 1, 50 and 526 connections
	+$(AGAIN) -j$(JOBS) all $(B)/tests/bench/load $(GEN_PY)
	$(Q)$(PYTHON) tests/bench/run.py $(B)

help: ## list the targets
	@awk -F ':[^#]*## ' '/^[a-z-]+:[^#]*## /{printf "make %-16s %s\n", $$1, $$2}' Makefile

.DEFAULT_GOAL := all
.PHONY: all man FORCE unit-tests deps deps-lint deps-valgrind deps-deb deps-systemd demo run install deb deb-build clean check check-build check-build-plain check-build-asan check-run \
        check-asan check-tsan check-valgrind check-fresh check-systemd check-plain check-units-valgrind lint lint-run lint-format lint-scripts \
        lint-cppcheck lint-tidy bench help
.SECONDARY:
-include $(patsubst %.c,$(B)/%.d,$(ALL_C)) $(B)/tests/fault/journal_embedded.d
