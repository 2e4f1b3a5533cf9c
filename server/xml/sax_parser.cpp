#include "xml/sax_parser.hpp"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <climits>
#include <cstddef>

namespace clued::xml {

namespace {

std::string_view view(const xmlChar* text) noexcept {
  return text == nullptr ? std::string_view{} : std::string_view(reinterpret_cast<const char*>(text));
}

struct ContextDeleter {
  void operator()(xmlParserCtxt* context) const noexcept { xmlFreeParserCtxt(context); }
};

unsigned positive(int number) noexcept { return number > 0 ? static_cast<unsigned>(number) : 1U; }
unsigned positive_or_zero(int number) noexcept { return number > 0 ? static_cast<unsigned>(number) : 0U; }

}  // namespace

/// What libxml2 calls. noexcept because the frames between are C; running out of memory ends the process.
struct SaxParser::Callbacks {
  static SaxParser& self(void* user) noexcept { return *static_cast<SaxParser*>(user); }

  static void start_element(void* user, const xmlChar* name, const xmlChar*, const xmlChar* uri, int declaration_count,
                            const xmlChar** declarations, int attribute_count, int,
                            const xmlChar** attributes) noexcept {
    auto& parser = self(user);
    auto& document = parser.document_;
    if (parser.error_) return;
    if (document.nodes_.size() >= parser.limits_.elements) {
      return parser.stop_here(ErrorKind::too_large, "too many elements");
    }
    if (parser.open_.size() >= parser.limits_.depth) {
      return parser.stop_here(ErrorKind::too_large, "elements are nested too deeply");
    }
    // libxml2 looks through all that are in force for the prefix of each element and attribute.
    if (parser.namespaces_ > parser.limits_.namespaces) {
      return parser.stop_here(ErrorKind::too_large, "too many namespaces in force");
    }
    parser.namespaces_ += positive_or_zero(declaration_count);
    const auto index = static_cast<std::uint32_t>(document.nodes_.size());
    if (!parser.open_.empty()) {
      // An element with child elements has no text; what was collected is indentation.
      auto& parent = document.nodes_[parser.open_.back()];
      parent.text_end = parent.text_begin;
    }
    Document::Node node;
    node.name = view(name);
    node.namespace_uri = view(uri);
    node.parent = parser.open_.empty() ? index : parser.open_.back();
    node.declarations_begin = static_cast<std::uint32_t>(document.declarations_.size());
    for (int at = 0; at < declaration_count; ++at) {
      document.declarations_.push_back({view(declarations[2 * at]), view(declarations[2 * at + 1])});
    }
    node.declarations_end = static_cast<std::uint32_t>(document.declarations_.size());
    node.attributes_begin = static_cast<std::uint32_t>(document.attributes_.size());
    for (int at = 0; at < attribute_count; ++at) {
      // Five pointers each: local name, prefix, URI, begin and end of the value.
      const xmlChar** attribute = attributes + 5 * static_cast<std::ptrdiff_t>(at);
      const auto begin = static_cast<std::uint32_t>(document.texts_.size());
      document.texts_.append(attribute[3], attribute[4]);
      document.attributes_.push_back(
          {view(attribute[0]), view(attribute[2]), begin, static_cast<std::uint32_t>(document.texts_.size())});
    }
    node.attributes_end = static_cast<std::uint32_t>(document.attributes_.size());
    node.text_begin = node.text_end = static_cast<std::uint32_t>(document.texts_.size());
    node.line = positive(parser.context_->input->line);
    node.column = positive(parser.context_->input->col);
    document.nodes_.push_back(node);
    parser.open_.push_back(index);
  }

  static void end_element(void* user, const xmlChar*, const xmlChar*, const xmlChar*) noexcept {
    auto& parser = self(user);
    if (parser.error_ || parser.open_.empty()) return;
    auto& node = parser.document_.nodes_[parser.open_.back()];
    node.subtree_end = static_cast<std::uint32_t>(parser.document_.nodes_.size());
    parser.namespaces_ -= node.declarations_end - node.declarations_begin;
    parser.open_.pop_back();
  }

