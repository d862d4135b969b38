# Moei. `make run` and `make test` do all the set-up; `make help` lists the rest.
SHELL := /bin/bash
Q := $(if $(V),,@)
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.DEFAULT_GOAL := build

MODE ?= release
DATA ?= ../shared/data
BUILD ?= build/$(MODE)
DEMO ?= demo
LISTEN ?= 127.0.0.1:8441
PREFIX ?= /usr/local

ROOMS := $(shell sed -n 's/^\([a-z]*\):.*/\1/p' src/LAYERS)
closure = $(shell awk -F: -v want="$(1)" -f tools/closure.awk src/LAYERS)

PKGS := libmicrohttpd libsodium sqlite3 icu-i18n icu-uc simdjson libzstd libcrypto gnutls libzip \
 libxml-2.0 xlsxwriter libqrencode
SYSTEM_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null | sed 's/-I/-isystem /g')

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wundef \
 -Wcast-qual -Wcast-align -Wwrite-strings -Wvla -Wswitch-enum -Wimplicit-fallthrough \
 -Wdouble-promotion -Wno-maybe-uninitialized -Werror
WARN_C := -Wstrict-prototypes -Wmissing-prototypes
HARDEN := -fstack-protector-strong -fstack-clash-protection -fPIE
ifeq ($(shell uname -m),x86_64)
HARDEN += -fcf-protection
endif

ifeq ($(MODE),release)
# The program is linked as a whole; the tests and fuzz targets, forty programs, are not.
LTO := -flto=auto -ffat-lto-objects
OPT := -O2 -g $(LTO) -D_FORTIFY_SOURCE=3
WARN_C += -Wnull-dereference
LDOPT := -O2 -flto=auto -pie -Wl,-z,relro,-z,now
else ifeq ($(MODE),debug)
OPT := -O1 -g
LDOPT := -pie
else ifeq ($(MODE),asan)
OPT := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDOPT := -fsanitize=address,undefined -pie
else ifeq ($(MODE),tsan)
OPT := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
LDOPT := -fsanitize=thread -pie
else ifeq ($(MODE),fuzz)
CC := clang-14
CXX := clang++-14
OPT := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LDOPT := -fsanitize=address,undefined -pie
WARN := -Wall
WARN_C :=
else
$(error MODE is release, debug, asan, tsan or fuzz, not "$(MODE)")
endif

CPPFLAGS += -D_GNU_SOURCE -Isrc -I$(BUILD)/gen $(SYSTEM_CFLAGS)
CFLAGS += -std=c17 $(OPT) $(WARN) $(WARN_C) $(HARDEN)
CXXFLAGS += -std=c++17 $(OPT) $(WARN) $(HARDEN)
LDFLAGS += $(LDOPT)

LIBS_json := -lsimdjson
LIBS_crypto := -lsodium -lcrypto
LIBS_text := -licui18n -licuuc -licudata -lphonenumber
LIBS_store := -lsqlite3
LIBS_ledger := -lzstd
LIBS_sync := -lzstd
LIBS_tls := -lgnutls
LIBS_dial := -lcurl
LIBS_format := -lzip -lxml2 -lxlsxwriter -lqrencode
LIBS_web := -lmicrohttpd
LIBS_main := -lpthread
libs_of = $(foreach r,$(1),$(LIBS_$(r))) -lstdc++ -lpthread -lm

sources_of = $(wildcard src/$(1)/*.c src/$(1)/*.cc)
objects_of = $(patsubst src/%,$(BUILD)/obj/%.o,$(call sources_of,$(1)))

include tools/rules.mk

.PHONY: build run test lint bench soak netem fuzz install help setup setup-check room-test clean
JOBS := -j$(shell nproc)
SETUP := bash tools/setup.sh

## build: the program, build/MODE/moei (MODE=release, debug, asan, tsan)
build: setup
	@$(MAKE) --no-print-directory $(JOBS) $(BUILD)/moei

## run: sets up, builds, makes ./demo the first time, and serves it on http://127.0.0.1:8441
run: build
	@$(BUILD)/moei demo $(DEMO)
	@$(BUILD)/moei serve $(DEMO) --listen $(LISTEN)

## test: sets up, runs every test and ends with the totals (MODE=asan under the sanitizers)
test: setup setup-check
	@$(MAKE) --no-print-directory $(JOBS) $(BUILD)/moei $(TEST_BINARIES) $(REPLAY_BINARIES)
	@MOEI_DATA="$(DATA)" bash tools/run-tests.sh $(BUILD)

## room-test: the tests of one room: `make room-test ROOM=json` (MOEI_GROUP=NAME or list, MOEI_TEST=NAME)
room-test: $(BUILD)/test/$(ROOM)
	MOEI_DATA="$(DATA)" $(BUILD)/test/$(ROOM)

## lint: layers, banned calls, sizes, clang-format, clang-tidy, TypeScript
lint: setup setup-check web/node_modules/.installed
	@$(MAKE) --no-print-directory $(JOBS) $(BUILD)/moei
	@bash tools/lint.sh $(BUILD) "$(CPPFLAGS)"

## bench: measures against peers on this machine (FULL=1 for the large sizes)
bench: setup setup-check
	@$(MAKE) --no-print-directory $(JOBS) $(BUILD)/moei $(BENCH_BINARIES)
	@FULL="$(FULL)" MOEI_DATA="$(DATA)" bash tools/run-bench.sh $(BUILD)

## soak: the long faults: 100 rounds of kill -9, 100,000 seeded ledgers, 1,000 networks
soak: setup setup-check
	@$(MAKE) --no-print-directory $(JOBS) $(BUILD)/moei $(TEST_BINARIES) $(REPLAY_BINARIES) $(BUILD)/bench/exchange
	@$(BUILD)/bench/exchange nothing 10000000
	@MOEI_TIMEOUT=0 MOEI_ROUNDS=100 MOEI_SEEDS=100000 MOEI_NETWORKS=1000 MOEI_DATA="$(DATA)" bash tools/run-tests.sh $(BUILD)

## netem: the bad link by tc netem, in a virtual machine where this kernel has none (qemu)
netem: setup
	@$(MAKE) --no-print-directory $(JOBS) $(BUILD)/moei
	@bash tools/netem-vm.sh $(BUILD)/moei

## fuzz: libFuzzer on every parser of outside bytes, FUZZ_SECONDS each (60)
FUZZ_SECONDS ?= 60
fuzz: setup setup-check
	@$(MAKE) --no-print-directory $(JOBS) MODE=fuzz $(foreach f,$(FUZZ_NAMES),build/fuzz/fuzz/$(f))
	@bash tools/run-fuzz.sh build/fuzz/fuzz $(FUZZ_SECONDS)

## install: copies the program to PREFIX/bin (PREFIX=/usr/local)
install: build
	install -D -m 0755 $(BUILD)/moei $(DESTDIR)$(PREFIX)/bin/moei

## clean: removes what was built; never a node
clean:
	rm -rf build web/dist

## help: this list
help:
	@sed -n 's/^## //p' Makefile

setup:
	@$(SETUP) tools/packages.txt
setup-check:
	@$(SETUP) tools/packages-check.txt
