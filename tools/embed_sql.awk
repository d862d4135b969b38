# Turns SQL files into one C table: a row per file, { "name", "text" }, name without folder and .sql.
BEGIN {
    printf "// Made from src/%s/sql/*.sql. Include store/store.h first.\n", room
    print "#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored \"-Woverlength-strings\""
    printf "static const StoreSql %s_sql[] = {\n", room
}
FNR == 1 { if (NR > 1) print "    },"; n = split(FILENAME, part, "/"); name = part[n]; sub(/\.sql$/, "", name); printf "    {\"%s\",\n", name }
{ gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); printf "     \"%s\\n\"\n", $0 }
END { print "    },\n};\n#pragma GCC diagnostic pop" }
