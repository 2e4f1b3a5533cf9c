#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "focus/capture_catalog.hpp"
#include "focus/capture_demand.hpp"
#include "focus/conference_watch.hpp"
#include "focus/convergence.hpp"
#include "focus/invitation_list.hpp"
#include "focus/lingering_selection.hpp"
#include "focus/participant.hpp"
#include "focus/participant_registry.hpp"
#include "focus/refer_handler.hpp"
#include "focus/returning_sources.hpp"
#include "focus/services.hpp"

namespace clued::focus {

/// A conference (RFC 4353): who is in it, what is offered in it, and what follows for the others when that changes.
class Conference {
 public:
  /// Permanent when the conference policy has one of that user.
  Conference(Services& services, ConferenceId id, std::string user, base::TimePoint now);

  /// Why somebody who calls may not join, or nothing.
  std::optional<NotAdmitted> refusal_of(const event::InviteReceived& invite, base::TimePoint now) const;

  /// Whether one more may come in for this account (focus/account.hpp), for whom somebody who is not confirmed yet may
  /// have to leave.
  bool make_room(const Account& account, const Turn& turn);
  /// This one leaves, because there is no room for it and somebody else.
  void give_way(ParticipantId participant, const Turn& turn);

  /// Somebody calls; the first one is the creator when `is_creation`.
  ParticipantId join(const event::InviteReceived& invite, bool is_creation, const Turn& turn);

  /// Why an INVITE with Replaces is refused (RFC 3891 section 3), or nothing. Its dialog is one of this conference.
  std::optional<NotAdmitted> takeover_refusal(const event::InviteReceived& invite) const;
  /// Somebody calls from another device, to take the place of the participant whose dialog Replaces names.
  ParticipantId take_over(const event::InviteReceived& invite, const Turn& turn);

  /// The creator's INVITE has a recipient-list, for which it has the rights: whom it names is called once the creator
  /// is there.
  void call_listed(const event::InviteReceived& invite, const Turn& turn);

  /// Something happened to a participant.
  template <class ParticipantEvent>
  void handle(ParticipantId participant, const ParticipantEvent& event, const Turn& turn) {
    auto& member = *participants_.at(participant);
    member.on(event, turn);
    settle(member, turn);
  }
  void handle_timeout(ParticipantId participant, const Turn& turn);

  /// REFER to the conference URI (RFC 4579 section 5.11): answered here, whatever it asks.
  void refer(const event::ReferReceived& refer, const Turn& turn);
  /// SUBSCRIBE to the conference: answered here.
  void subscribe(const event::SubscribeReceived& subscribe, const Turn& turn);
  void notify_answered(const event::NotifyAnswered& answered, const Turn& turn);

  /// Ends all sessions; nobody is refreshed any more.
  /// `refer`: Call-ID of the REFER that asked for it, or "".
  void end(const char* cause, const Turn& turn, const std::string& refer = {});
  /// The operator gave another policy.
  void policy_changed(const Turn& turn);

  /// Who sends a request, as far as we can believe it.
  struct Standing {
    const Participant* participant = nullptr;  ///< whose request it is, if it is somebody's
    Role role = Role::stranger;
    ProvenIdentities proven{};  ///< of the request, and of the participant whose dialog it names
  };
  /// Of the sender of a request: `dialog` is the one it came in or names by Target-Dialog, `proven` who its sender is.
  Standing standing_of(const std::optional<DialogId>& dialog, const ProvenIdentities& proven) const;
  /// The dialog that a request came in, or that it names by Target-Dialog.
  std::optional<DialogId> dialog_for(const std::optional<DialogId>& own, const std::optional<DialogId>& named,
                                     const ProvenIdentities& proven) const;
  bool allows(Action action, const Standing& standing) const;
  Role role_of(const Participant& participant) const;

  ConferenceId id() const noexcept { return id_; }
  const std::string& user() const noexcept { return user_; }
  bool is_ending() const noexcept { return ending_; }
  /// Its name is a word from the configuration, now or when it began.
  bool is_named_by_operator() const noexcept { return own_.has_value(); }
  /// Somebody has been in, whom an address belongs to.
  bool has_begun() const noexcept { return has_begun_; }
  bool is_over() const noexcept { return ending_ && participants_.empty(); }
  /// The process ends: whoever has not answered its BYE by now is not waited for.
  void give_up(const Turn& turn) const;
  std::size_t size() const noexcept { return participants_.size(); }
  std::size_t open_refers() const noexcept { return refers_.size(); }
  bool contains(ParticipantId participant) const { return participants_.contains(participant); }
  base::Deadline deadline_of(ParticipantId participant) const;
  /// What is due in the conference itself, its participants aside.
  base::Deadline next_deadline() const;
  void handle_timeout(const Turn& turn);

  /// At the end of each turn: those who are gone cease to exist. Until then whatever handles an event may keep them at
  /// hand, whatever else the event does to them.
  void bury_gone(const Turn& turn);
  /// Participants whose deadline may have changed or who are gone since the last call.
  std::vector<ParticipantId> take_touched() { return std::exchange(touched_, {}); }

 private:
  // conference_roles.cpp
  /// What the configuration says of this conference by its name; false if it does not name it.
  bool take_configuration();
  bool is_moderator(const ProvenIdentities& user) const;
  std::vector<ParticipantId> legs_of(const ProvenIdentities& user) const;
  bool is_locked(base::TimePoint now) const;
  std::size_t max_participants() const;
  void appoint_heir_if_due(const Turn& turn);
  bool keeps_role(ParticipantId departed, ParticipantId& holder, const Turn& turn);

