// Whatever arrives on a CLUE channel: it is decoded or refused, what was decoded can be sent again and means the same,
// and the checks on its meaning hold out.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "clue/codec.hpp"
#include "clue/composed_advertisement.hpp"
#include "clue/validation.hpp"

namespace {

using namespace clued::clue;

void demand(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

void check_error(const DecodeError& error) {
  demand(!error.reason.empty(), "a refusal has a reason");
  demand(error.reason.find('\n') == std::string::npos, "a reason is one line");
  demand(error.reason.size() < 1024, "a reason is short");
  demand(!is_success(error.code), "a refusal is no success");
}

/// An advertisement has to survive the checks, and so has a configure that asks for the first capture of each group.
void check_meaning(const Advertisement& advertisement) {
  const bool valid = validate(advertisement.content).has_value();
  const ComposedAdvertisement told({make_part(advertisement.content)});
  demand(told == ComposedAdvertisement({make_part(told.content())}), "composing keeps the content");
  std::vector<CaptureEncoding> wanted;
  for (const auto& capture : advertisement.content.captures) {
    demand(!valid || told.capture(capture.id) != nullptr, "a capture is found by its id");
    const auto* group = capture.encoding_group_id ? told.encoding_group(*capture.encoding_group_id) : nullptr;
    if (group == nullptr || group->encoding_ids.empty()) continue;
    wanted.push_back({.id = "e" + std::to_string(wanted.size()),
                      .capture_id = capture.id,
                      .encoding_id = group->encoding_ids.front(),
                      .configured_content = capture.multiple ? capture.multiple->content : std::nullopt});
    if (valid) demand(validate({&wanted.back(), 1}, told).has_value(), "one capture with its own content can be had");
  }
  static_cast<void>(validate(wanted, told));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = decode({reinterpret_cast<const char*>(data), size});
  if (!message) {
    check_error(message.error());
    return 0;
  }
  const std::string sent = encode(*message);
  // Ours may be longer than what came: `&` in an attribute, a bandwidth that was not given.
  const auto again = decode(sent, {.bytes = sent.size(), .depth = 32, .elements = 100'000});
  demand(again.has_value(), "what we send can be read");
  demand(again->index() == message->index(), "a message keeps its type");
  demand(encode(*again) == sent, "what is read again is written the same");
  if (const auto* advertisement = std::get_if<Advertisement>(&*message)) check_meaning(*advertisement);
  if (const auto* configure = std::get_if<Configure>(&*message)) {
    static_cast<void>(validate(configure->encodings, ComposedAdvertisement{}));
  }
  return 0;
}
