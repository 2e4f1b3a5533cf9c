// The one place that knows libxml2: fills a Document from the events of its SAX2 parser.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "xml/document.hpp"

struct _xmlParserCtxt;
struct _xmlSAXHandler;

namespace clued::xml {

/// Fills one Document, once. The caller has bounded what libxml2 does not bound itself (precheck.hpp).
class SaxParser {
 public:
  SaxParser(Document& document, const Limits& limits) noexcept : document_(document), limits_(limits) {}

  /// Returns why reading stopped before the end, if it did.
  std::optional<Error> parse(std::string_view bytes);

 private:
  struct Callbacks;

  static _xmlSAXHandler make_handler() noexcept;
  void stop(ErrorKind kind, std::string_view reason, unsigned line, unsigned column) noexcept;
  /// Stops where the parser is.
  void stop_here(ErrorKind kind, std::string_view reason) noexcept;
  void end_open_elements() noexcept;

  Document& document_;
  const Limits& limits_;
  _xmlParserCtxt* context_ = nullptr;  ///< owned by parse()
  std::optional<Error> error_;
  std::vector<std::uint32_t> open_;
  std::size_t namespaces_ = 0;  ///< declared by the open elements
};

}  // namespace clued::xml
