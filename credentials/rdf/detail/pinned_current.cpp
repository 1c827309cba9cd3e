// Contexts of what is issued today. The notation is explained in pinned_contexts.cpp; a test compares each with its document.
#include "credentials/rdf/detail/pinned_tables.hpp"

namespace assay::credentials::rdf {
namespace {

constexpr std::string_view credentials_v2 = R"(
*
description $schema:description
digestMultibase $sec:digestMultibase ^$sec:multibase
digestSRI $cred:digestSRI ^$cred:sriString
mediaType $schema:encodingFormat
name $schema:name
VerifiableCredential $cred:VerifiableCredential {*
  confidenceMethod $cred:confidenceMethod ^@id
  credentialSchema $cred:credentialSchema ^@id
  credentialStatus $cred:credentialStatus ^@id
  credentialSubject $cred:credentialSubject ^@id
  description $schema:description
  evidence $cred:evidence ^@id
  issuer $cred:issuer ^@id
  name $schema:name
  proof $sec:proof ^@id %@graph
  refreshService $cred:refreshService ^@id
  relatedResource $cred:relatedResource ^@id
  renderMethod $cred:renderMethod ^@id
  termsOfUse $cred:termsOfUse ^@id
  validFrom $cred:validFrom ^$xsd:dateTime
  validUntil $cred:validUntil ^$xsd:dateTime
}
EnvelopedVerifiableCredential $cred:EnvelopedVerifiableCredential
VerifiablePresentation $cred:VerifiablePresentation {*
  holder $cred:holder ^@id
  proof $sec:proof ^@id %@graph
  termsOfUse $cred:termsOfUse ^@id
  verifiableCredential $cred:verifiableCredential ^@id %@graph {null}
}
EnvelopedVerifiablePresentation $cred:EnvelopedVerifiablePresentation
JsonSchemaCredential $cred:JsonSchemaCredential
JsonSchema $cred:JsonSchema {*
  jsonSchema $cred:jsonSchema ^@json
}
BitstringStatusListCredential $status:BitstringStatusListCredential
BitstringStatusList $status:BitstringStatusList {*
  encodedList $status:encodedList ^$sec:multibase
  statusPurpose $status:statusPurpose
  ttl $status:ttl
}
BitstringStatusListEntry $status:BitstringStatusListEntry {*
  statusListCredential $status:statusListCredential ^@id
  statusListIndex $status:statusListIndex
  statusPurpose $status:statusPurpose
  statusMessage $status:statusMessage {*
    message $status:message
    status $status:status
  }
  statusReference $status:statusReference ^@id
  statusSize $status:statusSize ^$xsds:integer
}
DataIntegrityProof $sec:DataIntegrityProof {*
  challenge $sec:challenge
  created $dc:created ^$xsd:dateTime
  cryptosuite $sec:cryptosuite ^$sec:cryptosuiteString
  domain $sec:domain
  expires $sec:expiration ^$xsd:dateTime
  nonce $sec:nonce
  previousProof $sec:previousProof ^@id
  proofPurpose $sec:proofPurpose ^@vocab {*
    assertionMethod $sec:assertionMethod ^@id %@set
    authentication $sec:authenticationMethod ^@id %@set
    capabilityDelegation $sec:capabilityDelegationMethod ^@id %@set
    capabilityInvocation $sec:capabilityInvocationMethod ^@id %@set
    keyAgreement $sec:keyAgreementMethod ^@id %@set
  }
  proofValue $sec:proofValue ^$sec:multibase
  verificationMethod $sec:verificationMethod ^@id
}
... $jwt:...
_sd $jwt:_sd ^@json
_sd_alg $jwt:_sd_alg
aud $jwt:aud ^@id
cnf $jwt:cnf {
  @protected
  kid $jwt:kid ^@id
  jwk $jwt:jwk ^@json
}
exp $jwt:exp ^$xsds:nonNegativeInteger
iat $jwt:iat ^$xsds:nonNegativeInteger
iss $jose:iss ^@id
jku $jose:jku ^@id
kid $jose:kid ^@id
nbf $jwt:nbf ^$xsds:nonNegativeInteger
sub $jose:sub ^@id
x5u $jose:x5u ^@id
)";

constexpr std::string_view open_badges = R"(
*
OpenBadgeCredential $ob:OpenBadgeCredential
Achievement $ob:Achievement {*
  achievementType $ob:achievementType
  alignment $ob:alignment %@set
  creator $ob:creator
  creditsAvailable $ob:creditsAvailable ^$xsds:float
  criteria $ob:Criteria ^@id
  fieldOfStudy $ob:fieldOfStudy
  humanCode $ob:humanCode
  image $ob:image ^@id
  otherIdentifier $ob:otherIdentifier %@set
  related $ob:related %@set
  resultDescription $ob:resultDescription %@set
  specialization $ob:specialization
  tag $schema:keywords %@set
  version $ob:version
  inLanguage $schema:inLanguage
}
AchievementCredential OpenBadgeCredential
AchievementSubject $ob:AchievementSubject {*
  achievement $ob:achievement
  activityEndDate $ob:activityEndDate ^$xsds:date
  activityStartDate $ob:activityStartDate ^$xsds:date
  creditsEarned $ob:creditsEarned ^$xsds:float
  identifier $ob:identifier %@set
  image $ob:image ^@id
  licenseNumber $ob:licenseNumber
  result $ob:result %@set
  role $ob:role
  source $ob:source ^@id
  term $ob:term
}
Address $ob:Address {*
  addressCountry $schema:addressCountry
  addressCountryCode $ob:CountryCode
  addressLocality $schema:addressLocality
  addressRegion $schema:addressRegion
  geo $ob:GeoCoordinates
  postOfficeBoxNumber $schema:postOfficeBoxNumber
  postalCode $schema:postalCode
  streetAddress $schema:streetAddress
}
Alignment $schema:AlignmentObject {*
  targetCode $ob:targetCode
  targetDescription $schema:targetDescription
  targetFramework $schema:targetFramework
  targetName $schema:targetName
  targetType $ob:targetType
  targetUrl $schema:targetUrl ^$xsds:anyURI
}
Criteria $ob:Criteria
EndorsementCredential $ob:EndorsementCredential
EndorsementSubject $ob:EndorsementSubject {*
  endorsementComment $ob:endorsementComment
}
Evidence $ob:Evidence {*
  audience $schema:audience
  genre $schema:genre
}
GeoCoordinates $ob:GeoCoordinates {*
  latitude $schema:latitude
  longitude $schema:longitude
}
IdentifierEntry $ob:IdentifierEntry {*
  identifier $ob:identifier
  identifierType $ob:identifierType
}
IdentityObject $ob:IdentityObject {*
  hashed $ob:hashed ^$xsds:boolean
  identityHash $ob:identityHash
  identityType $ob:identityType
  salt $ob:salt
}
Image $ob:Image {*
  caption $schema:caption
}
Profile $ob:Profile {*
  additionalName $schema:additionalName
  address $ob:address ^@id
  dateOfBirth $ob:dateOfBirth ^$xsds:date
  email $schema:email
  familyName $schema:familyName
  familyNamePrefix $ob:familyNamePrefix
  givenName $schema:givenName
  honorificPrefix $schema:honorificPrefix
  honorificSuffix $schema:honorificSuffix
  image $ob:image ^@id
  otherIdentifier $ob:otherIdentifier %@set
  parentOrg $ob:parentOrg ^@id
  patronymicName $ob:patronymicName
  phone $ob:phone
  official $ob:official
}
Related $ob:Related {*
  version $ob:version
  inLanguage $schema:inLanguage
}
Result $ob:Result {*
  achievedLevel $ob:achievedLevel ^$xsds:anyURI
  resultDescription $ob:resultDescription ^$xsds:anyURI
  status $ob:status
  value $schema:value
}
ResultDescription $ob:ResultDescription {*
  allowedValue $ob:allowedValue %@list
  requiredLevel $ob:requiredLevel ^$xsds:anyURI
  requiredValue $ob:requiredValue
  resultType $ob:resultType
  rubricCriterionLevel $ob:rubricCriterionLevel %@set
  valueMax $ob:valueMax
  valueMin $ob:valueMin
}
RubricCriterionLevel $ob:RubricCriterionLevel {*
  level $ob:level
  points $ob:points
}
alignment $ob:alignment %@set
description $schema:description
endorsement $ob:endorsement %@set
image $ob:image ^@id
inLanguage $schema:inLanguage
name $schema:name
narrative $ob:narrative
url $schema:url ^$xsds:anyURI
awardedDate $ob:awardedDate ^xsd:dateTime
)";

