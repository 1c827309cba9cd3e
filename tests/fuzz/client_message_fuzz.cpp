// Any bytes as a message of the candidate's page; an answer among them is scored against a real item.
#include "exam/item_scoring.hpp"
#include "exam/qti/reader.hpp"
#include "server/wire/client_messages.hpp"

#include <cstdlib>

namespace {

constexpr std::string_view item_xml = R"xml(<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="i" title="t"
  adaptive="false" time-dependent="false">
  <qti-response-declaration identifier="RESPONSE" cardinality="multiple" base-type="directedPair">
    <qti-correct-response><qti-value>A X</qti-value><qti-value>B Y</qti-value></qti-correct-response></qti-response-declaration>
  <qti-response-declaration identifier="TEXT" cardinality="single" base-type="string">
    <qti-correct-response><qti-value>5432</qti-value></qti-correct-response></qti-response-declaration>
  <qti-outcome-declaration identifier="SCORE" cardinality="single" base-type="float"/>
  <qti-item-body><p>Port: <qti-text-entry-interaction response-identifier="TEXT"/></p>
    <qti-match-interaction response-identifier="RESPONSE" max-associations="2">
      <qti-simple-match-set><qti-simple-associable-choice identifier="A" match-max="1">a</qti-simple-associable-choice>
        <qti-simple-associable-choice identifier="B" match-max="1">b</qti-simple-associable-choice></qti-simple-match-set>
      <qti-simple-match-set><qti-simple-associable-choice identifier="X" match-max="1">x</qti-simple-associable-choice>
        <qti-simple-associable-choice identifier="Y" match-max="1">y</qti-simple-associable-choice></qti-simple-match-set>
    </qti-match-interaction></qti-item-body>
  <qti-response-processing template="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/CC2_match.xml"/>
</qti-assessment-item>)xml";

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    static auto const item = [] {
        auto imported = exam::qti::read_item(bytes_of(item_xml), "item.xml");
        if (!imported.item) std::abort();
        return std::move(*imported.item);
    }();
    auto const bytes = std::as_bytes(std::span{data, size});
    static_cast<void>(server::parse_proctor_message(bytes));
    auto const message = server::parse_exam_message(bytes);
    if (!message || !message->has_submit_response()) return 0;
    auto const response = server::response_of(message->submit_response());
    if (!response || exam::find_response_problem(item, *response)) return 0;
    auto const score = exam::score(item, *response);
    if (score && !(score->score >= 0 && score->score <= score->max_score)) std::abort();
    return 0;
}
