# Turns `go test -json` back into what go test prints (one line a package, the
# output of failed tests) and lists the skipped tests at the end.

# field returns a string field of a flat JSON object, unescaped.
function field(name,   start, rest, out, c, n) {
  start = index($0, "\"" name "\":\"")
  if (!start) return ""
  rest = substr($0, start + length(name) + 4)
  out = ""
  while (match(rest, /["\\]/)) {
    out = out substr(rest, 1, RSTART - 1)
    c = substr(rest, RSTART, 1)
    if (c == "\"") return out
    c = substr(rest, RSTART + 1, 1)
    n = 2
    if (c == "n") c = "\n"
    else if (c == "t") c = "\t"
    else if (c == "r") c = ""
    else if (c == "u") {
      c = substr(rest, RSTART + 2, 4)
      n = 6
      if (c == "003c") c = "<"; else if (c == "003e") c = ">"; else if (c == "0026") c = "&"; else c = "?"
    }
    out = out c
    rest = substr(rest, RSTART + n)
  }
  return out
}

# allowed tells whether a reason to skip is one that some machines cannot help.
function allowed(reason) {
  return reason ~ /no container engine answers|no loop device|no device-mapper|\.\.\/shared/
}

{ action = field("Action"); pkg = field("Package"); test = field("Test"); key = pkg "\t" test }

action == "build-output" { printf "%s", field("Output"); next }

action == "output" && test == "" {
  line = field("Output")
  if (line ~ /^(ok|FAIL|---|panic:|\?|exit status)/ || line !~ /^(PASS|\?|goos:|goarch:|pkg:|cpu:|coverage:|testing:)/) buffer[pkg] = buffer[pkg] line
  next
}
action == "output" {
  line = field("Output")
  if (line !~ /^=== /) { buffer[key] = buffer[key] line; if (!(key in seen)) { seen[key] = 1; order[pkg, ++tests[pkg]] = key } }
  next
}
action == "skip" && test != "" {
  reason = buffer[key]
  gsub(/^[ \t\n]+|[ \t\n]+$|--- SKIP[^\n]*\n?/, "", reason)
  gsub(/[ \t]*\n[ \t]*/, " ", reason)
  sub(/ +$/, "", reason)
  skipped[++skips] = pkg " " test ": " reason
  if (!allowed(reason)) wrong++
  delete buffer[key]
  next
}
action == "pass" && test != "" { delete buffer[key]; next }
action == "fail" && test != "" { next }

# The end of a package: what is left in the buffers is of failed tests, and of those
# that a panic cut off.
action == "fail" {
  failed++
  for (i = 1; i <= tests[pkg]; i++) if (order[pkg, i] in buffer) printf "%s", buffer[order[pkg, i]]
  printf "%s", buffer[pkg]
  next
}
action == "pass" || action == "skip" { if (buffer[pkg] !~ /no test files/) printf "%s", buffer[pkg] }

END {
  if (skips) printf "\n%d skipped:\n", skips
  for (i = 1; i <= skips; i++) print "  " skipped[i]
  if (!skips && !failed) print "\nno test was skipped"
  if (ci != "" && wrong) { printf "%d of them for a reason that CI does not excuse\n", wrong; exit 1 }
}
