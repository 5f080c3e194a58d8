#!/usr/bin/env bash
# Keeps one comment on the pull request up to date: it is found by a marker that does not show.
set -euo pipefail

marker="<!-- assay-gate:${INPUT_COMMENT_ID//[^A-Za-z0-9.-]/} -->"
comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
body="$RUNNER_TEMP/assay-comment.md"
# A comment holds 65,536 characters.
{
  echo "$marker"
  head -c 60000 "$REPORT"
} >"$body"

id="$(MARKER="$marker" gh api --paginate "$comments" \
  --jq '.[] | select(.body | startswith(env.MARKER)) | .id' | head -n 1)"
if [ -n "$id" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$body" --silent
else
  gh api --method POST "$comments" -F "body=@$body" --silent
fi