  // conference_takeover.cpp
  /// Somebody is taking another one's place, by the successor's id.
  struct Takeover {
    ParticipantId replaced;
    base::Deadline deadline;  ///< of the wait for the successor's captures, once it is confirmed
  };
  bool advance_takeover(Participant& successor, const Turn& turn);
  void complete_takeover(Participant& successor, const Turn& turn);
  void hand_over(ParticipantId from, ParticipantId to, const Turn& turn);
  void drop_takeovers_of(Participant& departed, const Turn& turn);
  void introduce(Participant& newcomer, const Turn& turn);

  // conference_refer.cpp
  void clear(const event::ReferReceived& refer, const Turn& turn);
  bool means_itself(const Standing& referrer, const std::vector<ParticipantId>& targets) const;
  bool means_whole_conference(const event::ReferReceived& refer, const Standing& referrer) const;
  void refuse(const event::ReferReceived& refer, int status, const char* why, const Turn& turn);
  /// As many REFERs are open as may be.
  std::optional<NotAdmitted> open_refers_refusal(const event::ReferReceived& refer) const;
  /// Sends the 2xx; what is to follow it, or nothing when no subscription is wanted.
  std::optional<ReferHandler::Refer> accept(const event::ReferReceived& refer, const Standing& referrer,
                                            const std::vector<ParticipantId>& targets, base::OperationId operation,
                                            const Turn& turn);
  std::string call_ids_of(const std::vector<ParticipantId>& targets) const;
  void remove(Participant& target, const event::ReferReceived& refer, const Standing& referrer,
              base::OperationId operation, const Turn& turn);

  // conference_subscribe.cpp
  Standing watcher_of(const event::SubscribeReceived& subscribe) const;
  void note_lock(const Turn& turn);
  base::Deadline lock_deadline() const;
  std::vector<std::string> roles_of(const Participant& participant) const;
  void show(const Participant& participant, const Turn& turn);
  void show_all(const Turn& turn);
  void stop_watching(const Participant& departed, const Turn& turn);

  static std::size_t max_video_per_participant(const Policy& policy);
  static std::size_t max_audio_per_participant(const Policy& policy);
  Participant& add(const event::InviteReceived& invite);
  void note_seat(ParticipantId participant, const ParticipantSignals& signals);
  void know(Participant& participant);
  const Participant* participant_of(DialogId dialog) const;
  /// Our Contact in what is answered: one dialog has one, whatever the request (RFC 3261 section 12.2).
  FocusContact contact_in(std::optional<DialogId> dialog) const;
  unsigned anonymous_number(const event::InviteReceived& invite);
  // conference_invite.cpp
  void refer_invite(const event::ReferReceived& refer, const Turn& turn);
  std::optional<NotAdmitted> invitation_refusal(const event::ReferReceived& refer) const;
  std::optional<NotAdmitted> callee_refusal(const SipUri& callee) const;
  static std::string shown_referrer(const event::ReferReceived& refer, const Standing& referrer);
  std::optional<NotAdmitted> make_room_for_call(const Account& account, const Turn& turn);
  std::size_t calls_outstanding() const;
  Participant* find_staying(const SipUri& uri) const;
  Participant& add_called(CallRequest request, base::OperationId operation, const Turn& turn);
  void begin_call(Participant& participant, const Turn& turn);
  // conference_list.cpp
  bool may_call_listed() const;
  void call_next_listed(const Turn& turn);
  void log_skipped(const SipUri& uri, const NotAdmitted& why, base::OperationId operation, const Turn& turn) const;
  void note_list(const Turn& turn);

  void settle(Participant& participant, const Turn& turn);
  void departed(Participant& participant, const Turn& turn);
  void log_gone(const Participant& participant, int status, const Turn& turn) const;
  void end_if_due(ParticipantId departed, const Turn& turn);
  void dismiss_all(const std::string& refer, const Turn& turn);
  bool has_anybody() const;
  void offering_changed(Participant& participant, const Turn& turn);
  RefreshView::Urgency telling_urgency(const Participant& participant) const;
  void refresh_others(ParticipantId except, base::TimePoint when);
  void refresh(Participant& participant, const Turn& turn);
  void demand_changed(const CaptureDemand::Change& change, const Turn& turn);
  SourceConfiguration wanted_of(const Participant& source) const;
  void configure(Participant& participant, const Turn& turn);
  void note_shown(const Participant& participant, CaptureCatalog::Shown before, const Turn& turn);
  void note_convergence(Participant& participant, const Turn& turn);
  void log(const base::RecordKind& kind, std::vector<base::Field> fields, const Turn& turn) const;

  Services& services_;
  ConferenceId id_;
  std::string user_;
  base::TimePoint created_;
  std::optional<PermanentConference> own_;  ///< what the configuration says of it, or last said
  bool is_permanent_;
  bool was_locked_ = false;  ///< as the log knows it
  bool had_creator_ = false;
  bool has_begun_ = false;
  ParticipantId creator_;  ///< while in the conference
  ParticipantId heir_;     ///< moderator by succession, while in the conference
  std::map<ParticipantId, std::unique_ptr<Participant>> participants_;  ///< in the order of joining
  std::unordered_map<ParticipantId, Takeover> takeovers_;
  Shares<ParticipantId> seats_;  ///< of who stays
  ParticipantRegistry registry_;
  CaptureCatalog catalog_;
  CaptureDemand demand_;
  LingeringSelection selections_;
  ReturningSources returning_;
  ReferHandler refers_;
  InvitationList listed_;
  ConferenceWatch watch_;
  Convergence convergence_;
  Generation generation_ = 1;
  unsigned last_number_ = 0;
  unsigned last_anonymous_ = 0;
  bool ending_ = false;
  bool dismissing_ = false;  ///< all leave at once: nobody is refreshed
  std::vector<ParticipantId> touched_;
  std::vector<ParticipantId> gone_;  ///< in this turn
};

}  // namespace clued::focus
