# Prints functions over 70 lines: from the line of their opening brace in column 0 style to `}`.
FNR == 1 { open = 0 }
/^[a-zA-Z_].*\) *\{$/ || (/^ .*\) *\{$/ && !open && head) { if (!open) { open = FNR; name = $0 } }
/^[a-zA-Z_].*\($/ || /^[a-zA-Z_].*,$/ { head = 1 }
/^\}/ { if (open && FNR - open - 1 > 70) print FILENAME ":" open ": " FNR - open - 1 " lines"; open = 0; head = 0 }
