#!/bin/sh
# theirs.sh ASSAY_VERIFY CONTEXTS MODULES FOLDER WRITE_SAMPLE: other libraries issue, we verify. 77: skipped, saying why.
set -eu
verify=$1 contexts=$2 modules=$3 folder=$4 write_sample=$5
command -v node >/dev/null || { echo "skipped: needs node"; exit 77; }
for package in @digitalbazaar/vc @digitalbazaar/eddsa-rdfc-2022-cryptosuite @digitalbazaar/ed25519-signature-2020 @digitalbazaar/vc-status-list-context jose; do
  test -d "$modules/node_modules/$package" || { echo "skipped: needs $package in $modules/node_modules (npm ci)"; exit 77; }
done
if ! test -d "$contexts"; then
  echo "no $contexts in this clone: contexts as the verifier has them compiled in"
  "$write_sample" "$folder"
  contexts=$folder/contexts
fi
exec node "$(dirname "$0")/issue_with_others.mjs" "$folder" "$contexts" "$modules" "$verify"