  static void characters(void* user, const xmlChar* text, int length) noexcept {
    auto& parser = self(user);
    if (parser.error_ || parser.open_.empty() || length <= 0) return;
    auto& document = parser.document_;
    const auto index = parser.open_.back();
    if (document.nodes_.size() > index + std::size_t{1}) return;  // it has child elements
    document.texts_.append(reinterpret_cast<const char*>(text), static_cast<std::size_t>(length));
    document.nodes_[index].text_end = static_cast<std::uint32_t>(document.texts_.size());
  }

  static void document_type(void* user, const xmlChar*, const xmlChar*, const xmlChar*) noexcept {
    self(user).stop_here(ErrorKind::forbidden, "a document type declaration is not accepted");
  }

  static xmlEntity* entity(void* user, const xmlChar*) noexcept {
    self(user).stop_here(ErrorKind::malformed, "an entity that is not one of the five predefined ones");
    return nullptr;
  }

  /// Warnings (a relative namespace URI, say) are none of our business.
  static void problem(void* user, xmlError* error) noexcept {
    if (error == nullptr || error->level < XML_ERR_ERROR) return;
    self(user).stop(ErrorKind::malformed, error->message == nullptr ? "not well-formed" : error->message,
                    positive(error->line), positive(error->int2));
  }
};

_xmlSAXHandler SaxParser::make_handler() noexcept {
  xmlSAXHandler handler{};
  handler.initialized = XML_SAX2_MAGIC;
  handler.startElementNs = Callbacks::start_element;
  handler.endElementNs = Callbacks::end_element;
  handler.characters = Callbacks::characters;
  handler.cdataBlock = Callbacks::characters;
  // The same function for both spares libxml2 guessing which white space is ignorable.
  handler.ignorableWhitespace = Callbacks::characters;
  handler.internalSubset = Callbacks::document_type;
  handler.externalSubset = Callbacks::document_type;
  handler.getEntity = Callbacks::entity;
  handler.getParameterEntity = Callbacks::entity;
  handler.serror = Callbacks::problem;
  return handler;
}

std::optional<Error> SaxParser::parse(std::string_view bytes) {
  if (bytes.empty()) return Error{ErrorKind::malformed, "the document is empty", 1, 1};
  if (bytes.size() > INT_MAX) return Error{ErrorKind::too_large, "the document is too long", 1, 1};
  const std::unique_ptr<xmlParserCtxt, ContextDeleter> context(
      xmlCreateMemoryParserCtxt(bytes.data(), static_cast<int>(bytes.size())));
  if (context == nullptr) return Error{ErrorKind::malformed, "the parser could not be set up", 1, 1};
  context_ = context.get();
  // NOENT only makes `&amp;` arrive as one character in attribute values: without a document type declaration there
  // are no entities that it could expand. Our handler replaces the tree-building one, so nothing is loaded either.
  xmlCtxtUseOptions(context_, XML_PARSE_NONET | XML_PARSE_NOENT);
  *context_->sax = make_handler();
  context_->userData = this;
  xmlDictReference(context_->dict);
  document_.names_ = std::shared_ptr<const void>(context_->dict, [](xmlDict* dict) { xmlDictFree(dict); });
  document_.texts_.reserve(bytes.size() / 4);
  document_.nodes_.reserve(std::min(bytes.size() / 48 + 8, limits_.elements));
  xmlParseDocument(context_);
  if (!error_ && (context_->wellFormed == 0 || context_->nsWellFormed == 0 || !open_.empty())) {
    stop_here(ErrorKind::malformed, "not well-formed");
  }
  end_open_elements();
  context_ = nullptr;
  return std::move(error_);
}

void SaxParser::stop(ErrorKind kind, std::string_view reason, unsigned line, unsigned column) noexcept {
  if (error_) return;
  error_ = Error{kind, std::string(reason), line, column};
  xmlStopParser(context_);
}

void SaxParser::stop_here(ErrorKind kind, std::string_view reason) noexcept {
  const auto* input = context_->input;
  stop(kind, reason, input == nullptr ? 1U : positive(input->line), input == nullptr ? 1U : positive(input->col));
}

void SaxParser::end_open_elements() noexcept {
  const auto end = static_cast<std::uint32_t>(document_.nodes_.size());
  for (const auto index : open_) document_.nodes_[index].subtree_end = end;
  open_.clear();
}

}  // namespace clued::xml
