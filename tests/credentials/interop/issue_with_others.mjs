// The other way round: credentials made by libraries that nobody here wrote, good and broken, for `assay-verify` to judge.
//   node issue_with_others.mjs FOLDER CONTEXTS MODULES ASSAY_VERIFY
// Each case is a file, the verdict it deserves, and perhaps more options; all share one map of documents.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {createHash, createHmac, randomBytes} from 'node:crypto';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {deflateSync, gzipSync} from 'node:zlib';

const [folder, contexts, modules, program] = process.argv.slice(2);
mkdirSync(folder, {recursive: true});
const require = createRequire(join(resolve(modules), 'package.json'));
const load = name => import(pathToFileURL(require.resolve(name)));
const vc = await load('@digitalbazaar/vc');
const {DataIntegrityProof} = await load('@digitalbazaar/data-integrity');
const {cryptosuite: rdfc} = await load('@digitalbazaar/eddsa-rdfc-2022-cryptosuite');
const {createSignCryptosuite} = await load('@digitalbazaar/eddsa-jcs-2022-cryptosuite');
const {Ed25519Signature2020} = await load('@digitalbazaar/ed25519-signature-2020');
const multikey = await load('@digitalbazaar/ed25519-multikey');
const jsigs = await load('jsonld-signatures');
const jose = await load('jose');

const json = path => JSON.parse(readFileSync(path, 'utf8'));
const npm = path => json(join(modules, 'node_modules', path));
const documents = new Map(Object.entries({
  'https://www.w3.org/ns/credentials/v2': json(join(contexts, 'credentials-v2.json')),
  'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json': json(join(contexts, 'ob-3.0.3.json')),
  'https://purl.imsglobal.org/spec/ob/v3p0/extensions.json': json(join(contexts, 'ob-v3p0-extensions.json')),
  'https://www.w3.org/2018/credentials/v1': npm('@digitalbazaar/credentials-context/contexts/v1.jsonld'),
  'https://w3id.org/security/suites/ed25519-2020/v1': npm('ed25519-signature-2020-context/contexts/ed25519-signature-2020-v1.jsonld'),
  'https://w3id.org/vc/status-list/2021/v1': npm('@digitalbazaar/vc-status-list-context/contexts/vc-status-list-v1.jsonld'),
}));
const documentLoader = async url => {
  if (!documents.has(url)) throw new Error(`not at hand: ${url}`);
  return {contextUrl: null, documentUrl: url, document: documents.get(url)};
};

// One issuer by did:web with Ed25519, P-256 and RSA keys.
const did = 'did:web:issuer.example:staff';
const home = 'https://issuer.example/staff/';
const pair = await multikey.generate({controller: did});
pair.id = `${did}#${pair.publicKeyMultibase}`;
const es256 = await jose.generateKeyPair('ES256', {extractable: true});
const rs256 = await jose.generateKeyPair('RS256', {extractable: true, modulusLength: 2048});
const es256Jwk = await jose.exportJWK(es256.publicKey);
const rs256Jwk = {...await jose.exportJWK(rs256.publicKey), alg: 'RS256', use: 'sig'};
const files = new Map();
const publish = (url, content, name) => {
  files.set(url, name);
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
};
publish(`${home}did.json`, {
  '@context': ['https://www.w3.org/ns/did/v1'], id: did,
  verificationMethod: [
    {id: pair.id, type: 'Multikey', controller: did, publicKeyMultibase: pair.publicKeyMultibase},
    {id: `${did}#es`, type: 'JsonWebKey', controller: did, publicKeyJwk: es256Jwk}],
  assertionMethod: [pair.id, `${did}#es`],
}, 'their_did.json');
publish(`${home}keys/rsa`, rs256Jwk, 'their_rsa.json');

const now = new Date('2026-11-24T00:00:00Z');
const sign = (credential, cryptosuite) => vc.issue({
  credential: structuredClone(credential), documentLoader, now,
  suite: new DataIntegrityProof({signer: pair.signer(), cryptosuite, date: '2026-11-23T10:00:00Z'})});

