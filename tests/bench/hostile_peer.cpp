#include "bench/hostile_peer.hpp"

#include <stdexcept>
#include <utility>
#include <variant>

#include "bench/peer_captures.hpp"
#include "clue/codec.hpp"

namespace clued::bench {

namespace {

/// A little below what the focus reads of one message.
constexpr std::size_t largest_message = 262'144 - 64;
constexpr std::size_t most_elements = 19'000;

/// Unknown content, which has to be ignored (RFC 8847 section 7), as much as there is room for.
std::string padding(Filler filler, std::size_t room) {
  constexpr std::string_view close = "</z:z>";
  std::string text = "<z:z xmlns:z='urn:z'>";
  const auto fill = [&](const std::string& piece, std::size_t most = SIZE_MAX) {
    for (std::size_t i = 0; i < most && text.size() + piece.size() + close.size() <= room; ++i) text += piece;
  };
  switch (filler) {
    case Filler::none:
      return {};
    case Filler::text:
      fill("words, ");
      break;
    case Filler::elements:
      fill("<z:a/>", most_elements);
      fill(" ");
      break;
    case Filler::attributes: {
      std::string element = "<z:a";
      for (int i = 0; i < 60; ++i) element += " z:a" + std::to_string(i) + "='1'";
      fill(element + "/>");
      break;
    }
    case Filler::namespaces: {
      // As many prefixes in scope as can be, and elements whose prefix was bound first of all.
      std::string opened;
      for (int level = 0; level < 28; ++level) {
        std::string element = "<z:a";
        for (int i = 0; i < 60; ++i) element += " xmlns:n" + std::to_string(level * 60 + i) + "='u'";
        if (text.size() + element.size() + 9 * 28 + close.size() > room / 2) break;
        text += element + ">";
        opened += "</z:a>";
      }
      const auto end = opened.size() + close.size();
      for (std::size_t i = 0; i < most_elements && text.size() + 6 + end <= room; ++i) text += "<z:b/>";
      text += opened;
      break;
    }
    case Filler::comments:
      fill("<!---->");
      break;
    case Filler::entities:
      fill("&amp;");
      break;
    case Filler::lines:
      fill("\n");
      break;
  }
  return text.append(close);
}

clue::MediaCapture detailed_capture(clue::MediaType type, unsigned number, unsigned version) {
  clue::MediaCapture capture;
  capture.type = type;
  const bool is_video = type == clue::MediaType::video;
  capture.media_type = is_video ? "video" : "audio";
  capture.id = (is_video ? "VC" : "AC") + std::to_string(number);
  capture.scene_id = "CS1";
  capture.encoding_group_id = "EG";
  if (is_video) {
    capture.spatial.emplace();
    const double far = 123456789.123456;
    capture.spatial->capture_area = clue::CaptureArea{{far, far, 0}, {-far, far, 0}, {far, far, 9}, {-far, far, 9}};
  }
  for (int i = 0; i < 4; ++i) {
    capture.descriptions.push_back({"en", "version " + std::to_string(version) + std::string(300, 'd')});
  }
  capture.person_ids = {"PER1", "PER2", "PER3"};
  return capture;
}

}  // namespace

clue::AdvertisementContent small_room(unsigned version) {
  auto content = room_captures("hostile", 3);
  content.captures.front().descriptions = {{"en", "version " + std::to_string(version)}};
  return content;
}

clue::AdvertisementContent large_room(unsigned version) {
  clue::AdvertisementContent content;
  constexpr unsigned captures_per_type = 48, people = 100, scenes = 20;
  clue::EncodingGroup group{"EG", 1'000'000, {}};
  for (unsigned i = 0; i < 400; ++i) group.encoding_ids.push_back("label" + std::to_string(i));
  content.encoding_groups.push_back(std::move(group));
  clue::SceneView videos{"VV", {}, {}}, audios{"VA", {}, {}};
  for (unsigned i = 0; i < captures_per_type; ++i) {
    content.captures.push_back(detailed_capture(clue::MediaType::video, i, version));
    videos.capture_ids.push_back(content.captures.back().id);
    content.captures.push_back(detailed_capture(clue::MediaType::audio, i, version));
    audios.capture_ids.push_back(content.captures.back().id);
  }
  clue::CaptureScene scene;
  scene.id = "CS1";
  scene.views = {std::move(videos), std::move(audios)};
  content.scenes.push_back(std::move(scene));
  for (unsigned i = 1; i < scenes; ++i) {
    clue::CaptureScene more;
    more.id = "X" + std::to_string(i);
    more.views = {{"XV" + std::to_string(i), {}, {"VC1", "VC2"}}};
    content.scenes.push_back(std::move(more));
  }
  for (unsigned i = 1; i <= people; ++i) {
    clue::Person person;
    person.id = "PER" + std::to_string(i);
    person.card = clue::PersonCard{std::string(200, 'n')};
    content.people.push_back(std::move(person));
  }
  return content;
}

clue::AdvertisementContent many_encodings(unsigned version, std::size_t captures, std::size_t ids) {
  clue::AdvertisementContent content;
  clue::CaptureScene scene;
  scene.id = "s";
  scene.descriptions = {{"en", "version " + std::to_string(version)}};
  content.scenes.push_back(std::move(scene));
  clue::EncodingGroup group{"g", 1'000'000, {}};
  for (std::size_t i = 0; i < ids; ++i) group.encoding_ids.push_back(std::to_string(10'000 + i));
  content.encoding_groups.push_back(std::move(group));
  for (std::size_t i = 0; i < captures; ++i) {
    clue::MediaCapture capture;
    capture.type = clue::MediaType::audio;
    capture.media_type = "audio";
    capture.id = "c" + std::to_string(i);
    capture.scene_id = "s";
    capture.encoding_group_id = "g";
    content.captures.push_back(std::move(capture));
  }
  return content;
}

void HostilePeer::note_sent(std::string_view message) {
  const auto decoded = clue::decode(message);
  if (!decoded) return;
  const auto& header = std::visit([](const auto& one) -> const clue::Header& { return one.header; }, *decoded);
  if (header.clue_id) clue_id_ = *header.clue_id;
  const bool provides = std::holds_alternative<clue::Advertisement>(*decoded) ||
                        std::holds_alternative<clue::ConfigureResponse>(*decoded);
  const bool consumes =
      std::holds_alternative<clue::Configure>(*decoded) || std::holds_alternative<clue::Ack>(*decoded);
  if (provides) provider_number_ = header.sequence;
  if (consumes) consumer_number_ = header.sequence;
}

void HostilePeer::note_received(std::string_view message) {
  const auto decoded = clue::decode(message);
  if (!decoded) return;
  if (const auto* told = std::get_if<clue::Advertisement>(&*decoded)) {
    told_number_ = told->header.sequence;
    owes_ack_ = speaks_;
  } else if (const auto* configure = std::get_if<clue::Configure>(&*decoded)) {
    if (speaks_) owed_responses_.push_back(configure->header.sequence);
  }
}

std::vector<std::string> HostilePeer::take_messages() {
  std::vector<std::string> messages;
  if (std::exchange(owes_ack_, false)) messages.push_back(ack(Filler::none));
  for (const auto number : std::exchange(owed_responses_, {})) {
    clue::ConfigureResponse response;
    response.configure_sequence = number;
    messages.push_back(numbered(response, Filler::none, provider_number_));
  }
  return messages;
}

std::string HostilePeer::numbered(clue::Message message, Filler filler, std::uint32_t& number) const {
  std::visit(
      [&](auto& one) {
        one.header.sequence = ++number;
        one.header.clue_id = clue_id_;
      },
      message);
  auto bytes = clue::encode(message);
  if (bytes.size() >= largest_message) throw std::length_error("a message that is larger than messages may be");
  const auto end = bytes.rfind("</");
  return bytes.insert(end, padding(filler, largest_message - bytes.size()));
}

std::string HostilePeer::options(Filler filler) const {
  clue::Options options;
  options.media_provider = options.media_consumer = true;
  for (std::uint32_t major = 1; major <= 8; ++major) options.supported_versions.push_back({major, 0});
  std::uint32_t number = 1;
  return numbered(options, filler, number);
}

std::string HostilePeer::options_response(Filler filler) const {
  clue::OptionsResponse response;
  response.media_provider = response.media_consumer = true;
  std::uint32_t number = 1;
  return numbered(response, filler, number);
}

std::string HostilePeer::ack(Filler filler) {
  clue::Ack ack;
  ack.advertisement_sequence = told_number_;
  return numbered(ack, filler, consumer_number_);
}

std::string HostilePeer::configure(Filler filler) {
  clue::Configure configure;
  configure.advertisement_sequence = told_number_;
  clue::CaptureContent choice;
  for (int i = 0; i < 100; ++i) {
    choice.capture_ids.push_back("p1-v" + std::to_string(1 + i % 3));
    choice.scene_view_ids.push_back("p2-w" + std::to_string(1 + i % 2));
  }
  configure.encodings = {{"ce1", "mcc-a0", "f-a1", {}}, {"ce2", "mcc-v0", "f-v1", choice}};
  return numbered(configure, filler, consumer_number_);
}

std::string HostilePeer::configure_response(Filler filler) {
  clue::ConfigureResponse response;
  response.configure_sequence = 1;
  return numbered(response, filler, provider_number_);
}

std::string HostilePeer::advertisement(const clue::AdvertisementContent& content, Filler filler) {
  clue::Advertisement advertisement;
  advertisement.content = content;
  return numbered(advertisement, filler, provider_number_);
}

}  // namespace clued::bench
