// Reading XML that a stranger wrote: bounded, namespace-aware, UTF-8 only, without DTD, entities or network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clued::xml {

struct Limits {
  std::size_t bytes = 256 * 1024;
  std::size_t depth = 32;
  std::size_t elements = 20'000;
  std::size_t attributes = 64;  ///< of one element, namespace declarations included
  std::size_t namespaces = 64;  ///< declarations that are in force at one place, beside those of the element itself
};

enum class ErrorKind {
  malformed,  ///< not well-formed, not namespace-well-formed, or not UTF-8
  too_large,  ///< beyond one of the Limits
  forbidden,  ///< well-formed perhaps, but a document type declaration or another encoding is not accepted
};

struct Error {
  ErrorKind kind = ErrorKind::malformed;
  std::string reason;
  unsigned line = 1;
  unsigned column = 1;

  /// "line:column: reason", one line of printable text.
  std::string text() const;
};

class Document;
class ElementRange;

/// One element of a Document, valid as long as that lives. Cheap to copy.
class Element {
 public:
  std::string_view name() const noexcept;  ///< local name
  std::string_view namespace_uri() const noexcept;
  /// The character data of an element without child elements; empty for one with child elements (no mixed content).
  std::string_view text() const noexcept;
  std::optional<std::string_view> attribute(std::string_view name, std::string_view namespace_uri = {}) const noexcept;
  ElementRange children() const noexcept;
  /// The URI that the prefix is bound to here; the empty prefix is the default namespace.
  std::optional<std::string_view> namespace_of(std::string_view prefix) const noexcept;
  /// Where the start tag ends.
  unsigned line() const noexcept;
  unsigned column() const noexcept;

 private:
  friend class Document;
  friend class ElementRange;
  Element(const Document& document, std::uint32_t index) noexcept : document_(&document), index_(index) {}

  const Document* document_;
  std::uint32_t index_;
};

/// A document as it was read. Neither copied nor moved: its elements refer to it.
class Document {
 public:
  /// Never throws for any input. `bytes` is not needed afterwards.
  explicit Document(std::string_view bytes, const Limits& limits = {});
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  /// Why it could not be read to its end; what precedes the error is there nevertheless, as far as it was looked at.
  const std::optional<Error>& error() const noexcept { return error_; }
  std::optional<Element> root() const noexcept;

 private:
  friend class Element;
  friend class ElementRange;
  friend class SaxParser;

  struct Node {
    std::string_view name;
    std::string_view namespace_uri;
    std::uint32_t parent = 0;       ///< of the root: itself
    std::uint32_t subtree_end = 0;  ///< index behind the last descendant; nodes are in document order
    std::uint32_t text_begin = 0, text_end = 0;
    std::uint32_t attributes_begin = 0, attributes_end = 0;
    std::uint32_t declarations_begin = 0, declarations_end = 0;
    unsigned line = 0, column = 0;
  };
  struct Attribute {
    std::string_view name;
    std::string_view namespace_uri;
    std::uint32_t value_begin = 0, value_end = 0;
  };
  struct Declaration {
    std::string_view prefix;
    std::string_view uri;
  };

  std::string_view slice(std::uint32_t begin, std::uint32_t end) const noexcept {
    return std::string_view(texts_).substr(begin, end - begin);
  }

  std::shared_ptr<const void> names_;  ///< the parser's dictionary, which the names and URIs point into
  std::string texts_;                  ///< character data and attribute values, one after the other
  std::vector<Node> nodes_;
  std::vector<Attribute> attributes_;
  std::vector<Declaration> declarations_;
  std::optional<Error> error_;
};

}  // namespace clued::xml

#include "xml/element_range.hpp"  // IWYU pragma: export
