#include "bench/telepresence_peer.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/overloaded.hpp"
#include "bench/peer_captures.hpp"
#include "sdp/data_channel_lines.hpp"

namespace clued::bench {

namespace {

/// Nothing is sent to them: media is not what is measured.
constexpr std::uint16_t first_rtp_port = 20'000;
constexpr unsigned wanted_cameras = 3;

sdp::MediaDescription rtp_line(const char* media, const char* format, const char* rtpmap, std::size_t index) {
  sdp::MediaDescription line;
  line.media = media;
  line.port = static_cast<std::uint16_t>(first_rtp_port + 2 * index);
  line.protocol = "RTP/AVPF";
  line.formats = {format};
  line.attributes = {
      {"rtpmap", std::string(format) + " " + rtpmap}, {"sendrecv", std::nullopt}, {"mid", std::to_string(index)}};
  return line;
}

clue::Settings settings_of(const std::string& name) {
  clue::Settings settings;
  settings.clue_id = name;
  return settings;
}

}  // namespace

TelepresencePeer::TelepresencePeer(const std::string& name, unsigned cameras)
    : name_(name), cameras_(cameras), clue_(settings_of(name)) {}

std::string TelepresencePeer::offer(const sdp::DataChannel& channel) {
  channel_ = channel;
  channel_.has_dcmap = true;
  channel_.setup = sdp::SetupRole::actpass;
  return say({rtp_line("audio", "0", "PCMU/8000", 0), rtp_line("video", "97", "H264/90000", 1),
              sdp::data_channel_line(channel_, "2", true)},
             {"2"});
}

std::optional<TelepresencePeer::Ends> TelepresencePeer::read_answer(const std::string& answer) {
  const auto session = sdp::parse(answer);
  if (!session) return std::nullopt;
  const auto index = sdp::find_clue_channel(*session);
  if (!index) return std::nullopt;
  auto remote = sdp::read_data_channel(*session, session->media[*index]);
  if (!remote) return std::nullopt;
  channel_.setup = remote->setup == sdp::SetupRole::active ? sdp::SetupRole::passive : sdp::SetupRole::active;
  clue_.start_channel();
  return Ends{channel_, std::move(*remote)};
}

std::optional<std::string> TelepresencePeer::answer(const std::string& offer) {
  const auto session = sdp::parse(offer);
  if (!session) return std::nullopt;
  labels_.resize(session->media.size());
  focus_labels_.clear();
  std::vector<sdp::MediaDescription> lines;
  for (std::size_t index = 0; index < session->media.size(); ++index) {
    const auto& offered = session->media[index];
    lines.push_back(answer_line(offered, session->direction_of(offered), index));
  }
  std::vector<std::string> mids;
  for (const auto& group : session->groups) {
    if (group.semantics == "CLUE") mids = group.mids;
  }
  return say(std::move(lines), std::move(mids));
}

sdp::MediaDescription TelepresencePeer::answer_line(const sdp::MediaDescription& offered, sdp::Direction direction,
                                                    std::size_t index) {
  const std::string mid(offered.mid().value_or(""));
  if (offered.is_enabled() && sdp::is_data_channel(offered)) return sdp::data_channel_line(channel_, mid, true);
  sdp::MediaDescription line;
  line.media = offered.media;
  line.protocol = offered.protocol;
  line.formats = offered.formats;
  line.attributes = {{"mid", mid}};
  std::string& label = labels_[index];
  if (!offered.is_enabled()) {
    label.clear();
    return line;
  }
  line.port = static_cast<std::uint16_t>(first_rtp_port + 2 * index);
  for (const auto& attribute : offered.attributes) {
    if (attribute.name == "rtpmap" || attribute.name == "fmtp") line.attributes.push_back(attribute);
  }
  if (direction == sdp::Direction::sendonly) {
    if (const auto theirs = offered.label()) focus_labels_.emplace_back(*theirs);
  } else if (direction == sdp::Direction::recvonly) {
    const bool is_video = offered.media == "video";
    for (unsigned number = 1; label.empty() && number <= (is_video ? cameras_ : 1); ++number) {
      const auto own = is_video ? video_label(number) : audio_label(number);
      if (std::find(labels_.begin(), labels_.end(), own) == labels_.end()) label = own;
    }
    if (!label.empty()) line.attributes.push_back({"label", label});
  }
  line.attributes.push_back({sdp::to_string(sdp::reversed(direction)), std::nullopt});
  return line;
}

std::string TelepresencePeer::say(std::vector<sdp::MediaDescription> lines, std::vector<std::string> clue_mids) {
  sdp::SessionDescription session;
  session.origin = {"bench", "1", ++version_, sdp::IpFamily::v4, "127.0.0.1"};
  session.connection = sdp::Connection{sdp::IpFamily::v4, "127.0.0.1"};
  session.groups = {{"CLUE", std::move(clue_mids)}};
  session.media = std::move(lines);
  return sdp::serialize(session);
}

void TelepresencePeer::session_changed(base::TimePoint now) {
  if (!owes_configure_ || !told_ || !has_encodings_of(told_->content)) return;
  owes_configure_ = false;
  clue::Actions actions;
  clue_.configure(chosen_of(told_->content), now, actions);
  carry_out(actions, now);
}

void TelepresencePeer::channel_established(bool as_initiator, base::TimePoint now) {
  clue::Actions actions;
  clue_.channel_established(as_initiator ? clue::ChannelRole::initiator : clue::ChannelRole::receiver, now, actions);
  carry_out(actions, now);
}

void TelepresencePeer::receive(std::string_view message, base::TimePoint now) {
  clue::Actions actions;
  clue_.receive(message, now, actions);
  carry_out(actions, now);
}

void TelepresencePeer::carry_out(clue::Actions& actions, base::TimePoint now) {
  for (auto& action : actions) {
    std::visit(base::overloaded{
                   [&](clue::action::Transmit& one) { outgoing_.push_back(std::move(one.bytes)); },
                   [&](clue::action::BecameActive&) {
                     auto own = std::make_shared<const clue::ComposedAdvertisement>(
                         std::vector{clue::make_part(room_captures(name_, cameras_))});
                     clue::Actions more;
                     clue_.advertise(std::move(own), now, more);
                     carry_out(more, now);
                   },
                   [&](clue::action::AdvertisementReceived& one) { told(std::move(one.advertisement), now); },
                   [&](clue::action::AdvertisementAcknowledged&) { acknowledged_ = true; },
                   [&](clue::action::AdvertisementRefused& one) { trouble_ = "advertisement refused: " + one.reason; },
                   [&](clue::action::ConfigureAnswered& one) {
                     // 404: a newer advertisement is on its way, and is configured when it is there.
                     if (clue::is_success(one.code)) {
                       configured_ = !owes_configure_;
                     } else if (one.code != clue::ResponseCode::advertisement_expired) {
                       trouble_ = "configure refused: " + std::to_string(static_cast<unsigned>(one.code));
                     }
                   },
                   [&](clue::action::Failed& one) { trouble_ = "CLUE failed: " + one.reason; },
                   [](auto&) {},
               },
               action);
  }
}

void TelepresencePeer::told(std::shared_ptr<const clue::Advertisement> advertisement, base::TimePoint now) {
  ++advertisements_;
  told_ = std::move(advertisement);
  configured_ = false;
  owes_configure_ = !has_encodings_of(told_->content);
  clue::Actions actions;
  if (owes_configure_) {
    clue_.accept_advertisement(std::nullopt, now, actions);
  } else {
    clue_.accept_advertisement(chosen_of(told_->content), now, actions);
  }
  carry_out(actions, now);
}

bool TelepresencePeer::has_encodings_of(const clue::AdvertisementContent& content) const {
  return std::all_of(content.encoding_groups.begin(), content.encoding_groups.end(), [&](const auto& group) {
    return std::all_of(group.encoding_ids.begin(), group.encoding_ids.end(), [&](const auto& id) {
      return std::find(focus_labels_.begin(), focus_labels_.end(), id) != focus_labels_.end();
    });
  });
}

std::vector<clue::CaptureEncoding> TelepresencePeer::chosen_of(const clue::AdvertisementContent& content) const {
  std::vector<clue::CaptureEncoding> chosen;
  unsigned videos = 0, audios = 0;
  for (const auto& capture : content.captures) {
    if (!capture.encoding_group_id) continue;
    const bool is_video = capture.type == clue::MediaType::video && !capture.multiple;
    const bool is_audio = capture.type == clue::MediaType::audio;
    if (!(is_video && videos < wanted_cameras) && !(is_audio && audios == 0)) continue;
    for (const auto& group : content.encoding_groups) {
      auto& used = is_video ? videos : audios;
      if (group.id != *capture.encoding_group_id || used >= group.encoding_ids.size()) continue;
      const auto number = std::to_string(chosen.size() + 1);
      chosen.push_back({"ce" + number, capture.id, group.encoding_ids[used++], std::nullopt});
    }
  }
  return chosen;
}

}  // namespace clued::bench
