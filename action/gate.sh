#!/usr/bin/env bash
# Runs the gate with the inputs of the action. Inputs come through the environment, and each becomes
# one word of the command, so that no input can add an option or a command of its own.
set -uo pipefail

words=(gate "--scorecard=$INPUT_SCORECARD")
add() { # NAME VALUE: an option when the value is not empty
  if [ -n "$2" ]; then words+=("--$1=$2"); fi
}
add_lines() { # NAME VALUES: an option for each line that is not empty
  local line
  while IFS= read -r line; do add "$1" "${line%$'\r'}"; done <<<"$2"
}
add_flag() { # NAME VALUE: an option when the value is true
  if [ "$2" = true ]; then words+=("--$1"); fi
}

add baseline-file "${INPUT_BASELINE_FILE:-}"
add baseline-ref "${INPUT_BASELINE_REF:-}"
add_flag first-release "${INPUT_FIRST_RELEASE:-}"
add policy "${INPUT_POLICY:-}"
add min-aggregate "${INPUT_MIN_AGGREGATE:-}"
add_lines min "${INPUT_MIN:-}"
add expected-version "${INPUT_EXPECTED_VERSION:-}"
add_lines artifact "${INPUT_ARTIFACTS:-}"
add_flag allow-regression "${INPUT_ALLOW_REGRESSION:-}"
add reason "${INPUT_REASON:-}"
add by "${INPUT_BY:-}"

id="${INPUT_COMMENT_ID//[^A-Za-z0-9.-]/}"
report="$RUNNER_TEMP/assay-$id.md"
junit="$RUNNER_TEMP/assay-$id.xml"
rm -f "$report" "$junit"
read -r -a command <<<"$INPUT_COMMAND"
"${command[@]}" "${words[@]}" "--md=$report" "--junit=$junit"
code=$?

if [ ! -s "$report" ]; then
  printf '## Gate: no answer\n\nThe gate ended with exit code %s. See the log of the job.\n' "$code" >"$report"
fi
cat "$report" >>"$GITHUB_STEP_SUMMARY"
{
  echo "exit-code=$code"
  echo "report=$report"
  echo "junit=$junit"
} >>"$GITHUB_OUTPUT"
