# How things are made. The list of packages is in tools/packages.txt, the layers in src/LAYERS.

$(BUILD)/obj/%.c.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/obj/%.cc.o: src/%.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c $< -o $@

# SQL is embedded: src/<room>/sql/*.sql becomes the table <room>_sql[] in gen/<room>_sql.h.
SQL_ROOMS := $(sort $(foreach f,$(wildcard src/*/sql/*.sql),$(word 2,$(subst /, ,$(f)))))
SQL_HEADERS := $(foreach r,$(SQL_ROOMS),$(BUILD)/gen/$(r)_sql.h)
define SQL_RULE
$(BUILD)/gen/$(1)_sql.h: $(wildcard src/$(1)/sql/*.sql) tools/embed_sql.awk
	@mkdir -p $$(@D)
	awk -f tools/embed_sql.awk -v room=$(1) $$(sort $$(filter %.sql,$$^)) > $$@
$(call objects_of,$(1)): $(BUILD)/gen/$(1)_sql.h
endef
$(foreach r,$(SQL_ROOMS),$(eval $(call SQL_RULE,$(r))))

# Data files and pages are embedded as bytes: gen/data_files.h lists data/**, gen/page_files.h web/dist.
DATA_FILES := $(sort $(shell find data -type f 2>/dev/null))
$(BUILD)/gen/data_files.h: $(DATA_FILES) tools/embed_files.sh
	@mkdir -p $(@D)
	bash tools/embed_files.sh data_files "" $(DATA_FILES) > $@
FORMAT_OBJECTS := $(call objects_of,format)
$(FORMAT_OBJECTS): $(BUILD)/gen/data_files.h

# --- tests: one binary a room, linked with the room's closure only
TEST_ROOMS := $(sort $(foreach d,$(wildcard tests/*/test_*.c),$(word 2,$(subst /, ,$(d)))))
define TEST_RULE
$(BUILD)/test/$(1): $(patsubst tests/%.c,$(BUILD)/tobj/%.o,$(wildcard tests/$(1)/*.c)) \
  $(foreach q,$(call closure,$(1)),$(call objects_of,$(q)))
	@mkdir -p $$(@D)
	$$(CXX) $$(LDFLAGS) $$^ -o $$@ -lcmocka $$(call libs_of,$(call closure,$(1)))
$(patsubst tests/%.c,$(BUILD)/tobj/%.o,$(wildcard tests/$(1)/*.c)): $(filter $(foreach q,$(call closure,$(1)),$(BUILD)/gen/$(q)_sql.h),$(SQL_HEADERS))
endef
TEST_CFLAGS = $(filter-out -Wmissing-prototypes,$(CFLAGS))
$(BUILD)/tobj/%.o: tests/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(TEST_CFLAGS) -MMD -MP -c $< -o $@
$(foreach r,$(filter $(ROOMS),$(TEST_ROOMS)),$(eval $(call TEST_RULE,$(r))))

# `make room-test ROOM=json` builds and runs the tests of one room.
.PHONY: room-test
room-test: $(BUILD)/test/$(ROOM)
	MOEI_DATA="$(DATA)" $(BUILD)/test/$(ROOM)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
