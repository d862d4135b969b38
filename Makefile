# Moei. `make run` and `make test` do all the set-up; `make help` lists the rest.
SHELL := /bin/bash
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

PKGS := libmicrohttpd libsodium sqlite3 icu-i18n icu-uc simdjson libzstd libcrypto gnutls
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
OPT := -O2 -g -flto=auto -D_FORTIFY_SOURCE=3
WARN_C += -Wnull-dereference
LDOPT := -O2 -flto=auto -pie -Wl,-z,relro,-z,now
else ifeq ($(MODE),debug)
OPT := -O1 -g
LDOPT := -pie
else ifeq ($(MODE),asan)
OPT := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDOPT := -fsanitize=address,undefined -pie
else
$(error MODE is release, debug or asan, not "$(MODE)")
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
LIBS_web := -lmicrohttpd
LIBS_main := -lpthread
libs_of = $(foreach r,$(1),$(LIBS_$(r))) -lstdc++ -lpthread -lm

sources_of = $(wildcard src/$(1)/*.c src/$(1)/*.cc)
objects_of = $(patsubst src/%,$(BUILD)/obj/%.o,$(call sources_of,$(1)))

include tools/rules.mk
