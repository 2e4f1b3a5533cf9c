// What is refused before a parser sees it, because the parser would be slow, lenient or dangerous with it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "xml/document.hpp"

namespace clued::xml {

struct Refusal {
  ErrorKind kind;
  const char* reason;
  std::size_t offset;  ///< of the first byte that is not accepted
};

/// Checks size, characters, declared encoding, absence of a document type declaration, and attributes per element, in
/// time linear in the size (of what is allowed).
std::optional<Refusal> precheck(std::string_view bytes, const Limits& limits) noexcept;

}  // namespace clued::xml
