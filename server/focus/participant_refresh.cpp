// What the participant is told of the others: advertisement first, then the streams for it.
#include <algorithm>
#include <utility>

#include "focus/participant.hpp"
#include "focus/records.hpp"

namespace clued::focus {

void Participant::mark_stale(RefreshView::Urgency urgency, const Turn& turn) {
  if (can_be_told()) view_.mark_stale(urgency, turn.now, services_.policy->refresh_window);
}

void Participant::mark_stale(base::TimePoint when) {
  if (can_be_told()) view_.mark_stale(when, services_.policy->refresh_window);
}

// Pauses of no length would not grow.
base::Damping::Pause Participant::pauses() const {
  constexpr base::Duration shortest = std::chrono::milliseconds(50);
  const auto least = std::max(services_.policy->refresh_window, shortest);
  return {least, std::max(services_.policy->max_refresh_window, least)};
}

base::TimePoint Participant::plan_telling_others(const Turn& turn) {
  return telling_others_.plan(turn.now, services_.policy->refresh_window, pauses());
}

void Participant::tell(Composition composition, Generation generation, const Turn& turn) {
  // Said when it begins: how many are left out changes with everybody who comes and goes.
  const bool is_reduced = composition.sources_left_out > 0 || composition.without_names > 0;
  if (is_reduced && view_.take_first_reduction()) {
    log_.write(turn, record::advertisement_reduced,
               {{"left_out", std::uint64_t{composition.sources_left_out}},
                {"without_names", std::uint64_t{composition.without_names}},
                {"captures", std::uint64_t{composition.captures_told}}});
  }
  view_.refreshed(std::move(composition), generation, turn.now);
  want_streams();
  if (services_.policy->refresh_sdp == RefreshSdp::always) negotiation_.want_reoffer();
  clue::Actions actions;
  clue_->advertise(view_.desired().advertisement, turn.now, actions);
  carry_out(actions, turn);
}

// CLUE-controlled media takes the place of the ordinary lines once it works (SIG-12): they are not among the wanted.
void Participant::want_streams() {
  if (provides_ && !view_.desired().advertisement) return;
  std::vector<sdp::WantedStream> streams;
  if (provides_) {
    for (unsigned i = 0; i < view_.desired().video_encodings; ++i) {
      streams.push_back(
          {{sdp::StreamRole::encoding, sdp::MediaKind::video, i}, sdp::Direction::sendonly, video_encoding_label(i)});
    }
    for (unsigned i = 0; i < view_.desired().audio_encodings; ++i) {
      streams.push_back(
          {{sdp::StreamRole::encoding, sdp::MediaKind::audio, i}, sdp::Direction::sendonly, audio_encoding_label(i)});
    }
  }
  if (consumes_ && peer_advertisement_) {
    std::size_t videos = 0, audios = 0;
    for (const auto& capture : peer_advertisement_->content.captures) {
      if (!capture.encoding_group_id) continue;
      if (capture.type == clue::MediaType::video) ++videos;
      if (capture.type == clue::MediaType::audio) ++audios;
    }
    const auto encodings = negotiation_.session().peer_encodings();
    const auto add = [&](sdp::MediaKind kind, std::size_t count) {
      for (const auto& key : receive_streams(encodings, kind, std::min(count, services_.policy->max_receive_streams))) {
        streams.push_back({key, sdp::Direction::recvonly, {}});
      }
    };
    add(sdp::MediaKind::video, videos);
    add(sdp::MediaKind::audio, audios);
  }
  negotiation_.want(std::move(streams));
}

bool Participant::may_offer() const {
  if (leaving_ || !dialog_.is_confirmed() || offer_hold_ || !clue_) return false;
  if (!provides_) return consumes_;
  const auto& told = clue_->advertised();
  const auto& desired = view_.desired().advertisement;
  return told && desired && (told == desired || *told == *desired);
}

// An advertisement that is due soon changes what the offer would say: one offer then serves for both (SIG-08 lets it
// wait). It waits for one refresh, or for two if a change comes while it is spread in time, whatever else changes: the
// moment after an advertisement nothing is due. What is due later, because somebody changes too often, is not waited
// for.
bool Participant::is_about_to_be_told(base::TimePoint now) const {
  return can_be_told() && view_.is_stale() && *view_.due() <= now + services_.policy->refresh_window;
}

// Ends every event: sends the offer if one is due now, and notes how far the refresh came.
void Participant::proceed(const Turn& turn) {
  if (leaving_) return;
  const bool may = may_offer();
  const bool may_now = may && !is_about_to_be_told(turn.now);
  negotiation_.proceed(may_now, dialog_.contact(), channel_.local(), session_timer_.ask(), turn);
  if (may && provides_ && !clue_->awaits_ack() && negotiation_.is_settled(channel_.local())) {
    converged_ = view_.generation();
  }
}

std::optional<Knowledge> Participant::knowledge() const {
  if (!can_be_told()) return std::nullopt;
  return Knowledge{converged_, stalled_};
}

base::Deadline Participant::next_deadline() const {
  using base::earlier;
  base::Deadline deadline = earlier(resource_deadline_, earlier(channel_deadline_, offer_hold_));
  deadline = earlier(deadline, precondition_deadline_);
  if (leaving_) return std::nullopt;
  deadline = earlier(deadline, negotiation_.next_deadline());
  if (dialog_.is_confirmed()) deadline = earlier(deadline, session_timer_.next_deadline());
  if (clue_) deadline = earlier(deadline, clue_->next_deadline());
  if (is_being_called()) deadline = earlier(deadline, invitation_->next_deadline());
  if (can_be_told()) deadline = earlier(deadline, view_.due());
  deadline = earlier(deadline, configure_at_);
  return deadline;
}

void Participant::handle_timeout(const Turn& turn) {
  const auto is_due = [&](const base::Deadline& deadline) { return deadline && *deadline <= turn.now; };
  if (is_due(resource_deadline_)) {
    resource_deadline_.reset();
    if (channel_.is_gathering()) {
      lack_channel(turn);
    } else {
      try_answer(turn);
    }
    if (negotiation_.has_open_request()) refuse({503, "no media resources in time"}, turn);
    if (dialog_.state() == InviteDialog::State::preparing) {
      return give_up_call("no_resources", {503, "No media resources in time"}, turn);
    }
  }
  if (is_due(channel_deadline_)) {
    channel_deadline_.reset();
    accept_when_ready(turn);
  }
  if (is_due(precondition_deadline_)) give_up_preconditions(turn);
  if (is_due(offer_hold_)) offer_hold_.reset();
  negotiation_.handle_timeout(turn.now);
  keep_alive(turn);
  watch_call(turn);
  if (leaving_) return;
  if (clue_ && is_due(clue_->next_deadline())) {
    clue::Actions actions;
    clue_->handle_timeout(turn.now, actions);
    carry_out(actions, turn);
  }
  proceed(turn);
}

}  // namespace clued::focus
