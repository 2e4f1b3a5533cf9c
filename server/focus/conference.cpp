#include "focus/conference.hpp"

#include <algorithm>
#include <utility>

#include "focus/account.hpp"
#include "focus/records.hpp"

namespace clued::focus {

namespace {

/// A longer URI cannot be somebody's name; it would be in everybody's documents.
constexpr std::size_t max_identity_bytes = 512;

/// Whether the others are told who calls (EVT-11). Who calls itself anonymous does not mean to be one with all the
/// others who do.
bool is_private(const event::InviteReceived& invite) {
  const auto& identity = invite.proven.empty() ? invite.from : invite.proven.primary();
  return invite.privacy.hides_user() || invite.from.uri.host == anonymous_host ||
         identity.uri.to_string().size() > max_identity_bytes;
}

}  // namespace

// One encoding towards everybody is the conference's own video; a participant's scene has to fit beside it. With no
// video encodings at all nobody is told of video.
std::size_t Conference::max_video_per_participant(const Policy& policy) {
  const auto encodings = max_video_encodings(policy);
  return encodings == 0 ? 0 : std::max(encodings, 2U) - 1;
}

// What it has no stream for cannot be had from it.
std::size_t Conference::max_audio_per_participant(const Policy& policy) {
  return std::max<std::size_t>(policy.max_receive_streams, 1);
}

Conference::Conference(Services& services, ConferenceId id, std::string user, base::TimePoint now)
    : services_(services),
      id_(id),
      user_(std::move(user)),
      created_(now),
      is_permanent_(take_configuration()),
      was_locked_(own_ && own_->locked),
      catalog_(max_video_per_participant(*services.policy), max_audio_per_participant(*services.policy)),
      refers_(services, id),
      watch_(services, id, user_, max_participants()) {}

Participant& Conference::add(const event::InviteReceived& invite) {
  const ParticipantId id = services_.participant_ids.next();
  auto added = std::make_unique<Participant>(services_, user_, id, ++last_number_, invite);
  if (is_private(invite)) added->make_anonymous(anonymous_number(invite));
  know(*added);
  const auto account = account_of(invite);
  services_.seats.add(id, account, false);
  // The conference is the creator's: it does not give way to others in it.
  seats_.add(id, account, !had_creator_ && !own_);
  added->go_on_telling(returning_.came(id, account.name));
  return *participants_.emplace(id, std::move(added)).first->second;
}

// The legs of one proven identity are one user for the others (EVT-05), whichever of its names each of them came with.
void Conference::know(Participant& participant) {
  for (const auto id : registry_.find_proven(participant.names().proven)) {
    const auto& leg = participants_.at(id)->names();
    const auto& own = participant.names();
    if (leg.anonymity || own.anonymity || own.known_as) continue;
    if (!equivalent(leg.shown().uri, own.shown().uri)) participant.make_known_as(leg.shown());
    break;
  }
  registry_.add(participant.id(), participant.names());
}

// The legs of one proven identity stay one user, whose number tells nothing else.
unsigned Conference::anonymous_number(const event::InviteReceived& invite) {
  for (const auto id : registry_.find_proven(invite.proven)) {
    const auto& names = participants_.at(id)->names();
    if (names.anonymity) return names.anonymity->user;
  }
  return ++last_anonymous_;
}

ParticipantId Conference::join(const event::InviteReceived& invite, bool is_creation, const Turn& turn) {
  auto& participant = add(invite);
  const auto id = participant.id();
  if (is_creation) {
    creator_ = id;
    had_creator_ = true;
  }
  participant.on(invite, turn);
  settle(participant, turn);
  return id;
}

FocusContact Conference::contact_in(std::optional<DialogId> dialog) const {
  const Participant* participant = dialog ? participant_of(*dialog) : nullptr;
  return participant != nullptr ? participant->dialog().contact() : FocusContact{user_, services_.policy->clue_enabled};
}

const Participant* Conference::participant_of(DialogId dialog) const {
  const auto route = services_.routes.dialogs.find(dialog);
  if (route == services_.routes.dialogs.end()) return nullptr;
  const auto found = participants_.find(route->second);
  return found == participants_.end() ? nullptr : found->second.get();
}

void Conference::handle_timeout(ParticipantId participant, const Turn& turn) {
  auto& member = *participants_.at(participant);
  member.handle_timeout(turn);
  if (member.is_refresh_due(turn.now)) refresh(member, turn);
  if (member.is_configure_due(turn.now)) configure(member, turn);
  settle(member, turn);
}

base::Deadline Conference::deadline_of(ParticipantId participant) const {
  const auto found = participants_.find(participant);
  if (found == participants_.end()) return std::nullopt;
  const auto takeover = takeovers_.find(participant);
  return takeover == takeovers_.end() ? found->second->next_deadline()
                                      : base::earlier(found->second->next_deadline(), takeover->second.deadline);
}

// What an event at one participant means to the others, always in this order: who left counts no more before anything
// of it is looked at; what is offered comes before who is told of it.
void Conference::settle(Participant& participant, const Turn& turn) {
  const ParticipantId id = participant.id();
  touched_.push_back(id);
  auto signals = participant.take_signals();
  if (signals.renamed) {
    registry_.remove(id);
    know(participant);
  }
  if (signals.progress) refers_.progressed(id, *signals.progress, turn);
  if (signals.concluded) {
    refers_.concluded(id, *signals.concluded, turn);
    listed_.concluded(id, signals.concluded->status);
  }
  note_seat(id, signals);
  if (signals.left) departed(participant, turn);
  if (takeovers_.contains(id)) {
    // Until it takes the other's place it is not there for anybody, and is told of nobody.
    const bool counts = advance_takeover(participant, turn);
    signals.joined = signals.offering_changed = signals.needs_telling = counts;
  }
  if (signals.joined && id == creator_) listed_.release();
  if (signals.joined) appoint_heir_if_due(turn);
  if (signals.joined || signals.offering_changed) offering_changed(participant, turn);
  if (signals.needs_telling) participant.mark_stale(telling_urgency(participant), turn);
  if (signals.selection_changed && !participant.is_leaving()) {
    demand_changed(demand_.set(id, selections_.select(id, participant.selection(), turn.now)), turn);
  }
  if (signals.configurable) configure(participant, turn);
  if (watch_.is_watched()) show(participant, turn);
  note_convergence(participant, turn);
  note_list(turn);
  if (signals.dialog_over) refers_.dialog_over(id, turn);
  if (participant.is_gone() && std::find(gone_.begin(), gone_.end(), id) == gone_.end()) {
    log_gone(participant, participant.dialog().final_status(), turn);
    registry_.remove(id);
    gone_.push_back(id);
  }
}

void Conference::give_up(const Turn& turn) const {
  for (const auto& [id, participant] : participants_) {
    if (!participant->is_gone()) log_gone(*participant, 408, turn);
  }
}

void Conference::log_gone(const Participant& participant, int status, const Turn& turn) const {
  const auto lifetime = std::chrono::duration_cast<std::chrono::milliseconds>(turn.now - participant.since()).count();
  std::vector<base::Field> fields{{"status", status}, {"ms", std::int64_t{lifetime}}};
  const auto summary = participant.tally().fields();
  fields.insert(fields.end(), summary.begin(), summary.end());
  participant.log().write(turn, record::participant_gone, fields);
}

void Conference::note_seat(ParticipantId participant, const ParticipantSignals& signals) {
  for (auto* seats : {&services_.seats, &seats_}) {
    if (signals.joined) seats->confirm(participant);
    if (signals.left) seats->remove(participant);
  }
  if (signals.joined) has_begun_ = true;
}

// Nobody is destroyed while an event is handled: it may end several participants, whoever sent it among them, and what
// handles it goes through their tables meanwhile.
void Conference::bury_gone(const Turn& turn) {
  if (gone_.empty()) return;
  for (const auto id : std::exchange(gone_, {})) participants_.erase(id);
  if (is_over()) log(record::conference_ended, {}, turn);
}

// R4: out of the catalogue before anything else is sent; R11: the others hear of it at once, whatever the BYE's fate.
void Conference::departed(Participant& participant, const Turn& turn) {
  const ParticipantId id = participant.id();
  const bool was_offering = catalog_.remove(id);
  const auto demand = demand_.remove(id);
  selections_.forget(id);
  returning_.left(id, participant.telling_others(), turn.now);
  convergence_.update(id, std::nullopt);
  drop_takeovers_of(participant, turn);
  end_if_due(id, turn);
  if (ending_) return;
  stop_watching(participant, turn);
  if (dismissing_) return;
  appoint_heir_if_due(turn);
  demand_changed(demand, turn);
  if (!was_offering) return;

  ++generation_;
  const auto operation = participant.log().operation() ? participant.log().operation() : services_.operation_ids.next();
  participant.log().set_operation(operation);
  participant.log().write(turn, record::removal_started, {{"remaining", std::uint64_t{participants_.size() - 1}}});
  for (auto& [other_id, other] : participants_) {
    if (other_id != id && other->can_be_told()) other->log().set_operation(operation);
  }
  convergence_.watch({operation, generation_, turn.now, participant.log().subject()});
  refresh_others(id, turn.now);
}

void Conference::end_if_due(ParticipantId departed, const Turn& turn) {
  if (departed == creator_) listed_.creator_left();
  const bool creator_left = departed == creator_ && !keeps_role(departed, creator_, turn);
  if (departed == heir_) keeps_role(departed, heir_, turn);
  if (ending_ || dismissing_ || is_permanent_) return;
  if (creator_left && services_.conference_policy().end_when == EndWhen::creator_leaves)
    return end("creator_left", turn);
  if (!has_anybody()) end("last_left", turn);
}

bool Conference::has_anybody() const {
  return std::any_of(participants_.begin(), participants_.end(),
                     [](const auto& entry) { return !entry.second->is_leaving(); });
}

void Conference::end(const char* cause, const Turn& turn, const std::string& refer) {
  if (std::exchange(ending_, true)) return;
  log(record::conference_ending, {{"cause", cause}, {"participants", std::uint64_t{participants_.size()}}}, turn);
  watch_.end(turn);
  listed_.drop_waiting();
  dismiss_all(refer, turn);
  note_list(turn);
  if (participants_.empty()) log(record::conference_ended, {}, turn);
}

// All begin to leave before what that means is looked at: nobody is told of the others' departure on its own way out.
void Conference::dismiss_all(const std::string& refer, const Turn& turn) {
  const bool was_dismissing = std::exchange(dismissing_, true);
  Departure departure;
  departure.cause = "conference_ended";
  departure.refer_call_id = refer;
  departure.ending.refusal_status = 480;
  departure.ending.reason = {200, "Conference ended"};
  std::vector<Participant*> all;
  for (auto& entry : participants_) {
    if (!entry.second->is_leaving()) all.push_back(entry.second.get());
  }
  for (auto* participant : all) participant->leave(departure, turn);
  for (auto* participant : all) settle(*participant, turn);
  dismissing_ = was_dismissing;
}

void Conference::offering_changed(Participant& participant, const Turn& turn) {
  if (ending_ || !participant.is_in_conference()) return;
  const auto offering = participant.offering();
  const auto* before = catalog_.entry(participant.id());
  const auto shown_before = before != nullptr ? before->shown : CaptureCatalog::Shown::in_full;
  const bool changed = offering && !offering->captures.empty()
                           ? catalog_.offer(participant.id(), participant.number(), offering)
                           : catalog_.remove(participant.id());
  if (!changed) return;
  ++generation_;
  note_shown(participant, shown_before, turn);
  refresh_others(participant.id(), participant.plan_telling_others(turn));
}

void Conference::note_shown(const Participant& participant, CaptureCatalog::Shown before, const Turn& turn) {
  const auto* entry = catalog_.entry(participant.id());
  if (entry == nullptr || entry->shown == before || entry->shown == CaptureCatalog::Shown::in_full) return;
  const bool is_nameless = entry->shown == CaptureCatalog::Shown::without_names;
  participants_.at(participant.id())
      ->log()
      .write(turn, record::captures_reduced, {{"shown", is_nameless ? "without_names" : "not_at_all"}});
}

// Several who join together are all about to advertise: what each is told first then waits for it, not longer than any
// refresh does (SIG-08 lets a Media Provider wait).
RefreshView::Urgency Conference::telling_urgency(const Participant& participant) const {
  const auto is_about_to_advertise = [&](const auto& entry) {
    const auto& other = *entry.second;
    return other.id() != participant.id() && other.is_in_conference() && other.has_clue() && !other.advertisement();
  };
  const bool waits = std::any_of(participants_.begin(), participants_.end(), is_about_to_advertise);
  return waits ? RefreshView::Urgency::summed_up : RefreshView::Urgency::at_once;
}

void Conference::refresh_others(ParticipantId except, base::TimePoint when) {
  if (ending_) return;
  for (auto& [id, participant] : participants_) {
    if (id == except || !participant->can_be_told() || takeovers_.contains(id)) continue;
    participant->mark_stale(when);
    touched_.push_back(id);
  }
}

void Conference::refresh(Participant& participant, const Turn& turn) {
  const AdvertisementComposer composer(*services_.policy);
  const auto max_bytes = participant.max_message_size();
  // CP-19: a peer that refuses full advertisements.
  auto composition = participant.is_reduced() ? composer.compose_conference_scene(catalog_, participant.id(), max_bytes)
                                              : composer.compose(catalog_, participant.id(), max_bytes);
  participant.tell(std::move(composition), generation_, turn);
}

void Conference::demand_changed(const CaptureDemand::Change& change, const Turn& turn) {
  if (ending_ || change.empty()) return;
  std::vector<ParticipantId> concerned;
  if (change.everybody) {
    for (const auto& entry : participants_) concerned.push_back(entry.first);
  } else {
    for (const auto& capture : change.captures) {
      if (const auto* source = catalog_.source(capture)) concerned.push_back(source->participant);
    }
    std::sort(concerned.begin(), concerned.end());
    concerned.erase(std::unique(concerned.begin(), concerned.end()), concerned.end());
  }
  for (const auto id : concerned) {
    const auto found = participants_.find(id);
    if (found == participants_.end()) continue;
    auto& source = *found->second;
    if (source.is_leaving() || !source.advertisement() || source.is_configure_planned()) continue;
    source.configure_in_time(wanted_of(source), turn);
    touched_.push_back(id);
  }
}

SourceConfiguration Conference::wanted_of(const Participant& source) const {
  const auto id = source.id();
  const auto is_wanted = [&](const clue::MediaCapture& capture) {
    const auto* renamed = catalog_.renamed(id, capture.id);
    return renamed != nullptr && demand_.is_wanted(*renamed, capture.type, id);
  };
  return configure_source(source.advertisement()->content, source.encodings(), is_wanted);
}

void Conference::configure(Participant& participant, const Turn& turn) {
  if (ending_ || participant.is_leaving() || !participant.advertisement()) return;
  participant.configure(wanted_of(participant), turn);
}

void Conference::note_convergence(Participant& participant, const Turn& turn) {
  if (ending_) return;
  const auto knowledge = participant.knowledge();
  convergence_.update(participant.id(), knowledge);
  if (knowledge && knowledge->generation == generation_) participant.log().set_operation({});
  const auto write = [&](const base::RecordKind& kind, const Convergence::Removal& removal, base::Field first,
                         base::Field second) {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(turn.now - removal.started).count();
    base::Record record{&kind,
                        {{"op", removal.operation}, {"ms", std::int64_t{took}}, std::move(first), std::move(second)}};
    removal.departed->name_in(record);
    turn.emit(command::Log{std::move(record)});
  };
  for (const auto& [removal, told, stalled] : convergence_.take_converged()) {
    write(record::removal_converged, removal, {"told", std::uint64_t{told}}, {"stalled", std::uint64_t{stalled}});
  }
  for (const auto& [removal, told, gone] : convergence_.take_caught_up()) {
    write(record::removal_caught_up, removal, {"told", std::uint64_t{told}}, {"gone", std::uint64_t{gone}});
  }
}

void Conference::log(const base::RecordKind& kind, std::vector<base::Field> fields, const Turn& turn) const {
  base::Record record{&kind, {{"conference", user_}}};
  record.fields.insert(record.fields.end(), fields.begin(), fields.end());
  turn.emit(command::Log{std::move(record)});
}

}  // namespace clued::focus
