#!/bin/sh
# run.sh WRITE_SAMPLE CONTEXTS MODULES FOLDER: issues a sample now and lets other libraries verify it. 77: skipped, saying why.
set -eu
write_sample=$1 contexts=$2 modules=$3 folder=$4
command -v node >/dev/null || { echo "skipped: needs node"; exit 77; }
for package in @digitalbazaar/vc @digitalbazaar/eddsa-rdfc-2022-cryptosuite @digitalbazaar/vc-bitstring-status-list jose ajv ajv-formats; do
  test -d "$modules/node_modules/$package" || { echo "skipped: needs $package in $modules/node_modules (npm ci)"; exit 77; }
done
"$write_sample" "$folder" "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
test -d "$contexts" || { echo "no $contexts in this clone: contexts as the verifier has them compiled in; schemas are skipped"; contexts=$folder/contexts; }
exec node "$(dirname "$0")/verify_with_others.mjs" "$folder" "$folder/map.json" "$contexts" "$modules"
