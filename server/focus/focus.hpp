// The conference focus (RFC 4353): every decision of the daemon. Pure: events and time in, commands out.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/calendar.hpp"
#include "base/deadline_queue.hpp"
#include "base/randomness.hpp"
#include "base/time.hpp"
#include "focus/commands.hpp"
#include "focus/ended_conferences.hpp"
#include "focus/events.hpp"
#include "focus/policy.hpp"
#include "focus/services.hpp"

namespace clued::focus {

/// The focus's own living objects, for the operator's census and for tests that end where they began.
struct Census {
  std::size_t conferences = 0;
  std::size_t participants = 0;
  std::size_t channels = 0;
  std::size_t ports = 0;
  std::size_t open_refers = 0;
  std::size_t subscriptions = 0;  ///< to conferences
  std::size_t routes = 0;         ///< of all kinds: what adapters' events are looked up in
};

class Conference;

class Focus {
 public:
  /// All must outlive the focus. The permanent conferences of the policy exist from now on. Without a calendar,
  /// watchers are not told the time of day of anything.
  Focus(const Policy& policy, base::Randomness& randomness, const base::Calendar* calendar = nullptr);
  ~Focus();

  /// Handles one event to its end and appends what is to be done, in order. Events about what is gone are ignored.
  void handle(Event event, base::TimePoint now, Commands& out);

  /// When handle_timeout wants to be called; a moment in the past means: as soon as other work had its turn.
  base::Deadline next_deadline() const;

  /// Does what is due, at most a bounded number of participants per call, so that a departure from a large conference
  /// does not hold up the loop (hosting: chunks of 32).
  void handle_timeout(base::TimePoint now, Commands& out);

  Census census() const;

 private:
  static constexpr std::chrono::seconds retry_after_shutdown{10};

  // focus_invite.cpp
  void on(const event::InviteReceived& invite, const Turn& turn);
  void refuse(const event::InviteReceived& invite, int status, const char* why, const Turn& turn);
  void replace(const event::InviteReceived& invite, const Turn& turn);
  std::optional<NotAdmitted> creation_refusal(const event::InviteReceived& invite) const;
  std::optional<NotAdmitted> make_room(const event::InviteReceived& invite, Conference* joined, const Turn& turn);
  /// A seat for one more, for whom somebody may have to leave. What has to be done with the conference that asks, does
  /// whoever is handling it.
  bool make_seat(const Account& account, const Conference* asking, const Turn& turn);
  Conference& create_conference(const event::InviteReceived& invite, const Turn& turn);
  // focus.cpp
  void on(const event::ReferReceived& refer, const Turn& turn);
  void on(const event::OptionsReceived& options, const Turn& turn);
  void on(const event::SubscribeReceived& subscribe, const Turn& turn);
  void on(const event::NotifyAnswered& answered, const Turn& turn);
  void on(const event::ShutdownRequested& request, const Turn& turn);
  void on(const event::PolicyChanged& change, const Turn& turn);
  /// Everything else concerns one participant.
  template <class ParticipantEvent>
  void on(const ParticipantEvent& event, const Turn& turn);

  Conference& open_conference(std::string user, base::TimePoint now, const Account& account, bool is_confirmed);
  Conference* find_conference(const SipUri& uri) const;
  /// For a URI that leads to no conference: 410 when it did until recently, else 404 (FOC-05).
  int missing_status(const SipUri& uri, base::TimePoint now) const;
  Conference* conference_of(DialogId dialog) const;
  bool is_ours(const SipUri& uri) const;
  /// After anything was done with it: deadlines, and whether it is over.
  void update(Conference& conference, const Turn& turn);
  void drop_stray(ParticipantId participant, const Conference& conference, const Turn& turn);
  void finish_shutdown_if_over(const Turn& turn);

  Services services_;
  std::unordered_map<ConferenceId, std::unique_ptr<Conference>> conferences_;
  Shares<ConferenceId> shares_;  ///< of those that are not ending; permanent ones are nobody's
  std::unordered_map<std::string, ConferenceId> by_user_;
  EndedConferences ended_;
  std::unordered_map<ParticipantId, ConferenceId> participants_;
  base::DeadlineQueue<ParticipantId> deadlines_;
  base::DeadlineQueue<ConferenceId> conference_deadlines_;
  base::IdSequence<ConferenceId> conference_ids_;
  base::Deadline shutdown_deadline_;  ///< set while shutting down
  bool shutdown_finished_ = false;
};

}  // namespace clued::focus
