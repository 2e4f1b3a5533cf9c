#include "virtual_watcher.hpp"

#include <utility>

#include "virtual_world.hpp"

namespace clued::testing {

using namespace focus;

void VirtualWatcher::subscribe(std::optional<std::chrono::seconds> expires) {
  event::SubscribeReceived subscribe;
  subscribe.is_refresh = is_subscribed();
  if (!subscribe.is_refresh) {
    subscription_ = world_.subscription_ids_.next();
    accepted_.reset();
    ended_ = owes_answer_ = false;
    view_ = {};
  }
  subscribe.request = world_.request_ids_.next();
  world_.watcher_requests_.emplace(subscribe.request, this);
  world_.watchers_by_id_.insert_or_assign(subscription_, this);
  subscribe.subscription = subscription_;
  if (in_dialog_of != nullptr) subscribe.dialog = in_dialog_of->dialog();
  if (names_dialog_of != nullptr) subscribe.target_dialog = names_dialog_of->dialog();
  subscribe.request_uri.user = conference.value_or(world_.conference());
  subscribe.request_uri.host = "focus.example.net";
  subscribe.from.uri.user = from_;
  subscribe.from.uri.host = "ims.example.net";
  if (asserted) {
    auto identity = subscribe.from;
    identity.uri.user = *asserted;
    subscribe.proven.add(std::move(identity));
  }
  if (!number.empty()) subscribe.proven.add({"", {"tel", number, "", 0, {}}});
  subscribe.expires = expires;
  subscribe.call_id = "subscribe-" + from_;
  subscribe.source = source;
  world_.post(std::move(subscribe));
}

void VirtualWatcher::receive_accept(const command::AcceptSubscribe& accept) { accepted_ = accept.expires; }

void VirtualWatcher::receive_notify(const command::NotifyConference& notify) {
  if (!accepted_) world_.violate("NOTIFY before the 200 to the SUBSCRIBE");
  if (ended_) world_.violate("NOTIFY after the last one");
  if (owes_answer_ && !notify.terminated) world_.violate("two NOTIFYs unanswered");
  notifies_.push_back(notify);
  if (!notify.document.empty()) view_.apply(notify.document);
  for (const auto& fault : view_.faults()) world_.violate(from_ + " was told nonsense: " + fault);
  ended_ = notify.terminated;
  owes_answer_ = true;
  if (!holds_answers) answer(answers_with);
}

void VirtualWatcher::answer(int status) {
  if (!std::exchange(owes_answer_, false)) return;
  if (status == 481 || status == 408) ended_ = true;
  world_.post(event::NotifyAnswered{subscription_, status});
}

std::string VirtualWatcher::end_reason() const {
  if (notifies_.empty() || !notifies_.back().terminated) return "";
  return notifies_.back().state.substr(notifies_.back().state.find('=') + 1);
}

}  // namespace clued::testing