// A badge with what makes RDF interesting: lists, numbers, language maps, an endorsement with a proof of its own, nested profiles.
const badge = {
  '@context': ['https://www.w3.org/ns/credentials/v2', 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json', 'https://purl.imsglobal.org/spec/ob/v3p0/extensions.json'],
  id: 'urn:uuid:9d1c9c50-1c1a-4b9e-9f2e-0c64ab0f9d10', type: ['VerifiableCredential', 'OpenBadgeCredential'],
  name: {'@value': 'Prüfung', '@language': 'de-AT', '@direction': 'ltr'},
  description: [{'@value': 'Says "much"\n\tin \\two\\ lines', '@language': 'en'}, {'@value': 'قال', '@language': 'ar', '@direction': 'rtl'}],
  issuer: {id: did, type: ['Profile'], name: 'Issuer', parentOrg: {id: 'urn:example:parent', type: ['Profile'], name: 'Parent'},
    address: {type: ['Address'], addressCountry: 'Österreich', geo: {type: 'GeoCoordinates', latitude: 48.2, longitude: 16}}},
  validFrom: '2026-01-01T00:00:00Z', validUntil: '2027-01-01T00:00:00+02:00', awardedDate: '2026-01-01T00:00:00Z',
  credentialSubject: {
    type: ['AchievementSubject'], creditsEarned: 7.5,
    identifier: [{type: 'IdentityObject', hashed: true, identityType: 'emailAddress', salt: 'pepper',
      identityHash: `sha256$${createHash('sha256').update('ada@example.compepper').digest('hex')}`}],
    achievement: {
      id: 'urn:example:achievement', type: ['Achievement'], name: 'Achievement', description: 'd', criteria: {narrative: 'n'}, creditsAvailable: 8, tag: ['a', 'b', 'a'],
      resultDescription: [
        {id: 'urn:example:rd1', type: ['ResultDescription'], name: 'Grade', resultType: 'LetterGrade', allowedValue: ['C', 'B', 'A', 'A']},
        {id: 'urn:example:rd2', type: ['ResultDescription'], name: 'Rubric', resultType: 'RubricCriterionLevel',
          rubricCriterionLevel: [{id: 'urn:example:l1', type: ['RubricCriterionLevel'], name: 'low', level: '1', points: '1'}]}]},
    result: [{type: ['Result'], resultDescription: 'urn:example:rd1', value: 'A'}, {type: ['Result'], resultDescription: 'urn:example:rd2', achievedLevel: 'urn:example:l1'}]},
  credentialSchema: [{id: 'https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json', type: '1EdTechJsonSchemaValidator2019'}],
};
const endorsement = await sign({
  '@context': badge['@context'], id: 'urn:example:e', type: ['VerifiableCredential', 'EndorsementCredential'], name: 'e', issuer: {id: did, type: ['Profile']},
  validFrom: '2026-01-01T00:00:00Z', credentialSubject: {id: 'urn:example:achievement', type: ['EndorsementSubject'], endorsementComment: 'good'}}, rdfc);
const endorsed = {...badge, endorsement: [endorsement]};

const cases = [];
const expect = (verdict, name, content, ...options) => {
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  cases.push({verdict, name, options});
};
const rdfcBadge = await sign(badge, rdfc);
expect('valid', 'rdfc.json', rdfcBadge);
expect('valid', 'rdfc.reordered.json', JSON.stringify(Object.fromEntries(Object.entries(rdfcBadge).reverse()), null, 3));
expect('valid', 'rdfc.recipient.json', rdfcBadge, '--recipient', 'Ada@Example.com');
expect('invalid', 'rdfc.other_recipient.json', rdfcBadge, '--recipient', 'eve@example.com');
expect('expired', 'rdfc.later.json', rdfcBadge, '--now', '2026-12-31T22:00:00Z');
expect('valid', 'rdfc.just_before.json', rdfcBadge, '--now', '2026-12-31T21:59:59Z');
expect('valid', 'rdfc.endorsed.json', await sign(endorsed, rdfc));
expect('valid', 'endorsement.json', endorsement);
expect('valid', 'jcs.json', await sign(badge, createSignCryptosuite()));
const broken = change => { const copy = structuredClone(rdfcBadge); change(copy); return copy; };
expect('invalid', 'broken.list_order.json', broken(c => c.credentialSubject.achievement.resultDescription[0].allowedValue.reverse()));
expect('invalid', 'broken.credits.json', broken(c => { c.credentialSubject.creditsEarned = 7.51; }));
expect('invalid', 'broken.direction.json', broken(c => { c.name['@direction'] = 'rtl'; }));
expect('invalid', 'broken.language.json', broken(c => { c.name['@language'] = 'de'; }));
expect('invalid', 'broken.extra_term.json', broken(c => { c.grade = 'A'; }));
expect('invalid', 'broken.extra_type.json', broken(c => { c.type.push('Diploma'); }));
expect('invalid', 'broken.context_removed.json', broken(c => { c['@context'].pop(); }));
expect('invalid', 'broken.proof_purpose.json', broken(c => { c.proof.proofPurpose = 'authentication'; }));
expect('invalid', 'broken.created.json', broken(c => { c.proof.created = '2026-11-23T10:00:01Z'; }));
expect('invalid', 'broken.no_proof.json', broken(c => { delete c.proof; }));
expect('invalid', 'broken.other_issuer.json', broken(c => { c.issuer.id = 'did:web:other.example'; }));

// VC 1.1 with Ed25519Signature2020, and its status list.
const legacyList = 'https://issuer.example/status/2021';
const bits = Buffer.alloc(16384);
bits[0] |= 0x80 >> 3; // index 3
const legacySign = credential => jsigs.default.sign(structuredClone(credential), {
  suite: new Ed25519Signature2020({signer: pair.signer(), date: '2026-11-23T10:00:00Z'}), purpose: new jsigs.default.purposes.AssertionProofPurpose(), documentLoader});
const legacy = {
  '@context': ['https://www.w3.org/2018/credentials/v1', 'https://w3id.org/security/suites/ed25519-2020/v1', 'https://w3id.org/vc/status-list/2021/v1'],
  id: 'urn:uuid:1d1c9c50-1c1a-4b9e-9f2e-0c64ab0f9d10', type: ['VerifiableCredential'], issuer: did, issuanceDate: '2026-01-01T00:00:00Z', expirationDate: '2027-01-01T00:00:00Z',
  credentialSubject: {id: 'urn:example:holder'}};
const entry = index => ({id: `${legacyList}#${index}`, type: 'StatusList2021Entry', statusPurpose: 'revocation', statusListIndex: String(index), statusListCredential: legacyList});
publish(legacyList, await legacySign({...legacy, id: legacyList, type: ['VerifiableCredential', 'StatusList2021Credential'],
  credentialSubject: {id: `${legacyList}#list`, type: 'StatusList2021', statusPurpose: 'revocation', encodedList: gzipSync(bits).toString('base64url')}}), 'their_status_2021.json');
expect('valid', 'legacy.json', await legacySign(legacy));
expect('valid', 'legacy.status.json', await legacySign({...legacy, credentialStatus: entry(4)}));
expect('revoked', 'legacy.revoked.json', await legacySign({...legacy, credentialStatus: entry(3)}));
expect('expired', 'legacy.expired.json', await legacySign({...legacy, expirationDate: '2026-11-01T00:00:00Z'}));
const legacyBroken = await legacySign(legacy);
legacyBroken.credentialSubject.id = 'urn:example:thief';
expect('invalid', 'legacy.broken.json', legacyBroken);

// Tokens by jose.
const payload = {...badge, name: 'Token'};
const token = (claims, header, key) => new jose.CompactSign(new TextEncoder().encode(JSON.stringify(claims))).setProtectedHeader(header).sign(key);
const registered = {iss: did, jti: badge.id, nbf: Date.parse(badge.validFrom) / 1000, exp: Date.parse(badge.validUntil) / 1000};
expect('valid', 'es256.jwt', await token(payload, {alg: 'ES256', typ: 'vc+jwt', cty: 'vc', kid: `${did}#es`}, es256.privateKey));
expect('valid', 'badge.rs256.jwt', await token({...payload, ...registered}, {alg: 'RS256', kid: `${home}keys/rsa`}, rs256.privateKey));
expect('invalid', 'badge.nbf.jwt', await token({...payload, ...registered, nbf: 1}, {alg: 'RS256', kid: `${home}keys/rsa`}, rs256.privateKey));
const unsigned = object => Buffer.from(JSON.stringify(object)).toString('base64url');
const rsaPem = await jose.exportSPKI(rs256.publicKey);
const hmacInput = `${unsigned({alg: 'HS256', kid: `${home}keys/rsa`})}.${unsigned({...payload, ...registered})}`;
expect('invalid', 'confused.jwt', `${hmacInput}.${createHmac('sha256', rsaPem).update(hmacInput).digest('base64url')}`); // the public key as a shared secret
expect('invalid', 'none.jwt', `${unsigned({alg: 'none', kid: `${did}#es`, typ: 'vc+jwt'})}.${unsigned(payload)}.`);
const envelope = jwt => ({'@context': 'https://www.w3.org/ns/credentials/v2', type: 'EnvelopedVerifiableCredential', id: `data:application/vc+jwt,${jwt}`});
expect('valid', 'enveloped.json', envelope(readFileSync(join(folder, 'es256.jwt'), 'utf8')));

// An SD-JWT VC with a token status list.
const sdIssuer = 'https://issuer.example/sd';
const statusUri = 'https://issuer.example/status/tokens';
publish('https://issuer.example/.well-known/jwt-vc-issuer/sd', {issuer: sdIssuer, jwks: {keys: [{...es256Jwk, kid: 'one'}]}}, 'their_metadata.json');
publish(statusUri, await token({sub: statusUri, iat: 1795400000, exp: 1796400000, ttl: 3600, status_list: {bits: 2, lst: deflateSync(Buffer.from([0b00000100, 0])).toString('base64url')}},
  {alg: 'ES256', typ: 'statuslist+jwt', kid: 'one'}, es256.privateKey), 'their_status.jwt');
const disclosures = [['name', 'Ada'], ['grade', {level: 3}]].map(([name, value]) => unsigned([randomBytes(16).toString('base64url'), name, value]));
const digest = text => createHash('sha256').update(text).digest('base64url');
const sdJwt = (idx, shown = disclosures, digests = disclosures.map(digest)) => token({
  iss: sdIssuer, vct: 'https://issuer.example/certificate', iat: 1795400000, exp: 1860000000, _sd_alg: 'sha-256', _sd: digests, status: {status_list: {idx, uri: statusUri}}},
{alg: 'ES256', typ: 'dc+sd-jwt', kid: 'one'}, es256.privateKey).then(jwt => [jwt, ...shown, ''].join('~'));
expect('valid', 'sd.txt', await sdJwt(0));
expect('valid', 'sd.one.txt', await sdJwt(2, disclosures.slice(1)));
expect('revoked', 'sd.revoked.txt', await sdJwt(1));
expect('invalid', 'sd.repeated.txt', await sdJwt(0, [...disclosures, disclosures[0]]));
expect('invalid', 'sd.unreferenced.txt', await sdJwt(0, disclosures, [digest(disclosures[0])]));

const map = join(folder, 'their_map.json');
writeFileSync(map, JSON.stringify(Object.fromEntries(files)));
let wrong = 0;
for (const {verdict, name, options} of cases) {
  const run = spawnSync(program, [join(folder, name), '--documents', map, '--json', ...(options.includes('--now') ? [] : ['--now', '2026-11-24T00:00:00Z']), ...options], {encoding: 'utf8'});
  const report = run.status === 2 ? {verdict: run.stderr, checks: []} : JSON.parse(run.stdout);
  for (const check of report.checks) assert.deepEqual(Object.keys(check), ['name', 'outcome', 'reason']);
  if (report.verdict === verdict) continue;
  ++wrong;
  console.error(`${name}: ${report.verdict} instead of ${verdict}: ${report.checks.filter(check => check.outcome !== 'passed').map(check => `${check.name}: ${check.reason}`).join('; ')}`);
}
console.log(`${cases.length - wrong} of ${cases.length} credentials of other libraries judged as they deserve`);
process.exit(wrong === 0 ? 0 : 1);
