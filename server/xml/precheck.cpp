#include "xml/precheck.hpp"

#include <algorithm>

#include "xml/utf8.hpp"

namespace clued::xml {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr auto npos = std::string_view::npos;

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// A document that declares another encoding than UTF-8 would be read with that one by the parser.
std::optional<Refusal> check_declared_encoding(std::string_view bytes) noexcept {
  const std::size_t begin = bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  if (!bytes.substr(begin).starts_with("<?xml")) return std::nullopt;
  const auto declaration = bytes.substr(0, bytes.find("?>", begin));
  const auto keyword = declaration.find("encoding", begin);
  const auto open = keyword == npos ? npos : declaration.find_first_of("\"'", keyword);
  if (open == npos) return std::nullopt;
  const auto close = declaration.find(declaration[open], open + 1);
  if (close == npos) return std::nullopt;  // not well-formed: the parser says so
  const auto encoding = declaration.substr(open + 1, close - open - 1);
  if (equal_ignoring_case(encoding, "utf-8") || equal_ignoring_case(encoding, "us-ascii")) return std::nullopt;
  return Refusal{ErrorKind::forbidden, "only UTF-8 is accepted", open + 1};
}

/// Goes from tag to tag. libxml2 compares every attribute of a tag with every other one before it tells of any, so
/// their number has to be bounded beforehand; and a document type declaration is seen here before anything acts on it.
class TagScan {
 public:
  TagScan(std::string_view bytes, std::size_t most_attributes) noexcept
      : bytes_(bytes), most_attributes_(most_attributes) {}

  std::optional<Refusal> run() noexcept {
    while ((position_ = bytes_.find('<', position_)) != npos) {
      const auto rest = bytes_.substr(position_);
      if (rest.starts_with("<!--")) {
        skip_behind("-->", 4);
      } else if (rest.starts_with("<![CDATA[")) {
        skip_behind("]]>", 9);
      } else if (rest.starts_with("<!")) {
        return Refusal{ErrorKind::forbidden, "a document type declaration is not accepted", position_};
      } else if (rest.starts_with("<?")) {
        skip_behind("?>", 2);
      } else if (!skip_tag()) {
        return Refusal{ErrorKind::too_large, "too many attributes", position_};
      }
    }
    return std::nullopt;
  }

 private:
  void skip_behind(std::string_view end, std::size_t from) noexcept {
    const auto found = bytes_.find(end, position_ + from);
    position_ = found == npos ? bytes_.size() : found + end.size();
  }

  /// False, with the position still on the tag, when it has too many attributes. Each attribute has one '=' outside of
  /// quotation marks, so these are counted.
  bool skip_tag() noexcept {
    std::size_t attributes = 0;
    char quote = 0;
    for (std::size_t at = position_ + 1; at < bytes_.size(); ++at) {
      const char byte = bytes_[at];
      if (quote != 0) {
        if (byte == quote) quote = 0;
      } else if (byte == '"' || byte == '\'') {
        quote = byte;
      } else if (byte == '=') {
        if (++attributes > most_attributes_) return false;
      } else if (byte == '>') {
        position_ = at + 1;
        return true;
      }
    }
    position_ = bytes_.size();
    return true;
  }

  std::string_view bytes_;
  std::size_t most_attributes_;
  std::size_t position_ = 0;
};

}  // namespace

std::optional<Refusal> precheck(std::string_view bytes, const Limits& limits) noexcept {
  if (bytes.size() > limits.bytes) return Refusal{ErrorKind::too_large, "the document is too long", limits.bytes};
  const auto invalid = find_invalid_character(bytes);
  if (invalid < bytes.size()) {
    return Refusal{ErrorKind::malformed, "a byte that is no part of an XML character in UTF-8", invalid};
  }
  if (auto refusal = check_declared_encoding(bytes)) return refusal;
  return TagScan(bytes, limits.attributes).run();
}

}  // namespace clued::xml
