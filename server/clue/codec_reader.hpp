// The simple values inside of CLUE elements, and the first thing that was wrong with them.
#pragma once

#include <bitset>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "clue/codec.hpp"
#include "clue/codec_names.hpp"
#include "clue/decode_limits.hpp"
#include "xml/document.hpp"

namespace clued::clue::codec {

/// Our name for the element, or `unknown` (to be ignored, RFC 8847 section 7). Both CLUE namespaces are accepted for
/// any element, because peers put the six wrapper elements into either.
Tag tag_of(xml::Element element) noexcept;

/// Which of the elements that may occur once have occurred.
using Seen = std::bitset<tag_count>;

/// Reads values and keeps the first error. After an error it goes on with harmless values, so that callers need to look
/// only at the end.
class Reader {
 public:
  struct Failure {
    ResponseCode code;
    std::string reason;
  };

  explicit Reader(const DecodeLimits& limits) : limits_(limits), left_(limits) {}

  const std::optional<Failure>& failure() const noexcept { return failure_; }
  void fail(ResponseCode code, xml::Element where, std::string_view what);

  /// Fails (301) when this element was seen before in its parent: which of the two is meant cannot be known.
  void once(Seen& seen, Tag tag, xml::Element where);
  /// Fails (301) when the parent lacks this element.
  void require(const Seen& seen, Tag tag, xml::Element parent);

  /// Counts one more of a kind of which a message may have so many; fails (300) when there were that many already.
  void take(std::size_t DecodeLimits::*kind, xml::Element where);

  // Text is read without outer white space and with inner white space as single spaces: the RFCs' own examples break
  // lines in the middle of descriptions.

  /// Free text, for people: cut to what is kept of one and of all together.
  std::string prose(xml::Element element);
  /// A word of a list that may grow; fails (302) when it is longer than any word.
  std::string word(xml::Element element);
  /// An identifier or a name of something; fails (300) when it is longer than any.
  std::string name(xml::Element element);
  /// The same, and fails (301) when nothing is left: identifiers and references that have to be there.
  std::string token(xml::Element element);
  /// An attribute that must be there and not be empty (301).
  std::string attribute(xml::Element element, std::string_view name);
  /// One that may be missing; empty when it is there and says nothing.
  std::optional<std::string> optional_attribute(xml::Element element, std::string_view name);
  /// True, and something is not kept, when a list of texts of one element is as long as it may be.
  bool is_full(std::size_t texts) noexcept;
  /// How many texts were cut or not kept.
  std::size_t shortened() const noexcept { return shortened_; }

  /// xs:language, checked because what is said about languages is passed on to others (302).
  std::string language(xml::Element element, std::string_view value);
  /// The `lang` attribute; empty when there is none.
  std::string language_attribute(xml::Element element);

  bool boolean(xml::Element element) { return boolean(element, element.text()); }
  bool boolean(xml::Element element, std::string_view value);
  /// Fails (302) unless it says true, which is the only value of a fixed element.
  void always_true(xml::Element element);
  /// xs:decimal.
  double decimal(xml::Element element);
  template <class Unsigned>
  Unsigned number(xml::Element element, Unsigned least, Unsigned most = std::numeric_limits<Unsigned>::max()) {
    return static_cast<Unsigned>(integer(element, least, most));
  }
  std::uint32_t sequence_number(xml::Element element) { return number<std::uint32_t>(element, 1); }
  ResponseCode response_code(xml::Element element) {
    return static_cast<ResponseCode>(number<std::uint16_t>(element, 100, 999));
  }
  Version version(xml::Element element, std::string_view value);

  std::optional<Failure> take_failure() { return std::move(failure_); }

 private:
  std::uint64_t integer(xml::Element element, std::uint64_t least, std::uint64_t most);
  std::string identifier(xml::Element where, std::string_view value);

  DecodeLimits limits_;
  DecodeLimits left_;  ///< of the kinds that are counted
  std::size_t shortened_ = 0;
  std::optional<Failure> failure_;
};

/// A decimal number without sign into `value`; false when it is none or too large.
bool parse_unsigned(std::string_view text, std::uint64_t& value) noexcept;

/// "1.0" (versionType of RFC 8847).
std::optional<Version> parse_version(std::string_view text) noexcept;

std::string_view trimmed(std::string_view text) noexcept;

}  // namespace clued::clue::codec
