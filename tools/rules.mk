# How things are made. Packages are named in tools/packages*.txt, layers in src/LAYERS.

ALL_OBJECTS = $(foreach r,$(ROOMS),$(call objects_of,$(r)))
LIB_ROOMS := $(filter-out main,$(ROOMS))
LIB_OBJECTS = $(foreach r,$(LIB_ROOMS),$(call objects_of,$(r)))

$(BUILD)/moei: $(ALL_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(LDFLAGS) $^ -o $@ $(call libs_of,$(ROOMS))

$(BUILD)/obj/%.c.o: src/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/obj/%.cc.o: src/%.cc
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c $< -o $@

# --- generated: SQL, data files and pages become C tables in $(BUILD)/gen
SQL_ROOMS := $(sort $(foreach f,$(wildcard src/*/sql/*.sql),$(word 2,$(subst /, ,$(f)))))
define SQL_RULE
$(BUILD)/gen/$(1)_sql.h: $(wildcard src/$(1)/sql/*.sql) tools/embed_sql.awk
	@mkdir -p $$(@D)
	$(Q)awk -f tools/embed_sql.awk -v room=$(1) $$(sort $$(filter %.sql,$$^)) > $$@
$(call objects_of,$(1)): $(BUILD)/gen/$(1)_sql.h
endef
$(foreach r,$(SQL_ROOMS),$(eval $(call SQL_RULE,$(r))))

DATA_FILES := $(sort $(shell find data -type f 2>/dev/null))
$(BUILD)/gen/data_files.h: $(DATA_FILES) tools/embed_files.sh
	@mkdir -p $(@D)
	$(Q)bash tools/embed_files.sh data_files "" $(DATA_FILES) > $@
$(call objects_of,format): $(BUILD)/gen/data_files.h

# The states of an order, as a table of its room.
$(BUILD)/gen/order_states.h: data/states.csv tools/embed_states.awk
	@mkdir -p $(@D)
	$(Q)awk -f tools/embed_states.awk data/states.csv > $@
$(call objects_of,order): $(BUILD)/gen/order_states.h

# The pages: npm builds them once into web/dist; the program carries that folder.
PAGE_SOURCES := $(shell find web/src web/index.html web/*.json web/*.ts -type f 2>/dev/null)
web/node_modules/.installed: web/package-lock.json
	$(Q)cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@
web/dist/index.html: $(PAGE_SOURCES) web/node_modules/.installed
	$(Q)cd web && npm run --silent build
	@touch $@
$(BUILD)/gen/page_files.h: web/dist/index.html tools/embed_files.sh
	@mkdir -p $(@D)
	$(Q)bash tools/embed_files.sh page_files "web/dist/" $$(find web/dist -type f | LC_ALL=C sort) > $@
$(call objects_of,web): $(BUILD)/gen/page_files.h

# --- tests: one binary a room, linked with the room's closure only
TEST_ROOMS := $(filter $(ROOMS),$(sort $(foreach d,$(wildcard tests/*/*.c),$(word 2,$(subst /, ,$(d))))))
TEST_BINARIES := $(foreach r,$(TEST_ROOMS),$(BUILD)/test/$(r))
# Without the whole program in sight the compiler takes the fixtures for pointers that may be null.
TEST_CFLAGS = $(filter-out -Wmissing-prototypes -Wnull-dereference $(LTO),$(CFLAGS))
TEST_LDFLAGS = $(filter-out -flto=auto,$(LDFLAGS)) $(if $(LTO),-fno-lto)
define TEST_RULE
$(BUILD)/test/$(1): $(patsubst tests/%.c,$(BUILD)/tobj/%.o,$(wildcard tests/$(1)/*.c) $(TEST_EXTRA_$(1))) \
  $(foreach q,$(call closure,$(1)),$(call objects_of,$(q)))
	@mkdir -p $$(@D)
	$$(Q)$$(CXX) $$(TEST_LDFLAGS) $$^ -o $$@ -lcmocka $$(call libs_of,$(call closure,$(1)))
endef
# The desk's stories compare with the naive trace of the trace tests.
TEST_EXTRA_desk := $(wildcard tests/trace/naive.c)
$(BUILD)/tobj/%.o: tests/%.c | $(foreach r,$(SQL_ROOMS),$(BUILD)/gen/$(r)_sql.h)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests $(TEST_CFLAGS) -MMD -MP -c $< -o $@
$(foreach r,$(TEST_ROOMS),$(eval $(call TEST_RULE,$(r))))

# --- fuzz targets: replayed on their corpus by `make test`, driven by libFuzzer in `make fuzz`
FUZZ_NAMES := $(patsubst fuzz/fuzz_%.c,%,$(wildcard fuzz/fuzz_*.c))
REPLAY_BINARIES := $(foreach f,$(FUZZ_NAMES),$(BUILD)/replay/$(f))
$(BUILD)/fobj/%.o: fuzz/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(TEST_CFLAGS) -MMD -MP -c $< -o $@
$(BUILD)/libmoei.a: $(LIB_OBJECTS)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^
$(BUILD)/replay/%: $(BUILD)/fobj/fuzz_%.o $(BUILD)/fobj/replay.o $(BUILD)/libmoei.a
	@mkdir -p $(@D)
	$(Q)$(CXX) $(TEST_LDFLAGS) $^ -o $@ $(call libs_of,$(LIB_ROOMS))
$(BUILD)/fuzz/%: $(BUILD)/fobj/fuzz_%.o $(BUILD)/libmoei.a
	@mkdir -p $(@D)
	$(Q)$(CXX) $(LDFLAGS) -fsanitize=fuzzer $^ -o $@ $(call libs_of,$(LIB_ROOMS))

# --- benchmarks: one program each
BENCH_NAMES := $(patsubst bench/bench_%.c,%,$(wildcard bench/bench_*.c))
BENCH_BINARIES := $(foreach b,$(BENCH_NAMES),$(BUILD)/bench/$(b))
$(BUILD)/bobj/%.o: bench/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(filter-out -Wmissing-prototypes,$(CFLAGS)) -MMD -MP -c $< -o $@
$(BUILD)/bench/%: $(BUILD)/bobj/bench_%.o $(BUILD)/libmoei.a
	@mkdir -p $(@D)
	$(Q)$(CXX) $(LDFLAGS) $^ -o $@ $(call libs_of,$(LIB_ROOMS))

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
