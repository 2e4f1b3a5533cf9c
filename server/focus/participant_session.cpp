// The participant's dialog: INVITE, answer, re-INVITE, and every way to its end.
#include <utility>

#include "focus/participant.hpp"
#include "focus/records.hpp"

namespace clued::focus {

namespace {

constexpr std::chrono::seconds retry_later{5};

InviteDialog::Ending plain_ending(int cause, std::string text) {
  InviteDialog::Ending ending;
  ending.reason = {cause, std::move(text)};
  return ending;
}

}  // namespace

Participant::Participant(Services& services, std::string conference_user, ParticipantId id, unsigned number,
                         const event::InviteReceived& invite)
    : services_(services),
      id_(id),
      number_(number),
      names_{invite.from, invite.proven, invite.contact},
      user_agent_(invite.user_agent),
      supports_100rel_(invite.supports_100rel),
      log_(conference_user, "p" + std::to_string(number), invite.call_id),
      dialog_(invite.dialog, invite.request,
              FocusContact{std::move(conference_user), services.policy->clue_enabled && invite.contact.telepresence}),
      negotiation_(services, id, invite.dialog, log_),
      channel_(services, id),
      session_timer_(services.policy, services.randomness),
      asked_timer_(invite.session_timer),
      allows_update_(invite.allows_update) {
  services_.routes.dialogs.emplace(invite.dialog, id);
}

// What the adapters still say of its dialogs is nobody's concern. Channels and ports end before it is gone.
Participant::~Participant() {
  auto& dialogs = services_.routes.dialogs;
  dialogs.erase(dialog_.id());
  for (const auto dialog : earlier_dialogs_) dialogs.erase(dialog);
}

void Participant::on(const event::InviteReceived& event, const Turn& turn) {
  since_ = turn.now;
  entered_at_ = turn.now;
  source_ = event.source;
  called_host_ = event.request_uri.host;
  log_.write(turn, record::participant_invited,
             {{"identity", base::Identity{names_.identity().uri.to_string()}},
              {"telepresence", event.contact.telepresence},
              {"offer", event.sdp.has_value()},
              {"source", event.source},
              {"user_agent", event.user_agent}});
  if (!event.sdp) return begin_offer_in_response(event.request, Negotiation::Method::invite, turn);
  // Nobody can be made to wait for something that cannot be told reliably (RFC 3312 section 11).
  if (event.supports_preconditions && supports_100rel_) negotiation_.use_preconditions();
  const auto plan = negotiation_.receive_offer(*event.sdp, event.request, Negotiation::Method::invite, turn);
  if (!plan) return refuse(plan.error(), turn);
  begin_answer(*plan, turn);
}

void Participant::begin_answer(const sdp::OfferPlan& plan, const Turn& turn) {
  peer_channel_ = plan.peer_channel;
  channel_removed_ = plan.channel_removed;
  if (plan.peer_channel && (plan.channel_is_new || channel_.state() == ClueChannel::State::none)) {
    prepare_channel(plan.peer_channel->family, plan.peer_channel->ice_lite, turn);
  }
  resource_deadline_ = turn.now + services_.policy->resource_wait;
  try_answer(turn);
}

void Participant::begin_offer_in_response(RequestId request, Negotiation::Method method, const Turn& turn) {
  const bool wants_clue = services_.policy->clue_enabled && names_.contact.telepresence;
  if (method == Negotiation::Method::invite && wants_clue) {
    prepare_channel(negotiation_.session().family(), true, turn);
  }
  const bool established = negotiation_.session().has_session();
  negotiation_.receive_offerless(request, method,
                                 established ? negotiation_.session().current_streams() : offerless_streams(), turn);
  resource_deadline_ = turn.now + services_.policy->resource_wait;
  try_answer(turn);
}

std::vector<sdp::WantedStream> Participant::offerless_streams() const {
  std::vector<sdp::WantedStream> streams;
  const auto& media = services_.policy->media;
  if (!media.audio_codecs.empty()) streams.push_back({{sdp::StreamRole::main, sdp::MediaKind::audio, 0}, {}, {}});
  if (!media.video_codecs.empty()) streams.push_back({{sdp::StreamRole::main, sdp::MediaKind::video, 0}, {}, {}});
  return streams;
}

// Called whenever something arrived that an answer may have waited for.
void Participant::try_answer(const Turn& turn) {
  if (dialog_.state() == InviteDialog::State::preparing) return try_call(turn);
  if (!negotiation_.has_open_request()) return;
  if (negotiation_.answer_lacks_ports()) {
    // Not 503: a proxy would take the focus for overloaded.
    return negotiation_.exceeds_share_of_ports() ? refuse({486, "too many media ports of this user"}, turn)
                                                 : refuse({503, "no media ports"}, turn);
  }
  if (!negotiation_.is_answer_ready() || channel_.is_gathering()) return;
  resource_deadline_.reset();
  // Until here the answer could have been a refusal, which leaves the session as it was.
  if (std::exchange(channel_removed_, false)) give_up_clue(turn);  // DC-17
  take_prepared_channel(turn);

  const auto method = negotiation_.open_method();
  const RequestId request = negotiation_.open_request();
  const bool is_first = !negotiation_.session().has_session();
  if (peer_channel_) {
    channel_.answer(*peer_channel_);
  } else if (is_first) {
    channel_.offer();
  }
  const bool with_channel = channel_.local() != nullptr;
  auto body = negotiation_.make_response_body(channel_.local(), turn);
  if (method == Negotiation::Method::invite) {
    answer_invite(std::move(body), with_channel && peer_channel_.has_value(), turn);
  } else {
    command::Respond response{request, 200};
    if (method != Negotiation::Method::prack) response.contact = dialog_.contact();
    response.sdp = std::move(body);
    response.preconditions = negotiation_.session().has_preconditions();
    if (dialog_.is_confirmed()) {
      response.session_timer = session_timer_.accept(asked_timer_, turn.now);
      signals_.configurable = true;
      if (!clue_) signals_.offering_changed = true;
    }
    turn.emit(std::move(response));
  }
  peer_channel_known(std::exchange(peer_channel_, std::nullopt), turn);
  accept_when_ready(turn);
  proceed(turn);
}

void Participant::answer_invite(std::string body, bool with_channel, const Turn& turn) {
  dialog_.set_telepresence(dialog_.contact().telepresence || with_channel);
  const bool early = supports_100rel_ && (with_channel || !negotiation_.session().preconditions_are_met());
  log_.write(turn, record::participant_answered,
             {{"status", early ? 183 : 200},
              {"clue", with_channel},
              {"m_lines", std::uint64_t{negotiation_.session().m_lines()}}});
  if (early) {
    progress_invite(std::move(body), with_channel, turn);
  } else {
    accept_invite(std::move(body), turn);
  }
}

void Participant::accept_invite(std::optional<std::string> sdp, const Turn& turn) {
  dialog_.set_session_timer(session_timer_.accept(asked_timer_, turn.now));
  const bool preconditions = sdp && negotiation_.session().has_preconditions();
  dialog_.accept(std::move(sdp), preconditions, turn);
}

// What is refused is the request that is open: in an early dialog that can be an UPDATE. With a PRACK, which cannot be
// refused, it is the INVITE (RFC 6337 section 2.3).
void Participant::refuse(const Negotiation::Refusal& refusal, const Turn& turn) {
  const auto& [status, why, description, warning] = refusal;
  const auto method = negotiation_.open_method();
  const bool is_later = method == Negotiation::Method::update || method == Negotiation::Method::reinvite;
  if (dialog_.has_final_response() || is_later) {
    log_.write(turn, record::offer_rejected, {{"status", status}, {"reason", why}});
    negotiation_.refuse_open_request(status, turn);
    forget_offered_channel(turn);
    return;
  }
  negotiation_.refuse_open_request(status, turn);
  log_.write(turn, record::invite_refused, {{"status", status}, {"reason", why}});
  Departure departure{"refused", plain_ending(status, why), false};
  departure.ending.refusal_status = status;
  departure.ending.refusal_sdp = description;
  departure.ending.warning = warning;
  if (status == 503) departure.ending.retry_after = retry_later;
  leave(departure, turn);
}

void Participant::on(const event::CancelReceived&, const Turn& turn) {
  if (dialog_.is_confirmed()) {  // of a re-INVITE
    negotiation_.refuse_open_request(487, turn);
    forget_offered_channel(turn);
    return proceed(turn);
  }
  if (dialog_.has_final_response()) return;  // it crossed our 2xx: the peer will ACK and BYE (RFC 3261 section 9.1)
  dialog_.cancel(turn);
  leave({"cancelled", {}, true}, turn);
}

void Participant::on(const event::AckReceived& event, const Turn& turn) {
  const bool was_owed = dialog_.is_bye_owed();
  const bool first = dialog_.state() == InviteDialog::State::accepted;
  dialog_.acknowledge(turn);
  if (was_owed) close_channel(turn);
  if (leaving_) return;
  const auto outcome = negotiation_.acknowledge(event.sdp, turn);
  if (!outcome) {
    return leave({"refused", plain_ending(488, outcome.error()), false}, turn);
  }
  if (*outcome) {
    if ((*outcome)->channel_rejected) close_channel(turn);
    peer_channel_known((*outcome)->peer_channel, turn);
    signals_.configurable = true;
  }
  if (first) joined(turn);
  proceed(turn);
}

void Participant::joined(const Turn& turn) {
  joined_ = true;
  signals_.joined = true;
  if (provides_) signals_.needs_telling = true;
  log_.write(turn, record::participant_joined,
             {{"identity", base::Identity{names_.identity().uri.to_string()}}, {"clue", clue_.has_value()}});
}

void Participant::on(const event::AckTimedOut&, const Turn& turn) {
  auto ending = plain_ending(408, "No ACK");
  dialog_.acknowledge_timed_out(ending, turn);
  if (leaving_) close_channel(turn);
  leave({"no_ack", std::move(ending), false}, turn);
}

// Its device or the network moved it: what it is called by from now on is the new Contact alone (REF-03). What the user
// agent has shown of itself it does not take back by leaving it out of a later Contact.
void Participant::on(const event::TargetRefreshed& event, const Turn& turn) {
  if (event.dialog != dialog_.id()) return;
  auto contact = event.contact;
  contact.is_focus = contact.is_focus || names_.contact.is_focus;
  contact.telepresence = contact.telepresence || names_.contact.telepresence;
  contact.ims = contact.ims || names_.contact.ims;
  if (contact == names_.contact) return;
  log_.write(turn, record::target_refreshed, {{"contact", base::Identity{contact.uri.to_string()}}});
  names_.contact = std::move(contact);
  signals_.renamed = true;
}

void Participant::on(const event::ReinviteReceived& event, const Turn& turn) {
  if (leaving_ || dialog_.is_over() || event.dialog != dialog_.id()) {
    return reject_reinvite(event, 487, "leaving", turn);
  }
  const auto state = negotiation_.state();
  if (event.is_update && !event.sdp) {  // a refresh of the session timer or of the target, no offer (RFC 3311)
    command::Respond response{event.request, 200, {}, dialog_.contact()};
    if (dialog_.is_confirmed()) response.session_timer = session_timer_.accept(event.session_timer, turn.now);
    turn.emit(std::move(response));
    return;
  }
  if (state == Negotiation::State::offered) return reject_reinvite(event, 491, "glare", turn);
  const bool invite_unfinished = !event.is_update && (!dialog_.is_confirmed() || negotiation_.awaits_ack());
  if (state == Negotiation::State::answering || invite_unfinished) {
    return reject_reinvite(event, 500, "overlapping request", turn);
  }
  const auto method = event.is_update ? Negotiation::Method::update : Negotiation::Method::reinvite;
  // In an early dialog the session timer is the INVITE's matter (RFC 4028 section 7).
  if (dialog_.is_confirmed()) asked_timer_ = event.session_timer;
  if (event.supports_preconditions) negotiation_.use_preconditions();
  log_.write(turn, record::offer_received, {{"method", event.is_update ? "UPDATE" : "INVITE"}});
  if (!event.sdp) return begin_offer_in_response(event.request, method, turn);
  const auto plan = negotiation_.receive_offer(*event.sdp, event.request, method, turn);
  if (!plan) {
    log_.write(turn, record::offer_rejected, {{"status", plan.error().status}, {"reason", plan.error().reason}});
    command::Respond response{event.request, plan.error().status};
    if (!plan.error().description.empty()) response.sdp = plan.error().description;
    response.warning = plan.error().warning;
    turn.emit(std::move(response));
    return;
  }
  begin_answer(*plan, turn);
}

void Participant::reject_reinvite(const event::ReinviteReceived& event, int status, const char* why, const Turn& turn) {
  log_.write(turn, record::offer_rejected, {{"status", status}, {"reason", why}});
  command::Respond response{event.request, status};
  // RFC 3261 section 14.2: between 0 and 10 s, at random.
  if (status == 500) response.retry_after = std::chrono::seconds(services_.randomness.below(11));
  turn.emit(std::move(response));
}

void Participant::on(const event::ReinviteAnswered& event, const Turn& turn) {
  if (leaving_) return;
  const auto outcome = negotiation_.reinvite_answered(event, turn);
  if (outcome.dialog_lost) {
    return leave({"unreachable", plain_ending(event.status, "Dialog lost"), false}, turn);
  }
  if (!dialog_.is_confirmed()) {
    if (outcome.answer && outcome.answer->channel_rejected) close_channel(turn);
    return;
  }
  if (event.status / 100 == 2) {
    session_timer_.confirmed(event.session_timer, turn.now);
  } else {
    refresh_refused(event.status, event.retry_after, event.session_timer, turn);
  }
  if (outcome.answer) {
    // DC-09, DC-17: the peer gave the CLUE channel up. What was signalled stays (SIG-16).
    if (outcome.answer->channel_rejected && channel_.state() != ClueChannel::State::none) close_channel(turn);
    signals_.configurable = true;
  }
  proceed(turn);
}

void Participant::on(const event::ByeReceived& event, const Turn& turn) {
  if (event.dialog != dialog_.id()) return;  // which another INVITE followed
  if (!leaving_) log_.write(turn, record::participant_ended, {{"method", "BYE"}, {"reason", event.reason}});
  dialog_.peer_ended();
  leave({"bye", {}, true, event.reason, {}}, turn);
}

void Participant::on(const event::DialogTerminated& event, const Turn& turn) {
  if (event.dialog != dialog_.id()) {  // of an INVITE that was followed by another
    services_.routes.dialogs.erase(event.dialog);
    std::erase(earlier_dialogs_, event.dialog);
    return;
  }
  if (!leaving_) leave({"unreachable", {}, true}, turn);
  dialog_.terminate(event.status);
  close_channel(turn);
  dialog_over();
}

void Participant::dialog_over() {
  services_.routes.dialogs.erase(dialog_.id());
  signals_.dialog_over = true;
}

// The order is the requirement: BYE first (TP-09), then the channel, whose removal takes its own bounded time, then the
// ports. Who left is in no later byte to anybody (END-14), so the conference hears of it in the same event.
void Participant::leave(const Departure& departure, const Turn& turn) {
  if (std::exchange(leaving_, true)) return;
  departure_ = departure;
  signals_.left = true;
  std::vector<base::Field> fields{{"cause", departure.cause}, {"by_peer", departure.peer_ended}};
  if (!departure.refer_call_id.empty()) fields.push_back({"refer", departure.refer_call_id});
  log_.write(turn, record::participant_leaving, fields);
  if (invitation_) conclude_call({487, "Request Terminated"});
  if (departure.peer_ended) {
    dialog_.peer_ended();
  } else {
    dialog_.end(departure.ending, turn);
    if (dialog_.is_terminated()) dialog_over();  // it was not even called
  }
  forget_offered_channel(turn);
  // While the BYE waits for the ACK, so does the channel's removal: alone it would look like a failure of CLUE.
  if (dialog_.is_bye_owed()) {
    silence_clue();
  } else {
    close_channel(turn);
  }
  negotiation_.abandon(turn);
  view_.clear();
  session_timer_.stop();
  resource_deadline_.reset();
  channel_deadline_.reset();
  precondition_deadline_.reset();
  offer_hold_.reset();
}

void Participant::on(const event::PortBound& event, const Turn& turn) {
  negotiation_.port_bound(event.port, event.rtp_port);
  // They are asked for a dozen at a time, and nothing can be said before the last of them.
  if (leaving_ || negotiation_.awaits_ports()) return;
  try_answer(turn);
  proceed(turn);
}

void Participant::on(const event::PortFailed& event, const Turn& turn) {
  negotiation_.port_failed(event.port, turn);
  if (leaving_) return;
  try_answer(turn);
  proceed(turn);
}

}  // namespace clued::focus
