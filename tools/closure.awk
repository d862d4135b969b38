# Prints the rooms that `want` needs, itself last: the transitive closure of src/LAYERS.
/^#/ { next }
NF >= 1 { order[++n] = $1; deps[$1] = $2 }
END {
    split(want, w, " "); for (i in w) need[w[i]] = 1
    for (i = n; i >= 1; i--)
        if (order[i] in need) { m = split(deps[order[i]], d, " "); for (j = 1; j <= m; j++) need[d[j]] = 1 }
    for (i = 1; i <= n; i++) if (order[i] in need) printf "%s ", order[i]
}
