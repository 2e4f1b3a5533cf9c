#include "focus/conference_watch.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "focus/records.hpp"

namespace clued::focus {

namespace {

/// NOTIFYs that one call may send: the loop has other work (hosting: chunks of 32).
constexpr std::size_t notifications_per_timeout = 32;

event_package::Description description_of(std::size_t max_participants) {
  event_package::Description description;
  // No subject: there are user agents that take one for a reason to re-INVITE at once.
  description.maximum_user_count =
      static_cast<std::uint32_t>(std::min<std::size_t>(max_participants, std::numeric_limits<std::uint32_t>::max()));
  return description;
}

bool is_among(const std::vector<std::string>& accounts, const std::string& one) {
  return std::find(accounts.begin(), accounts.end(), one) != accounts.end();
}

/// The conference URI as the subscriber wrote it: whatever name or address of ours it knows, it finds it again.
std::string conference_entity(const event::SubscribeReceived& subscribe) {
  SipUri uri = subscribe.request_uri;
  uri.params.clear();
  return uri.to_string();
}

}  // namespace

ConferenceWatch::ConferenceWatch(Services& services, ConferenceId conference, const std::string& user,
                                 std::size_t max_participants)
    : services_(services),
      conference_(conference),
      user_(user),
      notifier_({services.policy->notify_interval}, description_of(max_participants)) {}

bool ConferenceWatch::is_full() const noexcept {
  return notifier_.size() >= services_.policy->max_subscriptions_per_conference ||
         services_.watches >= services_.policy->max_subscriptions;
}

bool ConferenceWatch::is_used_up(const Accounts& accounts) const {
  const auto used = [this](const std::string& account) {
    const auto found = services_.watches_of.find(account);
    return found == services_.watches_of.end() ? 0 : found->second;
  };
  const auto most = services_.policy->max_subscriptions_per_user;
  return std::any_of(accounts.users.begin(), accounts.users.end(),
                     [&](const std::string& account) { return used(account) >= most; }) ||
         used(accounts.source) >= services_.policy->max_subscriptions_per_source;
}

void ConferenceWatch::count(const Accounts& accounts) {
  ++services_.watches;
  for (const auto& account : accounts.users) ++services_.watches_of[account];
  if (!is_among(accounts.users, accounts.source)) ++services_.watches_of[accounts.source];
}

void ConferenceWatch::discount(const Accounts& accounts) {
  --services_.watches;
  const auto give_back = [this](const std::string& account) {
    const auto used = services_.watches_of.find(account);
    if (used != services_.watches_of.end() && --used->second == 0) services_.watches_of.erase(used);
  };
  for (const auto& account : accounts.users) give_back(account);
  if (!is_among(accounts.users, accounts.source)) give_back(accounts.source);
}

void ConferenceWatch::accept(const event::SubscribeReceived& subscribe, Watcher watcher, const Turn& turn) {
  const auto& policy = *services_.policy;
  const auto expires = std::min(subscribe.expires.value_or(policy.max_subscription), policy.max_subscription);
  const bool is_new = !notifier_.contains(subscribe.subscription);
  call_ids_.insert_or_assign(subscribe.subscription, subscribe.call_id);
  log(is_new ? record::subscription_accepted : record::subscription_refreshed, subscribe.subscription,
      {{"expires", std::int64_t{expires.count()}},
       {"in_dialog", subscribe.dialog.has_value()},
       {"watcher", base::Identity{watcher.owner.empty() ? subscribe.from.uri.to_string() : watcher.owner}},
       {"source", subscribe.source}},
      turn);
  turn.emit(command::AcceptSubscribe{subscribe.request, subscribe.subscription, expires, watcher.contact});
  if (is_new) {
    services_.routes.subscriptions.emplace(subscribe.subscription, conference_);
    count(watcher.accounts);
    accounts_.emplace(subscribe.subscription, std::move(watcher.accounts));
  }
  event_package::Notifications notifications;
  notifier_.subscribe(subscribe.subscription, {conference_entity(subscribe), std::move(watcher.owner), expires},
                      turn.now, notifications);
  send(notifications, turn);
}

void ConferenceWatch::refuse(const event::SubscribeReceived& subscribe, int status, const char* why, const Turn& turn) {
  base::Record record{&record::subscription_refused,
                      {{"conference", user_},
                       {"call_id", subscribe.call_id},
                       {"status", status},
                       {"reason", why},
                       {"from", base::Identity{subscribe.from.uri.to_string()}},
                       {"source", subscribe.source}}};
  turn.emit(command::Log{std::move(record)});
  command::Respond response{subscribe.request, status};
  if (status == 503) response.retry_after = std::chrono::seconds(30);
  if (status == 423) response.min_expires = services_.policy->min_subscription;
  turn.emit(std::move(response));
}

bool ConferenceWatch::answered(const event::NotifyAnswered& answered, const Turn& turn) {
  if (!notifier_.contains(answered.subscription)) return false;
  event_package::Notifications notifications;
  const bool is_alive = notifier_.answered(answered.subscription, answered.status, turn.now, notifications);
  send(notifications, turn);
  if (!is_alive) {
    turn.emit(command::ForgetSubscription{answered.subscription});
    forget(answered.subscription, "NOTIFY answered " + std::to_string(answered.status), turn);
  }
  return true;
}

void ConferenceWatch::put(ParticipantId participant, Roster::Member member, const Turn& turn) {
  if (notifier_.roster().put(participant, std::move(member))) notifier_.roster_changed(turn.now);
}

void ConferenceWatch::depart(ParticipantId participant, event_package::DisconnectionMethod method,
                             event_package::Execution info, const Turn& turn) {
  if (notifier_.roster().depart(participant, method, std::move(info))) notifier_.roster_changed(turn.now);
}

void ConferenceWatch::set_locked(bool locked, const Turn& turn) {
  if (notifier_.roster().set_locked(locked)) notifier_.roster_changed(turn.now);
}

void ConferenceWatch::reject(const std::string& owner, const Turn& turn) {
  event_package::Notifications notifications;
  notifier_.reject(owner, notifications);
  send(notifications, turn);
}

void ConferenceWatch::end(const Turn& turn) {
  event_package::Notifications notifications;
  notifier_.end_all(notifications);
  send(notifications, turn);
}

void ConferenceWatch::handle_timeout(const Turn& turn) {
  event_package::Notifications notifications;
  notifier_.handle_timeout(turn.now, notifications_per_timeout, notifications);
  send(notifications, turn);
}

void ConferenceWatch::send(event_package::Notifications& notifications, const Turn& turn) {
  for (auto& one : notifications) {
    const auto state = one.ended ? "terminated;reason=" + std::string(to_string(*one.ended))
                                 : "active;expires=" + std::to_string(one.expires.count());
    log(record::subscription_notified, one.subscription,
        {{"version", std::uint64_t{one.version}},
         {"full", one.is_full},
         {"state", state},
         {"bytes", std::uint64_t{one.document.size()}}},
        turn);
    turn.emit(command::NotifyConference{one.subscription, state, one.ended.has_value(), std::move(one.document)});
    if (one.ended) forget(one.subscription, to_string(*one.ended), turn);
  }
  if (!is_watched()) notifier_.roster().clear();
}

void ConferenceWatch::forget(SubscriptionId subscription, std::string_view why, const Turn& turn) {
  log(record::subscription_ended, subscription, {{"reason", why}}, turn);
  call_ids_.erase(subscription);
  services_.routes.subscriptions.erase(subscription);
  if (const auto accounts = accounts_.extract(subscription)) discount(accounts.mapped());
  if (!is_watched()) notifier_.roster().clear();
}

void ConferenceWatch::log(const base::RecordKind& kind, SubscriptionId subscription, std::vector<base::Field> fields,
                          const Turn& turn) const {
  const auto call_id = call_ids_.find(subscription);
  base::Record record{&kind, {{"conference", user_}, {"subscription", subscription}}};
  if (call_id != call_ids_.end()) record.fields.emplace_back("call_id", call_id->second);
  record.fields.insert(record.fields.end(), fields.begin(), fields.end());
  turn.emit(command::Log{std::move(record)});
}

}  // namespace clued::focus
