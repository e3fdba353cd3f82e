#!/usr/bin/env bash
# Whether the documentation of main is to be published: every workflow of the push is green, main has not moved on, and the
# repository has GitHub Pages. Prints `publish=true` or `publish=false` and, to stderr, why not.
#   documentation-due.sh COMMIT
set -euo pipefail

commit=$1
no() {
  echo "publish=false"
  echo "not published: $1" >&2
  exit 0
}

# What has not ended has the conclusion "".
red=$(gh run list --commit "$commit" --branch main --event push --limit 100 --json workflowName,conclusion \
  --jq '.[] | select(.conclusion != "success" and .conclusion != "skipped") | .workflowName')
[ -z "$red" ] || no "not green, or not finished: ${red//$'\n'/, }"

git fetch --quiet origin main
# Only workflows write these, with a token whose pushes start no workflow.
git diff --quiet "$commit" origin/main -- . ':!contracts/verifications' ':!contracts/deployments' ||
  no "main has moved on from $commit, and its own run publishes"

gh api --silent "repos/$GH_REPO/pages" ||
  no "the repository has no GitHub Pages: Settings, Pages, Source: GitHub Actions"
echo "publish=true"
