// The participant's CLUE channel and what is said on it.
#include <algorithm>
#include <utility>
#include <variant>

#include "focus/anonymous_content.hpp"
#include "focus/participant.hpp"
#include "focus/records.hpp"

namespace clued::focus {

namespace {

/// A peer that has just become active is about to advertise: one offer then serves both directions (SIG-11).
constexpr std::chrono::seconds advertisement_patience{1};

/// CP-09: a random start that leaves room below 2^31 for a long session.
std::uint32_t sequence_start(base::Randomness& randomness) {
  return 1 + static_cast<std::uint32_t>(randomness.below(1U << 30));
}

}  // namespace

void Participant::prepare_channel(sdp::IpFamily family, bool controlling, const Turn& turn) {
  const auto channel = channel_.prepare(family, controlling, log_.subject(), turn);
  log_.write(turn, record::channel_opened, {{"channel", channel}});
}

// A new transport or association: the channel before is of no use from here on.
void Participant::take_prepared_channel(const Turn& turn) {
  if (!channel_.prepared()) return;
  close_channel(turn);
  channel_.take_prepared();
}

void Participant::drop_prepared_channel(const Turn& turn) {
  if (!channel_.prepared()) return;
  log_.write(turn, record::channel_closing, {{"channel", channel_.prepared()}});
  channel_.drop_prepared(turn);
}

/// The offer is not accepted: its channel is none of the session's.
void Participant::forget_offered_channel(const Turn& turn) {
  peer_channel_.reset();
  channel_removed_ = false;
  drop_prepared_channel(turn);
}

// Who has a channel that works does not lose it for a failure of ours, who has none gets none (TP-23).
void Participant::lack_channel(const Turn& turn) {
  const bool has_another = channel_.state() != ClueChannel::State::none;
  if (has_another && negotiation_.has_open_request()) return refuse({503, "no CLUE channel"}, turn);
  drop_prepared_channel(turn);
  if (!has_another && !peer_advertisement_) give_up_clue(turn);
  try_answer(turn);
}

void Participant::connect_channel(const sdp::DataChannel& remote, const Turn& turn) {
  channel_.connect(remote, turn);
  log_.write(turn, record::channel_connecting,
             {{"channel", channel_.id()},
              {"role", channel_.local()->setup == sdp::SetupRole::active ? "dtls_client" : "dtls_server"}});
  clue::Settings settings;
  settings.clue_id = "focus-" + dialog_.contact().user;
  settings.timers = services_.policy->clue_timers;
  settings.limits.captures = services_.policy->max_captures;
  settings.max_message_bytes = channel_.max_message_size();
  auto& randomness = services_.randomness;
  settings.starts = {sequence_start(randomness), sequence_start(randomness), sequence_start(randomness)};
  clue_.emplace(std::move(settings));
  clue_->start_channel();
}

void Participant::peer_channel_known(const std::optional<sdp::DataChannel>& peer, const Turn& turn) {
  if (peer && channel_.state() == ClueChannel::State::gathered) connect_channel(*peer, turn);
}

void Participant::silence_clue() {
  if (clue_) {
    clue_->session_ended();
    clue_.reset();
  }
  provides_ = false;
  consumes_ = false;
  configure_due_ = ConfigureDue::none;
  configure_at_.reset();
  asked_.clear();
}

void Participant::close_channel(const Turn& turn) {
  silence_clue();
  if (channel_.state() == ClueChannel::State::none) return;
  log_.write(turn, record::channel_closing, {{"channel", channel_.id()}});
  channel_.close(turn);
}

void Participant::give_up_clue(const Turn& turn) {
  close_channel(turn);
  peer_advertisement_.reset();
  signals_.offering_changed = true;
  if (!selection_.empty()) signals_.selection_changed = true;
  selection_.clear();
}

void Participant::on(const event::ChannelGathered& event, const Turn& turn) {
  if (event.channel != channel_.prepared()) return;
  channel_.gathered(event);
  try_answer(turn);
}

void Participant::on(const event::ChannelEstablished& event, const Turn& turn) {
  if (!channel_.is_current(event.channel) || !clue_) return;
  channel_.established();
  const bool initiator = event.end == event::ChannelEnd::client;
  log_.write(turn, record::channel_ready,
             {{"channel", event.channel}, {"clue_role", initiator ? "initiator" : "receiver"}});
  clue::Actions actions;
  clue_->channel_established(initiator ? clue::ChannelRole::initiator : clue::ChannelRole::receiver, turn.now, actions);
  carry_out(actions, turn);
}

void Participant::on(const event::ChannelMessageReceived& event, const Turn& turn) {
  if (!channel_.is_current(event.channel) || !clue_) return;
  if (const auto* excess = channel_.excess_of(event.message.size(), turn.now)) {
    return on(event::ChannelFailed{event.channel, "flood", excess}, turn);
  }
  clue::Actions actions;
  clue_->receive(event.message, turn.now, actions);
  // How often others have us ask it something is not its doing.
  if (std::any_of(actions.begin(), actions.end(), clue::is_answer)) channel_.was_answer();
  carry_out(actions, turn);
}

// The loss of the channel is not the loss of the participant (TP-10): media stay as they were last (SIG-16). Who never
// got as far as an advertisement is from now on a participant without CLUE (TP-23).
void Participant::on(const event::ChannelFailed& event, const Turn& turn) {
  const bool is_prepared = channel_.prepared() && event.channel == channel_.prepared();
  if (!is_prepared && !channel_.is_current(event.channel)) return;
  log_.write(turn, record::channel_failed,
             {{"channel", event.channel}, {"cause", event.cause}, {"detail", event.detail}});
  if (is_prepared) return lack_channel(turn);
  if (leaves_after(event, turn)) return;
  if (peer_advertisement_) {
    close_channel(turn);
  } else {
    give_up_clue(turn);
  }
  try_answer(turn);
  accept_when_ready(turn);
}

void Participant::on(const event::ChannelReleased& event, const Turn& turn) {
  log_.write(turn, record::channel_removed, {{"channel", event.channel}, {"how", event.how}});
  channel_.released(event.channel);
}

void Participant::carry_out(clue::Actions& actions, const Turn& turn) {
  for (auto& action : actions) {
    std::visit([&](auto& one) { perform(one, turn); }, action);
    if (!clue_) return;  // it failed: what it still wanted to say has no channel any more
  }
  proceed(turn);
}

void Participant::perform(clue::action::Transmit& action, const Turn& turn) {
  if (std::string_view(action.message_name) == "advertisement") {
    ++advertisements_sent_;
    const auto& told = clue_->advertised();
    log_.write(turn, record::advertisement_sent,
               {{"seq", action.sequence},
                {"bytes", std::uint64_t{action.bytes.size()}},
                {"sources", std::uint64_t{told && !told->parts().empty() ? told->parts().size() - 1 : 0}}});
  }
  turn.emit(command::SendOnChannel{channel_.id(), std::move(action.bytes)});
}

void Participant::perform(const clue::action::BecameActive& action, const Turn& turn) {
  provides_ = action.provides;
  consumes_ = action.consumes;
  log_.write(turn, record::clue_activated, {{"provides", provides_}, {"consumes", consumes_}});
  if (consumes_) offer_hold_ = turn.now + advertisement_patience;
  if (provides_ && joined_) signals_.needs_telling = true;
  accept_when_ready(turn);
}

void Participant::perform(const clue::action::AdvertisementReceived& action, const Turn& turn) {
  peer_advertisement_ = action.advertisement;
  const auto& content = peer_advertisement_->content;
  log_.write(turn, record::advertisement_received,
             {{"seq", peer_advertisement_->header.sequence},
              {"captures", std::uint64_t{content.captures.size()}},
              {"scenes", std::uint64_t{content.scenes.size()}}});
  const auto shortened = peer_advertisement_->shortened_texts;
  if (shortened != 0 && shortened != shortened_texts_) {
    log_.write(turn, record::advertisement_shortened,
               {{"seq", peer_advertisement_->header.sequence}, {"texts", std::uint64_t{shortened}}});
  }
  shortened_texts_ = shortened;
  offer_hold_.reset();
  configure_due_ = ConfigureDue::unanswered;
  signals_.offering_changed = true;
  signals_.configurable = true;
  want_streams();
}

void Participant::perform(const clue::action::AdvertisementRejected& action, const Turn& turn) {
  log_.write(turn, record::advertisement_rejected,
             {{"seq", action.sequence}, {"code", static_cast<unsigned>(action.code)}, {"reason", action.reason}});
}

// It is told nothing, and nobody waits for it to know something: from now on it is as one who does not want to be told.
void Participant::perform(const clue::action::AdvertisementWithheld& action, const Turn& turn) {
  log_.write(turn, record::advertisement_withheld,
             {{"bytes", std::uint64_t{action.bytes}}, {"accepted", std::uint64_t{channel_.max_message_size()}}});
  provides_ = false;
  view_.clear();
  want_streams();
}

void Participant::perform(const clue::action::AdvertisementAcknowledged& action, const Turn& turn) {
  stalled_ = false;
  log_.write(turn, record::advertisement_acknowledged, {{"seq", action.sequence}});
}

// CP-19: after its last try it is told of the conference scene alone.
void Participant::perform(const clue::action::AdvertisementRefused& action, const Turn& turn) {
  log_.write(turn, record::advertisement_refused,
             {{"seq", action.sequence},
              {"code", static_cast<unsigned>(action.code)},
              {"reason", action.reason},
              {"gave_up", action.gave_up}});
  if (!action.gave_up) return;
  if (std::exchange(reduced_, true)) {
    stalled_ = true;
  } else {
    signals_.needs_telling = true;
  }
}

void Participant::perform(clue::action::Configured& action, const Turn& turn) {
  stalled_ = false;
  ++configures_applied_;
  log_.write(turn, record::configure_applied, {{"encodings", std::uint64_t{action.encodings.size()}}});
  selection_ = std::move(action.encodings);
  signals_.selection_changed = true;
}

void Participant::perform(const clue::action::ConfigureRefused& action, const Turn& turn) {
  // Who cannot choose is refused again with every change of the others: the first time is the news.
  const bool is_first = !std::exchange(refused_configure_, true);
  log_.write(turn, is_first ? record::configure_refused : record::configure_refused_again,
             {{"code", static_cast<unsigned>(action.code)}, {"reason", action.reason}});
}

void Participant::perform(const clue::action::ConfigureReduced& action, const Turn& turn) {
  log_.write(turn, record::configure_reduced,
             {{"left_out", std::uint64_t{action.left_out}}, {"accepted", std::uint64_t{channel_.max_message_size()}}});
}

void Participant::perform(const clue::action::ConfigureAnswered& action, const Turn& turn) {
  log_.write(turn, record::configure_answered, {{"code", static_cast<unsigned>(action.code)}});
}

void Participant::perform(const clue::action::GuardExpired& action, const Turn& turn) {
  stalled_ = true;
  log_.write(turn, record::clue_stalled, {{"state", action.state}});
}

void Participant::perform(const clue::action::Ignored& action, const Turn& turn) {
  log_.write(turn, record::clue_ignored, {{"reason", action.reason}});
}

void Participant::perform(const clue::action::Failed& action, const Turn& turn) {
  log_.write(turn, record::clue_failed, {{"reason", action.reason}});
  if (peer_advertisement_) {
    close_channel(turn);
  } else {
    give_up_clue(turn);
  }
  accept_when_ready(turn);
}

void Participant::configure_in_time(const SourceConfiguration& wanted, const Turn& turn) {
  if (configure_at_ || wanted.encodings == asked_) return;
  const auto when = asking_.plan(turn.now, {}, pauses());
  if (when <= turn.now) return configure(wanted, turn);
  configure_at_ = when;
}

void Participant::configure(const SourceConfiguration& wanted, const Turn& turn) {
  configure_at_.reset();
  if (!clue_ || !consumes_) return;
  asked_ = wanted.encodings;
  clue::Actions actions;
  // A configure has to follow each advertisement (CP-14). While the streams that it would name are still being
  // negotiated, the advertisement is acknowledged alone.
  const bool wait_for_streams = wanted.lacks_streams && wanted.encodings.empty();
  switch (configure_due_) {
    case ConfigureDue::unanswered:
      if (wait_for_streams) {
        clue_->accept_advertisement(std::nullopt, turn.now, actions);
        configure_due_ = ConfigureDue::acknowledged;
      } else {
        clue_->accept_advertisement(wanted.encodings, turn.now, actions);
        configure_due_ = ConfigureDue::none;
      }
      break;
    case ConfigureDue::acknowledged:
      if (wait_for_streams && !negotiation_.is_settled(channel_.local())) return;
      configure_due_ = ConfigureDue::none;
      [[fallthrough]];
    case ConfigureDue::none:
      if (!peer_advertisement_) return;
      clue_->configure(wanted.encodings, turn.now, actions);
      break;
  }
  carry_out(actions, turn);
}

std::shared_ptr<const clue::AdvertisementContent> Participant::offering() const {
  if (peer_advertisement_ && names_.anonymity) {
    return std::make_shared<const clue::AdvertisementContent>(without_names(peer_advertisement_->content));
  }
  if (peer_advertisement_) return {peer_advertisement_, &peer_advertisement_->content};
  if (clue_) return nullptr;
  return std::make_shared<const clue::AdvertisementContent>(plain_offering());
}

// TP-23: the others see an ordinary participant as one scene with what its lines carry. It has no encoding to
// configure; what is done with its media is the mixer's affair.
clue::AdvertisementContent Participant::plain_offering() const {
  clue::AdvertisementContent content;
  clue::CaptureScene scene;
  scene.id = "scene";
  const auto add = [&](clue::MediaType type, const char* media) {
    clue::MediaCapture capture;
    capture.type = type;
    capture.media_type = media;
    capture.id = media;
    capture.scene_id = scene.id;
    if (type == clue::MediaType::video) capture.encoding_group_id = "group";
    capture.person_ids = {"person"};
    scene.views.push_back({media, {}, {capture.id}});
    content.captures.push_back(std::move(capture));
  };
  const auto& session = negotiation_.session();
  if (session.has_stream({sdp::StreamRole::main, sdp::MediaKind::video, 0})) add(clue::MediaType::video, "video");
  if (session.has_stream({sdp::StreamRole::main, sdp::MediaKind::audio, 0})) add(clue::MediaType::audio, "audio");
  if (content.captures.empty()) return content;
  const auto identity = names_.shown();
  clue::Person person;
  person.id = "person";
  person.card = clue::PersonCard{identity.display_name.empty() ? identity.uri.user : identity.display_name};
  if (!person.card->full_name.empty()) {
    content.people.push_back(std::move(person));
  } else {
    for (auto& capture : content.captures) capture.person_ids.clear();
  }
  content.scenes.push_back(std::move(scene));
  return content;
}

}  // namespace clued::focus