constexpr std::string_view open_badges_extensions = R"(
id @id
type @type
1EdTechJsonSchemaValidator2019 $ims:vccs/v1p0/context.json#1EdTechJsonSchemaValidator2019
1EdTechRevocationList $ims:vcrl/v1p0/context.json#1EdTechRevocationList
1EdTechCredentialRefresh $ims:vccr/v1p0/context.json#1EdTechCredentialRefresh
)";

constexpr std::string_view examples = R"(
@vocab https://www.w3.org/ns/credentials/examples#
)";

constexpr std::string_view data_integrity = R"(
*
proof $sec:proof ^@id %@graph
DataIntegrityProof $sec:DataIntegrityProof {*
  challenge $sec:challenge
  created $dc:created ^$xsd:dateTime
  domain $sec:domain
  expires $sec:expiration ^$xsd:dateTime
  nonce $sec:nonce
  previousProof $sec:previousProof ^@id
  proofPurpose $sec:proofPurpose ^@vocab {*
    assertionMethod $sec:assertionMethod ^@id %@set
    authentication $sec:authenticationMethod ^@id %@set
    capabilityInvocation $sec:capabilityInvocationMethod ^@id %@set
    capabilityDelegation $sec:capabilityDelegationMethod ^@id %@set
    keyAgreement $sec:keyAgreementMethod ^@id %@set
  }
  cryptosuite $sec:cryptosuite ^$sec:cryptosuiteString
  proofValue $sec:proofValue ^$sec:multibase
  verificationMethod $sec:verificationMethod ^@id
}
)";

