#!/bin/sh
# theirs.sh ASSAY_VERIFY CONTEXTS MODULES FOLDER: other libraries issue, we verify. 77: skipped, saying why.
set -eu
verify=$1 contexts=$2 modules=$3 folder=$4
command -v node >/dev/null || { echo "skipped: needs node"; exit 77; }
test -d "$contexts" || { echo "skipped: needs $contexts, which this clone does not have"; exit 77; }
for package in @digitalbazaar/vc @digitalbazaar/eddsa-rdfc-2022-cryptosuite @digitalbazaar/ed25519-signature-2020 @digitalbazaar/vc-status-list-context jose; do
  test -d "$modules/node_modules/$package" || { echo "skipped: needs $package in $modules/node_modules (npm ci)"; exit 77; }
done
exec node "$(dirname "$0")/issue_with_others.mjs" "$folder" "$contexts" "$modules" "$verify"
