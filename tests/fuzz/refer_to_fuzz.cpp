// Any bytes as a Refer-To value: a target or a sentence, never more; and what it becomes can be written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "focus/address.hpp"
#include "sip/parse.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto target = clued::sip::parse_refer_to(text);
  if (!target) {
    require(!target.error().empty());
    return 0;
  }
  require(!target->method.empty());
  require(!target->uri.scheme.empty());
  require(target->uri.param("method") == nullptr);
  require(clued::focus::equivalent(target->uri, target->uri));
  const std::string key = clued::focus::lookup_key(target->uri);
  const std::string written = target->uri.to_string();
  require(written.find_first_of("\r\n<>\" ") == std::string::npos || target->uri.scheme != "sip");
  if (target->uri.scheme == "sip" && target->uri.user.find('\0') == std::string::npos) {
    const auto again = clued::sip::parse_uri(written);
    if (again) require(clued::focus::lookup_key(*again) == key);
  }
  return 0;
}
