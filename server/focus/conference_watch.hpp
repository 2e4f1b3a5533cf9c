#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "event_package/conference_notifier.hpp"
#include "focus/services.hpp"

namespace clued::focus {

/// The conference notification service of one conference, in the core's events and commands: who watches, and what they
/// are sent. While nobody watches, nothing is kept.
class ConferenceWatch {
 public:
  using Roster = event_package::Roster;

  /// All of these must outlive it.
  ConferenceWatch(Services& services, ConferenceId conference, const std::string& user, std::size_t max_participants);

  /// Whose limits it counts against.
  struct Accounts {
    std::vector<std::string> users;  ///< all names of one, or the address that nobody known subscribes from
    std::string source;              ///< one of `users` for who proves its identity
  };
  struct Watcher {
    std::string owner;  ///< the user entity whose right it is, "" for somebody who is not in the conference
    Accounts accounts;
    FocusContact contact{};  ///< ours, in the dialog of the subscription
  };
  /// Answers the SUBSCRIBE with 200 and sends the full state.
  void accept(const event::SubscribeReceived& subscribe, Watcher watcher, const Turn& turn);
  /// Answers it with an error.
  void refuse(const event::SubscribeReceived& subscribe, int status, const char* why, const Turn& turn);

  /// False when the subscription is none of these.
  bool answered(const event::NotifyAnswered& answered, const Turn& turn);

  /// What the document is to say of a participant from now on.
  void put(ParticipantId participant, Roster::Member member, const Turn& turn);
  void depart(ParticipantId participant, event_package::DisconnectionMethod method, event_package::Execution info,
              const Turn& turn);
  void set_locked(bool locked, const Turn& turn);

  /// The operator gave another policy.
  void policy_changed() { notifier_.set_min_interval(services_.policy->notify_interval); }
  /// This user is to watch no more (END-11).
  void reject(const std::string& owner, const Turn& turn);
  /// The conference is over (END-10).
  void end(const Turn& turn);

  bool contains(SubscriptionId subscription) const { return notifier_.contains(subscription); }
  bool is_watched() const noexcept { return !notifier_.empty(); }
  bool is_locked() const noexcept { return notifier_.roster().state().locked; }
  bool is_full() const noexcept;
  /// Whether one of these has as many subscriptions as it may, here and in other conferences.
  bool is_used_up(const Accounts& accounts) const;
  base::Deadline next_deadline() const { return notifier_.next_deadline(); }
  void handle_timeout(const Turn& turn);

 private:
  void send(event_package::Notifications& notifications, const Turn& turn);
  void count(const Accounts& accounts);
  void discount(const Accounts& accounts);
  void forget(SubscriptionId subscription, std::string_view why, const Turn& turn);
  void log(const base::RecordKind& kind, SubscriptionId subscription, std::vector<base::Field> fields,
           const Turn& turn) const;

  Services& services_;
  ConferenceId conference_;
  const std::string& user_;
  event_package::ConferenceNotifier notifier_;
  std::unordered_map<SubscriptionId, std::string> call_ids_;
  std::unordered_map<SubscriptionId, Accounts> accounts_;
};

}  // namespace clued::focus