constexpr std::string_view multikey = R"(
*
Multikey $sec:Multikey {*
  controller $sec:controller ^@id
  revoked $sec:revoked ^$xsd:dateTime
  expires $sec:expiration ^$xsd:dateTime
  publicKeyMultibase $sec:publicKeyMultibase ^$sec:multibase
  secretKeyMultibase $sec:secretKeyMultibase ^$sec:multibase
}
)";

constexpr std::string_view jwk = R"(
*
JsonWebKey $sec:JsonWebKey {*
  controller $sec:controller ^@id
  revoked $sec:revoked ^$xsd:dateTime
  expires $sec:expiration ^$xsd:dateTime
  publicKeyJwk $sec:publicKeyJwk ^@json
  secretKeyJwk $sec:secretKeyJwk ^@json
}
)";

constexpr std::string_view clr = R"(
id @id
type @type
ClrCredential $clr:ClrCredential {
  id @id
  type @type
  partial $clr:partial ^xsd:boolean
}
ClrSubject $clr:ClrSubject {
  id @id
  type @type
  cred $cred:
  obi $ob:
  achievement $clr:achievement ^obi:Achievement %@set
  association $clr:association ^$clr:Association %@set
  verifiableCredential $clr:verifiableCredential ^cred:verifiableCredential %@set
  identifier $clr:identifier-1 ^obi:Identifier %@set
}
Association $clr:Association {
  associationType $clr:AssociationType
  sourceId $clr:sourceId ^xsd:anyURI
  targetId $clr:targetId ^xsd:anyURI
}
)";

} // namespace

std::span<PinnedContext const> current_contexts() noexcept
{
    static constexpr auto all = std::array{
        PinnedContext{"https://www.w3.org/ns/credentials/v2",
                      "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734", credentials_v2},
        PinnedContext{"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
                      "ef2fa9c7846dce233cc166b43639027278be4ee44f00bb1d45c75de2dd0cd761", open_badges},
        PinnedContext{"https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
                      "146f85aa16effd7ca1da8056eb443f53ce1eca8a34186cb062832c0a97d889c3", open_badges_extensions},
        PinnedContext{"https://www.w3.org/ns/credentials/examples/v2",
                      "57393fbc69d6efb9b9b5dc9cb6b9880b0944360abfe2eaf459c9e58cf2279d7c", examples},
        PinnedContext{"https://w3id.org/security/data-integrity/v2",
                      "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4", data_integrity},
        PinnedContext{"https://w3id.org/security/multikey/v1",
                      "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597", multikey},
        PinnedContext{"https://w3id.org/security/jwk/v1",
                      "0f14b62f6071aafe00df265770ea0c7508e118247d79b7d861a406d2aa00bece", jwk},
        PinnedContext{"https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
                      "880f1902d4158f2f33ce06af41b90719977cd1ea337a9de2e41edb3ff5e543d6", clr},
    };
    return all;
}

} // namespace assay::credentials::rdf
