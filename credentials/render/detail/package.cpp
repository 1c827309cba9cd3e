#include "credentials/render/detail/package.hpp"

#include "credentials/render/detail/text.hpp"

#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFEFStreamObjectHelper.hh>
#include <qpdf/QPDFEmbeddedFileDocumentHelper.hh>
#include <qpdf/QPDFFileSpecObjectHelper.hh>
#include <qpdf/QPDFWriter.hh>

namespace assay::credentials::render::detail {
namespace {

using Object = QPDFObjectHandle;

/// "D:20261124001100Z" (ISO 32000-1, 7.9.4).
std::string pdf_date(Timestamp at)
{
    auto date = std::string{"D:"};
    for (auto const letter : to_rfc3339(at).substr(0, 19))
        if (letter != '-' && letter != 'T' && letter != ':') date += letter;
    return date + "Z";
}

std::string xmp(Packaging const& packaging)
{
    auto const created = to_rfc3339(std::chrono::floor<std::chrono::seconds>(packaging.created));
    return "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
           R"(<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="")"
           R"( xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">)"
           R"(<dc:format>application/pdf</dc:format><dc:title><rdf:Alt><rdf:li xml:lang="x-default">)"
           + xml_escaped(packaging.title) + "</rdf:li></rdf:Alt></dc:title><dc:creator><rdf:Seq><rdf:li>" + xml_escaped(packaging.author)
           + "</rdf:li></rdf:Seq></dc:creator><dc:language><rdf:Bag><rdf:li>" + xml_escaped(packaging.language)
           + "</rdf:li></rdf:Bag></dc:language><xmp:CreateDate>" + created + "</xmp:CreateDate><xmp:ModifyDate>" + created
           + "</xmp:ModifyDate></rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>";
}

Object attach(QPDF& pdf, Attachment const& attachment, Packaging const& packaging)
{
    auto const& attached = attachment.file;
    auto stream = QPDFEFStreamObjectHelper::createEFStream(pdf, std::string{text_of(attached.content)});
    stream.setSubtype(attached.media_type).setCreationDate(pdf_date(packaging.created)).setModDate(pdf_date(packaging.created));
    auto file = QPDFFileSpecObjectHelper::createFileSpec(pdf, attached.name, stream);
    file.setDescription(attachment.description);
    auto specification = file.getObjectHandle();
    specification.replaceKey("/AFRelationship", Object::newName(attachment.relationship));
    QPDFEmbeddedFileDocumentHelper{pdf}.replaceEmbeddedFile(attached.name, file);
    return specification;
}

/// cairo writes the structure tree, but has no way to say what a figure shows.
void describe_figures(QPDF& pdf, std::string const& alternative)
{
    for (auto object : pdf.getAllObjects()) {
        if (!object.isDictionary() || !object.hasKey("/S") || !object.getKey("/S").isNameAndEquals("/Figure")) continue;
        object.replaceKey("/Alt", Object::newUnicodeString(alternative));
    }
}

} // namespace

Bytes package(ByteView drawn, std::span<Attachment const> attachments, Packaging const& packaging)
{
    auto pdf = QPDF{};
    pdf.processMemoryFile("certificate", reinterpret_cast<char const*>(drawn.data()), drawn.size());
    describe_figures(pdf, packaging.figure_alternative);

    auto catalog = pdf.getRoot();
    catalog.replaceKey("/Lang", Object::newUnicodeString(packaging.language));
    auto marks = Object::newDictionary();
    marks.replaceKey("/Marked", Object::newBool(true));
    catalog.replaceKey("/MarkInfo", marks);
    auto preferences = Object::newDictionary();
    preferences.replaceKey("/DisplayDocTitle", Object::newBool(true));
    if (packaging.direction == Direction::right_to_left) preferences.replaceKey("/Direction", Object::newName("/R2L"));
    catalog.replaceKey("/ViewerPreferences", preferences);

    auto metadata = Object::newStream(&pdf, xmp(packaging));
    metadata.getDict().replaceKey("/Type", Object::newName("/Metadata"));
    metadata.getDict().replaceKey("/Subtype", Object::newName("/XML"));
    catalog.replaceKey("/Metadata", pdf.makeIndirectObject(metadata));

    auto associated = Object::newArray();
    for (auto const& attachment : attachments) associated.appendItem(attach(pdf, attachment, packaging));
    catalog.replaceKey("/AF", associated);

    auto writer = QPDFWriter{pdf};
    writer.setOutputMemory();
    writer.setDeterministicID(true);
    writer.setMinimumPDFVersion("1.7");
    writer.write();
    auto const written = writer.getBufferSharedPointer();
    return to_bytes(ByteView{reinterpret_cast<std::byte const*>(written->getBuffer()), written->getSize()});
}

} // namespace assay::credentials::render::detail
