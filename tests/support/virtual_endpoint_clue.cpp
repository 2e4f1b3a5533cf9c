// The CLUE channel of an endpoint, and what is said on it.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/overloaded.hpp"
#include "virtual_endpoint.hpp"
#include "virtual_world.hpp"

namespace clued::testing {

using namespace focus;

std::vector<std::string> VirtualEndpoint::configured() const {
  std::vector<std::string> ids;
  if (!clue_ || clue_->provider() == nullptr) return ids;
  for (const auto& encoding : clue_->provider()->configured()) ids.push_back(encoding.capture_id);
  return ids;
}

void VirtualEndpoint::advertise(unsigned cameras) {
  traits.cameras = cameras;
  advertise(own_captures());
}

void VirtualEndpoint::advertise(clue::AdvertisementContent content) {
  if (!clue_) throw std::logic_error(name_ + " has no CLUE channel");
  clue::Actions actions;
  clue_->advertise(
      std::make_shared<const clue::ComposedAdvertisement>(std::vector{clue::make_part(std::move(content))}),
      world_.now(), actions);
  carry_out(actions);
}

void VirtualEndpoint::configure(const std::vector<std::string>& captures) {
  if (!clue_ || !advertised_) throw std::logic_error(name_ + " knows of no captures");
  std::vector<clue::CaptureEncoding> wanted;
  for (const auto& group : advertised_->content.encoding_groups) {
    auto encoding = group.encoding_ids.begin();
    for (const auto& capture : advertised_->content.captures) {
      if (capture.encoding_group_id != group.id || encoding == group.encoding_ids.end()) continue;
      if (std::find(captures.begin(), captures.end(), capture.id) == captures.end()) continue;
      wanted.push_back({"c" + std::to_string(wanted.size()), capture.id, *encoding++, {}});
    }
  }
  clue::Actions actions;
  clue_->configure(std::move(wanted), world_.now(), actions);
  carry_out(actions);
}

void VirtualEndpoint::say(std::string message) {
  world_.post(event::ChannelMessageReceived{channel_, std::move(message)});
}

void VirtualEndpoint::lose_channel() { world_.post(event::ChannelFailed{channel_, "ice", "the test cut it"}); }

void VirtualEndpoint::channel_connected(const command::ConnectChannel& command) {
  channel_ = command.channel;
  clue::Settings settings;
  settings.clue_id = name_;
  clue_.emplace(settings);
  clue_->start_channel();
  const bool we_are_client = command.local.setup == sdp::SetupRole::passive;
  world_.post(
      event::ChannelEstablished{channel_, we_are_client ? event::ChannelEnd::server : event::ChannelEnd::client});
  if (traits.clue_frozen) return;
  clue::Actions actions;
  clue_->channel_established(we_are_client ? clue::ChannelRole::initiator : clue::ChannelRole::receiver, world_.now(),
                             actions);
  carry_out(actions);
}

void VirtualEndpoint::channel_message(const std::string& message) {
  messages_.push_back(message);
  if (const auto decoded = clue::decode(message)) history_.emplace_back(clue::name_of(*decoded));
  if (traits.clue_frozen) unread_.push_back(message);
  if (traits.clue_frozen || !clue_) return;
  clue::Actions actions;
  clue_->receive(message, world_.now(), actions);
  carry_out(actions);
}

void VirtualEndpoint::thaw() {
  traits.clue_frozen = false;
  for (const auto& message : std::exchange(unread_, {})) {
    if (!clue_) return;
    clue::Actions actions;
    clue_->receive(message, world_.now(), actions);
    carry_out(actions);
  }
}

void VirtualEndpoint::channel_closed() {
  history_.emplace_back("channel closed");
  if (clue_) clue_->session_ended();
  clue_.reset();
}

base::Deadline VirtualEndpoint::next_deadline() const {
  return clue_ && !traits.clue_frozen ? clue_->next_deadline() : std::nullopt;
}

void VirtualEndpoint::handle_timeout() {
  if (!clue_ || traits.clue_frozen) return;
  clue::Actions actions;
  clue_->handle_timeout(world_.now(), actions);
  carry_out(actions);
}

void VirtualEndpoint::carry_out(clue::Actions& actions) {
  for (auto& action : actions) {
    std::visit(base::overloaded{[&](clue::action::Transmit& transmit) {
                                  world_.note_message_of_peer(channel_, transmit.bytes);
                                  world_.post(event::ChannelMessageReceived{channel_, std::move(transmit.bytes)});
                                },
                                [&](clue::action::BecameActive&) { advertise(traits.cameras); },
                                [&](clue::action::AdvertisementReceived& received) {
                                  clue::Actions answers;
                                  if (traits.refuses_advertisements) {
                                    clue_->reject_advertisement(clue::ResponseCode::semantic_errors, "no", world_.now(),
                                                                answers);
                                  } else {
                                    advertised_ = received.advertisement;
                                    clue_->accept_advertisement(std::nullopt, world_.now(), answers);
                                  }
                                  carry_out(answers);
                                  select();
                                },
                                [](auto&) {}},
               action);
  }
}

// Wants every capture that can be had, as far as the encodings go.
void VirtualEndpoint::select() {
  if (!clue_ || !advertised_ || traits.clue_frozen || traits.wants_nothing) return;
  std::vector<clue::CaptureEncoding> wanted;
  for (const auto& group : advertised_->content.encoding_groups) {
    auto encoding = group.encoding_ids.begin();
    for (const auto& capture : advertised_->content.captures) {
      if (capture.encoding_group_id != group.id || encoding == group.encoding_ids.end()) continue;
      wanted.push_back({"c" + std::to_string(wanted.size()), capture.id, *encoding++, {}});
    }
  }
  clue::Actions actions;
  clue_->configure(std::move(wanted), world_.now(), actions);
  carry_out(actions);
}

clue::AdvertisementContent VirtualEndpoint::own_captures() const {
  clue::AdvertisementContent content;
  clue::CaptureScene scene;
  scene.id = "CS1";
  scene.descriptions = {{"en", name_ + "'s room"}};
  clue::SceneView videos{"V1", {}, {}}, audios{"A1", {}, {"AC0"}};
  clue::EncodingGroup group{"EG0", 9'000'000, {}};
  for (unsigned i = 0; i < traits.cameras; ++i) {
    clue::MediaCapture capture;
    capture.type = clue::MediaType::video;
    capture.media_type = "video";
    capture.id = "VC" + std::to_string(i);
    capture.scene_id = scene.id;
    capture.encoding_group_id = group.id;
    capture.person_ids = {"owner"};
    videos.capture_ids.push_back(capture.id);
    group.encoding_ids.push_back("ev" + std::to_string(i + 1));
    content.captures.push_back(std::move(capture));
  }
  clue::MediaCapture audio;
  audio.type = clue::MediaType::audio;
  audio.media_type = "audio";
  audio.id = "AC0";
  audio.scene_id = scene.id;
  audio.encoding_group_id = group.id;
  group.encoding_ids.emplace_back("ea1");
  content.captures.push_back(std::move(audio));
  content.encoding_groups.push_back(std::move(group));
  if (!videos.capture_ids.empty()) scene.views.push_back(std::move(videos));
  scene.views.push_back(std::move(audios));
  content.scenes.push_back(std::move(scene));
  content.people.push_back({"owner", clue::PersonCard{name_}, {}});
  return content;
}

std::size_t VirtualEndpoint::advertisements() const {
  return static_cast<std::size_t>(std::count(history_.begin(), history_.end(), "advertisement"));
}

std::size_t VirtualEndpoint::count(const std::string& message) const {
  return static_cast<std::size_t>(std::count(history_.begin(), history_.end(), message));
}

std::uint64_t VirtualEndpoint::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& message : messages_) sum += message.size();
  return sum;
}

clue::AdvertisementContent VirtualEndpoint::last_advertisement() const {
  for (auto message = messages_.rbegin(); message != messages_.rend(); ++message) {
    const auto decoded = clue::decode(*message);
    if (!decoded) throw std::logic_error("the focus sent what cannot be read: " + decoded.error().reason);
    if (const auto* advertisement = std::get_if<clue::Advertisement>(&*decoded)) return advertisement->content;
  }
  throw std::logic_error(name_ + " got no advertisement");
}

}  // namespace clued::testing
