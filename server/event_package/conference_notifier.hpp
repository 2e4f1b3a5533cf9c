#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/deadline_queue.hpp"
#include "base/ids.hpp"
#include "event_package/roster.hpp"

namespace clued::event_package {

using base::SubscriptionId;

/// Why a subscription is over, in the words of Subscription-State (RFC 6665 section 4.1.3).
enum class EndReason { timeout, rejected, noresource };
std::string_view to_string(EndReason reason);

/// Whether this answer to a NOTIFY is the end of its subscription (RFC 6665 section 4.2.2, RFC 5057 section 5.1). 408
/// also stands for no answer at all. Other failures say nothing about it.
bool ends_subscription(int status);
/// So many of those in a row are borne.
inline constexpr unsigned max_notify_failures = 3;

/// One NOTIFY that is due.
struct Notification {
  SubscriptionId subscription;
  std::optional<EndReason> ended;  ///< terminated: the subscription is forgotten already
  std::chrono::seconds expires{};  ///< how much longer it lasts
  std::uint32_t version = 0;
  bool is_full = false;
  std::string document;  ///< application/conference-info+xml; "": no body
};
using Notifications = std::vector<Notification>;

/// The conference notification service of one conference (RFC 4353, RFC 4575, RFC 6665): what each subscriber was told
/// and what it is to know. A subscription:
///
///     --SUBSCRIBE--> [full NOTIFY] --> awaiting its answer --2xx--> idle --change, not before min_interval-->
///     [partial] any state: SUBSCRIBE again [full]; Expires 0 [full, timeout]; expiry [timeout]; end of the conference
///     [deleted, noresource]; ended by policy [rejected]; NOTIFY answered 481 and the like: gone
///
/// At most one NOTIFY is unanswered, terminating ones aside; what changes meanwhile is summed up in the next.
class ConferenceNotifier {
 public:
  struct Settings {
    base::Duration min_interval = std::chrono::seconds(5);  ///< EVT-08; the first and the last NOTIFY do not wait
  };

  ConferenceNotifier(Settings settings, Description description)
      : settings_(settings), roster_(std::move(description)) {}

  /// For what changes from now on.
  void set_min_interval(base::Duration interval) noexcept { settings_.min_interval = interval; }

  struct Request {
    std::string entity;              ///< the conference URI as the subscriber names it
    std::string owner;               ///< the user entity whose right to watch it is; "": nobody's in the conference
    std::chrono::seconds expires{};  ///< 0: once (fetch), or the end of one that exists
  };
  /// A SUBSCRIBE was accepted, the first one of this subscription or a later one. A full NOTIFY follows, at once unless
  /// one is unanswered.
  void subscribe(SubscriptionId id, Request request, base::TimePoint now, Notifications& out);

  /// A NOTIFY got its final response. False when that was the subscription's end (EVT-14), or it is unknown.
  bool answered(SubscriptionId id, int status, base::TimePoint now, Notifications& out);

  /// Who is to watch no more (END-11).
  void reject(const std::string& owner, Notifications& out);
  /// The conference is over (END-10).
  void end_all(Notifications& out);

  /// The roster was changed: everybody is to know, each at its time.
  void roster_changed(base::TimePoint now);
  Roster& roster() noexcept { return roster_; }
  const Roster& roster() const noexcept { return roster_; }

  base::Deadline next_deadline() const { return deadlines_.next(); }
  /// Sends what is due, at most `limit` NOTIFYs.
  void handle_timeout(base::TimePoint now, std::size_t limit, Notifications& out);

  bool contains(SubscriptionId id) const { return subscriptions_.contains(id); }
  const std::string& owner_of(SubscriptionId id) const { return subscriptions_.at(id).owner; }
  std::size_t size() const noexcept { return subscriptions_.size(); }
  bool empty() const noexcept { return subscriptions_.empty(); }

 private:
  struct Subscription {
    std::string entity;
    std::string owner;
    base::TimePoint expires;
    std::uint32_t version = 0;
    Roster::Position position;
    base::Deadline last_sent;
    base::Deadline due;
    bool is_answer_due = false;
    bool is_full_due = true;
    bool is_urgent = true;  ///< a SUBSCRIBE asked for it: min_interval does not hold
    unsigned failures = 0;  ///< NOTIFYs in a row that failed without ending it
  };
  using Subscriptions = std::unordered_map<SubscriptionId, Subscription>;

  void plan(SubscriptionId id, Subscription& subscription, base::TimePoint now);
  void notify(SubscriptionId id, Subscription& subscription, base::TimePoint now, Notifications& out);
  void end(Subscriptions::iterator found, EndReason reason, Notifications& out);
  void erase(Subscriptions::iterator found);
  void move(Subscription& subscription, Roster::Position position);
  void forget_what_all_know();

  Settings settings_;
  Roster roster_;
  Subscriptions subscriptions_;
  base::DeadlineQueue<SubscriptionId> deadlines_;
  std::multiset<std::uint64_t> settled_;  ///< of all positions: what the slowest one was told to be gone
};

}  // namespace clued::event_package
