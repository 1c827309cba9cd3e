// Contexts of what was issued before VC 2.0: read, never written. The notation is explained in pinned_contexts.cpp.
#include "credentials/rdf/detail/pinned_tables.hpp"

namespace assay::credentials::rdf {
namespace {

constexpr std::string_view credentials_v1 = R"(
*
@version
VerifiableCredential $cred:VerifiableCredential {*
  @version
  cred $cred:
  sec $sec:
  xsd $xsd:
  credentialSchema cred:credentialSchema ^@id {*
    @version
    cred $cred:
    JsonSchemaValidator2018 cred:JsonSchemaValidator2018
  }
  credentialStatus cred:credentialStatus ^@id
  credentialSubject cred:credentialSubject ^@id
  evidence cred:evidence ^@id
  expirationDate cred:expirationDate ^xsd:dateTime
  holder cred:holder ^@id
  issued cred:issued ^xsd:dateTime
  issuer cred:issuer ^@id
  issuanceDate cred:issuanceDate ^xsd:dateTime
  proof sec:proof ^@id %@graph
  refreshService cred:refreshService ^@id {*
    @version
    cred $cred:
    ManualRefreshService2018 cred:ManualRefreshService2018
  }
  termsOfUse cred:termsOfUse ^@id
  validFrom cred:validFrom ^xsd:dateTime
  validUntil cred:validUntil ^xsd:dateTime
}
VerifiablePresentation $cred:VerifiablePresentation {*
  @version
  cred $cred:
  sec $sec:
  holder cred:holder ^@id
  proof sec:proof ^@id %@graph
  verifiableCredential cred:verifiableCredential ^@id %@graph
}
EcdsaSecp256k1Signature2019 $sec:EcdsaSecp256k1Signature2019 {*
  @version
  sec $sec:
  xsd $xsd:
  challenge sec:challenge
  created $dc:created ^xsd:dateTime
  domain sec:domain
  expires sec:expiration ^xsd:dateTime
  jws sec:jws
  nonce sec:nonce
  proofPurpose sec:proofPurpose ^@vocab {*
    @version
    sec $sec:
    assertionMethod sec:assertionMethod ^@id %@set
    authentication sec:authenticationMethod ^@id %@set
  }
  proofValue sec:proofValue
  verificationMethod sec:verificationMethod ^@id
}
EcdsaSecp256r1Signature2019 $sec:EcdsaSecp256r1Signature2019 {*
  @version
  sec $sec:
  xsd $xsd:
  challenge sec:challenge
  created $dc:created ^xsd:dateTime
  domain sec:domain
  expires sec:expiration ^xsd:dateTime
  jws sec:jws
  nonce sec:nonce
  proofPurpose sec:proofPurpose ^@vocab {*
    @version
    sec $sec:
    assertionMethod sec:assertionMethod ^@id %@set
    authentication sec:authenticationMethod ^@id %@set
  }
  proofValue sec:proofValue
  verificationMethod sec:verificationMethod ^@id
}
Ed25519Signature2018 $sec:Ed25519Signature2018 {*
  @version
  sec $sec:
  xsd $xsd:
  challenge sec:challenge
  created $dc:created ^xsd:dateTime
  domain sec:domain
  expires sec:expiration ^xsd:dateTime
  jws sec:jws
  nonce sec:nonce
  proofPurpose sec:proofPurpose ^@vocab {*
    @version
    sec $sec:
    assertionMethod sec:assertionMethod ^@id %@set
    authentication sec:authenticationMethod ^@id %@set
  }
  proofValue sec:proofValue
  verificationMethod sec:verificationMethod ^@id
}
RsaSignature2018 $sec:RsaSignature2018 {
  @version
  @protected
  challenge sec:challenge
  created $dc:created ^xsd:dateTime
  domain sec:domain
  expires sec:expiration ^xsd:dateTime
  jws sec:jws
  nonce sec:nonce
  proofPurpose sec:proofPurpose ^@vocab {*
    @version
    sec $sec:
    assertionMethod sec:assertionMethod ^@id %@set
    authentication sec:authenticationMethod ^@id %@set
  }
  proofValue sec:proofValue
  verificationMethod sec:verificationMethod ^@id
}
proof $sec:proof ^@id %@graph
)";

constexpr std::string_view ed25519_2020 = R"(
*
proof $sec:proof ^@id %@graph
Ed25519VerificationKey2020 $sec:Ed25519VerificationKey2020 {*
  controller $sec:controller ^@id
  revoked $sec:revoked ^$xsd:dateTime
  publicKeyMultibase $sec:publicKeyMultibase ^$sec:multibase
}
Ed25519Signature2020 $sec:Ed25519Signature2020 {*
  challenge $sec:challenge
  created $dc:created ^$xsd:dateTime
  domain $sec:domain
  expires $sec:expiration ^$xsd:dateTime
  nonce $sec:nonce
  proofPurpose $sec:proofPurpose ^@vocab {*
    assertionMethod $sec:assertionMethod ^@id %@set
    authentication $sec:authenticationMethod ^@id %@set
    capabilityInvocation $sec:capabilityInvocationMethod ^@id %@set
    capabilityDelegation $sec:capabilityDelegationMethod ^@id %@set
    keyAgreement $sec:keyAgreementMethod ^@id %@set
  }
  proofValue $sec:proofValue ^$sec:multibase
  verificationMethod $sec:verificationMethod ^@id
}
)";

constexpr std::string_view status_list_2021 = R"(
@protected
StatusList2021Credential $sl:StatusList2021Credential {*
  description $schema0:description
  name $schema0:name
}
StatusList2021 $sl:StatusList2021 {*
  statusPurpose $sl:statusPurpose
  encodedList $sl:encodedList
}
StatusList2021Entry $sl:StatusList2021Entry {*
  statusPurpose $sl:statusPurpose
  statusListIndex $sl:statusListIndex
  statusListCredential $sl:statusListCredential ^@id
}
)";

} // namespace

std::span<PinnedContext const> legacy_contexts() noexcept
{
    static constexpr auto all = std::array{
        PinnedContext{"https://www.w3.org/2018/credentials/v1",
                      "00d7dd6d3ad8b920e3e550dd3a3d9090bffcac84cdbf943da6924b3e0a5c8bb8", credentials_v1},
        PinnedContext{"https://w3id.org/security/suites/ed25519-2020/v1",
                      "b9e1ab971fd8bf2c7553e0c4a9438e0b9450afde1ea1ca5b2492368b9f549588", ed25519_2020},
        PinnedContext{"https://w3id.org/vc/status-list/2021/v1",
                      "634d71c159289f068c96012e4511c657fdf82ac4231900081bda3ba24e2e1160", status_list_2021},
    };
    return all;
}

} // namespace assay::credentials::rdf
