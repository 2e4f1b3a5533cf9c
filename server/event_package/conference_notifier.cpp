#include "event_package/conference_notifier.hpp"

#include <algorithm>
#include <array>

#include "event_package/writer.hpp"

namespace clued::event_package {

namespace {

/// A version may start anywhere (RFC 4575 section 5.1.3); subscribers that take 0 for "none seen yet" exist.
constexpr std::uint32_t first_version = 1;

}  // namespace

bool ends_subscription(int status) {
  static constexpr std::array ending = {404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604};
  return std::find(ending.begin(), ending.end(), status) != ending.end();
}

std::string_view to_string(EndReason reason) {
  switch (reason) {
    case EndReason::timeout:
      return "timeout";
    case EndReason::rejected:
      return "rejected";
    case EndReason::noresource:
      break;
  }
  return "noresource";
}

void ConferenceNotifier::subscribe(SubscriptionId id, Request request, base::TimePoint now, Notifications& out) {
  auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) {
    found = subscriptions_.emplace(id, Subscription{}).first;
    auto& fresh = found->second;
    fresh.entity = std::move(request.entity);
    fresh.version = first_version;
    fresh.position = roster_.newest();
    settled_.insert(fresh.position.settled);
  }
  auto& subscription = found->second;
  subscription.owner = std::move(request.owner);
  subscription.expires = now + request.expires;
  subscription.is_full_due = true;
  subscription.is_urgent = true;
  if (request.expires.count() == 0) return end(found, EndReason::timeout, out);
  if (subscription.is_answer_due) return plan(id, subscription, now);
  notify(id, subscription, now, out);
}

bool ConferenceNotifier::answered(SubscriptionId id, int status, base::TimePoint now, Notifications& out) {
  const auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) return false;
  auto& subscription = found->second;
  subscription.is_answer_due = false;
  if (status < 300) {
    subscription.failures = 0;
  } else if (ends_subscription(status) || ++subscription.failures == max_notify_failures) {
    erase(found);
    return false;
  } else {
    subscription.is_full_due = true;  // whether it took the last one in is not known
  }
  if (subscription.is_urgent) {
    notify(id, subscription, now, out);
  } else {
    plan(id, subscription, now);
  }
  return true;
}

void ConferenceNotifier::reject(const std::string& owner, Notifications& out) {
  for (auto one = subscriptions_.begin(); one != subscriptions_.end();) {
    const auto next = std::next(one);
    if (one->second.owner == owner) end(one, EndReason::rejected, out);
    one = next;
  }
}

void ConferenceNotifier::end_all(Notifications& out) {
  while (!subscriptions_.empty()) end(subscriptions_.begin(), EndReason::noresource, out);
}

void ConferenceNotifier::roster_changed(base::TimePoint now) {
  if (subscriptions_.empty()) return roster_.forget_departed(roster_.generation());
  for (auto& [id, subscription] : subscriptions_) {
    if (!subscription.due && !subscription.is_answer_due) plan(id, subscription, now);
  }
}

void ConferenceNotifier::handle_timeout(base::TimePoint now, std::size_t limit, Notifications& out) {
  const auto end_of_turn = out.size() + limit;
  while (out.size() < end_of_turn) {
    const auto id = deadlines_.take_due(now);
    if (!id) return;
    const auto found = subscriptions_.find(id);
    if (found->second.expires <= now) {
      end(found, EndReason::timeout, out);
    } else {
      notify(id, found->second, now, out);
    }
  }
}

// When it is to be looked at again: at its end, or earlier if there is something to tell.
void ConferenceNotifier::plan(SubscriptionId id, Subscription& subscription, base::TimePoint now) {
  subscription.due.reset();
  const bool has_news = subscription.is_full_due || roster_.has_news(subscription.position);
  if (!subscription.is_answer_due && has_news) {
    subscription.due = subscription.last_sent ? std::max(now, *subscription.last_sent + settings_.min_interval) : now;
  }
  deadlines_.set(id, base::earlier(subscription.due, subscription.expires));
}

void ConferenceNotifier::notify(SubscriptionId id, Subscription& subscription, base::TimePoint now,
                                Notifications& out) {
  Notification notification;
  notification.subscription = id;
  notification.expires = std::chrono::ceil<std::chrono::seconds>(subscription.expires - now);
  notification.version = subscription.version++;
  notification.is_full = subscription.is_full_due;
  const auto state = subscription.is_full_due ? DocumentState::full : DocumentState::partial;
  notification.document = document_start(subscription.entity, state, notification.version);
  if (subscription.is_full_due) {
    notification.document += roster_.full(subscription.entity);
    move(subscription, roster_.newest());
  } else {
    notification.document += roster_.difference(subscription.position);
    move(subscription, roster_.after_difference(subscription.position));
  }
  notification.document += document_end;
  subscription.is_full_due = false;
  subscription.is_urgent = false;
  subscription.is_answer_due = true;
  subscription.last_sent = now;
  plan(id, subscription, now);
  forget_what_all_know();
  out.push_back(std::move(notification));
}

// The last word: everything for who asked for it once or for the last time, that nothing is left when the conference is
// over, and no document for who shall not or did not want to know more.
void ConferenceNotifier::end(Subscriptions::iterator found, EndReason reason, Notifications& out) {
  auto& subscription = found->second;
  Notification notification;
  notification.subscription = found->first;
  notification.ended = reason;
  notification.version = subscription.version;
  if (reason == EndReason::noresource) {
    notification.document = document_start(subscription.entity, DocumentState::deleted, subscription.version);
    notification.document += document_end;
  } else if (reason == EndReason::timeout && subscription.is_full_due) {
    notification.is_full = true;
    notification.document = document_start(subscription.entity, DocumentState::full, subscription.version);
    notification.document += roster_.full(subscription.entity);
    notification.document += document_end;
  }
  out.push_back(std::move(notification));
  erase(found);
}

void ConferenceNotifier::erase(Subscriptions::iterator found) {
  settled_.erase(settled_.find(found->second.position.settled));
  deadlines_.set(found->first, std::nullopt);
  subscriptions_.erase(found);
  forget_what_all_know();
}

void ConferenceNotifier::move(Subscription& subscription, Roster::Position position) {
  settled_.erase(settled_.find(subscription.position.settled));
  subscription.position = position;
  settled_.insert(position.settled);
}

void ConferenceNotifier::forget_what_all_know() {
  roster_.forget_departed(settled_.empty() ? roster_.generation() : *settled_.begin());
}

}  // namespace clued::event_package
