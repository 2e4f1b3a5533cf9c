#include "xml/document.hpp"

#include <algorithm>

#include "xml/precheck.hpp"
#include "xml/sax_parser.hpp"
#include "xml/utf8.hpp"

namespace clued::xml {

namespace {

/// How much of a document that is refused at first sight is still read, so that its root element and first fields can
/// be named in the answer.
constexpr std::size_t head_of_refused_bytes = 4096;

constexpr std::size_t longest_reason = 200;

/// The first line of a text, bounded, with what cannot be shown replaced.
std::string one_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  std::string line;
  for (std::size_t position = 0; position < text.size() && line.size() < longest_reason;) {
    const std::size_t length = character_length(text, position);
    if (length == 0) {
      line += '?';
      ++position;
    } else {
      line.append(text, position, length);
      position += length;
    }
  }
  return line;
}

}  // namespace

std::string Error::text() const {
  return std::to_string(line) + ':' + std::to_string(column) + ": " + one_line(reason);
}

Document::Document(std::string_view bytes, const Limits& limits) {
  if (const auto refusal = precheck(bytes, limits)) {
    const std::string_view readable = bytes.substr(0, refusal->offset);
    SaxParser(*this, limits).parse(readable.substr(0, head_of_refused_bytes));
    const auto line_begin = readable.rfind('\n');
    error_ = Error{refusal->kind, refusal->reason,
                   static_cast<unsigned>(1 + std::count(readable.begin(), readable.end(), '\n')),
                   static_cast<unsigned>(readable.size() - (line_begin == readable.npos ? 0 : line_begin + 1) + 1)};
    return;
  }
  error_ = SaxParser(*this, limits).parse(bytes);
}

std::optional<Element> Document::root() const noexcept {
  if (nodes_.empty()) return std::nullopt;
  return Element(*this, 0);
}

std::string_view Element::name() const noexcept { return document_->nodes_[index_].name; }

std::string_view Element::namespace_uri() const noexcept { return document_->nodes_[index_].namespace_uri; }

std::string_view Element::text() const noexcept {
  const auto& node = document_->nodes_[index_];
  return document_->slice(node.text_begin, node.text_end);
}

std::optional<std::string_view> Element::attribute(std::string_view name,
                                                   std::string_view namespace_uri) const noexcept {
  const auto& node = document_->nodes_[index_];
  for (auto index = node.attributes_begin; index < node.attributes_end; ++index) {
    const auto& attribute = document_->attributes_[index];
    if (attribute.name == name && attribute.namespace_uri == namespace_uri) {
      return document_->slice(attribute.value_begin, attribute.value_end);
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> Element::namespace_of(std::string_view prefix) const noexcept {
  for (std::uint32_t index = index_;; index = document_->nodes_[index].parent) {
    const auto& node = document_->nodes_[index];
    for (auto at = node.declarations_begin; at < node.declarations_end; ++at) {
      if (document_->declarations_[at].prefix == prefix) return document_->declarations_[at].uri;
    }
    if (index == node.parent) return std::nullopt;
  }
}

unsigned Element::line() const noexcept { return document_->nodes_[index_].line; }

unsigned Element::column() const noexcept { return document_->nodes_[index_].column; }

}  // namespace clued::xml
