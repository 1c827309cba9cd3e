// Independent check: libraries that nobody here wrote verify what we issue, and refuse what was altered.
//   node verify_with_others.mjs FOLDER MAP.json CONTEXTS [MODULES]
// FOLDER has what write_sample wrote, certificate.json and certificate.jwt at least; MAP.json maps URLs to files beside it (did.json, status list); CONTEXTS is the
// folder of pinned JSON-LD contexts, perhaps with the Open Badges schemas in ../schemas; MODULES a folder whose node_modules has the packages (default: this one's parents).
// Packages: @digitalbazaar/vc, data-integrity, eddsa-jcs-2022-cryptosuite, eddsa-rdfc-2022-cryptosuite, ed25519-multikey, vc-bitstring-status-list; jose; ajv, ajv-formats.
import assert from 'node:assert/strict';
import {existsSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

const [folder, mapPath, contexts, modules = '.'] = process.argv.slice(2);
if (!contexts) {
  console.error('usage: verify_with_others.mjs FOLDER MAP.json CONTEXTS [MODULES]');
  process.exit(2);
}
const require = createRequire(join(resolve(modules), 'package.json'));
const load = name => import(pathToFileURL(require.resolve(name)));

const vc = await load('@digitalbazaar/vc');
const {DataIntegrityProof} = await load('@digitalbazaar/data-integrity');
const {createVerifyCryptosuite} = await load('@digitalbazaar/eddsa-jcs-2022-cryptosuite');
const {cryptosuite: rdfc} = await load('@digitalbazaar/eddsa-rdfc-2022-cryptosuite');
const {checkStatus} = await load('@digitalbazaar/vc-bitstring-status-list');
const multikey = await load('@digitalbazaar/ed25519-multikey');
const jose = await load('jose');

const text = path => readFileSync(path, 'utf8');
const json = path => JSON.parse(text(path));
const documents = new Map(Object.entries({
  'https://www.w3.org/ns/credentials/v2': 'credentials-v2.json',
  'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json': 'ob-3.0.3.json',
  'https://purl.imsglobal.org/spec/ob/v3p0/extensions.json': 'ob-v3p0-extensions.json',
  'https://w3id.org/security/multikey/v1': 'multikey-v1.json',
}).map(([url, file]) => [url, json(join(contexts, file))]));
for (const [url, file] of Object.entries(json(mapPath))) documents.set(url, json(join(dirname(mapPath), file)));

// did:web as its method maps it, and the key that a fragment names; nothing is fetched.
const addressOf = did => {
  const [host, ...path] = did.slice('did:web:'.length).split(':');
  return `https://${decodeURIComponent(host)}/${path.length ? path.join('/') : '.well-known'}/did.json`;
};
const documentLoader = async url => {
  const [base, fragment] = url.split('#');
  const controller = documents.get(base.startsWith('did:web:') ? addressOf(base) : base);
  if (!controller) throw new Error(`not at hand: ${url}`);
  const method = fragment && controller.verificationMethod?.find(one => one.id === url);
  const document = method ? {'@context': 'https://w3id.org/security/multikey/v1', ...method} : controller;
  return {contextUrl: null, documentUrl: url, document};
};
const suites = () => [createVerifyCryptosuite(), rdfc].map(cryptosuite => new DataIntegrityProof({cryptosuite}));
const verify = (credential, suite = suites()) => vc.verifyCredential({credential, suite, documentLoader, checkStatus});
const describe = result => JSON.stringify(result.error ?? result.statusResult, (key, value) =>
  value instanceof Error ? {message: value.message, ...value, stack: undefined} : value, 1);

const {default: Ajv} = await load('ajv/dist/2019.js');
const {default: addFormats} = await load('ajv-formats');
const ajv = new Ajv({strict: false, allErrors: true});
addFormats(ajv);
function expectSchema(credential, name, schema) {
  const path = join(contexts, '..', 'schemas', schema);
  if (!existsSync(path)) return console.log(`${name}: its schema is skipped, this clone has no ${schema}`);
  const conforms = ajv.compile(json(path));
  assert.ok(conforms(credential), JSON.stringify(conforms.errors, null, 1));
  console.log(`${name}: conforms to the Open Badges 3.0 schema`);
}

// Every character replaced, in turn. Each proof is held to its own suite: these libraries are content when one of several proofs stands,
// so a set is refused here when any of its proofs is.
async function everyAlteration(whole, accepts, step = 1) {
  const accepted = [];
  let refused = 0;
  for (let at = 0; at < whole.length; at += step) {
    const other = whole[at] === 'A' ? 'B' : 'A';
    const altered = whole.slice(0, at) + other + whole.slice(at + 1);
    if (await accepts(altered)) accepted.push(at); else ++refused;
  }
  return {refused, accepted};
}

const certificate = text(join(folder, 'certificate.json'));
const verified = await verify(JSON.parse(certificate));
assert.ok(verified.verified, describe(verified));
const proofs = JSON.parse(certificate).proof;
assert.deepEqual(proofs.map(proof => proof.cryptosuite), ['eddsa-jcs-2022', 'eddsa-rdfc-2022']);
assert.deepEqual(verified.results.map(result => result.verified), [true, true], describe(verified));
console.log('certificate.json: both proofs verified by @digitalbazaar/vc, status list included');
expectSchema(JSON.parse(certificate), 'certificate.json', 'achievementcredential.json');

// The slow library sees each character of the document under the proof that it checks faster, and every 13th under both.
const only = (credential, cryptosuite) => ({...credential, proof: credential.proof.filter(proof => proof.cryptosuite === cryptosuite)});
const jcsOnly = JSON.stringify(only(JSON.parse(certificate), 'eddsa-jcs-2022'));
const parsed = file => { try { return JSON.parse(file); } catch { return undefined; } };
const acceptsOne = async file => {
  const credential = parsed(file);
  if (!credential) return false;
  try { return (await vc.verifyCredential({credential, suite: suites(), documentLoader, checkStatus: async () => ({verified: true})})).verified; } catch { return false; }
};
const acceptsAll = async file => {
  const credential = parsed(file);
  if (!credential) return false;
  try {
    const result = await verify(credential);
    return result.verified && result.results.length === 2 && result.results.every(one => one.verified);
  } catch { return false; }
};
const each = await everyAlteration(jcsOnly, acceptsOne);
assert.deepEqual(each.accepted, [], 'accepted with these characters altered');
console.log(`certificate.json with its eddsa-jcs-2022 proof: refused in each of ${each.refused} alterations`);
const both = await everyAlteration(certificate, acceptsAll, 13);
assert.deepEqual(both.accepted, [], 'accepted with these characters altered');
console.log(`certificate.json with both proofs: refused in each of ${both.refused} alterations`);

if (existsSync(join(folder, 'endorsement.json'))) {
  const endorsement = json(join(folder, 'endorsement.json'));
  const result = await verify(endorsement);
  assert.ok(result.verified && result.results.every(one => one.verified), describe(result));
  console.log('endorsement.json: both proofs verified');
  expectSchema(endorsement, 'endorsement.json', 'endorsementcredential.json');
}

// Their `verified` says that the list could be believed; what it says stands in `results`.
const isSet = result => result.statusResult.results.some(one => one.status);
assert.equal(isSet(verified), false, 'the certificate counts as revoked');
if (existsSync(join(folder, 'revoked.json'))) {
  const revoked = await verify(json(join(folder, 'revoked.json')));
  assert.ok(revoked.verified, describe(revoked));
  assert.equal(isSet(revoked), true, 'the revoked certificate does not count as revoked');
  console.log('revoked.json: its bit is set in the status list');
}

const token = text(join(folder, 'certificate.jwt')).trim();
const header = jose.decodeProtectedHeader(token);
const {document: method} = await documentLoader(header.kid);
const keyPair = await multikey.from(method);
const publicKey = await jose.importJWK(await multikey.toJwk({keyPair}), 'EdDSA');
const accepts = async jwt => jose.compactVerify(jwt, publicKey, {algorithms: ['EdDSA']}).then(() => true, () => false);
const {payload, protectedHeader} = await jose.compactVerify(token, publicKey, {algorithms: ['EdDSA']});
assert.equal(protectedHeader.typ, 'vc+jwt');
const {proof, ...withoutProof} = JSON.parse(certificate);
assert.deepEqual(JSON.parse(new TextDecoder().decode(payload)), withoutProof);
console.log('certificate.jwt: verified by jose; its payload is the credential without its proof');

// The neighbour in the alphabet differs in the last bit, the one that a part's last character may leave unused.
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
let tolerated = 0, refused = 0;
for (let at = 0; at < token.length; ++at) {
  const other = token[at] === '.' ? 'A' : alphabet[alphabet.indexOf(token[at]) ^ 1];
  const file = token.slice(0, at) + other + token.slice(at + 1);
  // A base64url part of n characters may end in bits that no byte uses: a lenient decoder can't see those.
  const unusedBits = [...token.matchAll(/[^.]+/g)].some(part => at === part.index + part[0].length - 1 && part[0].length % 4 !== 0);
  if (await accepts(file)) { assert.ok(unusedBits, `accepted with character ${at} altered`); ++tolerated; } else ++refused;
}
console.log(`certificate.jwt: refused in ${refused} alterations, tolerated in ${tolerated} (unused base64 bits)`);

// The other algorithms: a key of the other kind must not do, whatever the header says.
for (const [file, jwk, algorithm, type] of [['certificate.es256.jwt', 'p256.jwk.json', 'ES256', 'vc+jwt'], ['badge.rs256.jwt', 'rsa.jwk.json', 'RS256', 'JWT']]) {
  if (!existsSync(join(folder, file))) continue;
  const key = await jose.importJWK(json(join(folder, jwk)), algorithm);
  const result = await jose.compactVerify(text(join(folder, file)), key, {algorithms: [algorithm]});
  assert.equal(result.protectedHeader.typ, type);
  const {iss, jti, nbf, sub, exp, ...credential} = JSON.parse(new TextDecoder().decode(result.payload));
  assert.deepEqual(credential, withoutProof);
  if (type === 'JWT') {
    assert.deepEqual([iss, jti, sub], [credential.issuer.id, credential.id, credential.credentialSubject.id]);
    assert.deepEqual([nbf, exp], [credential.validFrom, credential.validUntil].map(date => Date.parse(date) / 1000));
  }
  console.log(`${file}: verified by jose`);
}
if (existsSync(join(folder, 'link.txt'))) {
  const {inflateRawSync} = await import('node:zlib');
  const [head, packed, signature] = text(join(folder, 'link.txt')).split('#vc=')[1].split('.');
  const payloadText = inflateRawSync(Buffer.from(packed, 'base64url')).toString('base64url');
  assert.equal(`${head}.${payloadText}.${signature}`, token);
  console.log('link.txt: its fragment inflates to certificate.jwt');
}
