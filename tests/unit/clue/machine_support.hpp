// Advertisements, configures and short names for what the three machines say, for their tests.
#pragma once

#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/overloaded.hpp"
#include "clue/clue_participant.hpp"

namespace clued::clue::testing {

/// A valid advertisement of one scene with so many cameras; the tag makes its ids differ from those of other tags.
inline AdvertisementContent content(const std::string& tag, int cameras = 2) {
  AdvertisementContent result;
  EncodingGroup group{"EG-" + tag, 6'000'000, {}};
  SceneView view{"SV-" + tag, {}, {}};
  for (int i = 0; i < cameras; ++i) {
    MediaCapture capture;
    capture.type = MediaType::video;
    capture.media_type = "video";
    capture.id = "VC-" + tag + "-" + std::to_string(i);
    capture.scene_id = "CS-" + tag;
    capture.encoding_group_id = group.id;
    view.capture_ids.push_back(capture.id);
    group.encoding_ids.push_back("enc" + std::to_string(i));
    result.captures.push_back(std::move(capture));
  }
  CaptureScene scene;
  scene.id = "CS-" + tag;
  scene.views.push_back(std::move(view));
  result.encoding_groups.push_back(std::move(group));
  result.scenes.push_back(std::move(scene));
  return result;
}

inline std::shared_ptr<const ComposedAdvertisement> composed(const std::string& tag, int cameras = 2) {
  return std::make_shared<const ComposedAdvertisement>(
      std::vector<AdvertisementPartPtr>{make_part(content(tag, cameras))});
}

/// The first so many cameras of `content(tag)`, each in an encoding of its own.
inline std::vector<CaptureEncoding> chosen(const std::string& tag, int cameras = 1) {
  std::vector<CaptureEncoding> result;
  for (int i = 0; i < cameras; ++i) {
    const std::string n = std::to_string(i);
    result.push_back({"ce" + n, "VC-" + tag + "-" + n, "enc" + n, std::nullopt});
  }
  return result;
}

/// What a consumer that wants every camera chooses from an advertisement.
inline std::vector<CaptureEncoding> choose_all(const AdvertisementContent& told) {
  std::vector<CaptureEncoding> result;
  for (std::size_t i = 0; i < told.captures.size(); ++i) {
    result.push_back(
        {"ce" + std::to_string(i), told.captures[i].id, told.encoding_groups.at(0).encoding_ids.at(i), std::nullopt});
  }
  return result;
}

inline std::string code_text(ResponseCode code) { return std::to_string(static_cast<unsigned>(code)); }

/// A short text for each thing that a machine can say.
struct Say {
  std::string operator()(const MediaProvider::SendAdvertisement&) const { return "advertisement"; }
  std::string operator()(const MediaProvider::SendConfigureResponse& s) const {
    return "configureResponse " + code_text(s.code);
  }
  std::string operator()(const MediaConsumer::SendAck& s) const { return "ack " + code_text(s.code); }
  std::string operator()(const MediaConsumer::SendConfigure& s) const {
    return s.with_ack ? "configure+ack" : "configure";
  }
  std::string operator()(const action::Transmit& a) const { return a.message_name; }
  std::string operator()(const action::BecameActive& a) const {
    return std::string("active") + (a.provides ? " MP" : "") + (a.consumes ? " MC" : "");
  }
  std::string operator()(const action::AdvertisementReceived&) const { return "received"; }
  std::string operator()(const action::AdvertisementRejected&) const { return "rejected"; }
  std::string operator()(const action::AdvertisementWithheld&) const { return "withheld"; }
  std::string operator()(const action::AdvertisementAcknowledged&) const { return "acknowledged"; }
  std::string operator()(const action::AdvertisementRefused& a) const { return a.gave_up ? "gave up" : "refused"; }
  std::string operator()(const action::Configured& a) const {
    return "configured " + std::to_string(a.encodings.size());
  }
  std::string operator()(const action::ConfigureRefused&) const { return "configure refused"; }
  std::string operator()(const action::ConfigureReduced& a) const { return "reduced by " + std::to_string(a.left_out); }
  std::string operator()(const action::ConfigureAnswered& a) const { return "answered " + code_text(a.code); }
  std::string operator()(const action::GuardExpired& a) const { return std::string("guard ") + a.state; }
  std::string operator()(const action::Ignored&) const { return "ignored"; }
  std::string operator()(const action::Failed&) const { return "failed"; }
};

template <class Variants>
std::string say(const Variants& said) {
  std::string text;
  for (const auto& one : said) text += (text.empty() ? "" : ", ") + std::visit(Say{}, one);
  return text;
}

template <class T, class Variants>
std::vector<T> all_of(const Variants& said) {
  std::vector<T> result;
  for (const auto& one : said) {
    if (const T* found = std::get_if<T>(&one)) result.push_back(*found);
  }
  return result;
}

/// Each state of the matrix with each of its inputs, once.
template <class Rows>
bool is_complete(const Rows& rows) {
  std::set<std::string> states;
  std::set<std::string> inputs;
  std::set<std::pair<std::string, std::string>> pairs;
  for (const auto& row : rows) {
    states.insert(row.state);
    inputs.insert(row.input);
    pairs.emplace(row.state, row.input);
  }
  return pairs.size() == std::size(rows) && pairs.size() == states.size() * inputs.size();
}

}  // namespace clued::clue::testing
